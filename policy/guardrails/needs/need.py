"""A need: one action that a definition implies, and what it is done to."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..aws import FUNCTION, MACHINE, address, name_in
from ..iam.actions import expand
from ..iam.arns import is_everything, segments
from ..iam.documents import Document
from ..resource import Resource, Stack, Unknown

QUALIFIED = frozenset({FUNCTION, MACHINE})
"""Types whose versions and aliases have ARNs of their own, under that of the resource."""


@dataclass(frozen=True)
class Need:
    """One action that something has to be allowed, or may be allowed."""

    action: str
    service: str
    """Service of the resource, as its ARN has it; empty if the action is only ever allowed on `*`."""
    resources: tuple[str, ...]
    """The last part of the ARN, or of any of the ARNs that will do; may have wildcards."""
    demanded: bool = True
    """False for what a service uses in some cases only."""

    def __str__(self) -> str:
        return f"{self.action} on {self.resources[0] if self.service else '*'}"

    def allows(self, resource: str) -> bool:
        """Whether a resource of a policy is one that the need is about."""
        if not self.service or is_everything(resource):
            return is_everything(resource) and not self.service
        parts = segments(resource)
        return parts[2] == self.service and any(
            fnmatchcase(parts[5], each) for each in self.resources
        )

    def met_by(self, resource: str) -> bool:
        """Whether a grant on a resource covers the need, be it wider than needed."""
        if is_everything(resource) or self.allows(resource):
            return True
        parts = segments(resource)
        return parts[2] == self.service and any(
            fnmatchcase(each, parts[5]) for each in self.resources
        )


@dataclass(frozen=True)
class Grant:
    """One action that a policy allows on one resource."""

    statement: str
    action: str
    resource: str

    def covers(self, need: Need) -> bool:
        """Whether a need is met by the grant."""
        return need.met_by(self.resource) and need.action in {a.name for a in expand(self.action)}

    def is_needed(self, needs: list[Need]) -> bool:
        """Whether every action that the grant stands for is needed on its resource."""
        return all(
            any(need.action == action.name and need.allows(self.resource) for need in needs)
            for action in expand(self.action)
        )


def grants(documents: list[Document]) -> Iterator[Grant]:
    """What some policies allow."""
    for document in documents:
        for statement in document.allowing():
            for action in statement.actions:
                for resource in statement.resources:
                    yield Grant(statement.label, action, resource)


def on_everything(*actions: str, demanded: bool = True) -> Iterator[Need]:
    """Needs of actions that know no resources."""
    return (Need(action, "", ("*",), demanded) for action in actions)


def on(
    type_: str, name: str, *actions: str, below: str = "", demanded: bool = True
) -> Iterator[Need]:
    """Needs of actions on a resource of a type and name, or on what is `below` it in its ARN.

    Without a name, on any resource of that type.
    """
    service, resource = address(type_, name or "*")
    resources = (resource + below,)
    if type_ in QUALIFIED and not below:
        resources = (resource, f"{resource}:*")
    return (Need(action, service, resources, demanded) for action in actions)


def unqualified(name: str, type_: str) -> str:
    """The name of a resource without the version or alias that may follow it."""
    return name.partition(":")[0] if type_ in QUALIFIED else name


def name_of(stack: Stack, resource: Resource, property_: str, value: Any, type_: str) -> str:
    """The name of the resource of a type that a value means; empty if it means one of another type.

    Raises `UnknownValue` when the name is not known yet.
    """
    if isinstance(value, str) and (name := name_in(value, type_)):
        return unqualified(name, type_)
    sources = stack.named_by(resource, property_, value, type_)
    name = sources[0].get("name", default=sources[0].get("bucket", default="")) if sources else ""
    if isinstance(name, Unknown):
        name.refuse()
    return name
