"""What a rule is: what it is called, what it demands, and the pure function that finds what is wrong."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from .exceptions import GrantException, ResourceException
from .finding import Finding
from .resource import Resource, Stack

MANDATORY, ADVISORY = "mandatory", "advisory"
LOW, MEDIUM, HIGH, CRITICAL = "low", "medium", "high", "critical"


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The configuration of a rule that has no settings of its own."""

    exceptions: Annotated[
        tuple[ResourceException, ...], Meta(description="Resources that are left alone.")
    ] = ()


class GrantConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The configuration of a rule about IAM policies that has no settings of its own."""

    exceptions: Annotated[
        tuple[GrantException, ...], Meta(description="Grants that are left alone.")
    ] = ()


class Misconfigured(ValueError):  # noqa: N818 (it is what the rule is)
    """The settings given to a rule are not what its schema says."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is common to all rules."""

    id: str
    level: str
    """`mandatory` stops a deployment, `advisory` does not; the configuration of a pack may change it."""
    severity: str
    reference: str
    """The control it stands for: `FSBP <id>` or `WA <id>`."""
    demand: str
    """What has to be so, in one sentence."""
    remedy: str
    """What to do when it is not."""
    types: frozenset[str]
    """Types of the resources that it judges."""
    config: type[Config | GrantConfig] = Config
    """Its settings, with their defaults."""


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that looks at one resource at a time, before that resource is made."""

    check: Callable[[Resource, Any], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule that looks at one resource at a time among all others of the stack."""

    check: Callable[[Resource, Any, Stack], Iterator[Finding]]


def configured(rule: Rule, given: Mapping[str, Any]) -> Any:
    """The settings of a rule, with its defaults for what is not given.

    Raises `Misconfigured` naming the setting, when one is not what it has to be.
    """
    if not given:
        return rule.config()
    try:
        return msgspec.convert(_integral(given), rule.config)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"the configuration of {rule.id} is wrong: {error}") from None


def schema(rule: Rule) -> dict[str, dict[str, Any]]:
    """The JSON schema of each of a rule's settings."""
    _, components = msgspec.json.schema_components([rule.config])
    return _inlined(components[rule.config.__name__]["properties"], components)


def _inlined(node: Any, components: Mapping[str, Any]) -> Any:
    if isinstance(node, (list, tuple)):
        return [_inlined(each, components) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(components[node["$ref"].rsplit("/", 1)[-1]], components)
    return {key: _inlined(value, components) for key, value in node.items()}


def _integral(value: Any) -> Any:
    """Numbers reach a policy as floats; 30.0 is meant as 30."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _integral(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_integral(each) for each in value]
    return value
