"""Step Functions: timeouts, parallel branches, and fields of JSONata states."""

import contextvars
import copy
import json
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import ContextVar
from typing import Any

from ministack.services import stepfunctions

from local.adaptations.seam import Seams
from local.adaptations.settings import SETTINGS

SEAMS = Seams()

Json = Any
State = dict[str, Any]
Context = dict[str, Any]
Execution = dict[str, Any]

_stopped: ContextVar[tuple[threading.Event, ...]] = ContextVar("stopped", default=())
"""Set for each Parallel state around the code that runs, once one of its branches has failed."""


class _StoppedError(Exception):
    """A branch goes no further, because another one has failed."""


@SEAMS.replaces(stepfunctions, "_invoke_resource_with_timeout")
def scale_timeout(original: Callable[..., Json], resource: str, task: Json, seconds: float) -> Json:
    """AWS measures a task's timeout in seconds, which tests and demonstrations cannot afford to wait for."""
    return original(resource, task, seconds * SETTINGS.task_timeout_scale)


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


@SEAMS.replaces(stepfunctions, "_run_parallel_branches")
def run_branches(
    original: Callable[..., tuple[Json, str | None]],
    state: State,
    entered: Json,
    execution: Execution,
    context: Context,
) -> tuple[Json, str | None]:
    """A Parallel state in JSONata has `Arguments`, `Output` and `Assign`; its branches' variables are their own.

    The first branch that fails stops the others, as on AWS: what they run is not undone, and they start nothing more.
    """
    if stepfunctions._state_query_language(state, context) != "JSONata":
        return original(state, entered, execution, context)
    start = stepfunctions._apply_jsonata_arguments(state, entered, context)
    result = _results(state["Branches"], start, execution, context)
    output = stepfunctions._apply_jsonata_output(
        state, entered, context, result=result, default=result
    )
    stepfunctions._apply_state_assign(state, entered, context, result=result)
    return output, stepfunctions._next_or_end(state)


def _results(branches: list[State], start: Json, execution: Execution, context: Context) -> Json:
    stop = threading.Event()
    pool = ThreadPoolExecutor(max_workers=len(branches))
    token = _stopped.set((*_stopped.get(), stop))
    try:
        running = [
            pool.submit(
                contextvars.copy_context().run,
                stepfunctions._run_sub_machine,
                branch["States"],
                branch["StartAt"],
                start,
                execution,
                copy.deepcopy(context),
            )
            for branch in branches
        ]
    finally:
        _stopped.reset(token)
        pool.shutdown(wait=False)
    done, _ = wait(running, return_when=FIRST_EXCEPTION)
    for branch in done:
        if branch.exception():
            stop.set()
            branch.result()
    return [branch.result() for branch in running]


@SEAMS.replaces(stepfunctions, "_invoke_resource")
def start_nothing_when_stopped(original: Callable[..., Json], resource: str, task: Json) -> Json:
    """A branch that was stopped starts no further task, and repeats none."""
    if any(event.is_set() for event in _stopped.get()):
        raise _StoppedError
    return original(resource, task)


@SEAMS.replaces(stepfunctions, "_execute_task")
def record_tasks_of_branches(
    original: Callable[..., tuple[Json, str | None]],
    state: State,
    entered: Json,
    execution: Execution,
    context: Context,
) -> tuple[Json, str | None]:
    """An execution's history names the tasks that its branches enter and leave."""
    if not _stopped.get():
        return original(state, entered, execution, context)
    name = context["State"]["Name"]
    _record(execution, "TaskStateEntered", {"name": name, "input": json.dumps(entered)})
    output, following = original(state, entered, execution, context)
    _record(execution, "TaskStateExited", {"name": name, "output": json.dumps(output)})
    return output, following


def _record(execution: Execution, event: str, details: Json) -> None:
    key = event.removeprefix("TaskState").lower()
    stepfunctions._add_event(execution, event, {f"state{key.title()}EventDetails": details})


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
