"""Rules on identity policies: what they allow, measured against the facts about each action."""

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Annotated

from msgspec import Meta

from ..finding import Finding
from ..iam import breadth, privileges, soundness
from ..iam.documents import Document
from ..policies import Kind, attached, is_aws_managed, judgeable
from ..policy_properties import (
    ATTACHMENT_TYPES,
    DOCUMENT_TYPES,
    IDENTITY_TYPES,
    LOG_RESOURCE_POLICY,
)
from ..resource import Resource
from ..rule import ADVISORY, CRITICAL, HIGH, LOW, MANDATORY, MEDIUM, GrantConfig, ResourceRule

LEAST_PRIVILEGE = "WA SEC03-BP02"
OF_ROLES = (Kind.IDENTITY, Kind.BOUNDARY)
GRANTING = (Kind.IDENTITY, Kind.TRUST, Kind.RESOURCE)
JOB_FUNCTIONS = ("AdministratorAccess", "PowerUserAccess", "*FullAccess")
"""Names of AWS managed policies that make whoever has them an administrator of something."""


class PermissionsConfig(GrantConfig, frozen=True, kw_only=True):
    """Which permission changes are no finding."""

    allowed: Annotated[
        tuple[str, ...],
        Meta(description="Actions that change permissions and are allowed all the same."),
    ] = ("ec2:CreateNetworkInterfacePermission", "logs:PutResourcePolicy")
    """CodeBuild cannot build in a network without the one, Step Functions cannot write its log without the other."""


def _judged(
    judgement: Callable[[Document], Iterator[Finding]],
    resource: Resource,
    _config: GrantConfig,
    kinds: Iterable[Kind] = (Kind.IDENTITY,),
) -> Iterator[Finding]:
    for kind in kinds:
        for document in judgeable(resource, kind):
            yield from judgement(document)


def _dead(resource: Resource, config: GrantConfig) -> Iterator[Finding]:
    yield from _judged(soundness.mismatched, resource, config, OF_ROLES)
    yield from _judged(soundness.mismatched_for_others, resource, config, (Kind.RESOURCE,))


def _conditions(resource: Resource, config: GrantConfig) -> Iterator[Finding]:
    yield from _judged(soundness.unknown_keys, resource, config, OF_ROLES)
    yield from _judged(soundness.unmet_values, resource, config, tuple(Kind))


def _admin(resource: Resource, config: GrantConfig) -> Iterator[Finding]:
    yield from _judged(breadth.admin, resource, config)
    if resource.type in ATTACHMENT_TYPES:
        for arn in attached(resource):
            name = arn.rsplit("/", 1)[-1]
            if is_aws_managed(arn) and any(fnmatchcase(name, each) for each in JOB_FUNCTIONS):
                wrong = "is a policy for administrators"
                yield Finding(
                    wrong, "write a policy with the actions that are needed", resource=arn
                )


def _permission_changes(resource: Resource, config: PermissionsConfig) -> Iterator[Finding]:
    allowed = {action.lower() for action in config.allowed}
    for finding in _judged(privileges.permission_changes, resource, config):
        if finding.action.lower() not in allowed:
            yield finding


