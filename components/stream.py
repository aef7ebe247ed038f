"""Streams: what takes any load at once and keeps it until its reader has caught up."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import kinesis

from components.alarm import alarm
from components.arguments import check_arguments
from components.platform import Platform, physical_name, stream_arn
from components.queue import IDEMPOTENT

RETENTION_HOURS, LONGEST_RETENTION_HOURS = 24, 8_760
BEHIND_SECONDS = 900
AWS_KEY = "alias/aws/kinesis"
"""The key that AWS manages for the streams of an account."""


class StreamArgs(TypedDict):
    """How long a stream keeps its records."""

    platform: Platform
    """What the stack's components share."""
    retention_hours: NotRequired[int]
    """How long a record waits for its reader, 24 to 8,760. Default: 24."""
    idempotent: NotRequired[bool]
    """Whether readers may get a record twice; operators redrive only then. Default: false."""


class Stream(pulumi.ComponentResource):
    """A Kinesis stream that grows with its load, and an alarm for a reader that falls behind."""

    stream_arn: pulumi.Output[str]
    """ARN to read from."""

    def __init__(
        self, name: str, args: StreamArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, StreamArgs)
        super().__init__("ordermesh:index:Stream", name, {**args}, opts)
        platform, hours = args["platform"], args.get("retention_hours", RETENTION_HOURS)
        if not RETENTION_HOURS <= hours <= LONGEST_RETENTION_HOURS:
            raise ValueError(
                f"stream {name!r}: retention_hours is {hours}; "
                f"Kinesis takes {RETENTION_HOURS} to {LONGEST_RETENTION_HOURS}"
            )
        self.static_arn = stream_arn(platform, name)

        stream = kinesis.Stream(
            name,
            name=physical_name(platform, name),
            stream_mode_details={"stream_mode": "ON_DEMAND"},
            retention_period=hours,
            encryption_type="KMS",
            kms_key_id=platform.get("key_arn", AWS_KEY),
            tags=IDEMPOTENT if args.get("idempotent") else None,
            # Kinesis itself would delete a stream with all that is in it.
            opts=pulumi.ResourceOptions(parent=self, protect=platform["retain_data"] or None),
        )
        alarm(
            f"{name}-behind",
            {
                "platform": platform,
                "description": f"{name}: what reads it is {BEHIND_SECONDS} s behind and more. "
                f"A record that waits for {hours} h is lost.",
                "namespace": "AWS/Kinesis",
                "metric": "GetRecords.IteratorAgeMilliseconds",
                "dimensions": {"StreamName": physical_name(platform, name)},
                "statistic": "Maximum",
                "threshold": BEHIND_SECONDS * 1000,
            },
            parent=self,
        )

        self.stream_arn = stream.arn
        self.register_outputs({"stream_arn": self.stream_arn})
