"""The customer key that a stack's data is encrypted with."""

import json
from typing import Any

import pulumi
from pulumi_aws import kms

from components.platform import Platform, physical_name

VIA = ("dynamodb", "firehose", "kinesis", "s3", "sns", "sqs")
"""Services that use the key on behalf of whoever calls them."""
DIRECTLY = ("cloudwatch", "events")
"""Services that use the key by themselves, to notify topics and to fill queues."""


class Key(pulumi.ComponentResource):
    """A key that is rotated every year and that only this account's services can use."""

    key_arn: pulumi.Output[str]
    """ARN of the key."""

    def __init__(
        self, name: str, platform: Platform, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ordermesh:index:Key", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        key = kms.Key(
            name,
            description=f"Data of {platform['prefix']}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=json.dumps({"Version": "2012-10-17", "Statement": _statements(platform)}),
            opts=child,
        )
        kms.Alias(
            f"{name}-alias",
            name=f"alias/{physical_name(platform, name)}",
            target_key_id=key.id,
            opts=child,
        )

        self.key_arn = key.arn
        self.register_outputs({"key_arn": self.key_arn})


def _statements(platform: Platform) -> list[dict[str, Any]]:
    account, region = platform["account"], platform["region"]
    use = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ]
    return [
        {
            "Sid": "AdministeredByTheAccount",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{platform['partition']}:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "UsedThroughServices",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [*use, "kms:CreateGrant"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:CallerAccount": account,
                    "kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in VIA],
                }
            },
        },
        {
            "Sid": "UsedByServices",
            "Effect": "Allow",
            "Principal": {"Service": [f"{service}.amazonaws.com" for service in DIRECTLY]},
            "Action": use,
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        },
        {
            "Sid": "UsedByLogs",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{region}.amazonaws.com"},
            "Action": use,
            "Resource": "*",
            "Condition": {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": f"arn:{platform['partition']}:logs:{region}:{account}:log-group:*"
                }
            },
        },
    ]
