"""Resume parked work: let the saga go on where an undo or a step could not be done."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from events.catalogue import OrderCreated, WorkDiscarded
from events.envelope import UnparsableEventError, parse, rfc3339
from ops import journal
from ops.audit import record
from ops.stack import Stack

POLL_SECONDS = 0.5
RUNNING = "RUNNING"
PARKED = "Parked"
"""Error with which an execution fails that leaves work to an operator."""


@dataclass(frozen=True)
class Parked:
    """One piece of work that a saga could not do."""

    execution: str
    """ARN of the execution that parked it."""
    step: str
    """State of the saga that could not be done."""
    direction: str
    """`do` or `undo`."""
    error: str
    cause: str
    parked_at: str
    input: dict[str, Any]
    """The saga's input: the envelope of the event that started it."""
    failure: dict[str, Any]
    """Why the saga left its happy path."""

    @property
    def unresumable(self) -> str | None:
        """Why nobody can ever do this work; none for work that waits for its cause to be mended."""
        if not _is_told(self.failure):
            return "its record does not say why the saga left its happy path"
        try:
            parse(self.input, OrderCreated)
        except UnparsableEventError as error:
            return f"no task can read its event: {error}"
        return None


@dataclass(frozen=True)
class Resumed:
    """What became of one execution's parked work."""

    execution: str
    steps: tuple[str, ...]
    succeeded: bool
    detail: str
    """How the resuming execution ended."""


def parked(stack: Stack) -> list[Parked]:
    """All parked work, the oldest first; also what could not be recorded when it was parked."""
    works = recorded(stack)
    works += _unrecorded(stack, {_order_of(work.input) for work in works})
    return sorted(works, key=lambda work: work.parked_at)


def recorded(stack: Stack) -> list[Parked]:
    """What the parked table holds, in no order."""
    pages = stack.client("dynamodb").get_paginator("scan")
    read = TypeDeserializer().deserialize
    found = [
        {name: read(value) for name, value in item.items()}
        for page in pages.paginate(TableName=stack.output("parkedTableName"), ConsistentRead=True)
        for item in page["Items"]
    ]
    return list(map(_parked, found))


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
    started, results = [], []
    for works in by_execution.values():
        if _is_told(works[0].failure):
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


def _parked(item: dict[str, Any]) -> Parked:
    return Parked(
        execution=item["execution"],
        step=item["step"],
        direction=item["direction"],
        error=item["error"],
        cause=item["cause"],
        parked_at=item["parkedAt"],
        input=json.loads(item["input"]),
        failure=json.loads(item["failure"]),
    )


def _order_of(event: Any) -> str:
    data = event.get("data") if isinstance(event, dict) else None
    return str(data.get("orderId", "")) if isinstance(data, dict) else ""


def _unrecorded(stack: Stack, known: Collection[str]) -> list[Parked]:
    """Work of orders that are parked without a record; what it would hold, the failed execution holds as well."""
    told = {_order_of(event) for event in journal.of_type(stack, "order.parked")}
    waiting = {order: steps for order in told.difference(known) if (steps := _waits(stack, order))}
    found: list[Parked] = []
    # Those that resumed are later; the last to park an order's work knows best why.
    for ended in _failed(stack, "sagaResumeArn", "sagaArn") if waiting else ():
        if (
            ended.get("error") == PARKED
            and _order_of(event := json.loads(ended["input"])) in waiting
        ):
            failure = json.loads(ended["cause"])["failure"]
            step = waiting.pop(_order_of(event))[0]
            direction = "undo" if step == "Settle" or step.startswith("Undo") else "do"
            found.append(
                Parked(
                    execution=failure["execution"],
                    step=step,
                    direction=direction,
                    error=failure["error"],
                    cause=failure["cause"],
                    parked_at=rfc3339(ended["stopDate"]),
                    input=event,
                    failure=failure,
                )
            )
        if not waiting:
            break
    return found


def _waits(stack: Stack, order_id: str) -> list[str]:
    """The states that an order waits for; none if it waits no more."""
    item = stack.client("dynamodb").get_item(
        TableName=stack.output("ordersTableName"),
        Key={"orderId": {"S": order_id}},
        ConsistentRead=True,
    )
    order = {
        name: TypeDeserializer().deserialize(value) for name, value in item.get("Item", {}).items()
    }
    return order.get("parked", []) if order.get("status") == "PARKED" else []


def _failed(stack: Stack, *machines: str) -> Iterator[dict[str, Any]]:
    """The executions that failed, the latest of each machine first."""
    states = stack.client("stepfunctions")
    for machine in machines:
        pages = states.get_paginator("list_executions").paginate(
            stateMachineArn=stack.output(machine), statusFilter="FAILED"
        )
        for page in pages:
            for execution in page["executions"]:
                yield states.describe_execution(executionArn=execution["executionArn"])


def _start(stack: Stack, first: Parked) -> str:
    """Enter the saga at what was parked first; everything after it runs again, which is harmless."""
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


def _is_told(failure: object) -> bool:
    """Whether a record says why the saga left its happy path; without, nobody knows the way from there."""
    return isinstance(failure, dict)


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
