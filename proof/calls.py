"""From an action and a resource to the call of boto3 that needs them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name

from proof.grants import PREFIX, Grant
from proof.subject import STACK, Subject

Arguments = dict[str, Any]

CLIENTS = {
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "states": ("stepfunctions",),
    # The embedded AWS has no X-Ray.
    "xray": (),
}
"""The clients that make calls under an IAM prefix, where they are not called like it."""
OPERATIONS = {"lambda:InvokeFunction": "Invoke"}
"""The operations that are not called like the action that they need."""


@dataclass(frozen=True)
class Call:
    """One call of a client."""

    grant: Grant
    service: str
    method: str
    arguments: Arguments


def calls(subject: Subject, grant: Grant) -> Iterator[Call]:
    """The calls that a grant is for; none for an action without any, such as those of log delivery."""
    prefix, name = grant.action.split(":")
    operation = OPERATIONS.get(grant.action, name)
    for service in CLIENTS.get(prefix, (prefix,)):
        if operation in _model(service).operation_names:
            known = _model(service).operation_model(operation).input_shape
            arguments = _arguments(subject, service, grant)
            taken = {key: arguments[key] for key in arguments if known and key in known.members}
            yield Call(grant, service, xform_name(operation), taken)


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _arguments(subject: Subject, service: str, grant: Grant) -> Arguments:
    """Just enough to name the resource: nothing else of a call that is denied is looked at."""
    name = grant.resource.rsplit(":", 1)[-1].removeprefix("table/")
    if service not in NAMING or grant.resource == "*":
        return _ANY.get(grant.action, {})
    return NAMING[service](subject, name, grant)


def _table(_subject: Subject, name: str, grant: Grant) -> Arguments:
    table, _, index = name.partition("/index/")
    physical = _physical(table)
    if grant.action == "dynamodb:BatchGetItem":
        return {"RequestItems": {physical: {"Keys": []}}}
    return {"TableName": physical} | ({"IndexName": index} if index else {})


def _stream(subject: Subject, name: str, _grant: Grant) -> Arguments:
    stream, iterator = _iterator(subject, _physical(name.partition("/")[0]))
    shard = {"ShardId": "shard", "ShardIteratorType": "LATEST"}
    return {"StreamArn": stream, "ShardIterator": iterator, **shard}


@cache
def _iterator(subject: Subject, table: str) -> tuple[str, str]:
    """A table's stream, and a place in it."""
    streams = subject.emulator.client("dynamodbstreams")
    described = subject.emulator.client("dynamodb").describe_table(TableName=table)["Table"]
    stream = described["LatestStreamArn"]
    shards = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    found = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shards[0]["ShardId"], ShardIteratorType="LATEST"
    )
    return stream, found["ShardIterator"]


def _queue(subject: Subject, name: str, _grant: Grant) -> Arguments:
    return {"QueueUrl": f"{subject.stack.endpoint}/000000000000/{_physical(name)}"}


def _event(subject: Subject, _name: str, grant: Grant) -> Arguments:
    source = grant.detail_type.split(".")[0]
    kind = {"DetailType": grant.detail_type, "Source": source, "Detail": "{}"}
    return {"Entries": [{"EventBusName": subject.stack.output("eventBusName"), **kind}]}


def _group(_subject: Subject, _name: str, grant: Grant) -> Arguments:
    group = grant.resource.removeprefix("log-group:").removesuffix(":*")
    folder, _, name = group.rpartition("/")
    return {"logGroupName": f"{folder}/{_physical(name)}", "logStreamName": "s", "logEvents": []}


def _arn(argument: str) -> Callable[[Subject, str, Grant], Arguments]:
    def named(_subject: Subject, _name: str, grant: Grant) -> Arguments:
        kind, _, name = grant.resource.rpartition(":")
        service = grant.action.split(":")[0]
        resource = ":".join(filter(None, (kind, _physical(name))))
        return {argument: f"arn:aws:{service}:us-east-1:000000000000:{resource}"}

    return named


def _bucket(subject: Subject, name: str, _grant: Grant) -> Arguments:
    bucket = {"Bucket": subject.stack.output("analyticsBucketName")}
    return bucket | ({"Key": "key", "UploadId": "upload"} if "/" in name else {})


def _delivery_stream(_subject: Subject, name: str, _grant: Grant) -> Arguments:
    stream = _physical(name.removeprefix("deliverystream/"))
    return {"DeliveryStreamName": stream, "Record": {"Data": b"{}"}}


def _sender(_subject: Subject, name: str, _grant: Grant) -> Arguments:
    return {"Source": name.removeprefix("identity/"), "Destination": {}, "Message": {}}


NAMING: dict[str, Callable[[Subject, str, Grant], Arguments]] = {
    "dynamodb": _table,
    "dynamodbstreams": _stream,
    "events": _event,
    "firehose": _delivery_stream,
    "lambda": _arn("FunctionName"),
    "logs": _group,
    "s3": _bucket,
    "ses": _sender,
    "sns": _arn("TopicArn"),
    "sqs": _queue,
    "stepfunctions": _arn("stateMachineArn"),
}
"""How each client's calls name what they are about."""
_ANY: dict[str, Arguments] = {
    "iam:PutRolePolicy": {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "{}"},
    "iam:CreateUser": {"UserName": "u"},
    "sts:AssumeRole": {
        "RoleArn": f"arn:aws:iam::000000000000:role/{PREFIX}",
        "RoleSessionName": "s",
    },
    "events:DeleteRule": {"Name": "start-saga"},
}
"""What calls must say that are about nothing in particular."""


def _physical(name: str) -> str:
    return f"{PREFIX}-{STACK}-{name}"
