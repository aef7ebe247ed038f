"""Step Functions: how executions start and end, and what their tasks report."""

import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from local.adaptations.seam import Seams
from local.adaptations.settings import SETTINGS

SEAMS = Seams()

Json = Any
State = dict[str, Any]
Context = dict[str, Any]
Execution = dict[str, Any]


@SEAMS.replaces(stepfunctions, "_invoke_resource_with_timeout")
def scale_timeout(original: Callable[..., Json], resource: str, task: Json, seconds: float) -> Json:
    """AWS measures a task's timeout in seconds, which tests and demonstrations cannot afford to wait for."""
    return original(resource, task, seconds * SETTINGS.task_timeout_scale)


@SEAMS.replaces(stepfunctions, "_start_execution")
def start_once(original: Callable[[Json], Json], request: Json) -> Json:
    """Starting an execution that runs already, with the same name and input, is answered as it was at first."""
    machine = request.get("stateMachineArn", "").replace(":stateMachine:", ":execution:")
    known = stepfunctions._executions.get(f"{machine}:{request.get('name')}")
    same = known and (known["status"], known["input"]) == ("RUNNING", request.get("input", "{}"))
    if known is None or not same:
        return original(request)
    return stepfunctions.json_response(
        {"executionArn": known["executionArn"], "startDate": known["startDate"]}
    )


@SEAMS.replaces(stepfunctions, "_run_execution")
def keep_deadline(original: Callable[[str], None], arn: str) -> None:
    """AWS ends an execution as TIMED_OUT when its machine's TimeoutSeconds are over."""
    execution = stepfunctions._executions[arn]
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    seconds = json.loads(machine["definition"]).get("TimeoutSeconds")
    if seconds is None:
        original(arn)
        return
    context = contextvars.copy_context()
    timer = threading.Timer(
        seconds * SETTINGS.task_timeout_scale, context.run, (_time_out, execution)
    )
    timer.daemon = True
    timer.start()
    try:
        original(arn)
    finally:
        timer.cancel()


def _time_out(execution: Execution) -> None:
    if execution["status"] == "RUNNING":
        execution |= {"status": "TIMED_OUT", "stopDate": stepfunctions.now_iso()}
        stepfunctions._add_event(execution, "ExecutionTimedOut")
        stepfunctions._emit_execution_status_event(execution)


@SEAMS.replaces(stepfunctions, "_fail_execution")
def fail_only_running(
    original: Callable[..., None], execution: Execution, error: str, cause: str
) -> None:
    """What still fails after an execution timed out or was stopped does not change how it ended."""
    if execution["status"] == "RUNNING":
        original(execution, error, cause)


@SEAMS.replaces(stepfunctions, "_apply_output_path")
def output_of_succeed(
    original: Callable[..., Json], state: State, data: Json, context: Context
) -> Json:
    """A Succeed state in JSONata may have an `Output`."""
    if (
        state.get("Type") == "Succeed"
        and stepfunctions._state_query_language(state, context) == "JSONata"
    ):
        return stepfunctions._apply_jsonata_output(state, data, context, default=data)
    return original(state, data, context)


@SEAMS.replaces(stepfunctions, "_call_lambda")
def name_throttling(original: Callable[..., Json], function: str, event: Json) -> Json:
    """AWS reports a throttled call as Lambda.TooManyRequestsException, which sagas retry for longer."""
    try:
        return original(function, event)
    except stepfunctions._ExecutionError as error:
        if error.error == "Lambda.Unknown" and "TooManyRequestsException" in error.cause:
            throttled = "Lambda.TooManyRequestsException"
            raise stepfunctions._ExecutionError(throttled, error.cause) from None
        raise
