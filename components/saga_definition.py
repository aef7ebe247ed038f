"""Compile a saga, a list of steps with their undos, to Amazon States Language (JSONata).

The rules are those of docs/saga.md. The happy path is one state per step and nothing else; all
bookkeeping sits on the paths that a refusal or a failure takes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from components.saga_steps import (
    PARK_RETRY,
    PARK_TIMEOUT_SECONDS,
    SERVICE_ERRORS,
    SERVICE_RETRY,
    SETTLE_TIMEOUT_SECONDS,
    STEP_RETRY,
    UNDO_RETRY,
    Parallel,
    Plan,
    Retry,
    Step,
    members,
)

PIVOT_PASSED = "PivotPassed"
"""Error by which the pivot's undo says that the pivot has happened and the saga can only go on."""
CANCELLED, COMPLETED = "cancelled", "completed"
COMPENSATED, PARKED = "Compensated", "Parked"
RESUMED = "$exists($states.context.Execution.Input.resume.failure.execution)"
"""Looks as far as `resume` is read: an event may have something else under that name, which is none of our business."""
ORIGINAL_EXECUTION = (
    f"{RESUMED}"
    " ? $states.context.Execution.Input.resume.failure.execution"
    " : $states.context.Execution.Id"
)
"""Under which work is parked: parked again after it was resumed, it takes the place of its old record."""
LONGEST_CAUSE = 2000
"""Characters of an error's cause that are kept; a stack trace could outgrow a state's payload."""


def state_machine(plan: Plan) -> dict[str, Any]:
    """The saga as States Language, starting at its first step."""
    return _machine(plan, plan.steps[0].name, {})


def resume_machine(plan: Plan) -> dict[str, Any]:
    """The same states, entered at the one that was parked.

    Its input is the saga's own, plus `resume: {step, failure}` as the parked record has them.
    """
    parkable = [
        state["Arguments"]["Item"]["step"]["S"]
        for state in _tasks(_states(plan))
        if "Item" in state["Arguments"]
    ]
    entry = {
        "Resume": {
            "Type": "Pass",
            "Assign": {
                "failure": _jsonata('$merge([$states.input.resume.failure, {"resumed": true}])'),
                "parked": [],
            },
            "Output": _jsonata("$states.input"),
            "Next": "ResumeAt",
        },
        "ResumeAt": {
            "Type": "Choice",
            "Choices": [
                {"Condition": _jsonata(f"$states.input.resume.step = {name!r}"), "Next": name}
                for name in parkable
            ],
            "Default": "UnknownStep",
        },
        "UnknownStep": {
            "Type": "Fail",
            "Error": "UnknownStep",
            "Cause": f"resume.step must be one of {parkable}",
        },
    }
    return _machine(plan, "Resume", entry)


