"""The rules of the saga, one after the other, on what an order's saga is compiled to."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from components.saga_definition import permissions, resume_machine, state_machine
from components.saga_steps import Parallel, Plan, Step
from tests.sagas import PARKED_TABLE, SETTLE, Declined, OutOfStock, function, plans, step

RESERVE = Step(
    "ReserveStock",
    do=function("reserve"),
    undo=function("release"),
    refusals=(OutOfStock,),
    timeout_seconds=7,
)
CHARGE = Step(
    "ChargeCard", do=function("charge"), undo=function("refund"), refusals=(Declined, OutOfStock)
)
CONFIRM = Step(
    "ConfirmOrder",
    do=function("confirm"),
    undo=function("withdraw"),
    refusals=(OutOfStock,),
    pivot=True,
    timeout_seconds=9,
)
SHIP = Step("ShipOrder", do=function("ship"), timeout_seconds=30)
TELL = Step("TellCustomer", do=function("tell"))

PLAN = Plan(
    steps=(RESERVE, CHARGE, CONFIRM, SHIP),
    parked_table=PARKED_TABLE,
    settle=SETTLE,
    deadline_seconds=3000,
    partition="aws-cn",
)
LAMBDA = "arn:aws-cn:states:::lambda:invoke"
RETRIED = {
    "IntervalSeconds": 1,
    "BackoffRate": 2.0,
    "MaxDelaySeconds": 20,
    "JitterStrategy": "FULL",
}
SERVICE = {
    "ErrorEquals": [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    "MaxAttempts": 6,
    **RETRIED,
}
TWICE, FIVE_TIMES, EIGHT_TIMES = (
    {"ErrorEquals": ["States.ALL"], "MaxAttempts": attempts, **RETRIED} for attempts in (2, 5, 8)
)
EXECUTION = (
    "{% $exists($states.context.Execution.Input.resume.failure.execution)"
    " ? $states.context.Execution.Input.resume.failure.execution"
    " : $states.context.Execution.Id %}"
)
"""Under which work is parked, also when it was resumed in vain."""
TOLD = {
    "event": "{% $states.context.Execution.Input %}",
    "saga": {
        "execution": "{% $states.context.Execution.Id %}",
        "step": "ReserveStock",
        "attempt": "{% $states.context.State.RetryCount %}",
        "resumed": "{% $exists($states.context.Execution.Input.resume.failure.execution) %}",
    },
}


def told(name: str, **more: str) -> dict[str, Any]:
    """What a function is given that works for a state."""
    return {**TOLD, "saga": {**TOLD["saga"], "step": name, **more}}


def compiled(*steps: Step | Parallel, **fields: Any) -> dict[str, Any]:
    """The states of a saga."""
    return state_machine(Plan(steps=steps, parked_table=PARKED_TABLE, **fields))["States"]


def following(states: dict[str, Any], first: str) -> list[str]:
    """The states from one on, as long as nothing goes wrong and there is nothing to choose."""
    names = [first]
    while "Next" in states[names[-1]]:
        names.append(states[names[-1]]["Next"])
    return names


def caught(state: dict[str, Any], error: str) -> dict[str, Any]:
    """Where an error of a state leads: the first entry that matches decides."""
    return next(
        catch for catch in state["Catch"] if {error, "States.ALL"} & set(catch["ErrorEquals"])
    )


def flat(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All states, with those of branches."""
    for name, state in states.items():
        yield name, state
        for branch in state.get("Branches", ()):
            yield from flat(branch["States"])


STATES = state_machine(PLAN)["States"]
GROUP = compiled(RESERVE, Parallel(CHARGE, step("Book")), CONFIRM, settle=SETTLE)


def test_a_machine_starts_at_the_first_step_and_gives_up_at_the_deadline():
    machine = state_machine(PLAN)

    assert machine.pop("States")
    assert machine == {
        "QueryLanguage": "JSONata",
        "StartAt": "ReserveStock",
        "TimeoutSeconds": 3000,
    }


# Rule 1: a refusal is an answer.


