"""Sagas as data: steps with their undos, what makes a saga sound, and how long it can take."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from events.refusals import Refusal

SERVICE_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
"""Errors of Lambda itself, which pass: worth more patience than an unknown error of ours."""


@dataclass(frozen=True)
class Retry:
    """How often and how long a task is tried again: exponential backoff with full jitter."""

    attempts: int
    """Further attempts after the first."""
    interval_seconds: int = 1
    backoff: float = 2.0
    max_delay_seconds: int = 20

    def waits(self) -> float:
        """The longest that all waits together can take, in seconds."""
        return sum(
            min(self.interval_seconds * self.backoff**attempt, self.max_delay_seconds)
            for attempt in range(self.attempts)
        )


SERVICE_RETRY = Retry(attempts=6)
"""AWS's recommendation for Lambda's service errors."""
STEP_RETRY = Retry(attempts=2)
UNDO_RETRY = Retry(attempts=5)
PARK_RETRY = Retry(attempts=8)
PARK_TIMEOUT_SECONDS = 10
SETTLE_TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class Step:
    """One step: what it does and how that is undone."""

    name: str
    """Imperative, such as `ReserveStock`; the name of its state."""
    do: str
    """ARN of the function that does it."""
    undo: str | None = None
    """ARN of the function that undoes it. Required before the pivot. On the pivot itself: withdraws
    it if it has not happened, and raises `PivotPassed` if it has."""
    refusals: tuple[type[Exception], ...] = ()
    """Business answers of the step: never tried again, and no alarm."""
    pivot: bool = False
    """Whether the saga can only go on once this step is done."""
    timeout_seconds: int = 15
    """When a call of either function counts as failed."""


@dataclass(frozen=True)
class Parallel:
    """Steps that run at the same time; if one fails or refuses, all are undone."""

    steps: tuple[Step, ...]

    def __init__(self, *steps: Step) -> None:
        object.__setattr__(self, "steps", steps)

    @property
    def name(self) -> str:
        """The name of the group's state."""
        return "And".join(step.name for step in self.steps)


@dataclass(frozen=True)
class Plan:
    """All that a state machine is compiled from; `ValueError` when it could not keep its promises."""

    steps: Sequence[Step | Parallel]
    """In order of execution."""
    parked_table: str
    """Name of the table that parked work is recorded in; keys `execution` and `step`."""
    settle: str | None = None
    """ARN of a function that is told, last of all, how a saga ended that did not complete."""
    deadline_seconds: int = 3600
    """When the machine gives up; the worst case of all steps and undos must fit."""
    partition: str = "aws"
    """AWS partition, which the names of service integrations begin with."""

    def __post_init__(self) -> None:
        _check(self)
        worst = time_budget(self)
        seconds = sum(worst.values())
        if seconds > self.deadline_seconds:
            table = "\n".join(f"{seconds:>8.0f} s  {name}" for name, seconds in worst.items())
            raise ValueError(
                f"the saga can take {seconds:.0f} s, its deadline_seconds is {self.deadline_seconds}: "
                f"raise the deadline, or lower timeouts\n{table}"
            )

    @property
    def pivot(self) -> int:
        """Position of the pivot; one past the last step when there is none."""
        for position, stage in enumerate(self.steps):
            if isinstance(stage, Step) and stage.pivot:
                return position
        return len(self.steps)


def time_budget(plan: Plan) -> dict[str, float]:
    """The longest way through the saga: state to seconds, all attempts and waits counted.

    Either everything up to the pivot runs and is undone, or everything runs and is then parked.
    """
    pivot, steps = plan.pivot, plan.steps
    there = {stage.name: _longest(stage) for stage in steps[: pivot + 1]}
    forward = {stage.name: _longest(stage) for stage in steps[pivot + 1 :]}
    park = _seconds(PARK_TIMEOUT_SECONDS, PARK_RETRY)
    withdrawn, undone = dict[str, float](), dict[str, float]()
    for stage in reversed(steps[: pivot + 1]):
        for step in reversed(members(stage)):
            undo = _seconds(step.timeout_seconds, SERVICE_RETRY, UNDO_RETRY)
            if step.undo and step.pivot:
                # Parked, it would end the saga, so this undo is never parked on a longer way.
                withdrawn[f"Undo{step.name}"] = undo
            elif step.undo:
                undone[f"Undo{step.name}"] = undo + park
    settle = _seconds(SETTLE_TIMEOUT_SECONDS, SERVICE_RETRY, UNDO_RETRY) + park
    settled = {"Settle": settle} if plan.settle else {}
    parked = {"Park": park} if withdrawn or forward else {}
    return max(
        there | withdrawn | undone | settled,
        there | withdrawn | forward | parked | settled,
        key=lambda way: sum(way.values()),
    )


def _seconds(timeout: float, *retries: Retry) -> float:
    attempts = 1 + sum(retry.attempts for retry in retries)
    return attempts * timeout + sum(retry.waits() for retry in retries)


def _longest(stage: Step | Parallel) -> float:
    return max(_seconds(step.timeout_seconds, SERVICE_RETRY, STEP_RETRY) for step in members(stage))


def members(stage: Step | Parallel) -> tuple[Step, ...]:
    """The steps of a stage: itself, or those of a group."""
    return stage.steps if isinstance(stage, Parallel) else (stage,)


