"""Roles: what uses them, and all that their policies grant together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .aws import (
    BUILD,
    DB_INSTANCE,
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    JOB_DEFINITION,
    MACHINE,
    MANAGED_POLICY,
    PIPE,
    ROLE,
    ROLE_ATTACHMENT,
    ROLE_POLICY,
    SCHEDULE,
    TASK_DEFINITION,
    TOPIC,
    TRAIL,
)
from .iam.documents import Document
from .policies import Kind, attached, is_aws_managed, judgeable
from .resource import Resource, Stack, Unknown, value_at

POLICY_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
_ATTACHING: Mapping[str, tuple[str, str]] = {
    ROLE_ATTACHMENT: ("role", "policyArn"),
    POLICY_ATTACHMENT: ("roles", "policyArn"),
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": (
        "roleName",
        "policyArns",
    ),
}
"""For each type that attaches policies: the properties with the roles and with the policies."""
_ROLES_AT: Mapping[str, Mapping[Sequence[str], str]] = {
    BUILD: {("serviceRole",): "codebuild"},
    DB_INSTANCE: {("monitoringRoleArn",): "monitoring.rds"},
    EVENT_TARGET: {("roleArn",): "events"},
    FIREHOSE: {
        (f"{end}Configuration", "roleArn"): "firehose"
        for end in (
            *("extendedS3", "httpEndpoint", "iceberg", "kinesisSource", "opensearch", "redshift"),
            *("opensearchserverless", "snowflake"),
        )
    },
    FLOW_LOG: {("iamRoleArn",): "vpc-flow-logs"},
    FUNCTION: {("role",): "lambda"},
    JOB_DEFINITION: {
        ("containerProperties", "jobRoleArn"): "ecs-tasks",
        ("containerProperties", "executionRoleArn"): "ecs-tasks",
    },
    MACHINE: {("roleArn",): "states"},
    PIPE: {("roleArn",): "pipes"},
    SCHEDULE: {("target", "roleArn"): "scheduler"},
    TASK_DEFINITION: {("taskRoleArn",): "ecs-tasks", ("executionRoleArn",): "ecs-tasks"},
    TRAIL: {("cloudWatchLogsRoleArn",): "cloudtrail"},
    "aws:apigateway/account:Account": {("cloudwatchRoleArn",): "apigateway"},
    "aws:apigateway/integration:Integration": {("credentials",): "apigateway"},
    "aws:apigatewayv2/integration:Integration": {("credentialsArn",): "apigateway"},
    "aws:appsync/dataSource:DataSource": {("serviceRoleArn",): "appsync"},
    "aws:appsync/graphQLApi:GraphQLApi": {("logConfig", "cloudwatchLogsRoleArn"): "appsync"},
    "aws:backup/selection:Selection": {("iamRoleArn",): "backup"},
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {("roleArn",): "logs"},
    "aws:codepipeline/pipeline:Pipeline": {("roleArn",): "codepipeline"},
    "aws:glue/crawler:Crawler": {("role",): "glue"},
    "aws:glue/job:Job": {("roleArn",): "glue"},
    "aws:iam/instanceProfile:InstanceProfile": {("role",): "ec2"},
    "aws:iot/topicRule:TopicRule": {("sqs", "roleArn"): "iot", ("kineses", "roleArn"): "iot"},
    "aws:kinesisanalyticsv2/application:Application": {
        ("serviceExecutionRole",): "kinesisanalytics"
    },
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {("role",): "s3"},
    "aws:sagemaker/model:Model": {("executionRoleArn",): "sagemaker"},
    TOPIC: {
        (f"{protocol}{outcome}FeedbackRoleArn",): "sns"
        for protocol in ("lambda", "sqs", "http", "firehose", "application")
        for outcome in ("Success", "Failure")
    },
    "aws:transfer/server:Server": {("loggingRole",): "transfer"},
}
"""For each type that takes roles: the properties with them, and the service that assumes each."""
_FOR_ALL = frozenset(
    {
        (DB_INSTANCE, "monitoringRoleArn"),
        (JOB_DEFINITION, "containerProperties.executionRoleArn"),
        (TASK_DEFINITION, "executionRoleArn"),
        ("aws:apigateway/integration:Integration", "credentials"),
        ("aws:apigatewayv2/integration:Integration", "credentialsArn"),
        ("aws:appsync/dataSource:DataSource", "serviceRoleArn"),
        ("aws:appsync/graphQLApi:GraphQLApi", "logConfig.cloudwatchLogsRoleArn"),
        ("aws:backup/selection:Selection", "iamRoleArn"),
        ("aws:transfer/server:Server", "loggingRole"),
    }
)
"""Properties in which AWS takes one role for all resources of the type: no code of theirs runs with it."""


@dataclass(frozen=True)
class Use:
    """A role in use."""

    user: Resource
    at: str
    """The property with the role."""
    service: str
    """The service that assumes it."""

    @property
    def shares(self) -> str:
        """What has to be the same for two uses to do no more than one."""
        alike = (self.user.type, self.at)
        if alike in _FOR_ALL or self.user.type == TOPIC:
            return " ".join(alike)
        return self.user.urn


@lru_cache(maxsize=8)
def uses(stack: Stack) -> Mapping[str, list[Use]]:
    """How each role is used, by the role's URN."""
    found: dict[str, list[Use]] = {}
    for user in stack.of(*_ROLES_AT):
        for path, service in _ROLES_AT[user.type].items():
            value = _role_value(user, path)
            for role in [] if value is None else stack.named_by(user, path[0], value, ROLE):
                use = Use(user, ".".join(path), f"{service}.amazonaws.com")
                found.setdefault(role.urn, []).append(use)
    return found


