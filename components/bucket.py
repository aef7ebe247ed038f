"""Buckets: private, encrypted, and tidied up."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import s3

from components.arguments import check_arguments
from components.platform import Platform, bucket_arn, bucket_name

UPLOAD_DAYS = 7
"""How long the parts of an upload are kept that nobody completes."""
OLD_VERSION_DAYS = 30
"""How long an object can be brought back that was overwritten or deleted, where versions are kept."""
ENCRYPTION = "AES256"
CUSTOMER_KEY_ENCRYPTION = "aws:kms"


class BucketArgs(TypedDict):
    """What a bucket keeps, and for how long."""

    platform: Platform
    """What the stack's components share."""
    expiry: Mapping[str, int]
    """Beginning of an object's key, such as `results/`, to the days that such an object is kept."""
    access_logs: NotRequired[pulumi.Input[str]]
    """Name of the bucket that gets the log of all requests. Default: they are not logged."""
    logs_of: NotRequired[Sequence[str]]
    """Names of the bucket components whose requests are logged here. Default: none."""


class Bucket(pulumi.ComponentResource):
    """A bucket that nobody outside the account can see into.

    With `retain_data` it keeps old versions, and is not deleted as long as anything is in it.
    """

    bucket_name: pulumi.Output[str]
    """Name to read and write by."""
    bucket_arn: pulumi.Output[str]
    """ARN of the bucket."""

    def __init__(
        self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, BucketArgs)
        super().__init__("ordermesh:index:Bucket", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        self.name = name
        self.physical_name = bucket_name(platform, name)
        self.static_arn = bucket_arn(platform, name)

        bucket = s3.Bucket(
            name,
            bucket=self.physical_name,
            force_destroy=not platform["retain_data"],
            opts=child,
        )
        block = s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.id,
            policy=json.dumps(_policy(platform, name, args.get("logs_of", ()))),
            # S3 refuses one of two changes that it gets at the same time.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[block]),
        )
        s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption", bucket=bucket.id, rules=[_encryption(args)], opts=child
        )
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle", bucket=bucket.id, rules=_lifecycle(args["expiry"]), opts=child
        )
        if platform["retain_data"]:
            s3.BucketVersioning(
                f"{name}-versions",
                bucket=bucket.id,
                versioning_configuration={"status": "Enabled"},
                opts=child,
            )
        if "access_logs" in args:
            s3.BucketLogging(
                f"{name}-access-log",
                bucket=bucket.id,
                target_bucket=args["access_logs"],
                target_prefix=f"{name}/",
                opts=child,
            )

        self.bucket_name = bucket.bucket
        self.bucket_arn = bucket.arn
        self.register_outputs({"bucket_name": self.bucket_name, "bucket_arn": self.bucket_arn})


def _encryption(args: BucketArgs) -> s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    # What writes access logs is no principal of this account's, so that a customer key would not let it.
    if "key_arn" not in args["platform"] or args.get("logs_of"):
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": ENCRYPTION}}
    return {
        "apply_server_side_encryption_by_default": {
            "sse_algorithm": CUSTOMER_KEY_ENCRYPTION,
            "kms_master_key_id": args["platform"]["key_arn"],
        },
        # One request to the key for many objects, instead of one for each.
        "bucket_key_enabled": True,
    }


def _lifecycle(
    expiry: Mapping[str, int],
) -> list[s3.BucketLifecycleConfigurationRuleArgsDict]:
    rules: list[s3.BucketLifecycleConfigurationRuleArgsDict] = [
        {
            "id": "leftovers",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": UPLOAD_DAYS},
            "noncurrent_version_expiration": {"noncurrent_days": OLD_VERSION_DAYS},
        }
    ]
    for prefix, days in expiry.items():
        if days < 1:
            raise ValueError(f"{prefix!r} would be kept for {days} days; S3 takes 1 or more")
        rules.append(
            {
                "id": f"expire {prefix or 'everything'}",
                "status": "Enabled",
                "filter": {"prefix": prefix},
                "expiration": {"days": days},
            }
        )
    return rules


def _policy(platform: Platform, name: str, logs_of: Sequence[str]) -> dict[str, Any]:
    bucket = bucket_arn(platform, name)
    statements: list[dict[str, Any]] = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    if logs_of:
        statements.append(
            {
                "Sid": "AccessLogsOnly",
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"{bucket}/*",
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": [bucket_arn(platform, one) for one in logs_of]},
                    "StringEquals": {"aws:SourceAccount": platform["account"]},
                },
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}
