"""Handing a payload to a target by its ARN, and what is known about the target."""

import json
from collections.abc import Callable
from typing import Any

from events.envelope import REDRIVEN
from ops.stack import Stack

IDEMPOTENT = "idempotent"
"""Tag with which a component vouches that its resource takes the same event any number of times."""


def hand_over(stack: Stack, arn: str, payload: str, key: str) -> None:
    """Give a payload to a target as EventBridge or Lambda would; it is there once this returns.

    `key` is the same for the same payload. Raises `ValueError` for a kind of target that is not known.
    """
    service = _service(arn)
    if service not in TARGETS:
        raise ValueError(f"{arn} takes nothing from us; targets are of {sorted(TARGETS)}")
    TARGETS[service](stack, arn, payload, key)


def is_idempotent(stack: Stack, arn: str) -> bool:
    """Whether the component that made a target vouches for it; a target without tags is unknown."""
    service = _service(arn)
    return service in TAGS and TAGS[service](stack, arn).get(IDEMPOTENT) == "true"


def _service(arn: str) -> str:
    """The service in an ARN; nothing in a text that is none."""
    parts = arn.split(":")
    return parts[2] if len(parts) > 5 else ""  # noqa: PLR2004 (arn:partition:service:region:account:resource)


def queue_url(stack: Stack, arn: str) -> str:
    """The URL of a queue, also of another account's."""
    account, name = arn.split(":")[4:6]
    found = stack.client("sqs").get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
    return found["QueueUrl"]


def _to_queue(stack: Stack, arn: str, payload: str, _key: str) -> None:
    stack.client("sqs").send_message(
        QueueUrl=queue_url(stack, arn),
        MessageBody=payload,
        MessageAttributes={REDRIVEN: {"DataType": "String", "StringValue": "true"}},
    )


def _to_machine(stack: Stack, arn: str, payload: str, key: str) -> None:
    states = stack.client("stepfunctions")
    try:
        # Named after the event, so that it starts one execution however often it is handed over.
        states.start_execution(stateMachineArn=arn, name=f"redriven-{key}"[:80], input=payload)
    except states.exceptions.ExecutionAlreadyExists:
        return


def _to_function(stack: Stack, arn: str, payload: str, _key: str) -> None:
    stack.client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=payload)


def _to_topic(stack: Stack, arn: str, payload: str, _key: str) -> None:
    stack.client("sns").publish(TopicArn=arn, Message=payload)


def _to_bus(stack: Stack, arn: str, payload: str, _key: str) -> None:
    try:
        event = json.loads(payload)
        entry = {
            "EventBusName": arn,
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
        }
    except (KeyError, TypeError, RecursionError):
        raise ValueError(f"{arn} takes events, and this is none") from None
    answer = stack.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise ValueError(f"{arn} refused it: {refused['ErrorCode']}: {refused['ErrorMessage']}")


def _to_stream(stack: Stack, arn: str, payload: str, key: str) -> None:
    stack.client("kinesis").put_record(StreamARN=arn, Data=payload.encode(), PartitionKey=key)


def _to_delivery_stream(stack: Stack, arn: str, payload: str, _key: str) -> None:
    name = arn.rpartition("/")[2]
    stack.client("firehose").put_record(
        DeliveryStreamName=name, Record={"Data": payload.encode() + b"\n"}
    )


TARGETS: dict[str, Callable[[Stack, str, str, str], None]] = {
    "sqs": _to_queue,
    "states": _to_machine,
    "lambda": _to_function,
    "sns": _to_topic,
    "events": _to_bus,
    "kinesis": _to_stream,
    "firehose": _to_delivery_stream,
}
"""Service in an ARN to how a payload is handed over."""


def _queue_tags(stack: Stack, arn: str) -> dict[str, str]:
    found = stack.client("sqs").list_queue_tags(QueueUrl=queue_url(stack, arn))
    return found.get("Tags", {})


def _machine_tags(stack: Stack, arn: str) -> dict[str, str]:
    found: Any = stack.client("stepfunctions").list_tags_for_resource(resourceArn=arn)
    return {tag["key"]: tag["value"] for tag in found["tags"]}


def _function_tags(stack: Stack, arn: str) -> dict[str, str]:
    # Tags belong to the function, not to one of its versions.
    function = ":".join(arn.split(":")[:7])
    return stack.client("lambda").list_tags(Resource=function).get("Tags", {})


def _stream_tags(stack: Stack, arn: str) -> dict[str, str]:
    found = stack.client("kinesis").list_tags_for_stream(StreamARN=arn)
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def _delivery_stream_tags(stack: Stack, arn: str) -> dict[str, str]:
    found = stack.client("firehose").list_tags_for_delivery_stream(
        DeliveryStreamName=arn.rpartition("/")[2]
    )
    return {tag["Key"]: tag.get("Value", "") for tag in found["Tags"]}


TAGS: dict[str, Callable[[Stack, str], dict[str, str]]] = {
    "sqs": _queue_tags,
    "states": _machine_tags,
    "lambda": _function_tags,
    "kinesis": _stream_tags,
    "firehose": _delivery_stream_tags,
}
"""Service in an ARN to how its tags are read; nobody can vouch for what a topic or a bus passes on to."""
