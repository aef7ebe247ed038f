"""What the roles of EventBridge targets, schedules, pipes and delivery streams have to allow."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..aws import BUCKET, EVENT_BUS, FIREHOSE, FUNCTION, KINESIS, MACHINE, QUEUE, TABLE, TOPIC
from ..failure_paths import failure_path
from ..iam.arns import is_arn, segments
from ..resource import Resource, Stack, Unknown, value_at
from .calls import calling, running
from .need import Need, everything_of, keys_of, name_of, on, on_everything, on_keys, place_of

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
ONE_BY_ONE = frozenset({"firehose:PutRecord", "kinesis:PutRecord"})
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
_UNIVERSAL = re.compile(r"arn:[^:]+:scheduler:::aws-sdk:(?P<service>[^:]+):(?P<operation>[^:]+)")
_CALLED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("appsync", ""): ("appsync", "GraphQL"),
    ("batch", "job-queue/"): ("batch", "SubmitJob"),
    ("codebuild", "project/"): ("codebuild", "StartBuild"),
    ("codepipeline", ""): ("codepipeline", "StartPipelineExecution"),
    ("events", "api-destination/"): ("events", "InvokeApiDestination"),
    ("execute-api", ""): ("execute-api", "Invoke"),
    ("glue", "workflow/"): ("glue", "NotifyEvent"),
    ("redshift", ""): ("redshift-data", "ExecuteStatement"),
    ("redshift-serverless", ""): ("redshift-data", "ExecuteStatement"),
    ("sagemaker", "pipeline/"): ("sagemaker", "StartPipelineExecution"),
    ("ssm", "automation-definition/"): ("ssm", "StartAutomationExecution"),
    ("ssm", "document/"): ("ssm", "SendCommand"),
}
"""For each service and kind of resource that targets name: the operation that is called."""
OBJECT_ACTIONS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")


def of_target(target: Resource, stack: Stack) -> Iterator[Need]:
    """What EventBridge needs in order to deliver to a target."""
    task = target.get("ecsTarget", "taskDefinitionArn")
    yield from delivering(target, "arn", target.get("arn"), stack, Task("ecsTarget", task))


def of_schedule(schedule: Resource, stack: Stack) -> Iterator[Need]:
    """What the scheduler needs in order to call its target and to keep what it cannot deliver."""
    arn = schedule.get("target", "arn")
    called = _UNIVERSAL.fullmatch(arn) if isinstance(arn, str) else None
    if called:
        yield from calling(called["service"], called["operation"])
    else:
        task = schedule.get("target", "ecsParameters", "taskDefinitionArn")
        yield from delivering(schedule, "target", arn, stack, Task("target", task))
    dead_letters = schedule.get("target", "deadLetterConfig", "arn")
    yield from delivering(schedule, "target", dead_letters, stack)


def of_pipe(pipe: Resource, stack: Stack) -> Iterator[Need]:
    """What a pipe needs in order to read, enrich, deliver, and keep what it cannot deliver."""
    yield from polling(pipe, "source", pipe.get("source"), stack)
    parameters = "targetParameters"
    task = Task(parameters, pipe.get(parameters, "ecsTaskParameters", "taskDefinitionArn"))
    wanted = delivering(pipe, "target", pipe.get("target"), stack, task)
    invoked = pipe.get(parameters, "stepFunctionStateMachineParameters", "invocationType")
    yield from _by_pipe(wanted, waits=invoked == "REQUEST_RESPONSE")
    enriching = delivering(pipe, "enrichment", pipe.get("enrichment"), stack)
    yield from _by_pipe(enriching, waits=True)
    property_, dead_letters = failure_path(pipe)
    yield from delivering(pipe, property_, dead_letters, stack)


def _by_pipe(needs: Iterator[Need], *, waits: bool) -> Iterator[Need]:
    """Needs as a pipe has them: it may wait for a machine, and writes to streams one by one or many at once."""
    for need in needs:
        if waits and need.action == "states:StartExecution":
            yield replace(need, action="states:StartSyncExecution")
        else:
            yield replace(need, demanded=need.demanded and need.action not in ONE_BY_ONE)


def of_source(delivery: Resource, stack: Stack) -> Iterator[Need]:
    """What a delivery stream needs in order to read a stream."""
    property_ = "kinesisSourceConfiguration"
    source = delivery.get(property_, "kinesisStreamArn")
    yield from polling(delivery, property_, source, stack)


def of_firehose(delivery: Resource, stack: Stack) -> Iterator[Need]:
    """What a delivery stream needs in order to transform, and to write to its buckets."""
    if delivery.get("kinesisSourceConfiguration", "roleArn") is None:
        yield from of_source(delivery, stack)
    property_ = "extendedS3Configuration"
    settings = delivery.get(property_, default={})
    for written in (settings, value_at(settings, "s3BackupConfiguration", default={})):
        if bucket := name_of(stack, delivery, property_, value_at(written, "bucketArn"), BUCKET):
            yield from on(BUCKET, bucket, *BUCKET_ACTIONS)
            yield from on(BUCKET, bucket, *OBJECT_ACTIONS, below="/*")
            yield from on(BUCKET, bucket, "s3:PutObjectAcl", below="/*", demanded=False)
        if value_at(written, "cloudwatchLoggingOptions", "enabled", default=False):
            group = value_at(written, "cloudwatchLoggingOptions", "logGroupName", default="*")
            yield Need("logs:PutLogEvents", "logs", (f"log-group:{group}:*",))
    for processor in value_at(settings, "processingConfiguration", "processors", default=()):
        for parameter in value_at(processor, "parameters", default=()):
            if value_at(parameter, "parameterName") == "LambdaArn":
                arn = value_at(parameter, "parameterValue")
                name, place = name_of(stack, delivery, property_, arn, FUNCTION), place_of(arn)
                yield from on(FUNCTION, name, "lambda:InvokeFunction", place=place)
                yield from on(FUNCTION, name, "lambda:GetFunctionConfiguration", demanded=False)
    conversion = value_at(settings, "dataFormatConversionConfiguration")
    if conversion is not None and value_at(conversion, "enabled", default=True):
        for action in ("glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"):
            yield Need(action, "glue", ("*",))
    yield from on_keys()


def of_flow_log(flows: Resource, _stack: Stack) -> Iterator[Need]:
    """What a flow log needs in order to write to its log group."""
    group = flows.get("logDestination", default="*")
    # An ARN that is not known yet could be that of any group; with or without the final `:*` it means the same.
    found = group.split(":log-group:")[-1].removesuffix(":*") if isinstance(group, str) else "*"
    for action in ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"):
        yield Need(action, "logs", (f"log-group:{found}:*",))
    yield from on_everything("logs:DescribeLogGroups")


class Task(NamedTuple):
    """The task definition that a target says to run, and the property that does."""

    property: str
    definition: Any


NO_TASK = Task("", None)


def delivering(
    resource: Resource, property_: str, arn: Any, stack: Stack, task: Task = NO_TASK
) -> Iterator[Need]:
    """What is needed to deliver to what a property names, if it names anything."""
    if task.definition is not None:
        yield from running(task.definition, resource, task.property, stack)
        return
    if arn is None:
        return
    found = False
    for type_, (action, more) in DELIVERING.items():
        if name := name_of(stack, resource, property_, arn, type_):
            found = True
            yield from on(type_, name, action, place=place_of(arn))
            yield from on(type_, name, *more, demanded=False)
            yield from keys_of(stack, type_, name)
    if not found and isinstance(arn, Unknown):
        arn.refuse()
    if not found and is_arn(arn):
        yield from _elsewhere(arn)


def _elsewhere(arn: str) -> Iterator[Need]:
    """What is needed to call what is no resource that others deliver to by themselves."""
    service, resource = segments(arn)[2::3]
    for (known, kind), (called, operation) in _CALLED.items():
        if known == service and resource.startswith(kind):
            yield from calling(called, operation)
            return
    yield from everything_of(service)


def polling(resource: Resource, property_: str, arn: Any, stack: Stack) -> Iterator[Need]:
    """What is needed to read from what a property names."""
    found = False
    # The address of a broker outside AWS is no ARN, and no name either.
    for type_, actions in POLLING.items() if not isinstance(arn, str) or is_arn(arn) else ():
        if name := name_of(stack, resource, property_, arn, type_):
            found = True
            below = "/stream/*" if type_ == TABLE else ""
            yield from on(type_, name, *actions, below=below, place=place_of(arn))
            yield from keys_of(stack, type_, name)
            yield from on_everything(*LISTING[type_], demanded=False)
            yield from on(type_, name, *LISTING[type_], below=below, demanded=False)
    if not found and isinstance(arn, str):
        # A broker: it is found through its service, its network, and the secret to log in with.
        for service in (segments(arn)[2], "ec2", "kafka-cluster", "secretsmanager"):
            yield from everything_of(service)
