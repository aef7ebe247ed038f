"""Lambda: what becomes of exceptions and crashes, bounded concurrency, and asynchronous calls."""

import contextlib
import json
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc

from local.adaptations.seam import Seams
from local.adaptations.settings import SETTINGS

SEAMS = Seams()

Record = dict[str, Any]

RAISED = "__raised__"
"""Key under which a worker process hands over a handler's exception."""
_ENDS_WORKER = (
    'json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\\n"'
)
_KEEPS_WORKER = (
    f'(traceback.print_exc(), json.dumps({{"status": "ok", "result": {{"{RAISED}": {{'
    '"errorMessage": str(e), "errorType": type(e).__name__, '
    '"stackTrace": traceback.format_tb(e.__traceback__)[1:]}}}) + "\\n")[1]'
)
_ENDS_CALL = "        _real_stdout.flush()\n\nrun()"
END_OF_LOG = "__end_of_log__"
"""What a worker process writes after the log of a call."""
_LOG_SECONDS = 0.25
"""How long a log may take to come after its call has answered: the emulator's own limit."""
_CRASHES = ("Worker process died", "Worker process exited immediately")
_IMPORT_FAILURE = "Worker init failed: No module named"

_places: dict[str, threading.BoundedSemaphore] = {}


@SEAMS.replaces(lambda_runtime, "_detect_runtime_binary")
def keep_process(original: Callable[..., tuple[str, str]], runtime: str) -> tuple[str, str]:
    """An exception does not end the process that raised it; AWS calls it again, with what it has loaded."""
    return _changed(*original(runtime), _ENDS_WORKER, _KEEPS_WORKER)


@SEAMS.replaces(lambda_runtime, "_detect_runtime_binary")
def end_log(original: Callable[..., tuple[str, str]], runtime: str) -> tuple[str, str]:
    """A call has answered when its function has; the emulator would wait for 50 ms for a log that nobody wrote."""
    end = f'        print("{END_OF_LOG}", file=sys.stderr, flush=True)\n'
    return _changed(*original(runtime), _ENDS_CALL, end + _ENDS_CALL)


def _changed(binary: str, script: str, old: str, new: str) -> tuple[str, str]:
    if binary == sys.executable and script.count(old) != 1:
        raise RuntimeError(
            "the emulator's Python worker has changed; adapt local.adaptations to it"
        )
    return binary, script.replace(old, new)


@SEAMS.replaces(lambda_runtime.Worker, "_drain_stderr_bounded")
def read_log(original: Callable[..., str], worker: Any) -> str:
    """What a worker process has logged in a call, as soon as it is complete."""
    if not worker.config["Runtime"].startswith("python"):
        return original(worker)
    lines: list[str] = []
    with contextlib.suppress(queue.Empty):
        while not (line := worker._stderr_queue.get(timeout=_LOG_SECONDS)).endswith(END_OF_LOG):
            lines.append(line)
        # A handler may have left its last line open.
        lines += filter(None, [line.removesuffix(END_OF_LOG)])
    return "\n".join(lines)


@SEAMS.replaces(lambda_runtime.Worker, "invoke")
def end_alone(original: Callable[..., Record], worker: Any, *call: Any, **context: Any) -> Record:
    """A process that cannot be started ends alone; the emulator would end all others of its function within their calls."""
    try:
        return original(worker, *call, **context)
    except Exception as error:  # noqa: BLE001 (whatever it is, the caller is told, as the emulator would tell it)
        lambda_runtime.kill_workers([worker])
        return {"status": "error", "error": str(error)}


@SEAMS.replaces(lambda_svc, "_execute_function_warm")
def report_error_type(
    original: Callable[..., Record], func: Record, event: Any, request_id: str
) -> Record:
    """AWS reports an exception's class as `errorType`, and a process that ended as Runtime.ExitError."""
    result = original(func, event, request_id)
    body = result["body"]
    if not isinstance(body, dict):
        return result
    if RAISED in body:
        return {**result, "body": body[RAISED] | {"requestId": request_id}, "error": True}
    if result.get("error") and body["errorMessage"].startswith(_CRASHES):
        ended = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        return {**result, "body": {"errorType": "Runtime.ExitError", "errorMessage": ended}}
    if result.get("error") and body["errorMessage"].startswith(_IMPORT_FAILURE):
        return {**result, "body": body | {"errorType": "Runtime.ImportModuleError"}}
    return result


@SEAMS.replaces(lambda_svc, "_execute_function_warm")
def wait_for_a_place(
    original: Callable[..., Record], func: Record, event: Any, request_id: str
) -> Record:
    """Callers wait for one of a few processes; AWS has machines enough to start another for each call.

    A reserved concurrency below the bound is the emulator's to enforce, which throttles, as AWS does. A
    function that calls itself and waits, at once or through others, could wait for its own place for ever.
    """
    name = (func.get("config") or func)["FunctionName"]
    with _places.setdefault(name, threading.BoundedSemaphore(SETTINGS.concurrency)):
        return original(func, event, request_id)


@SEAMS.replaces(eventbridge, "_dispatch_to_lambda")
def call_asynchronously(original: Callable[..., None], arn: str, payload: str) -> None:
    """EventBridge calls a function asynchronously: repeated when it fails, then sent to its failure destination."""
    func, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if not func or not config:
        original(arn, payload)
        return
    record = lambda_svc._execution_record_for_config(func, config)
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))
