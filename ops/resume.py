"""Resume parked work: let the saga go on where an undo or a step could not be done."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from events.catalogue import WorkDiscarded
from ops.audit import record
from ops.parked import Parked, parked
from ops.stack import Stack

POLL_SECONDS = 0.5
RUNNING = "RUNNING"


@dataclass(frozen=True)
class Resumed:
    """What became of one execution's parked work."""

    execution: str
    steps: tuple[str, ...]
    succeeded: bool
    detail: str
    """How the resuming execution ended."""


def resume(
    stack: Stack,
    *,
    deadline_seconds: float = 300,
    done: Callable[[Resumed], None] = lambda _: None,
    which: Callable[[Parked], bool] = lambda _: True,
) -> list[Resumed]:
    """Let every saga with parked work go on, and wait for each to end; `done` is told of each.

    `which` leaves out work that is not to be resumed.

    A record goes away only after the saga that it belongs to has ended well, so an interruption, or
    a second operator doing the same, loses nothing: every step and undo is idempotent. Raises
    `TimeoutError` when a saga has not ended by the deadline; its record stays.
    """
    by_execution: dict[str, list[Parked]] = defaultdict(list)
    for work in filter(which, parked(stack)):
        by_execution[work.execution].append(work)
    # What was parked again is the youngest, and may be what comes first.
    position = _positions(stack) if by_execution else {}
    started, results = [], []
    for works in by_execution.values():
        works.sort(key=lambda work: position.get(work.step, 0))
        if works[0].is_told:
            started.append((works, _start(stack, works[0])))
        else:
            results.append(_untold(works))
            done(results[-1])
    deadline = time.monotonic() + deadline_seconds
    for works, execution in started:
        results.append(_ended(stack, works, execution, deadline))
        done(results[-1])
    return results


def discard(stack: Stack, execution: str, reason: str, *, force: bool = False) -> list[Parked]:
    """Give up what an execution, by its name or ARN, has parked, and tell the bus so; what that was.

    Raises `ValueError` when it has parked nothing, or, unless forced, what can still be resumed: nobody but the
    saga knows what is then left of the order's stock and money.
    """
    works = [
        work
        for work in parked(stack)
        if execution in {work.execution, work.execution.rpartition(":")[2]}
    ]
    if not works:
        raise ValueError(f"{execution!r} has parked nothing; `parked` shows what has")
    if not (force or all(work.unresumable for work in works)):
        raise ValueError(
            f"what {execution} has parked can be resumed once its cause is mended; --force gives it up "
            "nevertheless, and leaves its order as it is"
        )
    # First on the bus: cut short here, it is told of and still parked, and never gone without a trace.
    steps = tuple(work.step for work in works)
    record(stack, WorkDiscarded(execution_id=works[0].execution, steps=steps, reason=reason))
    _forget(stack, works)
    return works


def _positions(stack: Stack) -> dict[str, int]:
    """How many states of the saga come before each."""
    machine = stack.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack.output("sagaResumeArn")
    )
    return {name: place for place, name in enumerate(json.loads(machine["definition"])["States"])}


def _start(stack: Stack, first: Parked) -> str:
    """Enter the saga at what comes first of its parked work; everything after it runs again, which is harmless."""
    given = {
        **first.input,
        "resume": {"step": first.step, "failure": first.failure},
    }
    # Named after the record, so that two operators at the same moment start it once.
    name = hashlib.sha256(f"{first.execution}{first.step}{first.parked_at}".encode()).hexdigest()
    machine, states = stack.output("sagaResumeArn"), stack.client("stepfunctions")
    for attempt in count(1):
        try:
            started = states.start_execution(
                stateMachineArn=machine, name=f"{name[:40]}-{attempt}", input=json.dumps(given)
            )
            return started["executionArn"]
        except states.exceptions.ExecutionAlreadyExists:
            known = f"{machine.replace(':stateMachine:', ':execution:')}:{name[:40]}-{attempt}"
            if states.describe_execution(executionArn=known)["status"] == RUNNING:
                return known
    raise AssertionError("count never ends")


def _untold(works: list[Parked]) -> Resumed:
    steps = tuple(work.step for work in works)
    detail = f"{works[0].unresumable}; `discard` gives it up"
    return Resumed(works[0].execution, steps, succeeded=False, detail=detail)


def _ended(stack: Stack, works: list[Parked], execution: str, deadline: float) -> Resumed:
    while True:
        found = stack.client("stepfunctions").describe_execution(executionArn=execution)
        if found["status"] != RUNNING:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{execution} has not ended yet; its record stays, look again later")
        time.sleep(POLL_SECONDS)
    succeeded = found["status"] == "SUCCEEDED"
    if succeeded:
        _forget(stack, works)
    detail = found.get("output") if succeeded else f"{found.get('error')}: {found.get('cause')}"
    return Resumed(works[0].execution, tuple(work.step for work in works), succeeded, detail or "")


def _forget(stack: Stack, works: list[Parked]) -> None:
    for work in works:
        stack.client("dynamodb").delete_item(
            TableName=stack.output("parkedTableName"),
            Key={"execution": {"S": work.execution}, "step": {"S": work.step}},
        )