def test_a_refusal_is_never_tried_again_but_service_errors_and_others_are():
    assert STATES["ChargeCard"]["Retry"] == [
        {"ErrorEquals": ["Declined", "OutOfStock"], "MaxAttempts": 0},
        SERVICE,
        TWICE,
    ]


def test_a_step_that_cannot_refuse_has_no_retry_of_refusals():
    assert STATES["ShipOrder"]["Retry"] == [SERVICE, TWICE]
    assert [catch["ErrorEquals"] for catch in compiled(step("Book"))["Book"]["Catch"]] == [
        ["States.ALL"]
    ]


def test_a_refusal_undoes_the_steps_before_it_only():
    states = compiled(RESERVE, CHARGE, settle=SETTLE)

    assert following(states, caught(states["ChargeCard"], "Declined")["Next"]) == [
        "UndoReserveStock",
        "Settle",
        "Outcome",
    ]


def test_a_refusal_of_the_first_step_has_nothing_to_undo():
    assert (
        caught(compiled(RESERVE, settle=SETTLE)["ReserveStock"], "OutOfStock")["Next"] == "Settle"
    )
    assert caught(compiled(RESERVE)["ReserveStock"], "OutOfStock")["Next"] == "Outcome"


def test_a_refusal_is_remembered_with_its_name():
    assert caught(STATES["ChargeCard"], "Declined") == {
        "ErrorEquals": ["Declined", "OutOfStock"],
        "Assign": {
            "failure": {
                "execution": EXECUTION,
                "step": "ChargeCard",
                "refused": True,
                "error": "{% $states.errorOutput.Error %}",
                "cause": "{% ($exists($states.errorOutput.Cause)"
                ' ? $substring($states.errorOutput.Cause, 0, 2000) : "") %}',
                "undo": "UndoReserveStock",
            },
            "parked": [],
        },
        "Next": "UndoConfirmOrder",
    }


def test_a_refused_saga_succeeds_as_cancelled_with_the_reason():
    assert STATES["Cancelled"] == {
        "Type": "Succeed",
        "Output": {"outcome": "cancelled", "reason": "{% $failure.error %}"},
    }


# Rule 2: a failure leaves the outcome of its step unknown.


def test_a_failure_undoes_its_step_and_those_before_it_in_reverse():
    states = compiled(RESERVE, CHARGE, step("Book"), settle=SETTLE)

    assert following(states, caught(states["Book"], "Broken")["Next"]) == [
        "UndoBook",
        "UndoChargeCard",
        "UndoReserveStock",
        "Settle",
        "Outcome",
    ]


def test_a_failure_is_told_from_a_refusal():
    failure = caught(STATES["ChargeCard"], "Broken")["Assign"]["failure"]

    assert (failure["refused"], failure["undo"]) == (False, "UndoChargeCard")


def test_the_outcome_is_parked_before_it_is_cancelled_before_it_is_compensated():
    assert STATES["Outcome"] == {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $count($parked) > 0 %}", "Next": "Parked"},
            {
                "Condition": "{% $failure.refused or $exists($failure.resumed) %}",
                "Next": "Cancelled",
            },
        ],
        "Default": "Compensated",
    }


def test_a_saga_that_failed_ends_as_a_failure_that_tells_why():
    assert STATES["Compensated"] == {
        "Type": "Fail",
        "Error": "Compensated",
        "Cause": "{% $string($failure) %}",
    }


# Rule 3: undos are told enough to be idempotent, and why they run.


def test_a_step_is_given_the_event_and_which_attempt_it_is():
    assert STATES["ReserveStock"] == {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {"FunctionName": function("reserve"), "Payload": TOLD},
        "TimeoutSeconds": 7,
        "Retry": [{"ErrorEquals": ["OutOfStock"], "MaxAttempts": 0}, SERVICE, TWICE],
        "Catch": STATES["ReserveStock"]["Catch"],
        "Next": "ChargeCard",
    }


def test_an_undo_is_given_also_what_failed_and_what_is_parked():
    assert STATES["UndoReserveStock"] == {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {
            "FunctionName": function("release"),
            "Payload": told("UndoReserveStock", failure="{% $failure %}", parked="{% $parked %}"),
        },
        "TimeoutSeconds": 7,
        "Retry": [SERVICE, FIVE_TIMES],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "ParkUndoReserveStock"}],
        "Next": "Settle",
    }


