"""Rules on streams: encrypted, kept long enough, and told of when they fail."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import FIREHOSE, KINESIS
from ..finding import Finding
from ..resource import Resource, is_set, value_at
from ..rule import MANDATORY, MEDIUM, Config, ResourceRule

SOURCES = ("kinesis", "msk")


class StreamConfig(Config, frozen=True, kw_only=True):
    """How long a stream keeps its records."""

    minimum_hours: Annotated[int, Meta(ge=24, description="Shortest retention in hours.")] = 24


def _kinesis(stream: Resource, config: StreamConfig) -> Iterator[Finding]:
    if stream.get("encryptionType") != "KMS" or not is_set(stream.get("kmsKeyId")):
        yield Finding("is not encrypted", "set encryptionType to KMS, and kmsKeyId")
    hours = stream.get("retentionPeriod", default=24)
    if hours < config.minimum_hours:
        wrong = f"keeps records for {hours:.0f} hours"
        yield Finding(wrong, f"set retentionPeriod to {config.minimum_hours} or more")


def _firehose(delivery: Resource, _config: Config) -> Iterator[Finding]:
    # A delivery stream that reads another stream is encrypted there; AWS refuses the setting here.
    from_stream = any(is_set(delivery.get(f"{kind}SourceConfiguration")) for kind in SOURCES)
    if not from_stream and not delivery.get("serverSideEncryption", "enabled"):
        yield Finding("does not encrypt what it holds", "enable serverSideEncryption")
    bucket = delivery.get("extendedS3Configuration")
    if bucket is not None:
        if not is_set(value_at(bucket, "errorOutputPrefix")):
            wrong = "mixes what it could not deliver with what it delivered"
            yield Finding(wrong, "set errorOutputPrefix")
        if not value_at(bucket, "cloudwatchLoggingOptions", "enabled"):
            yield Finding("tells nobody of its errors", "enable cloudwatchLoggingOptions")


RULES = (
    ResourceRule(
        id="kinesis-encrypted",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP Kinesis.1",
        demand="Every stream is encrypted and keeps its records long enough.",
        remedy="Encrypt the stream with KMS.",
        types=frozenset({KINESIS}),
        config=StreamConfig,
        check=_kinesis,
    ),
    ResourceRule(
        id="firehose-safe",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP DataFirehose.1",
        demand="Every delivery stream is encrypted, and sets its errors apart and tells of them.",
        remedy="Enable encryption and error logs, and set an error prefix.",
        types=frozenset({FIREHOSE}),
        check=_firehose,
    ),
)
