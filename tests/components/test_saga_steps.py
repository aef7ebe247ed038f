import re

import pulumi
import pytest

from components.saga_steps import Parallel, Plan, Retry, Step, time_budget
from events.refusals import Refusal
from tests.sagas import PARKED_TABLE, SETTLE, OutOfStock, function, step


def plan(*steps: Step | Parallel, **fields) -> Plan:
    return Plan(steps=steps, parked_table=PARKED_TABLE, **fields)


def timed(name: str, seconds: int, *, undo: bool = True, pivot: bool = False) -> Step:
    return Step(
        name,
        do=function("do"),
        undo=function("undo") if undo else None,
        pivot=pivot,
        timeout_seconds=seconds,
    )


def test_the_pivot_is_found():
    assert plan(step("Reserve"), step("Confirm", pivot=True), step("Ship", undo=False)).pivot == 1


def test_one_function_may_do_and_undo_since_it_is_told_which():
    both = Step("Reserve", do=function("stock"), undo=function("stock"))

    assert plan(both, step("Confirm", pivot=True)).steps[0] == both


def test_without_a_pivot_every_step_comes_before_it():
    assert plan(step("Reserve"), Parallel(step("Charge"), step("Book"))).pivot == 2


def test_a_group_is_named_after_its_members():
    assert Parallel(step("Charge"), step("Book"), step("Tell")).name == "ChargeAndBookAndTell"


BAD = {
    "no step at all": ([], "a saga needs at least one step"),
    "a name that is no word": ([step("reserve stock")], "step 'reserve stock': a name is one word"),
    "a name with a small first letter": ([step("reserve")], "step 'reserve': a name is one word"),
    "a name of 41 characters": ([step("A" * 41)], f"step '{'A' * 41}': .* up to 40 characters"),
    "a name with more than a name": ([step("Reserve\n")], r"step 'Reserve\\n': a name is one word"),
    "a name like an undo's": ([step("UndoAll")], "step 'UndoAll': names .* are taken"),
    "a name like a parking's": ([step("ParkCar")], "step 'ParkCar': names .* are taken"),
    "a name twice": (
        [step("Reserve"), Parallel(step("Reserve"), step("Charge"))],
        "state 'Reserve' is declared 2 times; names are unique",
    ),
    "a step named as a group": (
        [Parallel(step("Charge"), step("Book")), step("ChargeAndBook")],
        "state 'ChargeAndBook' is declared 2 times; names are unique",
    ),
    "a step named as the refusal of a member": (
        [Parallel(step("Charge", OutOfStock), step("Book")), step("ChargeRefused")],
        "state 'ChargeRefused' is declared 2 times; names are unique",
    ),
    "a step named as the failure of a member": (
        [Parallel(step("Charge"), step("Book")), step("BookFailed")],
        "state 'BookFailed' is declared 2 times; names are unique",
    ),
    "a group with a name of 77 characters": (
        [Parallel(step("A" * 37), step("B" * 37))],
        "Parallel 'AAA.*BBB': the name has 77 characters; .* up to 76",
    ),
    "two pivots": (
        [step("Confirm", pivot=True), step("Approve", undo=False, pivot=True)],
        r"a saga has one pivot at the most; these steps claim to be it: \['Confirm', 'Approve'\]",
    ),
    "a pivot in a group": (
        [Parallel(step("Confirm", pivot=True), step("Charge"))],
        "step 'Confirm': the pivot cannot run in parallel",
    ),
    "an empty group": ([Parallel()], "Parallel '': a group needs two steps or more"),
    "a group of one": ([Parallel(step("Charge"))], "Parallel 'Charge': a group needs two steps"),
    "a step before the pivot without undo": (
        [step("Reserve", undo=False), step("Confirm", pivot=True)],
        "step 'Reserve' comes before the pivot, so it needs an undo",
    ),
    "a step without undo in a saga without pivot": (
        [step("Reserve"), step("Ship", undo=False)],
        "step 'Ship' has no undo, and the saga has no pivot; give the step an undo, or a pivot to the saga",
    ),
    "a member without undo before the pivot": (
        [Parallel(step("Charge"), step("Book", undo=False)), step("Confirm", pivot=True)],
        "step 'Book' comes before the pivot, so it needs an undo",
    ),
    "a step with undo after the pivot": (
        [step("Confirm", pivot=True), step("Ship")],
        "step 'Ship' comes after the pivot, so its undo would never run",
    ),
    "a function by its name": (
        [Step("Reserve", do="reserve-stock", undo=function("undo-reserve"))],
        "step 'Reserve': do is 'reserve-stock'; take the ARN of a function",
    ),
    "an undo by its name": (
        [Step("Reserve", do=function("reserve"), undo="release-stock")],
        "step 'Reserve': undo is 'release-stock'; take the ARN of a function",
    ),
    "no function": (
        [Step("Reserve", do=None)],  # pyrefly: ignore[bad-argument-type] (what is refused)
        "step 'Reserve': do is None; take the ARN of a function, its static_arn$",
    ),
    "the ARN of a table": (
        [Step("Reserve", do="arn:aws:dynamodb:eu-west-1:123456789012:table/orders")],
        "step 'Reserve': do is 'arn:aws:dynamodb:.*'; take the ARN of a function, its static_arn$",
    ),
    "an ARN that is not known yet": (
        # pyrefly: ignore[bad-argument-type] (what is refused)
        [Step("Reserve", do=function("do"), undo=pulumi.Output.from_input(function("undo")))],
        "step 'Reserve': undo is <pulumi.*Output.*>; take the ARN of a function, its static_arn$",
    ),
    "a step that a comma made a tuple": (
        [step("Reserve"), (step("Charge"),)],
        r"number 2 of the steps is \(Step\(name='Charge', .*\),\); take a Step or a Parallel$",
    ),
    "a group in a group": (
        # pyrefly: ignore[bad-argument-type] (what is refused)
        [Parallel(step("Charge"), Parallel(step("Book"), step("Tell")))],
        r"number 1 of the steps is a Parallel with Parallel\(.* in it; take nothing but Step there$",
    ),
    "a timeout of nothing": (
        [timed("Reserve", 0)],
        "step 'Reserve': timeout_seconds is 0; take a whole number from 1$",
    ),
    "a timeout that is text": (
        [timed("Reserve", "15")],  # pyrefly: ignore[bad-argument-type] (what is refused)
        "step 'Reserve': timeout_seconds is '15'; take a whole number from 1$",
    ),
    "a timeout that is no whole number": (
        [timed("Reserve", 1.5)],  # pyrefly: ignore[bad-argument-type] (what is refused)
        r"step 'Reserve': timeout_seconds is 1\.5; take a whole number from 1$",
    ),
    "a timeout that is none": (
        [timed("Reserve", True)],
        "step 'Reserve': timeout_seconds is True; take a whole number from 1$",
    ),
    "a refusal that is no class": (
        [step("Reserve", "OutOfStock")],  # pyrefly: ignore[bad-argument-type] (what is refused)
        "step 'Reserve': refusal 'OutOfStock' is no exception class",
    ),
    "a refusal that is no exception": (
        [step("Reserve", dict)],  # pyrefly: ignore[bad-argument-type] (what is refused)
        "step 'Reserve': refusal <class 'dict'> is no exception class",
    ),
    "a refusal that no comma made a tuple": (
        # pyrefly: ignore[bad-argument-type] (what is refused)
        [Step("Reserve", do=function("do"), undo=function("undo"), refusals=OutOfStock)],
        "step 'Reserve': refusals is <class '.*OutOfStock'>; take a tuple of exception classes, such as ",
    ),
    "refusals by what all of them are": (
        [step("Reserve", Refusal)],
        "step 'Reserve': refusal <class '.*Refusal'> is a base class, and a machine catches a class by ",
    ),
    "nothing to undo, to resume or to tell": (
        [step("Confirm", pivot=True, undo=False)],
        "step 'Confirm' is all there is, and it has no undo: call its function instead",
    ),
}