# Rule 4: an undo that fails is parked, and the others still run.


def test_a_parked_undo_is_recorded_with_all_that_resuming_needs():
    added = {"parked": "{% $append($parked, ['UndoChargeCard']) %}"}

    assert STATES["ParkUndoChargeCard"] == {
        "Type": "Task",
        "Resource": "arn:aws-cn:states:::dynamodb:putItem",
        "Arguments": {
            "TableName": PARKED_TABLE,
            "Item": {
                "execution": {"S": "{% $failure.execution %}"},
                "step": {"S": "UndoChargeCard"},
                "direction": {"S": "undo"},
                "input": {"S": "{% $string($states.context.Execution.Input) %}"},
                "failure": {"S": "{% $string($failure) %}"},
                "error": {"S": "{% $states.input.Error %}"},
                "cause": {
                    "S": "{% ($exists($states.input.Cause)"
                    ' ? $substring($states.input.Cause, 0, 2000) : "") %}'
                },
                "parkedAt": {"S": "{% $now() %}"},
            },
        },
        "TimeoutSeconds": 10,
        "Retry": [EIGHT_TIMES],
        "Assign": added,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": added, "Next": "UndoReserveStock"}],
        "Next": "UndoReserveStock",
    }


def test_a_saga_with_parked_work_ends_as_a_failure_that_names_it():
    assert STATES["Parked"] == {
        "Type": "Fail",
        "Error": "Parked",
        "Cause": '{% $string({"parked": $parked, "failure": $failure}) %}',
    }


def test_who_is_told_at_the_end_can_be_parked_too():
    assert STATES["Settle"] == {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {
            "FunctionName": SETTLE,
            "Payload": told("Settle", failure="{% $failure %}", parked="{% $parked %}"),
        },
        "TimeoutSeconds": 15,
        "Retry": [SERVICE, FIVE_TIMES],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "ParkSettle"}],
        "Next": "Outcome",
    }
    assert STATES["ParkSettle"]["Next"] == "Outcome"
    assert STATES["ParkSettle"]["Arguments"]["Item"]["step"] == {"S": "Settle"}
    assert STATES["ParkSettle"]["Arguments"]["Item"]["direction"] == {"S": "undo"}


# Rule 5: the pivot is asked before anything is undone, and after it there is no undo.


@pytest.mark.parametrize(
    ("failing", "error", "undo"),
    [
        ("ReserveStock", "OutOfStock", "Settle"),
        ("ReserveStock", "Broken", "UndoReserveStock"),
        ("ChargeCard", "Declined", "UndoReserveStock"),
        ("ChargeCard", "Broken", "UndoChargeCard"),
        ("ConfirmOrder", "Broken", "UndoChargeCard"),
    ],
)
def test_the_pivot_is_withdrawn_before_anything_is_undone(failing, error, undo):
    catch = caught(STATES[failing], error)

    assert catch["Next"] == "UndoConfirmOrder"
    assert catch["Assign"]["failure"]["undo"] == undo


def test_a_pivot_that_refused_need_not_be_withdrawn():
    catch = caught(STATES["ConfirmOrder"], "OutOfStock")

    assert catch["Next"] == catch["Assign"]["failure"]["undo"] == "UndoChargeCard"


def test_the_withdrawal_goes_on_if_the_pivot_has_passed_and_is_parked_if_it_is_unknown():
    assert STATES["UndoConfirmOrder"] == {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {
            "FunctionName": function("withdraw"),
            "Payload": told("UndoConfirmOrder", failure="{% $failure %}", parked="{% $parked %}"),
        },
        "TimeoutSeconds": 9,
        "Retry": [{"ErrorEquals": ["PivotPassed"], "MaxAttempts": 0}, SERVICE, FIVE_TIMES],
        "Catch": [
            {"ErrorEquals": ["PivotPassed"], "Next": "ShipOrder"},
            {"ErrorEquals": ["States.ALL"], "Next": "ParkUndoConfirmOrder"},
        ],
        "Next": "UndoFrom",
    }


