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
    left = _left(stack)
    works = recorded(stack)
    known = {(work.execution, work.step) for work in works}
    works += [work for work in left if (work.execution, work.step) not in known]
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


def _left(stack: Stack) -> list[Parked]:
    """What sagas say that they left when they ended, unless one that resumed it ended well: they hold it without a record."""
    discarded = {
        str(as_object(event.get("data")).get("executionId"))
        for event in journal.of_type(stack, "work.discarded")
    }
    last: dict[str, Mapping[str, Any]] = {}
    resuming = _ended(stack, "sagaResumeArn", "FAILED", "SUCCEEDED")
    for ended in sorted(filter(_says, resuming), key=lambda ended: ended["stopDate"]):
        resumed = as_object(as_object(json.loads(ended["input"])).get("resume")).get("failure")
        last[str(as_object(resumed).get("execution"))] = ended
    for ended in _ended(stack, "sagaArn", "FAILED", but=last.keys() | discarded):
        last[ended["executionArn"]] = ended
    return [
        work
        for execution, ended in last.items()
        if execution not in discarded and ended.get("error") == PARKED
        for work in _works(execution, ended)
    ]


def _says(ended: Mapping[str, Any]) -> bool:
    """Whether an execution came to the saga's end, and was not cut short."""
    return ended["status"] == "SUCCEEDED" or ended.get("error") == PARKED


def _works(execution: str, ended: Mapping[str, Any]) -> Iterator[Parked]:
    told = json.loads(ended["cause"])
    for step in told["parked"]:
        yield Parked(
            execution=execution,
            step=step,
            direction="undo" if step == "Settle" or step.startswith("Undo") else "do",
            error=told["failure"]["error"],
            cause=told["failure"]["cause"],
            parked_at=rfc3339(ended["stopDate"]),
            input=json.loads(ended["input"]),
            failure=told["failure"],
        )


def _ended(
    stack: Stack, machine: str, *statuses: str, but: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """The executions of a machine that ended so, but some; Step Functions forgets them after 90 days."""
    states = stack.client("stepfunctions")
    for status in statuses:
        pages = states.get_paginator("list_executions").paginate(
            stateMachineArn=stack.output(machine), statusFilter=status
        )
        for page in pages:
            for execution in page["executions"]:
                if execution["executionArn"] not in but:
                    yield states.describe_execution(executionArn=execution["executionArn"])