RULES = (
    ResourceRule(
        id="iam-no-admin",
        level=MANDATORY,
        severity=CRITICAL,
        reference="FSBP IAM.1",
        demand="No policy allows every action of every service.",
        remedy="List the actions that are needed, each by its full name.",
        types=IDENTITY_TYPES | ATTACHMENT_TYPES,
        config=GrantConfig,
        check=_admin,
    ),
    ResourceRule(
        id="iam-no-service-wildcard",
        level=MANDATORY,
        severity=HIGH,
        reference="FSBP IAM.21",
        demand="No policy allows every action of a service.",
        remedy="List the actions that are needed, each by its full name.",
        types=IDENTITY_TYPES,
        config=GrantConfig,
        check=partial(_judged, breadth.service_wildcards),
    ),
    ResourceRule(
        id="iam-no-action-wildcard",
        level=MANDATORY,
        severity=HIGH,
        reference=LEAST_PRIVILEGE,
        demand="Every action is written by its full name.",
        remedy="Replace the wildcard by those of the actions it stands for that are needed.",
        types=IDENTITY_TYPES,
        config=GrantConfig,
        check=partial(_judged, breadth.action_wildcards),
    ),
    ResourceRule(
        id="iam-resource-scoped",
        level=MANDATORY,
        severity=HIGH,
        reference=LEAST_PRIVILEGE,
        demand='"*" is the resource only of actions that cannot be limited to one.',
        remedy="Write the ARN; put actions that know no resources into a statement of their own.",
        types=IDENTITY_TYPES,
        config=GrantConfig,
        check=partial(_judged, breadth.unscoped),
    ),
    ResourceRule(
        id="iam-arn-pinned",
        level=MANDATORY,
        severity=HIGH,
        reference=LEAST_PRIVILEGE,
        demand="Every ARN names one resource in one region and account.",
        remedy="Write region, account and name; a wildcard may only stand after the name.",
        types=IDENTITY_TYPES,
        config=GrantConfig,
        check=partial(_judged, breadth.unpinned),
    ),
    ResourceRule(
        id="iam-arn-whole-name",
        level=ADVISORY,
        severity=LOW,
        reference=LEAST_PRIVILEGE,
        demand="Every ARN has the whole name of its resource.",
        remedy="Write the whole name instead of its beginning.",
        types=IDENTITY_TYPES,
        config=GrantConfig,
        check=partial(_judged, breadth.by_prefix),
    ),
    ResourceRule(
        id="iam-arn-matches-action",
        level=MANDATORY,
        severity=MEDIUM,
        reference=LEAST_PRIVILEGE,
        demand="Every action can be done to a resource that it is allowed on.",
        remedy="Write an ARN of the kind that the action takes.",
        types=DOCUMENT_TYPES,
        config=GrantConfig,
        check=_dead,
    ),
    ResourceRule(
        id="iam-known-action",
        level=MANDATORY,
        severity=MEDIUM,
        reference=LEAST_PRIVILEGE,
        demand="Every action exists.",
        remedy="Correct the name; some operations of an API are authorised as another action.",
        types=DOCUMENT_TYPES,
        config=GrantConfig,
        check=partial(_judged, soundness.unknown_actions, kinds=(*OF_ROLES, Kind.RESOURCE)),
    ),
    ResourceRule(
        id="iam-known-condition-key",
        level=ADVISORY,
        severity=LOW,
        reference=LEAST_PRIVILEGE,
        demand="Every condition uses a key that its actions know, and values that can be met.",
        remedy="Correct the key, or the operator: a condition on an unknown key is never met, nor is a pattern that is compared as it is.",
        types=DOCUMENT_TYPES,
        config=GrantConfig,
        check=_conditions,
    ),
    ResourceRule(
        id="iam-no-not-elements",
        level=MANDATORY,
        severity=HIGH,
        reference=LEAST_PRIVILEGE,
        demand="No Allow uses NotAction, NotResource or NotPrincipal.",
        remedy="Name what is allowed instead of what is not.",
        types=DOCUMENT_TYPES,
        config=GrantConfig,
        check=partial(_judged, breadth.not_elements, kinds=GRANTING),
    ),
    ResourceRule(
        id="iam-passrole-scoped",
        level=MANDATORY,
        severity=CRITICAL,
        reference=LEAST_PRIVILEGE,
        demand="A role is passed by its exact ARN and to a named service.",
        remedy="Name the role, and the service in a condition on iam:PassedToService.",
        types=IDENTITY_TYPES,
        config=GrantConfig,
        check=partial(_judged, privileges.passed_roles),
    ),
    ResourceRule(
        id="iam-no-permissions-management",
        level=MANDATORY,
        severity=CRITICAL,
        reference=LEAST_PRIVILEGE,
        demand="No workload changes permissions.",
        remedy="Leave permissions to the role that deploys the stack.",
        types=IDENTITY_TYPES,
        config=PermissionsConfig,
        check=_permission_changes,
    ),
    ResourceRule(
        id="iam-no-create-log-group",
        level=MANDATORY,
        severity=MEDIUM,
        reference="WA SEC04-BP01",
        demand="No workload makes log groups, which would never expire.",
        remedy="Declare the log group with its retention and grant only writing to it.",
        types=IDENTITY_TYPES | {LOG_RESOURCE_POLICY},
        config=GrantConfig,
        check=partial(_judged, privileges.log_group_creation, kinds=(Kind.IDENTITY, Kind.RESOURCE)),
    ),
)
