"""Failures provoked on purpose, so that tests and demonstrations can break any step of the saga.

An event's `metadata.faults` maps the name of a saga's step, or of a listener, to `<kind>:<when>`. Only functions with
`FAULT_INJECTION=true` in their environment look at it.
"""

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

KINDS = ("crash-before", "crash-after", "error-before", "error-after", "slow-<seconds>")
WHENS = ("once", "always", "until-resumed")
FAULT = re.compile(
    r"(?:(?P<kind>crash|error)-(?P<where>before|after)|slow-(?P<seconds>\d{1,3}))"
    rf":(?P<when>{'|'.join(WHENS)})"
)


class ProvokedError(RuntimeError):
    """The failure that a fault of the kind `error` asked for."""


@dataclass(frozen=True)
class Fault:
    """One failure to provoke in one step."""

    kind: str
    """`crash`, `error` or `slow`."""
    when: str
    where: str = "before"
    """Whether it strikes before or after the step's effect."""
    seconds: int = 0
    """How long a slow step sleeps before its work."""

    def is_due(self, *, attempt: int, resumed: bool) -> bool:
        """Whether it strikes in this attempt."""
        if self.when == "once":
            return attempt == 0
        return self.when == "always" or not resumed

    def strike(self, where: str) -> None:
        """Fail as asked for, if this is the place; a slow step returns after its sleep."""
        if where != self.where:
            return
        if self.kind == "crash":
            os._exit(1)
        if self.kind == "error":
            raise ProvokedError(f"provoked {where} the effect")
        time.sleep(self.seconds)


def parse(text: object) -> Fault:
    """Read `<kind>:<when>`; `ValueError` names what is wrong and what is allowed."""
    found = FAULT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(
            f"fault {text!r} is not <kind>:<when> with a kind of {', '.join(KINDS)} "
            f"and one of {', '.join(WHENS)}"
        )
    if found["seconds"]:
        return Fault(kind="slow", when=found["when"], seconds=int(found["seconds"]))
    return Fault(kind=found["kind"], when=found["when"], where=found["where"])


def around(
    step: str, wanted: Mapping[str, str], work: Callable[[], T], *, attempt: int, resumed: bool
) -> T:
    """Do a step's work, with the fault that is wanted of the step if it is due."""
    if not injected() or step not in wanted:
        return work()
    fault = parse(wanted[step])
    if not fault.is_due(attempt=attempt, resumed=resumed):
        return work()
    fault.strike("before")
    done = work()
    fault.strike("after")
    return done


def injected() -> bool:
    """Whether this function's stack lets faults be provoked at all."""
    return os.environ.get("FAULT_INJECTION") == "true"