@pytest.mark.parametrize(("steps", "complaint"), BAD.values(), ids=BAD)
def test_a_saga_that_could_not_keep_its_promises_is_refused(steps, complaint):
    with pytest.raises(ValueError, match=f"^{complaint}"):
        plan(*steps)


def test_steps_that_are_one_step_are_refused():
    with pytest.raises(ValueError, match=r"^the steps of a saga are Step\(.*; take a list of Step"):
        # pyrefly: ignore[bad-argument-type] (what is refused)
        Plan(steps=step("Reserve"), parked_table=PARKED_TABLE)


def test_who_is_told_is_a_function():
    with pytest.raises(ValueError, match=r"^settle is 'settle'; take the ARN of a function"):
        plan(step("Reserve"), settle="settle")


def test_a_name_of_the_sagas_own_states_is_refused_with_all_of_them():
    own = [
        "Cancelled",
        "Compensated",
        "Completed",
        "Outcome",
        "Parked",
        "Resume",
        "ResumeAt",
        "Settle",
        "UnknownStep",
    ]
    for name in own:
        complaint = (
            f"step {name!r}: names of the saga's own states are taken: {own}, "
            "and all that begin with Undo or Park"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
            plan(step(name))


GOOD = {
    "a name of 40 characters": [step("A" * 40)],
    "a name with digits": [step("Step2")],
    "a name that only contains Park": [step("RePark")],
    "a timeout of one second": [timed("Reserve", 1)],
    "a group with a name of 76 characters": [Parallel(step("A" * 37), step("B" * 36))],
    "only a pivot that can be withdrawn": [step("Confirm", pivot=True)],
    "a pivot without undo and a step after it": [
        step("Confirm", pivot=True, undo=False),
        step("Ship", undo=False),
    ],
}


@pytest.mark.parametrize("steps", GOOD.values(), ids=GOOD)
def test_a_saga_at_the_limit_is_accepted(steps):
    assert plan(*steps).steps == tuple(steps)


def test_only_a_pivot_without_undo_is_a_saga_when_somebody_is_told():
    assert plan(step("Confirm", pivot=True, undo=False), settle=SETTLE).pivot == 0


def test_waits_double_up_to_the_longest():
    retry = Retry(attempts=6, interval_seconds=1, backoff=2.0, max_delay_seconds=20)

    assert retry.waits() == 1 + 2 + 4 + 8 + 16 + 20


def test_waits_begin_with_the_interval():
    retry = Retry(attempts=3, interval_seconds=5, backoff=3.0, max_delay_seconds=40)

    assert retry.waits() == 5 + 15 + 40


def ordered(saga: Plan) -> list[tuple[str, float]]:
    """The time budget as it is shown."""
    return list(time_budget(saga).items())


SERVICE_WAITS = 1 + 2 + 4 + 8 + 16 + 20
STEP_WAITS = SERVICE_WAITS + 1 + 2
UNDO_WAITS = SERVICE_WAITS + 1 + 2 + 4 + 8 + 16
PARK = 9 * 10 + 1 + 2 + 4 + 8 + 16 + 20 + 20 + 20
"""First attempt and eight further ones, 10 s each, with the waits between them."""
SETTLING = 12 * 15 + UNDO_WAITS + PARK


def test_the_worst_case_of_undoing_counts_every_attempt_there_and_back():
    saga = plan(
        timed("Reserve", 10),
        timed("Confirm", 20, pivot=True),
        timed("Ship", 5, undo=False),
        settle=SETTLE,
    )

    assert ordered(saga) == [
        ("Reserve", 9 * 10 + STEP_WAITS),
        ("Confirm", 9 * 20 + STEP_WAITS),
        ("UndoConfirm", 12 * 20 + UNDO_WAITS),
        ("UndoReserve", 12 * 10 + UNDO_WAITS + PARK),
        ("Settle", SETTLING),
    ]


def test_the_worst_case_of_going_on_parks_what_cannot_be_done():
    saga = plan(
        timed("Reserve", 10),
        timed("Confirm", 20, pivot=True),
        timed("Ship", 60, undo=False),
        settle=SETTLE,
    )

    assert ordered(saga) == [
        ("Reserve", 9 * 10 + STEP_WAITS),
        ("Confirm", 9 * 20 + STEP_WAITS),
        ("UndoConfirm", 12 * 20 + UNDO_WAITS),
        ("Ship", 9 * 60 + STEP_WAITS),
        ("Park", PARK),
        ("Settle", SETTLING),
    ]


def test_a_group_takes_as_long_as_its_slowest_member_but_is_undone_one_by_one():
    saga = plan(timed("Reserve", 10), Parallel(timed("Charge", 30), timed("Book", 10)))

    assert ordered(saga) == [
        ("Reserve", 9 * 10 + STEP_WAITS),
        ("ChargeAndBook", 9 * 30 + STEP_WAITS),
        ("UndoBook", 12 * 10 + UNDO_WAITS + PARK),
        ("UndoCharge", 12 * 30 + UNDO_WAITS + PARK),
        ("UndoReserve", 12 * 10 + UNDO_WAITS + PARK),
    ]


def test_a_pivot_that_cannot_be_asked_may_be_all_that_has_to_be_parked():
    saga = plan(timed("Confirm", 20, pivot=True))

    assert ordered(saga) == [
        ("Confirm", 9 * 20 + STEP_WAITS),
        ("UndoConfirm", 12 * 20 + UNDO_WAITS),
        ("Park", PARK),
    ]


def test_a_pivot_without_undo_has_nothing_to_park():
    saga = plan(timed("Confirm", 20, pivot=True, undo=False), settle=SETTLE)

    assert ordered(saga) == [("Confirm", 9 * 20 + STEP_WAITS), ("Settle", SETTLING)]


def test_a_step_after_a_pivot_without_undo_may_be_all_that_has_to_be_parked():
    saga = plan(timed("Confirm", 20, pivot=True, undo=False), timed("Ship", 5, undo=False))

    assert ordered(saga) == [
        ("Confirm", 9 * 20 + STEP_WAITS),
        ("Ship", 9 * 5 + STEP_WAITS),
        ("Park", PARK),
    ]


WORST = 9 * 10 + STEP_WAITS + 12 * 10 + UNDO_WAITS + PARK


def test_a_deadline_that_just_suffices_is_accepted():
    assert plan(timed("Reserve", 10), deadline_seconds=WORST).deadline_seconds == WORST


def test_a_deadline_that_is_too_short_shows_where_the_time_goes():
    expected = (
        f"the saga can take {WORST} s, its deadline_seconds is {WORST - 1}: "
        "raise the deadline, or lower timeouts\n"
        f"{144:>8} s  Reserve\n"
        f"{383:>8} s  UndoReserve"
    )

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        plan(timed("Reserve", 10), deadline_seconds=WORST - 1)


def test_a_saga_has_an_hour_unless_told():
    assert plan(step("Reserve")).deadline_seconds == 3600


def test_a_call_has_fifteen_seconds_unless_told():
    assert step("Reserve").timeout_seconds == 15
