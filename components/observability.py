"""What a team looks at: one dashboard derived from what was declared, and the topic that alarms go to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NotRequired, TypedDict, TypeVar

import pulumi
from pulumi_aws import cloudwatch, dynamodb, kinesis, lambda_, sfn, sns, sqs

from components.alarm import ALARM_TOPIC
from components.arguments import check_arguments
from components.platform import Platform, arn, physical_name, topic_arn
from components.queue import FailureQueue
from components.route import Route

ResourceT = TypeVar("ResourceT", bound=pulumi.Resource)

METRICS = {
    "Function calls": ("AWS/Lambda", "Invocations", "Sum"),
    "Function errors": ("AWS/Lambda", "Errors", "Sum"),
    "Function throttles": ("AWS/Lambda", "Throttles", "Sum"),
    "Sagas succeeded": ("AWS/States", "ExecutionsSucceeded", "Sum"),
    "Sagas failed": ("AWS/States", "ExecutionsFailed", "Sum"),
    "Events matched": ("AWS/Events", "MatchedEvents", "Sum"),
    "Deliveries failed": ("AWS/Events", "FailedInvocations", "Sum"),
    "Messages waiting": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
    "Oldest message (s)": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
    "Oldest record for the bucket (s)": ("AWS/Firehose", "DeliveryToS3.DataFreshness", "Maximum"),
    "Records in the stream": ("AWS/Kinesis", "IncomingRecords", "Sum"),
    "Table reads": ("AWS/DynamoDB", "ConsumedReadCapacityUnits", "Sum"),
    "Table writes": ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "Sum"),
}
"""Title of each graph: its metric, and how a period is summed up."""
WIDTH, HEIGHT, COLUMNS = 12, 6, 2


class ObservabilityArgs(TypedDict):
    """What is watched and who is told."""

    platform: Platform
    """What the stack's components share."""
    watched: Sequence[pulumi.ComponentResource]
    """Components whose functions, queues, tables, rules and state machines are shown."""
    alarm_email: NotRequired[str]
    """Who is told of alarms by e-mail. Default: nobody, subscribe to the topic yourself."""


