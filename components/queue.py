"""Queues, and the failure queues behind everything that can fail."""

import json
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import sqs

from components.alarm import alarm
from components.arguments import check_arguments
from components.link import Link
from components.platform import Platform, physical_name, queue_arn

RETENTION_SECONDS = 4 * 86_400
FAILURE_RETENTION_SECONDS = 14 * 86_400
"""SQS's maximum. A message keeps its age when it moves, so this must exceed the source's retention."""
VISIBILITY_PER_TIMEOUT = 6
"""AWS's guidance for queues that feed Lambda: visibility of six times the function's timeout."""
LONGEST_DELAY_SECONDS = 900
RECEIVES = 5
"""AWS's guidance for queues that feed Lambda: at least five receives before a message is set aside."""


IDEMPOTENT = {"idempotent": "true"}
"""Tag of what takes the same event any number of times; `ops` redrives and replays to nothing else."""


class FailureQueueArgs(TypedDict):
    """Where failures of one kind wait for an operator."""

    platform: Platform
    """What the stack's components share."""
    kind: str
    """`delivery`: could not be handed over; `processing`: was handed over and failed."""
    owner: str
    """The component whose failures these are."""
    senders: NotRequired[Sequence[str]]
    """ARNs of EventBridge rules or buses that may send. Default: only roles that were granted it."""


class FailureQueue(pulumi.ComponentResource):
    """Keeps what failed for fourteen days and raises an alarm at the first message."""

    queue_arn: pulumi.Output[str]
    """ARN of the queue."""
    queue_url: pulumi.Output[str]
    """URL of the queue, for operators."""

    def __init__(
        self, name: str, args: FailureQueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, FailureQueueArgs)
        super().__init__("ordermesh:index:FailureQueue", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        self.name = name

        queue = sqs.Queue(
            name,
            name=physical_name(platform, name),
            message_retention_seconds=FAILURE_RETENTION_SECONDS,
            tags={"failures": args["kind"], "owner": args["owner"]},
            kms_master_key_id=platform.get("key_arn"),
            sqs_managed_sse_enabled=None if "key_arn" in platform else True,
            opts=child,
        )
        sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=_policy(platform, name, args.get("senders", ())),
            opts=child,
        )
        alarm(
            f"{name}-depth",
            {
                "platform": platform,
                "description": f"{args['owner']}: {args['kind']} failures wait in {name}. "
                "Find the cause, mend it, then redrive the queue.",
                "namespace": "AWS/SQS",
                "metric": "ApproximateNumberOfMessagesVisible",
                "dimensions": {"QueueName": physical_name(platform, name)},
                "statistic": "Maximum",
            },
            parent=self,
        )

        self.physical_name = physical_name(platform, name)
        self.static_arn = queue_arn(platform, name)
        self.queue_arn = queue.arn
        self.queue_url = queue.url
        self.register_outputs({"queue_arn": self.queue_arn, "queue_url": self.queue_url})

    def sending(self, variable: str | None = None) -> Link:
        """Permission to put failures here and, for code that does, the URL in `variable`."""
        return {
            "environment": {variable: self.queue_url} if variable else {},
            "actions": ["sqs:SendMessage"],
            "resources": [self.static_arn],
        }


class QueueArgs(TypedDict):
    """A queue in front of a consumer."""

    platform: Platform
    """What the stack's components share."""
    consumer_timeout_seconds: int
    """Timeout of the consuming function; the visibility timeout is six times as long."""
    idempotent: NotRequired[bool]
    """Whether the consumer may get a message twice; operators redrive only then. Default: false."""
    senders: NotRequired[Sequence[str]]
    """ARNs of EventBridge rules that may send. Default: only roles that were granted it."""
    delay_seconds: NotRequired[int]
    """How long a message waits before the consumer gets it, 0 to 900. Default: 0."""


class Queue(pulumi.ComponentResource):
    """A queue that loses nothing: what its consumer cannot process ends in its failure queue."""

    queue_arn: pulumi.Output[str]
    """ARN to route events to."""
    queue_url: pulumi.Output[str]
    """URL to send messages to."""

    def __init__(
        self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, QueueArgs)
        super().__init__("ordermesh:index:Queue", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform, timeout = args["platform"], args["consumer_timeout_seconds"]
        if timeout < 1:
            raise ValueError(
                f"queue {name!r}: consumer_timeout_seconds is {timeout}; it must be 1 or more"
            )

        delay = args.get("delay_seconds", 0)
        if not 0 <= delay <= LONGEST_DELAY_SECONDS:
            raise ValueError(
                f"queue {name!r}: delay_seconds is {delay}; SQS takes 0 to {LONGEST_DELAY_SECONDS}"
            )

        failures = FailureQueue(
            f"{name}-failures",
            {"platform": platform, "kind": "processing", "owner": name},
            child,
        )
        queue = sqs.Queue(
            name,
            name=physical_name(platform, name),
            visibility_timeout_seconds=VISIBILITY_PER_TIMEOUT * timeout,
            message_retention_seconds=RETENTION_SECONDS,
            receive_wait_time_seconds=20,
            delay_seconds=delay or None,
            tags=IDEMPOTENT if args.get("idempotent") else None,
            redrive_policy=json.dumps(
                {"deadLetterTargetArn": failures.static_arn, "maxReceiveCount": RECEIVES}
            ),
            kms_master_key_id=platform.get("key_arn"),
            sqs_managed_sse_enabled=None if "key_arn" in platform else True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[failures]),
        )
        sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=_policy(platform, name, args.get("senders", ())),
            opts=child,
        )
        sqs.RedriveAllowPolicy(
            f"{name}-redrive",
            queue_url=failures.queue_url,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queue_arn(platform, name)]}
            ),
            opts=child,
        )

        self.failures = failures
        self.physical_name = physical_name(platform, name)
        self.static_arn = queue_arn(platform, name)
        self.queue_arn = queue.arn
        self.queue_url = queue.url
        self.register_outputs({"queue_arn": self.queue_arn, "queue_url": self.queue_url})

    def postponing(self) -> Link:
        """Address and permission to say when a message that failed comes back."""
        return {
            "environment": {"QUEUE_URL": self.queue_url},
            "actions": ["sqs:ChangeMessageVisibility"],
            "resources": [self.static_arn],
        }

    def receiving(self) -> Link:
        """What an event source mapping needs of its function's role."""
        return {
            "environment": {},
            "actions": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "resources": [self.static_arn],
        }


def _policy(platform: Platform, name: str, senders: Sequence[str]) -> str:
    queue = queue_arn(platform, name)
    statements: list[dict[str, Any]] = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    if senders:
        statements.append(
            {
                "Sid": "EventsOnly",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": list(senders)}},
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
