"""What the roles of EventBridge targets, schedules, pipes and delivery streams have to allow."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..aws import BUCKET, EVENT_BUS, FIREHOSE, FUNCTION, KINESIS, MACHINE, QUEUE, TABLE, TOPIC
from ..resource import Resource, Stack, value_at
from .need import Need, name_of, on

DELIVERING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    EVENT_BUS: ("events:PutEvents", ()),
    FIREHOSE: ("firehose:PutRecord", ("firehose:PutRecordBatch",)),
    FUNCTION: ("lambda:InvokeFunction", ()),
    KINESIS: ("kinesis:PutRecord", ("kinesis:PutRecords",)),
    MACHINE: ("states:StartExecution", ("states:StartSyncExecution",)),
    QUEUE: ("sqs:SendMessage", ()),
    TOPIC: ("sns:Publish", ()),
}
"""For each type that something is delivered to: the action, and further ones that some services use."""
POLLING: Mapping[str, tuple[str, ...]] = {
    QUEUE: ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    TABLE: ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
    KINESIS: ("kinesis:GetRecords", "kinesis:GetShardIterator"),
}
"""For each type that is polled: the actions on the resource, or on the stream of a table."""
LISTING: Mapping[str, tuple[str, ...]] = {
    QUEUE: (),
    TABLE: ("dynamodb:ListStreams",),
    KINESIS: (
        *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary"),
        *("kinesis:ListShards", "kinesis:ListStreams", "kinesis:SubscribeToShard"),
    ),
}
"""For each type that is polled: further actions, which some pollers use."""
BUCKET_ACTIONS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
OBJECT_ACTIONS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")


def of_target(target: Resource, stack: Stack) -> Iterator[Need]:
    """What EventBridge needs in order to deliver to a target."""
    yield from delivering(target, "arn", target.get("arn"), stack)


def of_schedule(schedule: Resource, stack: Stack) -> Iterator[Need]:
    """What the scheduler needs in order to call its target and to keep what it cannot deliver."""
    yield from delivering(schedule, "target", schedule.get("target", "arn"), stack)
    dead_letters = schedule.get("target", "deadLetterConfig", "arn")
    if dead_letters is not None:
        yield from delivering(schedule, "target", dead_letters, stack)


def of_pipe(pipe: Resource, stack: Stack) -> Iterator[Need]:
    """What a pipe needs in order to read, enrich and deliver."""
    yield from polling(pipe, "source", pipe.get("source"), stack)
    yield from delivering(pipe, "target", pipe.get("target"), stack)
    if pipe.get("enrichment") is not None:
        yield from delivering(pipe, "enrichment", pipe.get("enrichment"), stack)


def of_firehose(delivery: Resource, stack: Stack) -> Iterator[Need]:
    """What a delivery stream needs in order to read a stream, transform, and write to its bucket."""
    source = delivery.get("kinesisSourceConfiguration", "kinesisStreamArn")
    if source is not None:
        yield from polling(delivery, "kinesisSourceConfiguration", source, stack)
    property_ = "extendedS3Configuration"
    settings = delivery.get(property_, default={})
    if bucket := name_of(stack, delivery, property_, value_at(settings, "bucketArn"), BUCKET):
        yield from on(BUCKET, bucket, *BUCKET_ACTIONS)
        yield from on(BUCKET, bucket, *OBJECT_ACTIONS, below="/*")
    for processor in value_at(settings, "processingConfiguration", "processors", default=()):
        for parameter in value_at(processor, "parameters", default=()):
            if value_at(parameter, "parameterName") == "LambdaArn":
                arn = value_at(parameter, "parameterValue")
                name = name_of(stack, delivery, property_, arn, FUNCTION)
                yield from on(FUNCTION, name, "lambda:InvokeFunction")
                yield from on(FUNCTION, name, "lambda:GetFunctionConfiguration", demanded=False)
    if value_at(settings, "cloudwatchLoggingOptions", "enabled", default=False):
        group = value_at(settings, "cloudwatchLoggingOptions", "logGroupName", default="*")
        yield Need("logs:PutLogEvents", "logs", (f"log-group:{group}:*",))
    if value_at(settings, "dataFormatConversionConfiguration", "enabled", default=False):
        for action in ("glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"):
            yield Need(action, "glue", ("*",))
    yield from (
        Need(key, "kms", ("key/*",), False) for key in ("kms:Decrypt", "kms:GenerateDataKey")
    )


def of_flow_log(flows: Resource, _stack: Stack) -> Iterator[Need]:
    """What a flow log needs in order to write to its log group."""
    group = flows.get("logDestination", default="*")
    # An ARN that is not known yet could be that of any group; with or without the final `:*` it means the same.
    found = group.split(":log-group:")[-1].removesuffix(":*") if isinstance(group, str) else "*"
    for action in ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"):
        yield Need(action, "logs", (f"log-group:{found}:*",))
    yield Need("logs:DescribeLogGroups", "", ("*",))


def delivering(resource: Resource, property_: str, arn: Any, stack: Stack) -> Iterator[Need]:
    """What is needed to deliver to what a property names."""
    for type_, (action, more) in DELIVERING.items():
        if name := name_of(stack, resource, property_, arn, type_):
            yield from on(type_, name, action)
            yield from on(type_, name, *more, demanded=False)


def polling(resource: Resource, property_: str, arn: Any, stack: Stack) -> Iterator[Need]:
    """What is needed to read from what a property names."""
    for type_, actions in POLLING.items():
        if name := name_of(stack, resource, property_, arn, type_):
            below = "/stream/*" if type_ == TABLE else ""
            yield from on(type_, name, *actions, below=below)
            for action in LISTING[type_]:
                yield Need(action, "", ("*",), demanded=False)
                yield from on(type_, name, action, below=below, demanded=False)
