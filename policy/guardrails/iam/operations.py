"""Operations of AWS's APIs that are authorised as actions of other names, and the services that SDKs name otherwise."""

import json
from collections.abc import Mapping
from pathlib import Path

from .actions import Action, expand

_ITEMS = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
_PARTIQL = tuple(f"dynamodb:PartiQL{verb}" for verb in ("Select", "Insert", "Update", "Delete"))
_SETTINGS_OF_BUCKETS: Mapping[str, tuple[str, ...]] = {
    f"s3:{operation}": (f"s3:{action}",)
    for action, operations in {
        "CreateBucketMetadataTableConfiguration": ("CreateBucketMetadataConfiguration",),
        "DeleteBucketMetadataTableConfiguration": ("DeleteBucketMetadataConfiguration",),
        "GetAccelerateConfiguration": ("GetBucketAccelerateConfiguration",),
        "GetAnalyticsConfiguration": (
            *("GetBucketAnalyticsConfiguration", "ListBucketAnalyticsConfigurations"),
        ),
        "GetBucketMetadataTableConfiguration": ("GetBucketMetadataConfiguration",),
        "GetBucketNotification": ("GetBucketNotificationConfiguration",),
        "GetBucketObjectLockConfiguration": ("GetObjectLockConfiguration",),
        "GetBucketPublicAccessBlock": ("GetPublicAccessBlock",),
        "GetEncryptionConfiguration": ("GetBucketEncryption",),
        "GetIntelligentTieringConfiguration": (
            "GetBucketIntelligentTieringConfiguration",
            "ListBucketIntelligentTieringConfigurations",
        ),
        "GetInventoryConfiguration": (
            *("GetBucketInventoryConfiguration", "ListBucketInventoryConfigurations"),
        ),
        "GetLifecycleConfiguration": ("GetBucketLifecycle", "GetBucketLifecycleConfiguration"),
        "GetMetricsConfiguration": (
            *("GetBucketMetricsConfiguration", "ListBucketMetricsConfigurations"),
        ),
        "GetReplicationConfiguration": ("GetBucketReplication",),
        "PutAccelerateConfiguration": ("PutBucketAccelerateConfiguration",),
        "PutAnalyticsConfiguration": (
            *("DeleteBucketAnalyticsConfiguration", "PutBucketAnalyticsConfiguration"),
        ),
        "PutBucketCORS": ("DeleteBucketCors",),
        "PutBucketNotification": ("PutBucketNotificationConfiguration",),
        "PutBucketObjectLockConfiguration": ("PutObjectLockConfiguration",),
        "PutBucketOwnershipControls": ("DeleteBucketOwnershipControls",),
        "PutBucketPublicAccessBlock": ("DeletePublicAccessBlock", "PutPublicAccessBlock"),
        "PutBucketTagging": ("DeleteBucketTagging",),
        "PutEncryptionConfiguration": ("DeleteBucketEncryption", "PutBucketEncryption"),
        "PutIntelligentTieringConfiguration": (
            "DeleteBucketIntelligentTieringConfiguration",
            "PutBucketIntelligentTieringConfiguration",
        ),
        "PutInventoryConfiguration": (
            *("DeleteBucketInventoryConfiguration", "PutBucketInventoryConfiguration"),
        ),
        "PutLifecycleConfiguration": (
            *("DeleteBucketLifecycle", "PutBucketLifecycle", "PutBucketLifecycleConfiguration"),
        ),
        "PutMetricsConfiguration": (
            *("DeleteBucketMetricsConfiguration", "PutBucketMetricsConfiguration"),
        ),
        "PutReplicationConfiguration": ("DeleteBucketReplication", "PutBucketReplication"),
    }.items()
    for operation in operations
}
"""What is set of a bucket has one name in the API and another in policies, and is deleted by being put."""
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "dynamodb:BatchExecuteStatement": _PARTIQL,
    "dynamodb:ExecuteStatement": _PARTIQL,
    "dynamodb:ExecuteTransaction": _PARTIQL,
    "dynamodb:TransactGetItems": ("dynamodb:GetItem",),
    "dynamodb:TransactWriteItems": (*_ITEMS, "dynamodb:ConditionCheckItem"),
    "elasticmapreduce:AddStep": ("elasticmapreduce:AddJobFlowSteps",),
    "elasticmapreduce:CancelStep": ("elasticmapreduce:CancelSteps",),
    "elasticmapreduce:CreateCluster": ("elasticmapreduce:RunJobFlow",),
    "elasticmapreduce:TerminateCluster": ("elasticmapreduce:TerminateJobFlows",),
    "http:Invoke": ("states:InvokeHTTPEndpoint",),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "lambda:InvokeWithResponseStream": ("lambda:InvokeFunction",),
    **_SETTINGS_OF_BUCKETS,
    "s3:CompleteMultipartUpload": ("s3:PutObject",),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:CreateMultipartUpload": ("s3:PutObject",),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjects": ("s3:ListBucket",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListParts": ("s3:ListMultipartUploadParts",),
    "s3:SelectObjectContent": ("s3:GetObject",),
    "s3:UploadPart": ("s3:PutObject",),
    "s3:UploadPartCopy": ("s3:GetObject", "s3:PutObject"),
    "sns:PublishBatch": ("sns:Publish",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
}
"""API operations that are no IAM actions, and what authorises them: all of it, or what the call is about."""
_BY_NAME = {name.lower(): names for name, names in OPERATIONS.items()}
PREFIXES: Mapping[str, str] = json.loads((Path(__file__).parent / "prefixes.json").read_text())
"""Services whose name in an SDK is not the prefix of their actions."""


def authorising(service: str, operation: str) -> tuple[Action, ...]:
    """The actions that authorise an operation of a service, as SDKs name both; none when it is not known."""
    prefix = PREFIXES.get(service.lower(), service.lower())
    name = f"{prefix}:{operation}"
    return tuple(action for each in instead_of(name) or (name,) for action in expand(each))


def instead_of(name: str) -> tuple[str, ...]:
    """The actions that authorise what looks like one, but is an operation; none when it is no such operation."""
    return _BY_NAME.get(name.lower(), ())
