"""What it takes to deliver to something, and to read from it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..aws import EVENT_BUS, FIREHOSE, FUNCTION, KINESIS, MACHINE, QUEUE, TABLE, TOPIC
from ..iam.arns import is_arn, segments
from ..resource import Resource, Stack, Unknown
from .calls import calling, running
from .need import Need, everything_of, keys_of, name_of, on, on_everything, place_of

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
