"""The gateway behind its circuit breaker, whose state all instances of the function share."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from handlers.logs import logger
from handlers.payments import breaker
from handlers.payments.breaker import Breaker, Tolerance
from handlers.payments.domain import Verdict
from handlers.payments.gateway import GatewayDownError, PaymentGateway
from handlers.rows import Change, OvertakenError, Rows, carry_out

GATEWAY = "gateway"
"""The breaker's key: there is one gateway."""
PROBE_MS = 20_000
"""A function that runs into its timeout is dead by then."""


def _now() -> int:
    return int(time.time() * 1000)


@dataclass(frozen=True)
class GuardedGateway:
    """A gateway that is not charged through while it is down; giving money back is always tried."""

    gateway: PaymentGateway
    breakers: Rows[Breaker]
    tolerance: Tolerance
    now: Callable[[], int] = _now
    """Unix time in milliseconds."""

    def charge(self, key: str, amount: str, token: str) -> Verdict:
        """Charge, unless the circuit is open; then `CircuitOpenError`, and the gateway was not asked."""
        admit = partial(breaker.admit, now=self.now(), tolerance=self.tolerance)
        known = carry_out(self.breakers, GATEWAY, admit)
        try:
            verdict = self.gateway.charge(key, amount, token)
        except GatewayDownError:
            self._note(partial(breaker.failed, now=self.now(), tolerance=self.tolerance))
            raise
        # An error about one charge says nothing of the gateway; an answer says that it is there.
        if known != Breaker(version=known.version):
            self._note(breaker.succeeded)
        return verdict

    def refund(self, key: str) -> str | None:
        """Give the money back: it must not wait for a probe that nobody may ever make."""
        return self.gateway.refund(key)

    def _note(self, decide: Callable[[Breaker | None], Change[Breaker]]) -> None:
        try:
            known = carry_out(self.breakers, GATEWAY, decide)
        except OvertakenError:
            # Others keep noting the same at this moment; what became of the charge matters more.
            return
        logger().warning("circuit", open=bool(known.open_until), failures=known.failures)


@cache
def tolerance() -> Tolerance:
    """What the environment says; `ValueError` names the variable, its value and what is allowed."""
    return Tolerance(
        failures=_whole("BREAKER_FAILURES"),
        cool_down_ms=1000 * _whole("BREAKER_COOL_DOWN_SECONDS"),
        probe_ms=PROBE_MS,
    )


def _whole(variable: str) -> int:
    text = os.environ[variable]
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError(f"{variable} is {text!r}; it must be a whole number of 1 or more")
    return int(text)
