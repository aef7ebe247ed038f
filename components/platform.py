"""What all components of a stack share, and the names and ARNs that follow from it.

Physical names are fixed, so an ARN is known before the resource exists. Policy documents are written
with these ARNs: they are complete in the very first preview, where a policy pack can judge them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from components.placement import Placement

LONGEST_NAME = 64
"""Characters: the limit of IAM roles and Lambda functions, the tightest of those we name."""
LONGEST_BUCKET_NAME = 63
"""Characters: S3's limit."""
NAME = re.compile(r"[A-Za-z0-9_-]+")
"""What all services that we name something in take: SQS and Lambda no dot, SNS no space."""
BUCKET_NAME = re.compile(r"[a-z0-9-]+")
"""What S3 takes, less dots, which its certificates do not cover."""


class Capacity(TypedDict):
    """How a table pays for reads and writes."""

    mode: str
    """`on-demand` or `provisioned`."""
    read: NotRequired[int]
    """Provisioned read units at rest. Default: 5."""
    write: NotRequired[int]
    """Provisioned write units at rest. Default: 5."""
    max: NotRequired[int]
    """What autoscaling may reach, in units. Default: 100."""


class Platform(TypedDict):
    """What all components of a stack share."""

    prefix: str
    """First part of every physical name, such as `ordermesh-dev`."""
    partition: str
    """AWS partition, such as `aws`."""
    region: str
    """AWS region that the stack is deployed to."""
    account: str
    """Number of the AWS account that the stack is deployed to."""
    log_retention_days: int
    """How long every log group keeps its events, in days."""
    memory_mb: int
    """Memory of each function, in MiB."""
    tracing: bool
    """Whether functions, state machines and the API are traced by X-Ray."""
    retain_data: bool
    """Whether tables have point-in-time recovery and are protected from deletion."""
    capacity: Capacity
    """How tables pay for reads and writes."""
    key_arn: NotRequired[pulumi.Input[str]]
    """Customer key for data at rest. Default: keys that AWS owns."""
    layers: NotRequired[Sequence[pulumi.Input[str]]]
    """Layers of every function. Default: none."""
    environment: NotRequired[Mapping[str, str]]
    """Environment variables of every function. Default: none."""
    network: NotRequired[Placement]
    """Where functions run, as a `Network` makes it. Default: outside any network of ours."""


def physical_name(platform: Platform, name: str, longest: int = LONGEST_NAME) -> str:
    """The name that AWS knows a resource by.

    Raises `ValueError` when it is longer than AWS takes, or has other characters.
    """
    full = f"{platform['prefix']}-{name}"
    _check_name(full, "AWS", NAME, "A-Z, a-z, 0-9, - and _", longest)
    return full


def bucket_name(platform: Platform, name: str) -> str:
    """The name of an S3 bucket, which no other account or region may have taken.

    Raises `ValueError` when it is longer than S3 takes, or has other characters.
    """
    full = f"{platform['prefix']}-{name}-{platform['account']}-{platform['region']}"
    _check_name(full, "S3", BUCKET_NAME, "a-z, 0-9 and -", LONGEST_BUCKET_NAME)
    return full


def _check_name(
    full: str, taker: str, pattern: re.Pattern[str], characters: str, longest: int
) -> None:
    if not pattern.fullmatch(full):
        raise ValueError(
            f"the name {full!r} has other characters than {taker} takes: "
            f"choose a prefix, stack and component name of {characters}"
        )
    if len(full) > longest:
        raise ValueError(
            f"the name {full!r} has {len(full)} characters; {taker} takes {longest}: "
            "choose a shorter prefix, stack or component name"
        )


def arn(platform: Platform, service: str, resource: str) -> str:
    """The ARN of a resource of this stack's region and account."""
    return ":".join(
        ("arn", platform["partition"], service, platform["region"], platform["account"], resource)
    )


def role_arn(platform: Platform, name: str) -> str:
    """The ARN of an IAM role, which belongs to no region."""
    return f"arn:{platform['partition']}:iam::{platform['account']}:role/{physical_name(platform, name)}"


def function_arn(platform: Platform, name: str) -> str:
    """The ARN of a Lambda function."""
    return arn(platform, "lambda", f"function:{physical_name(platform, name)}")


def table_arn(platform: Platform, name: str) -> str:
    """The ARN of a DynamoDB table."""
    return arn(platform, "dynamodb", f"table/{physical_name(platform, name)}")


def queue_arn(platform: Platform, name: str) -> str:
    """The ARN of an SQS queue."""
    return arn(platform, "sqs", physical_name(platform, name))


def topic_arn(platform: Platform, name: str) -> str:
    """The ARN of an SNS topic."""
    return arn(platform, "sns", physical_name(platform, name))


def bus_arn(platform: Platform, name: str) -> str:
    """The ARN of an event bus."""
    return arn(platform, "events", f"event-bus/{physical_name(platform, name)}")


def rule_arn(platform: Platform, bus: str, name: str) -> str:
    """The ARN of a rule on a bus of this stack."""
    bus_name, rule_name = physical_name(platform, bus), physical_name(platform, name)
    return arn(platform, "events", f"rule/{bus_name}/{rule_name}")


def machine_arn(platform: Platform, name: str) -> str:
    """The ARN of a state machine."""
    return arn(platform, "states", f"stateMachine:{physical_name(platform, name)}")


def bucket_arn(platform: Platform, name: str) -> str:
    """The ARN of an S3 bucket, which names neither region nor account."""
    return f"arn:{platform['partition']}:s3:::{bucket_name(platform, name)}"


def stream_arn(platform: Platform, name: str) -> str:
    """The ARN of a Kinesis stream."""
    return arn(platform, "kinesis", f"stream/{physical_name(platform, name)}")


def delivery_stream_arn(platform: Platform, name: str) -> str:
    """The ARN of a Firehose delivery stream."""
    return arn(platform, "firehose", f"deliverystream/{physical_name(platform, name)}")


def log_group_arn(platform: Platform, group: str) -> str:
    """What grants access to the streams of a log group; without the final `:*` it grants nothing."""
    return arn(platform, "logs", f"log-group:{group}:*")
