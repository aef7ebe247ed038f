"""What other programs and languages can use: the components of the package that `plugin/` hosts.

A component is in it if the SDK can describe its arguments as a schema. `Listener`, `Relay` and `Observability`
take components and therefore stay within Python programs, as do the services, which are about orders.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NotRequired, TypedDict

import pulumi
from pulumi.provider.experimental.component import ComponentProvider

from components import saga
from components.api import Api
from components.arguments import check_arguments
from components.bus import Bus
from components.consumer import QueueConsumer, StreamConsumer
from components.function import Function
from components.platform import Platform
from components.queue import FailureQueue, Queue
from components.route import Route
from components.saga_steps import Parallel, Plan, Step
from components.table import Table

NAME, VERSION = "ordermesh", "0.1.0"
"""The name is also the first part of every type token."""
ERROR_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class StepArgs(TypedDict):
    """One step of a saga: what it does and how that is undone."""

    name: str
    """Imperative, in CamelCase, such as `ReserveStock`; the name of its state."""
    do: str
    """ARN of the function that does it."""
    undo: NotRequired[str]
    """ARN of the function that undoes it; required before the pivot. The pivot's withdraws, or fails with `PivotPassed`."""
    refusals: NotRequired[Sequence[str]]
    """Names of the errors that are business answers: never tried again, and no alarm. Default: none."""
    pivot: NotRequired[bool]
    """Whether the saga can only go on once this step is done. Default: false."""
    timeout_seconds: NotRequired[int]
    """When a call of either function counts as failed. Default: 15."""
    group: NotRequired[str]
    """Neighbours of the same group run at the same time; if one fails or refuses, all are undone. Default: alone."""


class SagaArgs(TypedDict):
    """What the saga does, step by step."""

    platform: Platform
    """What the stack's components share."""
    steps: Sequence[StepArgs]
    """In order of execution."""
    settle_arn: NotRequired[str]
    """Function that is told how a saga ended that did not complete. Default: nobody."""
    deadline_seconds: NotRequired[int]
    """When a saga gives up; the worst case must fit. Default: 3,600."""


class Saga(saga.Saga):
    """A saga run by Step Functions, with a role derived from its definition."""

    # Declared again, because the SDK looks for the sentences below in this class alone.
    machine_arn: pulumi.Output[str]
    """ARN of the state machine."""
    resume_arn: pulumi.Output[str]
    """ARN of the state machine that resumes parked work."""
    parked_table_name: pulumi.Output[str]
    """Name of the table in which work waits that could not be done."""

    def __init__(
        self, name: str, args: SagaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, SagaArgs)
        own: saga.SagaArgs = {
            "platform": args["platform"],
            "steps": list(_stages(name, args["steps"])),
            "deadline_seconds": int(args.get("deadline_seconds", Plan.deadline_seconds)),
        }
        if "settle_arn" in args:
            own["settle_arn"] = args["settle_arn"]
        super().__init__(name, own, opts)


COMPONENTS: tuple[type[pulumi.ComponentResource], ...] = (
    Api,
    Bus,
    FailureQueue,
    Function,
    Queue,
    QueueConsumer,
    Route,
    Saga,
    StreamConsumer,
    Table,
)


def schema_text() -> str:
    """The package's schema, as its plugin answers it."""
    provider = ComponentProvider(list(COMPONENTS), NAME, version=VERSION)
    return json.dumps(json.loads(provider.schema or ""), indent=2) + "\n"


def _stages(saga_name: str, steps: Sequence[StepArgs]) -> Iterator[Step | Parallel]:
    for group, members in groupby(steps, key=lambda step: step.get("group")):
        found = [_step(saga_name, step) for step in members]
        if group is None:
            yield from found
        else:
            yield Parallel(*found)


def _step(saga_name: str, args: StepArgs) -> Step:
    return Step(
        args["name"],
        do=args["do"],
        undo=args.get("undo"),
        refusals=tuple(_refusal(saga_name, args, name) for name in args.get("refusals", ())),
        pivot=args.get("pivot", Step.pivot),
        # The engine sends every number as a fraction, which States Language does not take for seconds.
        timeout_seconds=int(args.get("timeout_seconds", Step.timeout_seconds)),
    )


def _refusal(saga_name: str, step: StepArgs, name: str) -> type[Exception]:
    """A class for an error that is raised in another language; only its name is compiled."""
    if not ERROR_NAME.fullmatch(name):
        raise ValueError(
            f"saga {saga_name!r}: step {step['name']!r}: refusal {name!r} is no error's name; "
            "take letters, digits, _ and dots, a letter first"
        )
    return type(name, (Exception,), {})