def test_nothing_is_undone_while_it_is_unknown_whether_the_pivot_has_passed():
    assert STATES["ParkUndoConfirmOrder"]["Arguments"]["Item"]["direction"] == {"S": "undo"}
    assert following(STATES, "ParkUndoConfirmOrder") == [
        "ParkUndoConfirmOrder",
        "Settle",
        "Outcome",
    ]


def test_undoing_begins_where_the_failure_says():
    assert STATES["UndoFrom"] == {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $failure.undo = 'Settle' %}", "Next": "Settle"},
            {"Condition": "{% $failure.undo = 'UndoReserveStock' %}", "Next": "UndoReserveStock"},
            {"Condition": "{% $failure.undo = 'UndoChargeCard' %}", "Next": "UndoChargeCard"},
        ],
        "Default": "Settle",
    }


def test_a_saga_whose_last_step_is_the_pivot_is_completed_when_it_has_passed():
    states = compiled(RESERVE, CONFIRM)

    assert states["UndoConfirmOrder"]["Catch"][0]["Next"] == "Completed"
    assert states["Completed"] == {"Type": "Succeed", "Output": {"outcome": "completed"}}


def test_a_pivot_without_undo_is_never_asked():
    states = compiled(RESERVE, step("Confirm", pivot=True, undo=False))

    assert caught(states["ReserveStock"], "Broken")["Next"] == "UndoReserveStock"
    assert caught(states["Confirm"], "Broken")["Next"] == "UndoReserveStock"
    assert not {"UndoConfirm", "UndoFrom", "Completed"} & set(states)


def test_a_step_after_the_pivot_is_tried_again_then_parked():
    assert STATES["ShipOrder"] == {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {"FunctionName": function("ship"), "Payload": told("ShipOrder")},
        "TimeoutSeconds": 30,
        "Retry": [SERVICE, TWICE],
        "Catch": [
            {
                "ErrorEquals": ["States.ALL"],
                "Assign": {
                    "failure": {
                        "execution": EXECUTION,
                        "step": "ShipOrder",
                        "refused": False,
                        "error": "{% $states.errorOutput.Error %}",
                        "cause": "{% ($exists($states.errorOutput.Cause)"
                        ' ? $substring($states.errorOutput.Cause, 0, 2000) : "") %}',
                        "undo": "",
                    },
                    "parked": [],
                },
                "Next": "ParkShipOrder",
            }
        ],
        "Output": {"outcome": "completed"},
        "End": True,
    }


def test_a_step_after_the_pivot_is_parked_to_go_on_and_the_end_is_told():
    parking = STATES["ParkShipOrder"]

    assert parking["Arguments"]["Item"]["step"] == {"S": "ShipOrder"}
    assert parking["Arguments"]["Item"]["direction"] == {"S": "do"}
    assert following(STATES, "ParkShipOrder") == ["ParkShipOrder", "Settle", "Outcome"]


# Rule 6: members of a group run together and are undone together.


def test_each_member_of_a_group_is_a_branch_that_says_how_it_went_wrong():
    assert GROUP["ChargeCardAndBook"]["Type"] == "Parallel"
    charge, book = GROUP["ChargeCardAndBook"]["Branches"]
    cause = '($exists($states.input.Cause) ? $substring($states.input.Cause, 0, 2000) : "")})'

    assert charge == {
        "StartAt": "ChargeCard",
        "States": {
            "ChargeCard": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": function("charge"), "Payload": told("ChargeCard")},
                "TimeoutSeconds": 15,
                "Retry": [
                    {"ErrorEquals": ["Declined", "OutOfStock"], "MaxAttempts": 0},
                    SERVICE,
                    TWICE,
                ],
                "End": True,
                "Catch": [
                    {"ErrorEquals": ["Declined", "OutOfStock"], "Next": "ChargeCardRefused"},
                    {"ErrorEquals": ["States.ALL"], "Next": "ChargeCardFailed"},
                ],
            },
            "ChargeCardRefused": {
                "Type": "Fail",
                "Error": "Refused",
                "Cause": '{% $string({"step": "ChargeCard", "error": $states.input.Error, '
                f'"cause": {cause} %}}',
            },
            "ChargeCardFailed": {
                "Type": "Fail",
                "Error": "Failed",
                "Cause": '{% $string({"step": "ChargeCard", "error": $states.input.Error, '
                f'"cause": {cause} %}}',
            },
        },
    }
    assert book["StartAt"] == "Book"
    assert set(book["States"]) == {"Book", "BookFailed"}


