"""A need: one action that a definition implies, and what it is done to."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..aws import (
    EVENT_BUS,
    FUNCTION,
    KINESIS,
    MACHINE,
    QUEUE,
    TABLE,
    TOPIC,
    address,
    name_in,
)
from ..iam.actions import expand
from ..iam.arns import is_everything, segments
from ..iam.documents import Document
from ..resource import Resource, Stack, is_set

ENCRYPTED = frozenset({EVENT_BUS, KINESIS, QUEUE, TABLE, TOPIC})
"""Types that may be encrypted with a key of one's own, which whoever uses them has to use as well."""
_KEYS = ("kmsKeyId", "kmsKeyIdentifier", "kmsMasterKeyId", "serverSideEncryption")
KEY_USE = ("kms:Decrypt", "kms:GenerateDataKey")
"""What it takes of a key to read or to write what is encrypted with it."""
QUALIFIED = frozenset({FUNCTION, MACHINE})
"""Types whose versions and aliases have ARNs of their own, under that of the resource."""


ANYWHERE = ("*", "*")
"""The region and account of what is only known by its name."""


@dataclass(frozen=True)
class Need:
    """One action that something has to be allowed, or may be allowed."""

    action: str
    """Its full name; where the definition says no more than that, with wildcards."""
    service: str
    """Service of the resource, as its ARN has it; empty if the action is only ever allowed on `*`, `*` if it may be any."""
    resources: tuple[str, ...]
    """The last part of the ARN, or of any of the ARNs that will do; may have wildcards."""
    demanded: bool = True
    """False for what a service uses in some cases only."""
    place: tuple[str, str] = ANYWHERE
    """Region and account of the resource, as far as they are known."""

    def __str__(self) -> str:
        return f"{self.action} on {self.resources[0]}"

    def is_for(self, action: str) -> bool:
        """Whether it is about an action."""
        return action == self.action or fnmatchcase(action, self.action)

    def allows(self, resource: str) -> bool:
        """Whether a resource of a policy is one that the need is about."""
        if self.service == "*":
            # Whether the action can be limited to something, other rules judge.
            return True
        if not self.service:
            return is_everything(resource)
        named = self._named(resource)
        return named != "" and any(fnmatchcase(named, each) for each in self.resources)

    def met_by(self, resource: str) -> bool:
        """Whether a grant on a resource covers the need, be it wider than needed."""
        if is_everything(resource) or self.allows(resource):
            return True
        named = self._named(resource)
        return any(fnmatchcase(each, named) for each in self.resources)

    def _named(self, resource: str) -> str:
        """The last part of a resource's ARN; empty if it is of another service, or elsewhere."""
        _, _, service, *place, name = segments(resource)
        here = service == self.service and all(
            fnmatchcase(given, needed) or fnmatchcase(needed, given)
            for given, needed in zip(place, self.place, strict=True)
        )
        return name if here else ""


@dataclass(frozen=True)
class Grant:
    """One action that a policy allows on one resource."""

    statement: str
    action: str
    resource: str
    but: tuple[str, ...] = ()
    """What is taken out of it, if it is a grant on all but some resources."""

    def __str__(self) -> str:
        return f"all but {', '.join(self.but)}" if self.but else self.resource

    def covers(self, need: Need) -> bool:
        """Whether a need is met by the grant."""
        # Of a need that may be about anything, it is not known to be about what is taken out.
        excluded = need.service != "*" and any(map(need.met_by, self.but))
        return (
            not excluded
            and need.met_by(self.resource)
            and any(need.is_for(action.name) for action in expand(self.action))
        )

    def is_needed(self, needs: list[Need]) -> bool:
        """Whether every action that the grant stands for is needed on its resource."""
        return all(
            any(need.is_for(action.name) and need.allows(self.resource) for need in needs)
            for action in expand(self.action)
        )


def grants(documents: list[Document]) -> Iterator[Grant]:
    """What some policies allow."""
    for document in documents:
        for statement in document.allowing():
            for action in statement.actions:
                for resource in statement.resources:
                    yield Grant(statement.label, action, resource)
                if statement.not_resources:
                    yield Grant(statement.label, action, "*", statement.not_resources)


def on_everything(*actions: str, demanded: bool = True) -> Iterator[Need]:
    """Needs of actions that know no resources."""
    return (Need(action, "", ("*",), demanded) for action in actions)


def on(
    type_: str,
    name: str,
    *actions: str,
    below: str = "",
    demanded: bool = True,
    place: tuple[str, str] = ANYWHERE,
) -> Iterator[Need]:
    """Needs of actions on a resource of a type and name, or on what is `below` it in its ARN.

    Without a name, on any resource of that type.
    """
    service, resource = address(type_, name or "*")
    resources = (resource, f"{resource}:*") if type_ in QUALIFIED else (resource + below,)
    return (Need(action, service, resources, demanded, place) for action in actions)


def on_keys(*, demanded: bool = False) -> Iterator[Need]:
    """Needs of the key that something is encrypted with."""
    return (Need(action, "kms", ("key/*",), demanded) for action in KEY_USE)


def on_anything(*actions: str, demanded: bool = True) -> Iterator[Need]:
    """Needs of actions on resources that a definition does not tell."""
    return (Need(action, "*", ("*",), demanded) for action in actions)


def everything_of(service: str, *verbs: str) -> Iterator[Need]:
    """What may be needed of a service, or of those of its actions that begin so, when a definition does not tell."""
    return on_anything(*(f"{service}:{verb}*" for verb in verbs or ("",)), demanded=False)


def keys_of(stack: Stack, type_: str, name: str) -> Iterator[Need]:
    """What its key may take to use a resource, unless it is declared here without one."""
    declared = stack.find(name, type_)
    if type_ in ENCRYPTED and (
        declared is None or any(is_set(declared.props.get(key)) for key in _KEYS)
    ):
        yield from on_keys()


def place_of(value: Any) -> tuple[str, str]:
    """Region and account of what a value means, if it is an ARN."""
    if not isinstance(value, str):
        return ANYWHERE
    _, _, _, region, account, _ = segments(value)
    return region, account


def unqualified(name: str) -> str:
    """The name of a resource without the version or alias that may follow it."""
    return name.partition(":")[0]


def name_of(stack: Stack, resource: Resource, property_: str, value: Any, type_: str) -> str:
    """The name of the resource of a type that a value means; empty if it means one of another type.

    Raises `UnknownValue` when the value comes from nowhere here; the name itself may be unknown, too.
    """
    if isinstance(value, str):
        return unqualified(name_in(value, type_))
    sources = stack.named_by(resource, property_, value, type_)
    return sources[0].get("name", default=sources[0].get("bucket", default="")) if sources else ""