def permissions(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a machine's role must be allowed: IAM action to function ARNs or table names."""
    needed: dict[str, list[str]] = {}
    for state in _tasks(definition["States"]):
        action, key = (
            ("lambda:InvokeFunction", "FunctionName")
            if state["Resource"].endswith(":lambda:invoke")
            else ("dynamodb:PutItem", "TableName")
        )
        needed.setdefault(action, [])
        if state["Arguments"][key] not in needed[action]:
            needed[action].append(state["Arguments"][key])
    return needed


def _machine(plan: Plan, start: str, entry: dict[str, Any]) -> dict[str, Any]:
    states = entry | _states(plan)
    return {
        "QueryLanguage": "JSONata",
        "StartAt": start,
        "TimeoutSeconds": plan.deadline_seconds,
        "States": {name: states[name] for name in _reachable(start, states)},
    }


def _reachable(start: str, states: Mapping[str, Any]) -> list[str]:
    """States that can be reached, in order of declaration; AWS refuses a machine with others."""
    seen, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(_successors(states[name]))
    return [name for name in states if name in seen]


def _successors(state: Mapping[str, Any]) -> Iterator[str]:
    for way in (state, *state.get("Catch", ()), *state.get("Choices", ())):
        if "Next" in way:
            yield way["Next"]
    if "Default" in state:
        yield state["Default"]


def _tasks(states: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for state in states.values():
        if state["Type"] == "Task":
            yield state
        for branch in state.get("Branches", ()):
            yield from _tasks(branch["States"])


def _states(plan: Plan) -> dict[str, Any]:
    states: dict[str, Any] = {}
    for position in range(len(plan.steps)):
        states |= _stage(plan, position)
    for position in reversed(range(min(plan.pivot + 1, len(plan.steps)))):
        states |= _undos(plan, position)
    return states | _ending(plan)


def _stage(plan: Plan, position: int) -> dict[str, Any]:
    """The state that runs a stage, and the one that parks it after the pivot."""
    stage = plan.steps[position]
    compensable = position <= plan.pivot
    state = (
        _step(plan, stage)
        if isinstance(stage, Step)
        else {
            "Type": "Parallel",
            "Branches": [_branch(plan, step, compensable=compensable) for step in stage.steps],
        }
    )
    state |= _onward(plan, position)
    if not compensable:
        state["Catch"] = [_catch(["States.ALL"], stage.name, f"Park{stage.name}")]
        return {
            stage.name: state,
            f"Park{stage.name}": _park(plan, stage.name, "do", _settling(plan)),
        }
    state["Catch"] = list(_compensating(plan, position))
    return {stage.name: state}


def _onward(plan: Plan, position: int) -> dict[str, Any]:
    if position + 1 < len(plan.steps):
        return {"Next": plan.steps[position + 1].name}
    return {"Output": {"outcome": COMPLETED}, "End": True}


def _compensating(plan: Plan, position: int) -> Iterator[dict[str, Any]]:
    """Where a refusal and a failure of a stage up to the pivot lead."""
    stage = plan.steps[position]
    failed = _entry(plan, position)
    if isinstance(stage, Parallel):
        # A member that was stopped half-way may have had its effect, so all are undone either way.
        yield _catch(
            ["Refused"],
            stage.name,
            _via_pivot(plan, failed),
            undo=failed,
            refused=True,
            member=True,
        )
        yield _catch(["Failed"], stage.name, _via_pivot(plan, failed), undo=failed, member=True)
    elif stage.refusals:
        refused = _entry(plan, position - 1)
        way = refused if stage.pivot else _via_pivot(plan, refused)
        yield _catch(_names(stage), stage.name, way, undo=refused, refused=True)
    yield _catch(["States.ALL"], stage.name, _via_pivot(plan, failed), undo=failed)


def _entry(plan: Plan, position: int) -> str:
    """The state at which the undoing of a stage, and of those before it, begins."""
    for earlier in reversed(plan.steps[: position + 1]):
        for step in reversed(members(earlier)):
            if not step.pivot:
                return f"Undo{step.name}"
    return _settling(plan)


def _via_pivot(plan: Plan, entry: str) -> str:
    """Ask the pivot first: nothing may be undone if it has happened after all."""
    pivot = _pivot(plan)
    return f"Undo{pivot.name}" if pivot and pivot.undo else entry


def _pivot(plan: Plan) -> Step | None:
    stage = plan.steps[plan.pivot] if plan.pivot < len(plan.steps) else None
    return stage if isinstance(stage, Step) else None


def _settling(plan: Plan) -> str:
    return "Settle" if plan.settle else "Outcome"


def _undos(plan: Plan, position: int) -> dict[str, Any]:
    states: dict[str, Any] = {}
    steps = members(plan.steps[position])
    for index in reversed(range(len(steps))):
        step = steps[index]
        if step.undo and step.pivot:
            states |= _withdrawal(plan, step)
        elif step.undo:
            following = f"Undo{steps[index - 1].name}" if index else _entry(plan, position - 1)
            name = f"Undo{step.name}"
            states[name] = _undo(plan, name, step.undo, step.timeout_seconds) | {
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": f"Park{name}"}],
                "Next": following,
            }
            states[f"Park{name}"] = _park(plan, name, "undo", following)
    return states


def _withdrawal(plan: Plan, pivot: Step) -> dict[str, Any]:
    """The pivot's undo decides whether anything may be undone, so nothing is before it has answered."""
    name, following = f"Undo{pivot.name}", plan.pivot + 1
    onward = plan.steps[following].name if following < len(plan.steps) else "Completed"
    entries = dict.fromkeys(_entry(plan, position) for position in range(-1, plan.pivot))
    task = _undo(plan, name, str(pivot.undo), pivot.timeout_seconds)
    task["Retry"].insert(0, {"ErrorEquals": [PIVOT_PASSED], "MaxAttempts": 0})
    return {
        name: task
        | {
            "Catch": [
                {"ErrorEquals": [PIVOT_PASSED], "Next": onward},
                {"ErrorEquals": ["States.ALL"], "Next": f"Park{name}"},
            ],
            "Next": "UndoFrom",
        },
        f"Park{name}": _park(plan, name, "undo", _settling(plan)),
        "UndoFrom": {
            "Type": "Choice",
            "Choices": [
                {"Condition": _jsonata(f"$failure.undo = {entry!r}"), "Next": entry}
                for entry in entries
            ],
            "Default": _settling(plan),
        },
        "Completed": {"Type": "Succeed", "Output": {"outcome": COMPLETED}},
    }


def _ending(plan: Plan) -> dict[str, Any]:
    states: dict[str, Any] = {}
    if plan.settle:
        states["Settle"] = _undo(plan, "Settle", plan.settle, SETTLE_TIMEOUT_SECONDS) | {
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "ParkSettle"}],
            "Next": "Outcome",
        }
        states["ParkSettle"] = _park(plan, "Settle", "undo", "Outcome")
    return states | {
        "Outcome": {
            "Type": "Choice",
            "Choices": [
                {"Condition": _jsonata("$count($parked) > 0"), "Next": PARKED},
                {
                    "Condition": _jsonata("$failure.refused or $exists($failure.resumed)"),
                    "Next": "Cancelled",
                },
            ],
            "Default": COMPENSATED,
        },
        "Cancelled": {
            "Type": "Succeed",
            "Output": {"outcome": CANCELLED, "reason": _jsonata("$failure.error")},
        },
        COMPENSATED: {"Type": "Fail", "Error": COMPENSATED, "Cause": _jsonata("$string($failure)")},
        PARKED: {
            "Type": "Fail",
            "Error": PARKED,
            "Cause": _jsonata('$string({"parked": $parked, "failure": $failure})'),
        },
    }


