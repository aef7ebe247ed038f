"""Step Functions: the branches of a Parallel state."""

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

SEAMS = Seams()

Json = Any
State = dict[str, Any]
Context = dict[str, Any]
Execution = dict[str, Any]

_stopped: ContextVar[tuple[threading.Event, ...]] = ContextVar("stopped", default=())
"""Set for each Parallel state around the code that runs, once one of its branches has failed."""


class _StoppedError(Exception):
    """A branch goes no further, because another one has failed."""


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