def test_a_group_that_refuses_or_fails_is_undone_whole():
    assert following(GROUP, "UndoBook") == [
        "UndoBook",
        "UndoChargeCard",
        "UndoReserveStock",
        "Settle",
        "Outcome",
    ]
    for error in ("Refused", "Failed", "States.DataLimitExceeded"):
        catch = caught(GROUP["ChargeCardAndBook"], error)
        assert catch["Next"] == "UndoConfirmOrder"
        assert catch["Assign"]["failure"]["undo"] == "UndoBook"
        assert catch["Assign"]["failure"]["refused"] is (error == "Refused")


@pytest.mark.parametrize("error", ["Refused", "Failed"])
def test_what_a_member_said_is_remembered_as_if_it_had_run_alone(error):
    failure = caught(GROUP["ChargeCardAndBook"], error)["Assign"]["failure"]

    assert failure["step"] == "{% $parse($states.errorOutput.Cause).step %}"
    assert failure["error"] == "{% $parse($states.errorOutput.Cause).error %}"
    assert failure["cause"] == "{% $parse($states.errorOutput.Cause).cause %}"


def test_an_error_of_the_group_itself_is_remembered_under_its_name():
    failure = caught(GROUP["ChargeCardAndBook"], "States.DataLimitExceeded")["Assign"]["failure"]

    assert failure["step"] == "ChargeCardAndBook"
    assert failure["error"] == "{% $states.errorOutput.Error %}"


def test_without_a_pivot_a_group_is_undone_at_once():
    states = compiled(Parallel(CHARGE, step("Book")))

    for error in ("Refused", "Failed", "States.DataLimitExceeded"):
        assert caught(states["ChargeCardAndBook"], error)["Next"] == "UndoBook"
    assert following(states, "UndoBook") == ["UndoBook", "UndoChargeCard", "Outcome"]


def test_a_group_after_the_pivot_is_parked_whole():
    states = compiled(CONFIRM, Parallel(SHIP, TELL))
    group = states["ShipOrderAndTellCustomer"]

    assert [list(branch["States"]) for branch in group["Branches"]] == [
        ["ShipOrder"],
        ["TellCustomer"],
    ]
    assert all(
        "Catch" not in state for branch in group["Branches"] for _, state in flat(branch["States"])
    )
    assert [(catch["ErrorEquals"], catch["Next"]) for catch in group["Catch"]] == [
        (["States.ALL"], "ParkShipOrderAndTellCustomer")
    ]
    item = states["ParkShipOrderAndTellCustomer"]["Arguments"]["Item"]
    assert (item["step"], item["direction"]) == ({"S": "ShipOrderAndTellCustomer"}, {"S": "do"})
    assert group["Output"] == {"outcome": "completed"}


# Rules 7 to 11.