def _role_value(user: Resource, path: Sequence[str]) -> Any:
    if user.type != JOB_DEFINITION:
        return user.get(*path)
    if isinstance(user.props.get(path[0]), Unknown):
        # Text as a whole; it is judged once the image in it is known.
        return None
    return value_at(user.json(path[0], default={}), path[1])


@lru_cache(maxsize=8)
def _attachments(stack: Stack) -> Mapping[str, list[tuple[Resource, str, Any]]]:
    """The managed policies of each role, by its URN: the resource, the property and the value that say so."""
    found: dict[str, list[tuple[Resource, str, Any]]] = {role.urn: [] for role in stack.of(ROLE)}
    for role in stack.of(ROLE):
        found[role.urn] += [(role, "managedPolicyArns", arn) for arn in attached(role)]
    for type_, (to, what) in _ATTACHING.items():
        for attachment in stack.of(type_):
            for each in _listed(attachment.get(to)):
                for role in stack.named_by(attachment, to, each, ROLE):
                    arns = _listed(attachment.get(what))
                    found[role.urn] += [(attachment, what, arn) for arn in arns]
    return found


def _listed(value: Any) -> Sequence[Any]:
    return [value] if isinstance(value, str | Unknown) else value or ()


@lru_cache(maxsize=8)
def holders(stack: Stack) -> Mapping[str, list[Resource]]:
    """The resources with identity policies of each role, by the role's URN; the role itself is one."""
    found = {role.urn: [role] for role in stack.of(ROLE)}
    for policy in stack.of(ROLE_POLICY):
        for role in stack.named_by(policy, "role", policy.get("role"), ROLE):
            found[role.urn].append(policy)
    for urn, attachments in _attachments(stack).items():
        managed = (each for attachment in attachments for each in _declared(stack, *attachment))
        found[urn] += {policy.urn: policy for policy in managed}.values()
    return found


def is_granted_elsewhere(role: Resource, stack: Stack) -> bool:
    """Whether a role has policies that the stack does not declare."""
    return any(not list(_declared(stack, *each)) for each in _attachments(stack)[role.urn])


def _declared(stack: Stack, holder: Resource, property_: str, arn: Any) -> Iterator[Resource]:
    if isinstance(arn, Unknown) or not is_aws_managed(str(arn)):
        yield from stack.named_by(holder, property_, arn, MANAGED_POLICY)


def documents(role: Resource, stack: Stack) -> list[Document]:
    """The identity policies of a role that can be judged; `iam-document-known` reports all others."""
    return [
        document
        for holder in holders(stack)[role.urn]
        for document in judgeable(holder, Kind.IDENTITY)
    ]
