"""EventBridge's targets: whether a rule may reach them, and those that the emulator does not know."""

import base64
import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from ministack.core.responses import get_account_id
from ministack.services import eventbridge, firehose, kinesis, lambda_svc, sns, sqs, stepfunctions

from local.adaptations.permissions import function_admits, role_allows
from local.adaptations.settings import SETTINGS

Json = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]

SERVICE = "events.amazonaws.com"
PASSING = {"ProvisionedThroughputExceededException", "ResourceInUseException"}
"""Errors of a stream's that are over after a while, as all are that it answers with status 5xx."""


class UndeliveredError(Exception):
    """An event did not reach its target, for a reason that AWS has a code for."""

    def __init__(self, code: str, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.passing = passing
        """Whether it may go better later, so that AWS tries again."""


class Kind(NamedTuple):
    """Targets of one service."""

    exists: Callable[[str], object]
    """Whether there is one with this ARN."""
    admits: Callable[[Json, str], bool]
    """Whether it lets a target's rule in, by the rule's ARN."""


def check(target: Json, rule: Json) -> None:
    """Raise `UndeliveredError` when AWS could not deliver to a target: it is gone, forbidden or out of order."""
    arn = target["Arn"]
    kind = KINDS.get(_service(arn))
    if kind is None:
        return
    if arn == SETTINGS.outage:
        raise UndeliveredError("TIMEOUT", f"{arn} did not answer", passing=True)
    if not kind.exists(arn):
        raise UndeliveredError("NO_RESOURCE", f"{arn} does not exist")
    if not kind.admits(target, rule["Arn"]):
        raise UndeliveredError("NO_PERMISSIONS", f"{rule['Arn']} may not deliver to {arn}")


def _service(arn: str) -> str:
    service = arn.split(":")[2]
    # What leaves AWS takes a connection, not a permission.
    return "" if ":api-destination/" in arn else service


def _name(arn: str) -> str:
    return re.split("[:/]", arn)[-1]


def _by_function_policy(target: Json, rule_arn: str) -> bool:
    return function_admits(target["Arn"], SERVICE, rule_arn)


def _by_queue_policy(target: Json, rule_arn: str) -> bool:
    return sqs.queue_policy_allows(target["Arn"], SERVICE, rule_arn, get_account_id())


def _by_topic_policy(target: Json, rule_arn: str) -> bool:
    return sns.topic_policy_allows(target["Arn"], SERVICE, rule_arn, get_account_id())


def _by_role(action: str) -> Callable[[Json, str], bool]:
    return lambda target, _: role_allows(target.get("RoleArn", ""), action, target["Arn"])


KINDS = {
    "lambda": Kind(lambda arn: lambda_svc._get_func_record_for_ref(arn)[0], _by_function_policy),
    "sqs": Kind(sqs._queue_by_arn, _by_queue_policy),
    "sns": Kind(sns._topic_by_arn_any_scope, _by_topic_policy),
    "states": Kind(stepfunctions._resolve_state_machine_arn, _by_role("states:StartExecution")),
    "events": Kind(
        lambda arn: _name(arn) in eventbridge._event_buses, _by_role("events:PutEvents")
    ),
    "kinesis": Kind(lambda arn: _name(arn) in kinesis._streams, _by_role("kinesis:PutRecord")),
    "firehose": Kind(lambda arn: _name(arn) in firehose._streams, _by_role("firehose:PutRecord")),
}


def put_record(target: Json, event: Json, payload: str) -> None:
    """Hand an event to a Kinesis or Firehose stream; `UndeliveredError` when it refuses."""
    data, name = base64.b64encode(payload.encode()).decode(), _name(target["Arn"])
    if _service(target["Arn"]) == "firehose":
        answer = firehose._put_record({"DeliveryStreamName": name, "Record": {"Data": data}})
    else:
        path = target.get("KinesisParameters", {}).get("PartitionKeyPath", "$.id")
        key = str(at(path, event))
        answer = kinesis._put_record({"StreamName": name, "PartitionKey": key, "Data": data})
    _raise_for(answer)


def at(path: str, event: Json) -> Any:
    """What an event has at a path such as `$.detail.data`."""
    found: Any = event
    for part in path.removeprefix("$").split("."):
        found = found[part] if part else found
    return found


def _raise_for(answer: Response) -> None:
    status, _, body = answer
    if status >= HTTPStatus.BAD_REQUEST:
        error = json.loads(body)
        code = error["__type"].split("#")[-1]
        passing = status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in PASSING
        raise UndeliveredError("ERROR_FROM_TARGET", f"{code}: {error['message']}", passing=passing)
