"""Resources as a program declares them, for rules and for the server alike."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi

from policy.guardrails.aws import type_of
from policy.guardrails.finding import Finding, messages
from policy.guardrails.resource import Resource, Stack, Unknown
from policy.guardrails.rule import ResourceRule, Rule, StackRule, configured
from policy.guardrails.shortcuts import told

UNKNOWN = pulumi.output.UNKNOWN
REGION, ACCOUNT = "eu-west-1", "123456789012"


@dataclass(frozen=True)
class Given:
    """One declared resource."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool = False
    parent: str = ""

    @property
    def urn(self) -> str:
        return f"urn:pulumi:test::guardrails::{self.type}::{self.name}"

    def taking(self, property_: str, *sources: "Given") -> "Given":
        """The same, with a property that takes its value from other resources."""
        urns = [source.urn for source in sources]
        return replace(self, property_dependencies={**self.property_dependencies, property_: urns})


def given(type_: str, name: str = "it", /, **inputs: Any) -> Given:
    return Given(type_, name, inputs)


def secret(value: Any) -> dict[str, Any]:
    """A value that Pulumi keeps secret, as it travels to the pack."""
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": value}


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def role_policy(*statements: Mapping[str, Any]) -> Given:
    return given("aws:iam/rolePolicy:RolePolicy", "permissions", policy=document(*statements))


def as_rules_see(resources: Sequence[Given]) -> Stack:
    """The resources without Pulumi between them and the rules."""
    return Stack(
        [
            Resource(
                type=type_of(each.type),
                name=each.name,
                urn=each.urn,
                props=_plain(each.inputs, ""),
                protect=each.protect,
                depends_on=each.property_dependencies,
            )
            for each in resources
        ]
    )


def findings(rule: Rule, config: Mapping[str, Any], resources: Sequence[Given]) -> list[str]:
    """What a rule says of resources, without Pulumi between them."""
    judged = found(rule, config, resources)
    return [message for findings_ in judged for message in messages(findings_)]


def found(
    rule: Rule, config: Mapping[str, Any], resources: Sequence[Given]
) -> Iterator[list[Finding]]:
    """What a rule finds in each of some resources, without Pulumi between them."""
    settings, stack = configured(rule, config), as_rules_see(resources)
    for resource in stack.of(*rule.types):
        if isinstance(rule, StackRule):
            yield list(rule.check(resource, settings, stack))
        elif isinstance(rule, ResourceRule):
            yield list(rule.check(resource, settings))


def _plain(value: Any, path: str) -> Any:
    value = told(value)
    if value is UNKNOWN:
        return Unknown(path)
    if isinstance(value, Mapping):
        return {key: _plain(each, f"{path}.{key}".strip(".")) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each, f"{path}.{index}") for index, each in enumerate(value)]
    return value
