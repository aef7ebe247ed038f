"""Sagas of every shape, for what has to hold whatever the steps are."""

from hypothesis import strategies as st

from components.saga_steps import Parallel, Plan, Step

PARKED_TABLE = "parked-work"
SETTLE = "arn:aws:lambda:eu-west-1:123456789012:function:settle"


class OutOfStock(Exception):  # noqa: N818 (a refusal is an answer, not an error)
    pass


class Declined(Exception):  # noqa: N818 (a refusal is an answer, not an error)
    pass


def function(name: str) -> str:
    """ARN of a function."""
    return f"arn:aws:lambda:eu-west-1:123456789012:function:{name}"


def step(name: str, *refusals: type[Exception], pivot: bool = False, undo: bool = True) -> Step:
    """A step with functions of its own."""
    return Step(
        name,
        do=function(f"do-{name}"),
        undo=function(f"undo-{name}") if undo else None,
        refusals=refusals,
        pivot=pivot,
    )


REFUSALS = ((), (OutOfStock,), (OutOfStock, Declined))
PIVOTS = ("none", "final", "withdrawable")
"""No pivot at all, one that cannot be undone, one whose undo withdraws it."""


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any number of steps and groups, with any pivot or none, told how the saga ended or not."""
    pivot = draw(st.sampled_from(PIVOTS))
    before = draw(st.integers(0 if pivot != "none" else 1, 3))
    after = draw(st.integers(0, 2)) if pivot != "none" else 0
    settled = draw(st.booleans())
    if pivot == "final" and not before + after:
        settled = True  # else there would be nothing to undo, to resume or to tell
    numbers = iter(range(1, 20))

    def single(*, undo: bool = True, pivot: bool = False) -> Step:
        refusals = draw(st.sampled_from(REFUSALS))
        return step(f"Step{next(numbers)}", *refusals, pivot=pivot, undo=undo)

    def stage(*, undo: bool) -> Step | Parallel:
        size = draw(st.sampled_from((1, 1, 2, 3)))
        steps = [single(undo=undo) for _ in range(size)]
        return steps[0] if size == 1 else Parallel(*steps)

    steps = [stage(undo=True) for _ in range(before)]
    if pivot != "none":
        steps.append(single(pivot=True, undo=pivot == "withdrawable"))
    steps += [stage(undo=False) for _ in range(after)]
    return Plan(
        steps=tuple(steps),
        parked_table=PARKED_TABLE,
        settle=SETTLE if settled else None,
        deadline_seconds=36_000,
    )