class Observability(pulumi.ComponentResource):
    """The dashboard, the alarm topic, and saved queries over the logs.

    Raises `ValueError` when two things of a kind have one name: AWS would refuse the second half-way.
    """

    dashboard_name: pulumi.Output[str]
    """Name of the dashboard."""
    alarm_topic_arn: pulumi.Output[str]
    """Topic that every alarm of the stack notifies."""

    def __init__(
        self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, ObservabilityArgs)
        _check_names(args["watched"])
        super().__init__("ordermesh:index:Observability", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform, watched = args["platform"], args["watched"]

        topic = sns.Topic(
            ALARM_TOPIC,
            name=physical_name(platform, ALARM_TOPIC),
            kms_master_key_id=platform.get("key_arn"),
            opts=child,
        )
        sns.TopicPolicy(
            f"{ALARM_TOPIC}-policy",
            arn=topic.arn,
            policy=json.dumps(_alarms_only(platform)),
            opts=child,
        )
        if args.get("alarm_email"):
            sns.TopicSubscription(
                f"{ALARM_TOPIC}-email",
                topic=topic.arn,
                protocol="email",
                endpoint=args.get("alarm_email", ""),
                opts=child,
            )
        dashboard = cloudwatch.Dashboard(
            name,
            dashboard_name=physical_name(platform, name),
            dashboard_body=pulumi.Output.json_dumps({"widgets": _widgets(platform, watched)}),
            opts=child,
        )
        cloudwatch.QueryDefinition(
            f"{name}-request",
            name=f"{platform['prefix']}/one request",
            log_group_names=[group.name for group in _found(watched, cloudwatch.LogGroup)],
            query_string="fields @timestamp, service, message\n"
            '| filter correlation_id = "PUT-ITS-CORRELATION-ID-HERE"\n| sort @timestamp asc',
            opts=child,
        )

        self.dashboard_name = dashboard.dashboard_name
        self.alarm_topic_arn = topic.arn
        self.register_outputs(
            {"dashboard_name": self.dashboard_name, "alarm_topic_arn": self.alarm_topic_arn}
        )


def _check_names(watched: Sequence[pulumi.ComponentResource]) -> None:
    """Compare the names of all components below these: names in AWS follow from them, whatever they belong to."""
    first: dict[tuple[type, str], tuple[pulumi.Resource, str]] = {}
    for whole in watched:
        for found in _found([whole], pulumi.ComponentResource):
            kind, name = type(found), _name(found)
            other, owner = first.setdefault((kind, name), (found, _name(whole)))
            if other is not found:
                raise ValueError(
                    f"{kind.__name__} {name!r} is declared twice, in {owner!r} and in {_name(whole)!r}; "
                    "a name belongs to one of its kind in the whole stack"
                )


def _name(resource: pulumi.Resource) -> str:
    return resource._name  # noqa: SLF001 (the SDK has no public way to ask for it)


def failure_queues(
    watched: Sequence[pulumi.ComponentResource],
) -> dict[str, pulumi.Output[str]]:
    """Name and URL of every queue in which failures wait for an operator."""
    return {queue.name: queue.queue_url for queue in _found(watched, FailureQueue)}


def routes(watched: Sequence[pulumi.ComponentResource]) -> dict[str, Mapping[str, Any]]:
    """Name and pattern of every route."""
    return {route.name: route.pattern for route in _found(watched, Route)}


def _found(watched: Sequence[pulumi.Resource], kind: type[ResourceT]) -> Iterator[ResourceT]:
    """All resources of a kind below these components, in an order that never changes."""
    for resource in watched:
        if isinstance(resource, kind):
            yield resource
        # The SDK keeps a resource's children as a set, and has no public way to list them.
        children = sorted(resource._childResources, key=_name)  # noqa: SLF001
        yield from _found(children, kind)


def _dimensions(
    platform: Platform, watched: Sequence[pulumi.ComponentResource]
) -> dict[str, list[list[Any]]]:
    """Namespace to the dimensions of everything in it that is watched."""
    machines = arn(platform, "states", "stateMachine:")
    return {
        "AWS/Lambda": [["FunctionName", found.name] for found in _found(watched, lambda_.Function)],
        "AWS/States": [
            ["StateMachineArn", pulumi.Output.concat(machines, found.name)]
            for found in _found(watched, sfn.StateMachine)
        ],
        "AWS/Events": [
            ["EventBusName", found.event_bus_name, "RuleName", found.name]
            for found in _found(watched, cloudwatch.EventRule)
        ],
        "AWS/SQS": [["QueueName", found.name] for found in _found(watched, sqs.Queue)],
        "AWS/Firehose": [
            ["DeliveryStreamName", found.name]
            for found in _found(watched, kinesis.FirehoseDeliveryStream)
        ],
        "AWS/Kinesis": [["StreamName", found.name] for found in _found(watched, kinesis.Stream)],
        "AWS/DynamoDB": [["TableName", found.name] for found in _found(watched, dynamodb.Table)],
    }


def _widgets(
    platform: Platform, watched: Sequence[pulumi.ComponentResource]
) -> list[dict[str, Any]]:
    shown = _dimensions(platform, watched)
    return [
        {
            "type": "metric",
            "x": position % COLUMNS * WIDTH,
            "y": position // COLUMNS * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "properties": {
                "title": title,
                "region": platform["region"],
                "stat": statistic,
                "period": 60,
                "metrics": [[namespace, metric, *found] for found in shown[namespace]],
            },
        }
        for position, (title, (namespace, metric, statistic)) in enumerate(METRICS.items())
        if shown[namespace]
    ]


def _alarms_only(platform: Platform) -> dict[str, Any]:
    topic = topic_arn(platform, ALARM_TOPIC)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AlarmsOnly",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"StringEquals": {"aws:SourceAccount": platform["account"]}},
            },
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
