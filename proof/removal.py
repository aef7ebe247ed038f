"""Level 6: without any one grant, some flow fails."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from proof.flows import Flow
from proof.grants import Grant
from proof.subject import Subject
from proof.visit import Missed, Visit

LONGEST_SECONDS = 45.0
"""After which a flow that was denied nothing is given up."""
GRACE, LEAST_GRACE_SECONDS = 3.0, 2.0
"""How many times as long as it took with the grant, and how long at least, a flow may go on once it was denied it."""
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Passed:
    """A flow that did what it is for."""

    flow: Flow
    seconds: float


class Patience:
    """Says when a flow is lost: some time after it was denied what was taken away, or at the very end."""

    def __init__(self, subject: Subject, grant: Grant, seconds: float) -> None:
        self._subject, self._grant = subject, grant
        self._grace = max(LEAST_GRACE_SECONDS, GRACE * seconds)
        self._end = time.monotonic() + LONGEST_SECONDS
        self._before = self._denials()
        self._looked = 0.0
        self._denied_at: float | None = None

    def __call__(self) -> bool:
        now = time.monotonic()
        if self._denied_at is None and now > self._looked + LOOK_SECONDS:
            self._looked = now
            self._denied_at = now if self.denied else None
        return now > self._end or (
            self._denied_at is not None and now > self._denied_at + self._grace
        )

    @property
    def denied(self) -> bool:
        """Whether the role was denied just this since the flow began."""
        return self._denials() > self._before

    def _denials(self) -> int:
        found = self._subject.accesses(allowed=False)
        return sum(times for access, times in found.items() if self._grant.covers(access))


def needed_by(subject: Subject, grant: Grant, users: Sequence[Passed]) -> Flow | None:
    """The first of the flows that use a grant which fails without it, because of just that denial."""
    for user in users:
        with subject.without(grant):
            patience = Patience(subject, grant, user.seconds)
            try:
                user.flow.run(Visit(subject, patience))
            except Missed:
                # Only a denial of just this counts: whatever else made the flow fail proves nothing.
                if patience.denied:
                    return user.flow
    return None