@settings(max_examples=100, deadline=None, derandomize=True)
@given(plans())
def test_every_task_has_a_timeout_retries_with_jitter_and_a_way_out(plan):
    for machine in (state_machine(plan), resume_machine(plan)):
        for name, state in flat(machine["States"]):
            if state["Type"] != "Task":
                continue
            assert state["TimeoutSeconds"] > 0, name
            assert all(
                retry["JitterStrategy"] == "FULL"
                for retry in state["Retry"]
                if retry["MaxAttempts"]
            ), name
            way_out = state if name in machine["States"] else group_of(machine["States"], name)
            assert way_out["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def group_of(states: dict[str, Any], member: str) -> dict[str, Any]:
    """The Parallel state that a member runs in."""
    return next(
        state
        for state in states.values()
        for branch in state.get("Branches", ())
        if member in branch["States"]
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(plans())
def test_every_machine_is_one_that_step_functions_takes(plan):
    for machine in (state_machine(plan), resume_machine(plan)):
        names = Counter(name for name, _ in flat(machine["States"]))
        assert max(names.values()) == 1
        assert max(map(len, names)) <= 80
        assert_sound(machine)


def assert_sound(machine: dict[str, Any]) -> None:
    states, reached, waiting = machine["States"], set[str](), [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        state = states[name]
        ends = state["Type"] in {"Succeed", "Fail", "Choice"}
        assert ends or ("Next" in state) is not ("End" in state), name
        assert state["Type"] != "Choice" or state["Choices"], name
        for ways in (state.get("Retry", ()), state.get("Catch", ())):
            for way in ways[:-1]:
                assert "States.ALL" not in way["ErrorEquals"], name
        targets = (state, *state.get("Catch", ()), *state.get("Choices", ()))
        waiting += [target["Next"] for target in targets if "Next" in target]
        waiting += [state["Default"]] if "Default" in state else []
        for branch in state.get("Branches", ()):
            assert_sound(branch)
    assert reached == set(states)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(plans())
def test_the_happy_path_is_one_state_for_each_step_or_group(plan):
    machine = state_machine(plan)
    path = following(machine["States"], machine["StartAt"])

    assert path == [stage.name for stage in plan.steps]
    assert machine["States"][path[-1]]["End"] is True
    assert machine["States"][path[-1]]["Output"] == {"outcome": "completed"}
    assert all("Output" not in machine["States"][name] for name in path[:-1])


def test_a_machine_needs_just_its_functions_and_its_table():
    assert permissions(state_machine(PLAN)) == {
        "lambda:InvokeFunction": [
            *map(function, ("reserve", "charge", "confirm", "ship")),
            *map(function, ("withdraw", "refund", "release", "settle")),
        ],
        "dynamodb:PutItem": [PARKED_TABLE],
    }


def test_a_machine_needs_the_functions_of_its_groups_too():
    needed = permissions(state_machine(Plan((Parallel(CHARGE, step("Book")),), PARKED_TABLE)))

    assert needed["lambda:InvokeFunction"] == [
        *map(function, ("charge", "do-Book", "undo-Book", "refund"))
    ]


def test_a_function_that_does_two_jobs_is_needed_once():
    told = Plan((step("Charge"),), PARKED_TABLE, settle=function("undo-Charge"))

    assert permissions(state_machine(told))["lambda:InvokeFunction"] == [
        function("do-Charge"),
        function("undo-Charge"),
    ]


# Resuming.


def test_a_saga_is_resumed_at_what_was_parked_with_the_failure_that_led_there():
    machine = resume_machine(PLAN)

    assert machine["StartAt"] == "Resume"
    assert machine["States"]["Resume"] == {
        "Type": "Pass",
        "Assign": {
            "failure": '{% $merge([$states.input.resume.failure, {"resumed": true}]) %}',
            "parked": [],
        },
        "Output": "{% $states.input %}",
        "Next": "ResumeAt",
    }


def test_a_saga_can_be_resumed_wherever_it_can_be_parked():
    names = ["ShipOrder", "UndoConfirmOrder", "UndoChargeCard", "UndoReserveStock", "Settle"]
    states = resume_machine(PLAN)["States"]

    assert states["ResumeAt"] == {
        "Type": "Choice",
        "Choices": [
            {"Condition": f"{{% $states.input.resume.step = '{name}' %}}", "Next": name}
            for name in names
        ],
        "Default": "UnknownStep",
    }
    assert states["UnknownStep"] == {
        "Type": "Fail",
        "Error": "UnknownStep",
        "Cause": f"resume.step must be one of {names}",
    }


def test_a_resumed_saga_does_as_the_saga_itself():
    states = resume_machine(PLAN)["States"]

    for name in set(states) - {"Resume", "ResumeAt", "UnknownStep"}:
        assert states[name] == STATES[name]


def test_a_resumed_saga_does_nothing_that_comes_before_the_pivot():
    assert set(STATES) - set(resume_machine(PLAN)["States"]) == {
        "ReserveStock",
        "ChargeCard",
        "ConfirmOrder",
    }


def test_a_definition_is_json():
    assert json.loads(json.dumps(state_machine(PLAN))) == state_machine(PLAN)
