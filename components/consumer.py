"""Consumers: what hands a queue's messages or a table's changes to a function."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import lambda_

from components.alarm import alarm
from components.arguments import check_arguments
from components.platform import Platform

BATCH = 10
WINDOW_SECONDS = 5
CONCURRENCY = 10
STUCK_SECONDS = 300


class QueueConsumerArgs(TypedDict):
    """A queue and the function that works on its messages."""

    platform: Platform
    """What the stack's components share."""
    queue_arn: pulumi.Input[str]
    """Where the messages come from."""
    queue_name: str
    """Physical name of the queue, which its age is measured by."""
    function_name: pulumi.Input[str]
    """What works on them."""
    window_seconds: NotRequired[int]
    """How long to gather a batch, 0 to 300. Default: 5; 0 hands over at once."""
    batch_size: NotRequired[int]
    """Messages at most that one call of the function gets, 1 to 10. Default: 10."""
    maximum_concurrency: NotRequired[int]
    """Batches at the same time, 2 to 1,000. Default: 10."""


class QueueConsumer(pulumi.ComponentResource):
    """Hands batches of messages to a function; only the failed messages come again."""

    def __init__(
        self, name: str, args: QueueConsumerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, QueueConsumerArgs)
        super().__init__("ordermesh:index:QueueConsumer", name, {**args}, opts)
        window = args.get("window_seconds", WINDOW_SECONDS)
        size = args.get("batch_size", BATCH)
        concurrency = args.get("maximum_concurrency", CONCURRENCY)
        for key, value, least, most in (
            ("window_seconds", window, 0, 300),
            ("batch_size", size, 1, BATCH),
            ("maximum_concurrency", concurrency, 2, 1000),
        ):
            if not least <= value <= most:
                raise ValueError(
                    f"consumer {name!r}: {key} is {value}; Lambda takes {least} to {most}"
                )

        lambda_.EventSourceMapping(
            name,
            event_source_arn=args["queue_arn"],
            function_name=args["function_name"],
            batch_size=size,
            maximum_batching_window_in_seconds=window,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": concurrency},
            opts=pulumi.ResourceOptions(parent=self),
        )
        alarm(
            f"{name}-stuck",
            {
                "platform": args["platform"],
                "description": f"{name}: messages wait for {STUCK_SECONDS} s and longer. "
                "The consumer is stopped, too slow or failing.",
                "namespace": "AWS/SQS",
                "metric": "ApproximateAgeOfOldestMessage",
                "dimensions": {"QueueName": args["queue_name"]},
                "statistic": "Maximum",
                "threshold": STUCK_SECONDS,
            },
            parent=self,
        )

        self.register_outputs({})


class StreamConsumerArgs(TypedDict):
    """A table's stream and the function that follows it."""

    platform: Platform
    """What the stack's components share."""
    stream_arn: pulumi.Input[str]
    """Where the changes come from."""
    function_name: pulumi.Input[str]
    """What follows them: the function's physical name."""
    filter: Mapping[str, Any]
    """Which changes to hand over, as a Lambda filter pattern."""
    failures_arn: pulumi.Input[str]
    """Queue that learns which records could not be processed while they lasted."""


class StreamConsumer(pulumi.ComponentResource):
    """Hands a table's changes to a function in order; a failing change blocks what comes after it."""

    def __init__(
        self, name: str, args: StreamConsumerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, StreamConsumerArgs)
        super().__init__("ordermesh:index:StreamConsumer", name, {**args}, opts)

        lambda_.EventSourceMapping(
            name,
            event_source_arn=args["stream_arn"],
            function_name=args["function_name"],
            starting_position="TRIM_HORIZON",
            batch_size=BATCH,
            # Without end, as long as the stream keeps a record: dropping one would lose an event.
            maximum_retry_attempts=-1,
            maximum_record_age_in_seconds=-1,
            bisect_batch_on_function_error=True,
            function_response_types=["ReportBatchItemFailures"],
            filter_criteria={
                "filters": [{"pattern": pulumi.Output.json_dumps(dict(args["filter"]))}]
            },
            destination_config={"on_failure": {"destination_arn": args["failures_arn"]}},
            opts=pulumi.ResourceOptions(parent=self),
        )
        alarm(
            f"{name}-stuck",
            {
                "platform": args["platform"],
                "description": f"{name}: changes wait for {STUCK_SECONDS} s and longer. "
                "The function that follows the stream fails or is throttled.",
                "namespace": "AWS/Lambda",
                "metric": "IteratorAge",
                "dimensions": {"FunctionName": args["function_name"]},
                "statistic": "Maximum",
                "threshold": STUCK_SECONDS * 1000,
            },
            parent=self,
        )

        self.register_outputs({})
