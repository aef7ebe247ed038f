"""A circuit breaker: after some failures in a row nobody asks a gateway that is down, until a probe succeeds.

Closed, everybody asks. Open, nobody does. Once it has cooled down, one caller probes, and for all others it
stays open until the probe has ended, or has had the time to.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from handlers.rows import Change, Row


class CircuitOpenError(Exception):
    """The gateway was not asked, because it is down: nothing was charged, and trying again may help."""


class Breaker(Row, frozen=True, kw_only=True):
    """What all instances know of a gateway."""

    failures: int = 0
    """In a row, up to now."""
    open_until: int = 0
    """When the next probe may be made, in milliseconds of Unix time; 0: closed."""


@dataclass(frozen=True)
class Tolerance:
    """When a breaker opens, and for how long."""

    failures: int
    """So many in a row open it."""
    cool_down_ms: int
    """How long nobody asks after that."""
    probe_ms: int
    """How long a probe may take before another is made: longer than a call of the function can."""


def admit(breaker: Breaker | None, *, now: int, tolerance: Tolerance) -> Change[Breaker]:
    """Let a caller through, as the one probe if it has cooled down; `CircuitOpenError` for all others."""
    found = breaker or Breaker()
    if not found.open_until:
        return Change(found)
    if now < found.open_until:
        seconds = (found.open_until - now) / 1000
        raise CircuitOpenError(f"the gateway is down and not asked for another {seconds:.1f} s")
    return Change(replace(found, open_until=now + tolerance.probe_ms))


def failed(breaker: Breaker | None, *, now: int, tolerance: Tolerance) -> Change[Breaker]:
    """Note that the gateway was down; that of a probe opens it again at once."""
    found = breaker or Breaker()
    failures = found.failures + 1
    opens = found.open_until or failures >= tolerance.failures
    until = now + tolerance.cool_down_ms if opens else 0
    # A call that began earlier may end later: it does not shorten what another has decided.
    return Change(replace(found, failures=failures, open_until=max(until, found.open_until)))


def succeeded(breaker: Breaker | None) -> Change[Breaker]:
    """Note that the gateway answered, which closes the circuit."""
    found = breaker or Breaker()
    return Change(replace(found, failures=0, open_until=0))
