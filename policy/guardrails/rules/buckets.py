"""Rule on buckets, whose settings are resources of their own."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import BUCKET
from ..finding import Finding
from ..resource import Resource, Stack, is_set, value_at, values_at
from ..rule import CRITICAL, MANDATORY, Config, StackRule

ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class BucketConfig(Config, frozen=True, kw_only=True):
    """What is asked of a bucket besides being private and encrypted."""

    versioning: Annotated[bool, Meta(description="Whether old versions must be kept.")] = True
    lifecycle: Annotated[bool, Meta(description="Whether objects must expire or move.")] = True
    access_log: Annotated[bool, Meta(description="Whether requests must be logged.")] = True


def _bucket(bucket: Resource, config: BucketConfig, stack: Stack) -> Iterator[Finding]:
    blocks = list(_settings(bucket, ACCESS_BLOCK, stack))
    if not any(all(block.get(each) for each in BLOCKS) for block in blocks):
        wrong = "may become public"
        yield Finding(wrong, f"declare a BucketPublicAccessBlock of it with {', '.join(BLOCKS)}")
    inline = bucket.props
    encrypted = is_set(inline.get("serverSideEncryptionConfiguration"))
    if not encrypted and not list(_settings(bucket, ENCRYPTION, stack)):
        wrong = "does not say how it is encrypted"
        yield Finding(wrong, "declare a BucketServerSideEncryptionConfiguration of it")
    versions = (
        value_at(each.props, "versioningConfiguration", "status")
        for each in _settings(bucket, VERSIONING, stack)
    )
    versioned = bucket.get("versioning", "enabled") or "Enabled" in versions
    if config.versioning and not versioned:
        wrong = "forgets what is overwritten or deleted"
        yield Finding(wrong, "declare a BucketVersioning of it with the status Enabled")
    if config.lifecycle and not _tidied(bucket, stack):
        wrong = "keeps everything for ever"
        yield Finding(
            wrong, "declare a BucketLifecycleConfiguration of it with a rule that is Enabled"
        )
    if config.access_log and not _logged(bucket, stack):
        yield Finding("does not log who uses it", "declare a BucketLogging of it")


def _settings(bucket: Resource, type_: str, stack: Stack) -> Iterator[Resource]:
    for settings in stack.of(type_):
        if bucket in stack.named_by(settings, "bucket", settings.get("bucket"), BUCKET):
            yield settings


def _tidied(bucket: Resource, stack: Stack) -> bool:
    """Whether a rule that is in force has objects expire or move."""
    separate = (
        status
        for lifecycle in _settings(bucket, LIFECYCLE, stack)
        for status in values_at(lifecycle.props, "rules", "*", "status")
    )
    return "Enabled" in separate or any(values_at(bucket.props, "lifecycleRules", "*", "enabled"))


def _logged(bucket: Resource, stack: Stack) -> bool:
    """Whether requests are logged; a bucket that takes the logs of others need not log itself."""
    return is_set(bucket.props.get("logging")) or any(
        bucket in stack.named_by(logging, property_, logging.get(property_), BUCKET)
        for logging in stack.of(LOGGING)
        for property_ in ("bucket", "targetBucket")
    )


RULES = (
    StackRule(
        id="s3-protected",
        level=MANDATORY,
        severity=CRITICAL,
        reference="FSBP S3.8",
        demand="Every bucket is private, encrypted, versioned, tidied up and logged.",
        remedy="Declare the settings that the message names.",
        types=frozenset({BUCKET}),
        config=BucketConfig,
        check=_bucket,
    ),
)
