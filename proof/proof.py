"""The proof as a whole: levels 3 to 6, for all roles or for some."""

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rich.progress import Progress

from proof.denials import Denials, denials
from proof.flows import Flow
from proof.grants import Grant
from proof.removal import needed_by
from proof.services import reason
from proof.subject import Subject
from proof.usage import Usage, usage

Say = Callable[[str], None]


@dataclass(frozen=True)
class Proof:
    """What was shown, and what was not."""

    evidence: Mapping[Grant, str]
    """Why each grant is needed."""
    denials: Sequence[Denials]
    unproven: Sequence[str]
    """One line for each thing that was not shown; without any, the proof is complete."""


def prove(
    subjects: Sequence[Subject],
    flows: Sequence[Flow],
    progress: Progress,
    say: Say = lambda _: None,
    *,
    roles: Sequence[str] = (),
    settled: Collection[str] = (),
) -> Proof:
    """Prove the grants of some roles, or of all, on systems that are all alike; `say` is told of each part.

    The grants of `settled` roles have only to be used: elsewhere, the same roles were shown to need them.
    """
    first, asked = subjects[0], roles or subjects[0].roles
    # The first time, processes start and caches fill; how long a flow takes is only then known.
    for subject in subjects:
        _ran(subject, flows, progress, say, "flows, warming up")
    used = _ran(first, flows, progress, say, "flows")
    grants = [grant for grant in first.grants if grant.role in asked]
    removed = [grant for grant in grants if not reason(grant) and grant.role not in settled]
    needed = _needed(subjects, removed, used, progress)
    say(f"grants that were taken away: {len(needed)}")
    bar = progress.add_task("roles that tried more", total=len(asked))
    denied = denials(first, asked, lambda: progress.advance(bar))
    say(f"roles that tried more: {len(denied)}")
    # Nothing but the missing grants made flows fail: put back, everything passes again.
    again = [_ran(subject, flows, progress, say, "flows, once more") for subject in subjects]
    evidence = {grant: _because(grant, needed, used) for grant in grants}
    unproven = [
        *used.failed,
        *(f"{line}: it was denied while nothing was taken away" for line in used.denied),
        *_unneeded(evidence, used),
        *(f"{line}: it is not denied" for each in denied for line in each.admitted),
        *(f"{line} (once everything was put back)" for each in again for line in each.failed),
    ]
    return Proof(evidence, denied, unproven)


def _ran(
    subject: Subject, flows: Sequence[Flow], progress: Progress, say: Say, label: str
) -> Usage:
    bar = progress.add_task(label, total=len(flows))
    found = usage(subject, flows, lambda: progress.advance(bar))
    say(f"{label}: {len(found.passed)} of {len(flows)} passed")
    return found


def _needed(
    subjects: Sequence[Subject], grants: Sequence[Grant], used: Usage, progress: Progress
) -> dict[Grant, str]:
    """Grant to the flow that fails without it; each system has one grant less at any time."""
    bar = progress.add_task("grants taken away", total=len(grants))
    waiting: queue.SimpleQueue[Grant] = queue.SimpleQueue()
    for grant in grants:
        waiting.put(grant)
    found, stopped = dict[Grant, str](), threading.Event()

    def work(subject: Subject) -> None:
        while not stopped.is_set():
            try:
                grant = waiting.get_nowait()
            except queue.Empty:
                return
            flow = needed_by(subject, grant, used.users(grant))
            found[grant] = flow.name if flow else ""
            progress.advance(bar)

    with ThreadPoolExecutor(len(subjects)) as pool:
        working = [pool.submit(work, subject) for subject in subjects]
        try:
            for each in working:
                each.result()
        finally:
            # An interruption lets no grant be taken away any more.
            stopped.set()
    return found


def _because(grant: Grant, needed: Mapping[Grant, str], used: Usage) -> str:
    if why := reason(grant):
        return why.why
    if grant in needed:
        return f"without it fails: {needed[grant]}" if needed[grant] else ""
    users = used.users(grant)
    return f"used: {users[0].flow.name}" if users else ""


def _unneeded(evidence: Mapping[Grant, str], used: Usage) -> Iterator[str]:
    for grant, because in evidence.items():
        if not because:
            users = [user.flow.name for user in used.users(grant)]
            yield (
                f"{grant}: no flow fails without it, of those that use it: {', '.join(users)}"
                if users
                else f"{grant}: no flow uses it; remove it, or add the flow to proof/flows"
            )
