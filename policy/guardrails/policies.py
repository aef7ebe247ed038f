"""The policy documents that declared resources hold, and the managed policies that they attach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .aws import MANAGED_POLICY, ROLE
from .iam.documents import Document, InvalidDocument, parse
from .policy_properties import ATTACHED, IDENTITY_DOCUMENTS, RESOURCE_DOCUMENTS
from .resource import Resource, Unknown, UnknownValue, value_at, values_at


class Kind(Enum):
    """What a policy document is attached to."""

    IDENTITY = "identity policy"
    TRUST = "trust policy"
    RESOURCE = "resource policy"
    BOUNDARY = "permissions boundary"


@dataclass(frozen=True)
class Held:
    """A policy document, where a resource holds it."""

    kind: Kind
    where: str
    """The property, as messages name it."""
    value: Any
    """Text, an object, or a value that is not known yet."""

    def document(self) -> Document:
        """The document itself; raises `UnknownValue` or `InvalidDocument` when there is none to judge."""
        if isinstance(self.value, Unknown):
            self.value.refuse()
        if not isinstance(self.value, (str, Mapping)):
            raise InvalidDocument("it is neither text nor an object")
        return parse(self.value)


def held(resource: Resource) -> Iterator[Held]:
    """The policy documents of a resource."""
    for kind, properties in (
        (Kind.IDENTITY, IDENTITY_DOCUMENTS),
        (Kind.TRUST, {ROLE: "assumeRolePolicy"}),
        (Kind.RESOURCE, RESOURCE_DOCUMENTS),
    ):
        name = properties.get(resource.type, "")
        value = resource.props.get(name)
        # After an update, a queue or a bucket without a policy has an empty one.
        empty = kind is Kind.RESOURCE and not isinstance(value, Unknown) and value == ""
        if value is not None and not empty:
            yield Held(Kind.BOUNDARY if is_boundary(resource) else kind, name, value)
    yield from _inline(resource.props.get("inlinePolicies"))


def is_boundary(policy: Resource) -> bool:
    """Whether a policy bounds what others grant, and grants nothing itself: its name has to say so."""
    names = (policy.name, policy.props.get("name"), policy.props.get("path"))
    return policy.type == MANAGED_POLICY and any(
        isinstance(name, str) and is_boundary_name(name) for name in names
    )


def is_boundary_name(name: str) -> bool:
    """Whether a policy says in its name that it is a boundary."""
    return "boundary" in name.lower()


def _inline(policies: Any) -> Iterator[Held]:
    if isinstance(policies, Unknown):
        yield Held(Kind.IDENTITY, "inlinePolicies", policies)
        return
    for position, inline in enumerate(policies or ()):
        where = f"inlinePolicies[{position}].policy"
        if isinstance(inline, Unknown):
            yield Held(Kind.IDENTITY, where, inline)
        elif (value := value_at(inline, "policy")) is not None:
            yield Held(Kind.IDENTITY, where, value)


def judgeable(resource: Resource, kind: Kind) -> Iterator[Document]:
    """The documents of one kind that can be judged; `iam-document-known` reports all others."""
    for found in held(resource):
        if found.kind is kind:
            try:
                document = found.document()
            except (UnknownValue, InvalidDocument):
                continue
            yield document


def attached(resource: Resource) -> list[Any]:
    """The ARNs or names of the managed policies that a resource attaches; those that are not known yet come last."""
    found = values_at(resource.props, *ATTACHED[resource.type].split("."))
    return sorted(found, key=lambda policy: isinstance(policy, Unknown))


def is_aws_managed(arn: str) -> bool:
    """Whether a policy is one of those that AWS keeps for every account."""
    return ":iam::aws:policy/" in arn
