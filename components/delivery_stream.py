"""Delivery streams: gather records and write them to a bucket, many to an object."""

from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, iam, kinesis

from components.alarm import alarm
from components.arguments import check_arguments
from components.bucket import Bucket
from components.link import allow, document, trust
from components.platform import Platform, delivery_stream_arn, log_group_arn, physical_name
from components.queue import IDEMPOTENT
from components.stream import Stream

BUFFER_SECONDS, LONGEST_BUFFER_SECONDS = 300, 900
BUFFER_MB, LARGEST_BUFFER_MB = 64, 128
LATE_SECONDS = 900
"""How long after its time an object may come before somebody is woken."""
LOG_STREAM = "delivery"


class DeliveryStreamArgs(TypedDict):
    """Where records come from and where they go."""

    platform: Platform
    """What the stack's components share."""
    bucket: Bucket
    """Where the records go."""
    prefix: str
    """Beginning of the keys of the objects, with Firehose's expressions, such as `!{timestamp:yyyy}/`."""
    error_prefix: str
    """Beginning of the keys of what Firehose could not process."""
    source: NotRequired[Stream]
    """Stream that the records are read from. Default: they are put here directly."""
    buffer_seconds: NotRequired[int]
    """How long records are gathered, 0 to 900. Default: 300."""
    buffer_mb: NotRequired[int]
    """Up to which size records are gathered, 1 to 128. Default: 64."""
    idempotent: NotRequired[bool]
    """Whether a record may be delivered twice; operators redrive only then. Default: false."""


class DeliveryStream(pulumi.ComponentResource):
    """A Firehose delivery stream: one line for each record, in objects that are compressed."""

    def __init__(
        self, name: str, args: DeliveryStreamArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, DeliveryStreamArgs)
        super().__init__("ordermesh:index:DeliveryStream", name, {}, opts)
        _check(name, args)
        platform, source = args["platform"], args.get("source")
        self.static_arn = delivery_stream_arn(platform, name)
        self.entrance_arn = source.static_arn if source else self.static_arn
        """ARN that records are put to."""

        logs = self._logs(name, platform)
        role, permissions = self._role(name, args, _log_group(platform, name))
        kinesis.FirehoseDeliveryStream(
            name,
            name=physical_name(platform, name),
            destination="extended_s3",
            extended_s3_configuration=_destination(args, role.arn, logs),
            kinesis_source_configuration=_source(source, role.arn) if source else None,
            # What comes from a stream is encrypted there, and Firehose refuses to do it once more.
            server_side_encryption=None if source else _encryption(platform),
            tags=IDEMPOTENT if args.get("idempotent") else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )
        self._late(name, platform, args.get("buffer_seconds", BUFFER_SECONDS))

        self.register_outputs({})

    def _logs(self, name: str, platform: Platform) -> cloudwatch.LogStream:
        child = pulumi.ResourceOptions(parent=self)
        group = cloudwatch.LogGroup(
            f"{name}-logs",
            name=_log_group(platform, name),
            retention_in_days=platform["log_retention_days"],
            kms_key_id=platform.get("key_arn"),
            opts=child,
        )
        return cloudwatch.LogStream(
            f"{name}-log-stream", name=LOG_STREAM, log_group_name=group.name, opts=child
        )

    def _role(
        self, name: str, args: DeliveryStreamArgs, group: str
    ) -> tuple[iam.Role, iam.RolePolicy]:
        child, platform = pulumi.ResourceOptions(parent=self), args["platform"]
        role = iam.Role(
            f"{name}-role",
            name=physical_name(platform, f"{name}-role"),
            assume_role_policy=trust("firehose.amazonaws.com"),
            opts=child,
        )
        statements = [*_writing(args["bucket"].static_arn), _logging(platform, group)]
        if source := args.get("source"):
            statements.append(_reading(source.static_arn))
        policy = iam.RolePolicy(
            f"{name}-permissions",
            name="permissions",
            role=role.name,
            policy=document(statements),
            opts=child,
        )
        return role, policy

    def _late(self, name: str, platform: Platform, buffer_seconds: int) -> None:
        alarm(
            f"{name}-late",
            {
                "platform": platform,
                "description": f"{name}: records wait for {buffer_seconds + LATE_SECONDS} s and more, so "
                f"their bucket does not take them. Look into the log {_log_group(platform, name)}; "
                "Firehose gives a record up after 24 h.",
                "namespace": "AWS/Firehose",
                "metric": "DeliveryToS3.DataFreshness",
                "dimensions": {"DeliveryStreamName": physical_name(platform, name)},
                "statistic": "Maximum",
                "threshold": buffer_seconds + LATE_SECONDS,
            },
            parent=self,
        )


def _check(name: str, args: DeliveryStreamArgs) -> None:
    for key, value, least, most in (
        ("buffer_seconds", args.get("buffer_seconds", BUFFER_SECONDS), 0, LONGEST_BUFFER_SECONDS),
        ("buffer_mb", args.get("buffer_mb", BUFFER_MB), 1, LARGEST_BUFFER_MB),
    ):
        if not least <= value <= most:
            raise ValueError(
                f"delivery stream {name!r}: {key} is {value}; Firehose takes {least} to {most}"
            )


def _log_group(platform: Platform, name: str) -> str:
    return f"/aws/kinesisfirehose/{physical_name(platform, name)}"


def _source(
    stream: Stream, role_arn: pulumi.Output[str]
) -> kinesis.FirehoseDeliveryStreamKinesisSourceConfigurationArgsDict:
    return {"kinesis_stream_arn": stream.stream_arn, "role_arn": role_arn}


def _destination(
    args: DeliveryStreamArgs, role_arn: pulumi.Output[str], logs: cloudwatch.LogStream
) -> kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgsDict:
    return {
        "bucket_arn": args["bucket"].bucket_arn,
        "role_arn": role_arn,
        "prefix": args["prefix"],
        "error_output_prefix": args["error_prefix"],
        "buffering_interval": args.get("buffer_seconds", BUFFER_SECONDS),
        "buffering_size": args.get("buffer_mb", BUFFER_MB),
        "compression_format": "GZIP",
        # EventBridge ends a record with nothing, and whoever reads the objects reads them by line.
        "processing_configuration": {
            "enabled": True,
            "processors": [{"type": "AppendDelimiterToRecord"}],
        },
        "cloudwatch_logging_options": {
            "enabled": True,
            "log_group_name": logs.log_group_name,
            "log_stream_name": logs.name,
        },
    }


def _encryption(
    platform: Platform,
) -> kinesis.FirehoseDeliveryStreamServerSideEncryptionArgsDict:
    if "key_arn" in platform:
        return {
            "enabled": True,
            "key_type": "CUSTOMER_MANAGED_CMK",
            "key_arn": platform["key_arn"],
        }
    return {"enabled": True, "key_type": "AWS_OWNED_CMK"}


def _writing(bucket_arn: str) -> list[dict[str, Any]]:
    """What Firehose asks for so that it can write large objects in parts."""
    return [
        allow(
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket_arn]
        ),
        allow(["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], [f"{bucket_arn}/*"]),
    ]


def _reading(stream_arn: str) -> dict[str, Any]:
    actions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListShards"]
    return allow([f"kinesis:{action}" for action in actions], [stream_arn])


def _logging(platform: Platform, group: str) -> dict[str, Any]:
    return allow(["logs:PutLogEvents"], [log_group_arn(platform, group)])
