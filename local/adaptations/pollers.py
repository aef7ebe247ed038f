"""Lambda: what it does with a function's role by itself, when it polls and when it sets failures aside."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from local.adaptations.permissions import role_allows
from local.adaptations.seam import Seams

SEAMS = Seams()

Json = dict[str, Any]
Grant = tuple[str, str]
"""An action, and the ARN that it is done on."""

POLLING = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"),
    "dynamodb": ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"),
    "kinesis": ("DescribeStream", "GetRecords", "GetShardIterator", "ListShards"),
}
"""What AWS demands of a role before it polls a source with it, by the source's service."""
ON_ANYTHING = {"dynamodb:ListStreams"}
"""Actions that know no resources."""
SENDING = {"sqs": "SendMessage", "sns": "Publish", "lambda": "InvokeFunction"}

logger = logging.getLogger(__name__)


@SEAMS.replaces(lambda_svc, "_create_esm")
def check_mapping(original: Callable[[Json], Any], asked: Json) -> Any:
    """AWS refuses a mapping whose function's role may not poll the source, or not send to the failure destination."""
    needed = [*polling(asked.get("EventSourceArn", "")), *_sending(asked)]
    return _refusal(asked.get("FunctionName", ""), needed) or original(asked)


@SEAMS.replaces(lambda_svc, "_put_event_invoke_config")
def check_destination(
    original: Callable[..., Any], function: str, qualifier: str | None, asked: Json
) -> Any:
    """AWS refuses a failure destination to which the function's role may not send."""
    return _refusal(function, [*_sending(asked)]) or original(function, qualifier, asked)


@SEAMS.replaces(lambda_svc, "_sqs_esm_concurrency")
def stop_polling(
    original: Callable[..., int], mapping: Json, function: Json, config: Json, queue: Json
) -> int:
    """AWS takes no more messages out of a queue once the function's role may not."""
    # An empty queue is looked at many times a second, and whether it may be makes no difference.
    if queue["messages"] and not may_poll(mapping):
        return 0
    return original(mapping, function, config, queue)


@SEAMS.replaces(lambda_svc, "_send_ddb_stream_failure_record")
def check_failure_record(
    original: Callable[..., None], mapping: Json, function: Json, *failure: Any
) -> None:
    """AWS sends what it knows of a failed batch with the function's role."""
    if _all_allowed(mapping["FunctionName"], [*_sending(mapping)]):
        original(mapping, function, *failure)


@SEAMS.replaces(lambda_svc, "_route_async_failure")
def check_failed_call(
    original: Callable[..., None], target: str, function: str, *failure: Any
) -> None:
    """AWS sends a failed asynchronous call to its destination with the function's role."""
    if _all_allowed(function, [(_send_action(target), target)]):
        original(target, function, *failure)


def may_poll(mapping: Json) -> bool:
    """Whether the role of a mapping's function allows all that a poller does with it."""
    return _all_allowed(mapping["FunctionName"], [*polling(mapping["EventSourceArn"])])


def polling(source: str) -> Iterator[Grant]:
    """What a role needs so that a source is polled with it."""
    service = _service(source)
    for operation in POLLING.get(service, ()):
        action = f"{service}:{operation}"
        yield action, "*" if action in ON_ANYTHING else source


def _sending(settings: Json) -> Iterator[Grant]:
    """What a role needs so that failures reach their destination, if there is one."""
    destination = settings.get("DestinationConfig") or {}
    target = (destination.get("OnFailure") or {}).get("Destination")
    if target:
        yield _send_action(target), target


def _send_action(target: str) -> str:
    return f"{_service(target)}:{SENDING[_service(target)]}"


def _service(arn: str) -> str:
    _, _, service, *_ = [*arn.split(":"), "", ""]
    return service


def _refusal(function: str, needed: list[Grant]) -> Any:
    for action, resource in needed:
        if not _allowed(function, action, resource):
            return error_response_json(
                "InvalidParameterValueException",
                f"The function's execution role does not have permissions to call {action} on {resource}",
                400,
            )
    return None


def _all_allowed(function: str, needed: list[Grant]) -> bool:
    # Each one is asked for, so that each shows among the accesses.
    missing = [grant for grant in needed if not _allowed(function, *grant)]
    for action, resource in missing:
        logger.warning("Lambda: the role of %s may not %s on %s", function, action, resource)
    return not missing


def _allowed(function: str, action: str, resource: str) -> bool:
    record, config, _ = lambda_svc._get_func_record_for_ref(function)
    # A function that does not exist is refused in the emulator's own words.
    return not record or role_allows((config or {}).get("Role", ""), action, resource)
