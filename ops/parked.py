"""Parked work: what sagas could not do and left to an operator."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from events.catalogue import OrderCreated
from events.envelope import UnparsableEventError, parse, rfc3339
from ops import journal
from ops.event import as_object
from ops.stack import Stack

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
    def is_told(self) -> bool:
        """Whether the record says why the saga left its happy path; without, nobody knows the way from there."""
        return isinstance(self.failure, dict)

    @property
    def unresumable(self) -> str | None:
        """Why nobody can ever do this work; none for work that waits for its cause to be mended."""
        if not self.is_told:
            return "its record does not say why the saga left its happy path"
        try:
            parse(self.input, OrderCreated)
        except UnparsableEventError as error:
            return f"no task can read its event: {error}"
        return None


def parked(stack: Stack) -> list[Parked]:
    """All parked work, the oldest first; also what could not be recorded when it was parked."""
    works = recorded(stack)
    works += _unrecorded(stack, {_order_of(work.input) for work in works})
    return sorted(works, key=lambda work: work.parked_at)


def recorded(stack: Stack) -> list[Parked]:
    """What the parked table holds, in no order."""
    return [_parked(item) for item in stack.items("parkedTableName")]


def _parked(item: Mapping[str, Any]) -> Parked:
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


def _order_of(event: object) -> str:
    return str(as_object(as_object(event).get("data")).get("orderId", ""))


def _unrecorded(stack: Stack, known: Collection[str]) -> list[Parked]:
    """Work of orders that are parked without a record; what it would hold, the failed execution holds as well."""
    told = {_order_of(event) for event in journal.of_type(stack, "order.parked")}
    waiting = {order: steps for order in told.difference(known) if (steps := _waits(stack, order))}
    found: list[Parked] = []
    # Those that resumed are later; the last to park an order's work knows best why.
    for ended in _failed(stack, "sagaResumeArn", "sagaArn") if waiting else ():
        if ended.get("error") == PARKED:
            event = json.loads(ended["input"])
            if steps := waiting.pop(_order_of(event), None):
                found.append(_left(ended, event, steps[0]))
        if not waiting:
            break
    return found


def _left(ended: Mapping[str, Any], event: dict[str, Any], step: str) -> Parked:
    """The work at which an execution ended."""
    failure = json.loads(ended["cause"])["failure"]
    return Parked(
        execution=failure["execution"],
        step=step,
        direction="undo" if step == "Settle" or step.startswith("Undo") else "do",
        error=failure["error"],
        cause=failure["cause"],
        parked_at=rfc3339(ended["stopDate"]),
        input=event,
        failure=failure,
    )


def _waits(stack: Stack, order_id: str) -> list[str]:
    """The states that an order waits for; none if it waits no more."""
    order = stack.item("ordersTableName", orderId=order_id)
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