def _step(plan: Plan, step: Step) -> dict[str, Any]:
    never = [{"ErrorEquals": _names(step), "MaxAttempts": 0}] if step.refusals else []
    return {
        "Type": "Task",
        "Resource": f"arn:{plan.partition}:states:::lambda:invoke",
        "Arguments": {"FunctionName": step.do, "Payload": _payload(step.name)},
        "TimeoutSeconds": step.timeout_seconds,
        "Retry": [*never, *_retries(STEP_RETRY)],
    }


def _undo(plan: Plan, name: str, function: str, timeout_seconds: int) -> dict[str, Any]:
    told = {"failure": _jsonata("$failure"), "parked": _jsonata("$parked")}
    return {
        "Type": "Task",
        "Resource": f"arn:{plan.partition}:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": _payload(name, told)},
        "TimeoutSeconds": timeout_seconds,
        "Retry": _retries(UNDO_RETRY),
    }


def _branch(plan: Plan, step: Step, *, compensable: bool) -> dict[str, Any]:
    """A member of a group; before the pivot it says whether it refused or failed, and why."""
    states = {step.name: _step(plan, step) | {"End": True}}
    if compensable:
        ways = [("Failed", ["States.ALL"])]
        if step.refusals:
            ways.insert(0, ("Refused", _names(step)))
        states[step.name]["Catch"] = [
            {"ErrorEquals": errors, "Next": f"{step.name}{way}"} for way, errors in ways
        ]
        for way, _ in ways:
            states[f"{step.name}{way}"] = {
                "Type": "Fail",
                "Error": way,
                "Cause": _jsonata(
                    f'$string({{"step": "{step.name}", "error": $states.input.Error, '
                    f'"cause": {_cause("$states.input")}}})'
                ),
            }
    return {"StartAt": step.name, "States": states}


