"""Roles: what uses them, and all that their policies grant together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .aws import (
    JOB_DEFINITION,
    MANAGED_POLICY,
    ROLE,
    ROLE_ATTACHMENT,
    ROLE_POLICY,
    name_in,
)
from .iam.documents import Document
from .policies import Kind, attached, is_aws_managed, judgeable
from .resource import Resource, Stack, Unknown, values_at
from .role_properties import FOR_ALL, ROLES_AT

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
        for_all = (self.user.type, self.at) in FOR_ALL
        return f"{self.at if for_all else self.user.urn} {self.service}"


@lru_cache(maxsize=8)
def uses(stack: Stack) -> Mapping[str, list[Use]]:
    """How each role is used, by the role's URN."""
    found: dict[str, list[Use]] = {}
    for use, value in _uses(stack):
        for role in stack.named_by(use.user, use.at.partition(".")[0], value, ROLE):
            found.setdefault(role.urn, []).append(use)
    return found


@lru_cache(maxsize=8)
def uses_of_others(stack: Stack) -> Mapping[str, Mapping[str, list[Use]]]:
    """How each role that the stack does not declare is used: by the URN of the first that uses it, and the role's name."""
    using: dict[str, list[Use]] = {}
    for use, value in _uses(stack):
        # One that a service has for itself is there for all that it does.
        if not isinstance(value, str) or ":role/aws-service-role/" in value:
            continue
        if not stack.named_by(use.user, use.at.partition(".")[0], value, ROLE):
            using.setdefault(name_in(value, ROLE), []).append(use)
    found: dict[str, dict[str, list[Use]]] = {}
    for role, its in using.items():
        found.setdefault(its[0].user.urn, {})[role] = its
    return found


def _uses(stack: Stack) -> Iterator[tuple[Use, Any]]:
    """What takes a role, and the value that names it."""
    for user in stack.of(*ROLES_AT):
        for at, service in ROLES_AT[user.type].items():
            for value in _role_values(user, at.split(".")):
                yield Use(user, at, f"{service}.amazonaws.com"), value


def _role_values(user: Resource, path: Sequence[str]) -> Iterator[Any]:
    if user.type != JOB_DEFINITION:
        yield from values_at(user.props, *path)
    elif not isinstance(user.props.get(path[0]), Unknown):
        # Text as a whole; it is judged once the image in it is known.
        yield from values_at(user.json(path[0]), *path[1:])


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


@lru_cache(maxsize=8)
def policies_for_others(stack: Stack) -> Mapping[str, list[Resource]]:
    """The policies that no role of the stack has, by the URN of the first of those that one role has together."""
    held = {holder.urn for having in holders(stack).values() for holder in having}
    found: dict[str, dict[str, Resource]] = {}
    for role, policy in _of_other_roles(stack):
        found.setdefault(role, {})[policy.urn] = policy
    attached = held.union(*found.values())
    for policy in stack.of(MANAGED_POLICY):
        if policy.urn not in attached:
            found[policy.urn] = {policy.urn: policy}
    return {next(iter(policies)): list(policies.values()) for policies in found.values()}


def _of_other_roles(stack: Stack) -> Iterator[tuple[str, Resource]]:
    """The policies of roles that the stack does not declare, each with what its role is called."""
    for policy in stack.of(ROLE_POLICY):
        role = policy.get("role")
        if not stack.named_by(policy, "role", role, ROLE):
            yield _role_name(role, policy), policy
    for type_, (to, what) in _ATTACHING.items():
        for attachment in stack.of(type_):
            for role in _listed(attachment.get(to)):
                if not stack.named_by(attachment, to, role, ROLE):
                    for arn in _listed(attachment.get(what)):
                        for policy in _declared(stack, attachment, what, arn):
                            yield _role_name(role, attachment), policy


def _role_name(role: Any, holder: Resource) -> str:
    """By what a role is told from others that is not declared; if that is not known, by who says so."""
    return name_in(role, ROLE) if isinstance(role, str) else holder.urn


def is_granted_elsewhere(role: Resource, stack: Stack) -> bool:
    """Whether a role has policies that the stack does not declare."""
    return any(not list(_declared(stack, *each)) for each in _attachments(stack)[role.urn])


def _declared(stack: Stack, holder: Resource, property_: str, arn: Any) -> Iterator[Resource]:
    if isinstance(arn, Unknown) or not is_aws_managed(str(arn)):
        yield from stack.named_by(holder, property_, arn, MANAGED_POLICY)


def documents(role: Resource, stack: Stack) -> list[Document]:
    """The identity policies of a role that can be judged; `iam-document-known` reports all others."""
    return documents_of(holders(stack)[role.urn])


def documents_of(having: Iterable[Resource]) -> list[Document]:
    """The identity policies of some resources that can be judged."""
    return [document for holder in having for document in judgeable(holder, Kind.IDENTITY)]
