"""Levels 3 and 5: every flow passes with IAM enforced, and which grants it uses."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from proof.flows import Flow
from proof.grants import Grant
from proof.removal import Passed
from proof.subject import Subject
from proof.visit import Missed, Visit

PATIENCE_SECONDS = 45.0


@dataclass(frozen=True)
class Usage:
    """What came of the flows, one after the other."""

    passed: tuple[Passed, ...]
    failed: tuple[str, ...]
    """Flows that did not do what they are for, each with what was missing."""
    denied: tuple[str, ...]
    """What roles asked for and were denied, although nothing was taken away."""
    _used: tuple[frozenset[Grant], ...]

    def users(self, grant: Grant) -> list[Passed]:
        """The flows in which a grant was used, in their order."""
        used = zip(self.passed, self._used, strict=True)
        return [user for user, grants in used if any(map(grant.covers, grants))]


def usage(subject: Subject, flows: Sequence[Flow], done: Callable[[], None]) -> Usage:
    """Run every flow once, with all grants in place."""
    passed, failed, used = list[Passed](), list[str](), list[frozenset[Grant]]()
    denied = subject.accesses(allowed=False)
    for flow in flows:
        before, began = subject.accesses(allowed=True), time.monotonic()
        if missed := _missed(subject, flow):
            failed.append(f"{flow.name}: {missed}")
        else:
            passed.append(Passed(flow, time.monotonic() - began))
            used.append(frozenset(subject.accesses(allowed=True) - before))
        done()
    denied = subject.accesses(allowed=False) - denied
    return Usage(tuple(passed), tuple(failed), tuple(map(str, sorted(denied))), tuple(used))


def _missed(subject: Subject, flow: Flow) -> str:
    """What a flow did not bring about."""
    end = time.monotonic() + PATIENCE_SECONDS
    try:
        flow.run(Visit(subject, lambda: time.monotonic() > end))
    except Missed as missed:
        return str(missed)
    return ""
