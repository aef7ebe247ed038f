"""Roles: what uses them, and all that their policies grant together."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .aws import (
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    MACHINE,
    MANAGED_POLICY,
    PIPE,
    ROLE,
    ROLE_ATTACHMENT,
    ROLE_POLICY,
    SCHEDULE,
    TASK_DEFINITION,
)
from .iam.documents import Document
from .policies import Kind, judgeable
from .resource import Resource, Stack, Unknown

_ROLE_AT: Mapping[str, tuple[Sequence[str], str]] = {
    EVENT_TARGET: (("roleArn",), "events.amazonaws.com"),
    FIREHOSE: (("extendedS3Configuration", "roleArn"), "firehose.amazonaws.com"),
    FLOW_LOG: (("iamRoleArn",), "vpc-flow-logs.amazonaws.com"),
    FUNCTION: (("role",), "lambda.amazonaws.com"),
    MACHINE: (("roleArn",), "states.amazonaws.com"),
    PIPE: (("roleArn",), "pipes.amazonaws.com"),
    SCHEDULE: (("target", "roleArn"), "scheduler.amazonaws.com"),
    TASK_DEFINITION: (("taskRoleArn",), "ecs-tasks.amazonaws.com"),
    "aws:codebuild/project:Project": (("serviceRole",), "codebuild.amazonaws.com"),
}
"""For each type that takes a role: the property with the role, and the service that assumes it."""
USER_TYPES = frozenset(_ROLE_AT)


def role_value(user: Resource) -> tuple[str, Any]:
    """The property with the role of what uses one, and its value."""
    path, _ = _ROLE_AT[user.type]
    return path[0], user.get(*path)


def service_of(user: Resource) -> str:
    """The service that assumes the role of what uses one."""
    return _ROLE_AT[user.type][1]


def role_of(user: Resource, stack: Stack) -> Resource | None:
    """The declared role of what uses one; none if it has no role, or one from elsewhere."""
    property_, value = role_value(user)
    found = [] if value is None else stack.named_by(user, property_, value, ROLE)
    return found[0] if found else None


@lru_cache(maxsize=8)
def users(stack: Stack) -> Mapping[str, list[Resource]]:
    """What uses each role, by the role's URN."""
    found: dict[str, list[Resource]] = {}
    for user in stack.of(*_ROLE_AT):
        if role := role_of(user, stack):
            found.setdefault(role.urn, []).append(user)
    return found


@lru_cache(maxsize=8)
def holders(stack: Stack) -> Mapping[str, list[Resource]]:
    """The resources with identity policies of each role, by the role's URN; the role itself is one."""
    found = {role.urn: [role] for role in stack.of(ROLE)}
    for policy in stack.of(ROLE_POLICY):
        for role in stack.named_by(policy, "role", policy.get("role"), ROLE):
            found[role.urn].append(policy)
    for attachment in stack.of(ROLE_ATTACHMENT):
        arn = attachment.get("policyArn")
        policies = (
            [] if _is_foreign(arn) else stack.named_by(attachment, "policyArn", arn, MANAGED_POLICY)
        )
        for role in stack.named_by(attachment, "role", attachment.get("role"), ROLE):
            found[role.urn].extend(policies)
    return found


def documents(role: Resource, stack: Stack) -> list[Document]:
    """The identity policies of a role that can be judged; `iam-document-known` reports all others."""
    return [
        document
        for holder in holders(stack)[role.urn]
        for document in judgeable(holder, Kind.IDENTITY)
    ]


def _is_foreign(arn: Any) -> bool:
    return not isinstance(arn, Unknown) and ":iam::aws:policy/" in str(arn)