def _catch(
    errors: list[str],
    step: str,
    following: str,
    *,
    undo: str = "",
    refused: bool = False,
    member: bool = False,
) -> dict[str, Any]:
    """Remember what went wrong, and where undoing begins, before going on."""
    found = "$parse($states.errorOutput.Cause)" if member else "$states.errorOutput"
    return {
        "ErrorEquals": errors,
        "Assign": {
            "failure": {
                "execution": _jsonata(ORIGINAL_EXECUTION),
                "step": _jsonata(f"{found}.step") if member else step,
                "refused": refused,
                "error": _jsonata(f"{found}.error" if member else f"{found}.Error"),
                "cause": _jsonata(f"{found}.cause" if member else _cause(found)),
                "undo": undo,
            },
            "parked": [],
        },
        "Next": following,
    }


def _park(plan: Plan, step: str, direction: str, following: str) -> dict[str, Any]:
    """Record work that an operator has to resume; go on even if that fails, for the end tells too."""
    parked = {"parked": _jsonata(f"$append($parked, [{step!r}])")}
    return {
        "Type": "Task",
        "Resource": f"arn:{plan.partition}:states:::dynamodb:putItem",
        "Arguments": {
            "TableName": plan.parked_table,
            "Item": {
                "execution": {"S": _jsonata("$failure.execution")},
                "step": {"S": step},
                "direction": {"S": direction},
                "input": {"S": _jsonata("$string($states.context.Execution.Input)")},
                "failure": {"S": _jsonata("$string($failure)")},
                "error": {"S": _jsonata("$states.input.Error")},
                "cause": {"S": _jsonata(_cause("$states.input"))},
                "parkedAt": {"S": _jsonata("$now()")},
            },
        },
        "TimeoutSeconds": PARK_TIMEOUT_SECONDS,
        "Retry": [_retry(["States.ALL"], PARK_RETRY)],
        "Assign": parked,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": parked, "Next": following}],
        "Next": following,
    }


def _payload(step: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "event": _jsonata("$states.context.Execution.Input"),
        "saga": {
            "execution": _jsonata("$states.context.Execution.Id"),
            "step": step,
            "attempt": _jsonata("$states.context.State.RetryCount"),
            "resumed": _jsonata(RESUMED),
            **(more or {}),
        },
    }


def _retries(retry: Retry) -> list[dict[str, Any]]:
    return [_retry(list(SERVICE_ERRORS), SERVICE_RETRY), _retry(["States.ALL"], retry)]


def _retry(errors: list[str], retry: Retry) -> dict[str, Any]:
    return {
        "ErrorEquals": errors,
        "IntervalSeconds": retry.interval_seconds,
        "MaxAttempts": retry.attempts,
        "BackoffRate": retry.backoff,
        "MaxDelaySeconds": retry.max_delay_seconds,
        "JitterStrategy": "FULL",
    }


def _names(step: Step) -> list[str]:
    return [refusal.__name__ for refusal in step.refusals]


def _cause(found: str) -> str:
    # Not every error has a cause, and an expression without a value would end the execution.
    return f'($exists({found}.Cause) ? $substring({found}.Cause, 0, {LONGEST_CAUSE}) : "")'


def _jsonata(expression: str) -> str:
    return "{% " + expression + " %}"