RESERVED = {"Settle", "Outcome", "Completed", "Cancelled", "Compensated", "Parked"}
RESERVED |= {"Resume", "ResumeAt", "UnknownStep"}
"""States that every saga has beside its steps."""
FUNCTION_ARN = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:.+")
STATE_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,39}")
LONGEST_GROUP_NAME = 76
"""Characters: what Step Functions takes for a state's name, less those of `Park`."""


def _check(plan: Plan) -> None:
    if not plan.steps:
        raise ValueError("a saga needs at least one step")
    _check_shape(plan)
    for stage in plan.steps:
        if isinstance(stage, Parallel):
            _check_group(stage)
    _check_names(plan)
    pivots = [step.name for stage in plan.steps for step in members(stage) if step.pivot]
    if len(pivots) > 1:
        raise ValueError(f"a saga has one pivot at the most; these steps claim to be it: {pivots}")
    for position, stage in enumerate(plan.steps):
        for step in members(stage):
            _check_functions(step)
            _check_refusals(step)
            _check_step(step, position, plan, alone=isinstance(stage, Step))
    if plan.settle is not None:
        _check_function("settle", plan.settle)
    first = members(plan.steps[0])[0]
    if len(plan.steps) == 1 and not (first.undo or plan.settle):
        raise ValueError(
            f"step {first.name!r} is all there is, and it has no undo: call its function instead"
        )


def _check_shape(plan: Plan) -> None:
    # A comma too many makes a tuple of a step, one too few makes a step of a tuple.
    if not isinstance(plan.steps, Sequence):
        raise ValueError(
            f"the steps of a saga are {plan.steps!r}; take a list of Step and Parallel"
        )
    for position, stage in enumerate(plan.steps):
        if not isinstance(stage, Step | Parallel):
            raise ValueError(
                f"number {position + 1} of the steps is {stage!r}; take a Step or a Parallel"
            )
        for step in members(stage):
            if not isinstance(step, Step):
                raise ValueError(
                    f"number {position + 1} of the steps is a Parallel with {step!r} in it; "
                    "take nothing but Step there"
                )


def _check_names(plan: Plan) -> None:
    for name in [step.name for stage in plan.steps for step in members(stage)]:
        if not STATE_NAME.fullmatch(name):
            raise ValueError(
                f"step {name!r}: a name is one word in CamelCase of up to 40 characters"
            )
        if name in RESERVED or name.startswith(("Undo", "Park")):
            raise ValueError(
                f"step {name!r}: names of the saga's own states are taken: {sorted(RESERVED)}, "
                "and all that begin with Undo or Park"
            )
    for name, times in Counter(_state_names(plan)).items():
        if times > 1:
            raise ValueError(
                f"state {name!r} is declared {times} times; names are unique, also those of groups "
                "(AAndB) and of the ends of their members (ARefused, AFailed)"
            )


def _state_names(plan: Plan) -> Iterator[str]:
    for stage in plan.steps:
        yield stage.name
        if isinstance(stage, Parallel):
            for step in stage.steps:
                yield from (step.name, f"{step.name}Refused", f"{step.name}Failed")


def _check_group(group: Parallel) -> None:
    if len(group.steps) < 2:  # noqa: PLR2004
        raise ValueError(f"Parallel {group.name!r}: a group needs two steps or more")
    if len(group.name) > LONGEST_GROUP_NAME:
        raise ValueError(
            f"Parallel {group.name!r}: the name has {len(group.name)} characters; shorten those of "
            f"its steps, a group takes up to {LONGEST_GROUP_NAME}"
        )


def _check_step(step: Step, position: int, plan: Plan, *, alone: bool) -> None:
    if step.pivot and not alone:
        raise ValueError(f"step {step.name!r}: the pivot cannot run in parallel with other steps")
    if position < plan.pivot and not step.undo:
        if plan.pivot == len(plan.steps):
            raise ValueError(
                f"step {step.name!r} has no undo, and the saga has no pivot; give the step an undo, "
                "or a pivot to the saga, after which nothing is undone"
            )
        raise ValueError(f"step {step.name!r} comes before the pivot, so it needs an undo")
    if position > plan.pivot and step.undo:
        raise ValueError(f"step {step.name!r} comes after the pivot, so its undo would never run")
    seconds = step.timeout_seconds
    if type(seconds) is not int or seconds < 1:
        raise ValueError(
            f"step {step.name!r}: timeout_seconds is {seconds!r}; take a whole number from 1"
        )


def _check_functions(step: Step) -> None:
    _check_function(f"step {step.name!r}: do", step.do)
    if step.undo is not None:
        _check_function(f"step {step.name!r}: undo", step.undo)


def _check_function(where: str, function: str) -> None:
    if not (isinstance(function, str) and FUNCTION_ARN.fullmatch(function)):
        raise ValueError(f"{where} is {function!r}; take the ARN of a function, its static_arn")


def _check_refusals(step: Step) -> None:
    if not isinstance(step.refusals, tuple):
        raise ValueError(
            f"step {step.name!r}: refusals is {step.refusals!r}; "
            "take a tuple of exception classes, such as (OutOfStock,)"
        )
    for refusal in step.refusals:
        if not (isinstance(refusal, type) and issubclass(refusal, Exception)):
            raise ValueError(f"step {step.name!r}: refusal {refusal!r} is no exception class")
        if refusal in {Exception, Refusal}:
            raise ValueError(
                f"step {step.name!r}: refusal {refusal!r} is a base class, and a machine catches "
                "a class by its own name alone; take the classes that are raised"
            )
