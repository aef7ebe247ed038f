import json

import pulumi

from components.foundation import Foundation
from components.platform import Platform
from tests.programs import MADE_IN, PLATFORM, declared_by, made

KEY, ALIAS = "aws:kms/key:Key", "aws:kms/alias:Alias"
CHINA: Platform = {**PLATFORM, "partition": "aws-cn", "region": "cn-north-1"}
ACCOUNT = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


def with_key(platform: Platform):
    return declared_by(
        lambda: Foundation("foundation", {"platform": platform, "customer_key": True})
    )


def test_functions_share_one_layer_for_their_runtime():
    program = declared_by(
        lambda: Foundation("foundation", {"platform": PLATFORM, "customer_key": False})
    )

    inputs = program.only("aws:lambda/layerVersion:LayerVersion").inputs
    code = inputs.pop("code")
    assert isinstance(code, pulumi.FileArchive)
    assert code.path == "build/layer"
    assert inputs == {
        "layerName": "shop-test-libraries",
        "compatibleRuntimes": ["python3.13"],
        "compatibleArchitectures": ["arm64"],
    }


def test_without_a_customer_key_only_layers_are_added_to_the_platform():
    foundation, program = made(
        lambda: Foundation("foundation", {"platform": PLATFORM, "customer_key": False})
    )

    assert program.of(KEY) == []
    assert set(foundation.platform) - set(PLATFORM) == {"layers"}
    assert {**PLATFORM, "layers": foundation.platform.get("layers")} == foundation.platform


def test_layer_and_key_reach_the_components():
    def build() -> None:
        platform = Foundation("foundation", {"platform": PLATFORM, "customer_key": True}).platform
        pulumi.export("layers", platform.get("layers"))
        pulumi.export("key", platform.get("key_arn"))

    assert declared_by(build).outputs == {
        "layers": ["arn:aws:mock:::libraries"],
        "key": f"arn:aws:kms:{MADE_IN}:key/data",
    }


def test_a_customer_key_is_rotated_and_can_be_called_by_its_name():
    program = with_key(PLATFORM)
    inputs = program.only(KEY).inputs

    assert inputs.pop("policy")
    assert inputs == {
        "description": "Data of shop-test",
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
    }
    assert program.only(ALIAS).inputs == {
        "name": "alias/shop-test-data",
        "targetKeyId": "data-id",
    }


def test_a_customer_key_is_used_by_services_of_its_account_only():
    document = json.loads(with_key(CHINA).only(KEY).inputs["policy"])

    assert document["Version"] == "2012-10-17"
    assert document["Statement"] == [
        {
            "Sid": "AdministeredByTheAccount",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "UsedThroughServices",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [*USE, "kms:CreateGrant"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:CallerAccount": "123456789012",
                    "kms:ViaService": [
                        "dynamodb.cn-north-1.amazonaws.com",
                        "firehose.cn-north-1.amazonaws.com",
                        "kinesis.cn-north-1.amazonaws.com",
                        "s3.cn-north-1.amazonaws.com",
                        "sns.cn-north-1.amazonaws.com",
                        "sqs.cn-north-1.amazonaws.com",
                    ],
                }
            },
        },
        {
            "Sid": "UsedByServices",
            "Effect": "Allow",
            "Principal": {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
            "Action": USE,
            "Resource": "*",
            "Condition": ACCOUNT,
        },
        {
            "Sid": "UsedByLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logs.cn-north-1.amazonaws.com"},
            "Action": USE,
            "Resource": "*",
            "Condition": {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": (
                        "arn:aws-cn:logs:cn-north-1:123456789012:log-group:*"
                    )
                }
            },
        },
    ]
