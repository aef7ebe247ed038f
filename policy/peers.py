"""What AWSGuard, cdk-nag, Checkov and Prowler check of what each rule of the pack demands.

As of: AWSGuard 2024-06, cdk-nag 3.0.1 (2026-06), Checkov and Prowler 2026-08. A dash: no rule of that kind.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Peers(NamedTuple):
    """The rules of others, by their own ids."""

    awsguard: str
    cdk_nag: str
    checkov: str
    prowler: str


NONE = "-"
PEERS: Mapping[str, Peers] = {
    "iam-no-admin": Peers(NONE, "IAM5, partly", "62, 63, 1, 49, 274", "iam_*_no_administrative_privileges"),
    "iam-no-service-wildcard": Peers(NONE, "IAM5", "63", "for KMS and CloudTrail only"),
    "iam-no-action-wildcard": Peers(NONE, "IAM5", NONE, NONE),
    "iam-resource-scoped": Peers(NONE, "IAM5: flags every *", "355, 356", NONE),
    "iam-arn-pinned": Peers(NONE, "IAM5: flags every *", NONE, NONE),
    "iam-arn-whole-name": Peers(NONE, "IAM5: flags every *", NONE, NONE),
    "iam-arn-matches-action": Peers(NONE, NONE, NONE, NONE),
    "iam-known-action": Peers(NONE, NONE, NONE, NONE),
    "iam-known-condition-key": Peers(NONE, NONE, NONE, NONE),
    "iam-no-not-elements": Peers(NONE, NONE, NONE, NONE),
    "iam-passrole-scoped": Peers(NONE, NONE, "289, 109: * only", NONE),
    "iam-no-permissions-management": Peers(NONE, NONE, "289, 109", "iam_*_allows_privilege_escalation"),
    "iam-no-create-log-group": Peers(NONE, NONE, NONE, NONE),
    "iam-document-known": Peers(NONE, NONE, "passes what is unknown", NONE),
    "iam-no-aws-managed": Peers(NONE, "IAM4", "274: admin only", "role_administratoraccess"),
    "iam-boundary-only-bounds": Peers(NONE, NONE, NONE, NONE),
    "iam-role-not-shared": Peers(NONE, NONE, NONE, NONE),
    "ecs-roles-distinct": Peers(NONE, NONE, "249", NONE),
    "iam-trust-narrow": Peers(NONE, NONE, "60, 61", "iam_role_cross_service_confused_deputy_prevention"),
    "iam-trust-fits-user": Peers(NONE, NONE, NONE, NONE),
    "iam-no-users": Peers("access-keys-rotated", NONE, "40, 273", "iam_policy_attached_only_to_group_or_roles"),
    "iam-no-mixed-management": Peers("iam-role-no-policy-management-conflicts", NONE, NONE, NONE),
    "iam-no-privilege-escalation": Peers(NONE, NONE, "286, 110: each document alone", "iam_*_allows_privilege_escalation"),
    "iam-grants-match-definition": Peers(NONE, NONE, NONE, NONE),
    "eventbridge-target-admitted": Peers(NONE, NONE, NONE, NONE),
    "notification-admitted": Peers(NONE, NONE, NONE, NONE),
    "lambda-caller-admitted": Peers(NONE, NONE, NONE, NONE),
    "resource-policy-narrow": Peers(NONE, "EVB1", "168, 169, 387, 72, 385, 283, 70, 33", "*_not_publicly_accessible"),
    "resource-policy-tls": Peers(NONE, "S10, SQS4, SNS3", "379", "s3_bucket_secure_transport_policy"),
    "log-retention": Peers(NONE, "only if undefined", "66, 338: 0 passes", "cloudwatch_log_group_retention_policy_specific_days_enabled"),
    "log-group-declared": Peers(NONE, NONE, NONE, NONE),
    "log-group-kms": Peers(NONE, "other packs", "158", "cloudwatch_log_group_kms_encryption_enabled"),
    "log-group-class": Peers(NONE, NONE, NONE, NONE),
    "lambda-runtime": Peers(NONE, "L1: the latest", "363", "awslambda_function_using_supported_runtimes"),
    "lambda-tracing": Peers(NONE, "LambdaTracing", "50", NONE),
    "lambda-async-failure-path": Peers(NONE, "LambdaDLQ: every function", "116: every function", "awslambda_function_no_dead_letter_queue"),
    "lambda-esm-safe": Peers(NONE, "…SQSVisibilityTimeout, …MappingDestination", NONE, NONE),
    "lambda-concurrency-bounded": Peers(NONE, NONE, "115", NONE),
    "lambda-permission-scoped": Peers(NONE, NONE, "301, 364, 258", "function_url_public"),
    "sqs-encrypted": Peers(NONE, "SQS2", "27", "sqs_queues_server_side_encryption_enabled"),
    "sqs-has-dlq": Peers(NONE, "SQS3", NONE, NONE),
    "dlq-alarmed": Peers(NONE, NONE, NONE, NONE),
    "sns-encrypted": Peers(NONE, "other packs", "26", "sns_topics_kms_encryption_at_rest_enabled"),
    "sns-subscription-dlq": Peers(NONE, "SNSRedrivePolicy", NONE, "sns_subscription_not_using_http_endpoints"),
    "eventbridge-target-dlq": Peers(NONE, "EventBusDLQ", NONE, NONE),
    "eventbridge-bus-closed": Peers(NONE, "EVB1", NONE, "eventbridge_bus_exposed"),
    "eventbridge-archive": Peers(NONE, NONE, NONE, NONE),
    "sfn-logging": Peers(NONE, "SF1", "285: looks at the data only", "stepfunctions_statemachine_logging_enabled"),
    "sfn-tracing": Peers(NONE, "SF2", "284", NONE),
    "sfn-saga-safe": Peers(NONE, NONE, NONE, NONE),
    "dynamodb-protected": Peers("dynamodb-table-encryption-enabled", "DDB3", "28, 119", "dynamodb_tables_pitr_enabled"),
    "kinesis-encrypted": Peers(NONE, "KDS1, KDS3", "43, 185", "kinesis_stream_encrypted_at_rest"),
    "firehose-safe": Peers(NONE, "KDF1", "240, 241", "firehose_stream_encrypted_at_rest"),
    "rds-protected": Peers("rds-storage-encrypted, -backup-enabled, -public-access", "RDS2, 3, 6, 10, 11, 13", "16, 17, 118, 129, 133, 157", "rds_*"),
    "secrets-rotated": Peers(NONE, "SMG4", "149, 304", "secretsmanager_automatic_rotation_enabled"),
    "stateful-protected": Peers("elb-deletion-protection-enabled", NONE, NONE, NONE),
    "s3-protected": Peers("s3-bucket-logging-enabled", "S1, S2", "53 to 56, 19, 145, 21, 18, 300", "s3_*"),
    "api-logged": Peers(NONE, "APIG1", "76, 95", "apigateway*"),
    "api-traced": Peers(NONE, NONE, "73", NONE),
    "api-throttled": Peers(NONE, NONE, NONE, NONE),
    "api-authorized": Peers(NONE, "APIG4", "59, 309", "apigateway*"),
    "ecs-hardened": Peers(NONE, "ECS2: every environment; 4, 7", "65, 97, 223, 224, 332 to 336", "ecs_*"),
    "security-group-closed": Peers(NONE, "EC23", "24, 25, 260, 277", "ec2_securitygroup_allow_ingress_from_internet_to_*"),
    "vpc-default-group-closed": Peers(NONE, "other packs", "CKV2_AWS_12", "ec2_securitygroup_default_restrict_traffic"),
    "vpc-flow-logged": Peers(NONE, "VPC7", "CKV2_AWS_11", "vpc_flow_logs_enabled"),
    "subnet-private": Peers(NONE, "other packs", "130", "vpc_subnet_no_public_ip_by_default"),
    "vpc-endpoint-bounded": Peers(NONE, NONE, NONE, "vpc_endpoint_connections_trust_boundaries"),
    "waf-logged": Peers(NONE, "other packs", "CKV2_AWS_31", "wafv2_webacl_logging_enabled"),
    "alarm-has-action": Peers(NONE, "other packs", "319", NONE),
    "kms-rotation": Peers("cmk-backing-key-rotation-enabled", "KMS5", "7", "kms_cmk_rotation_enabled"),
    "required-tags": Peers(NONE, NONE, NONE, NONE),
    "no-plain-secrets": Peers(NONE, NONE, "45", "awslambda_function_no_secrets_in_variables"),
}  # fmt: skip
