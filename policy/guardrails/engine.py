"""What the Pulumi engine asks of a policy pack, and what it makes of the answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy.deserialize import serialize_properties
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

_NOT_RUN = "can't run policy "
"""How the SDK's notice begins that a value was not known."""
_LEVELS = {
    "advisory": proto.ADVISORY,
    "mandatory": proto.MANDATORY,
    "disabled": proto.DISABLED,
    "remediate": proto.REMEDIATE,
}


class Declared(Protocol):
    """A resource as a program declared it."""

    @property
    def urn(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def inputs(self) -> Mapping[str, Any]: ...
    @property
    def dependencies(self) -> Sequence[str]: ...
    @property
    def property_dependencies(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def protect(self) -> bool: ...


@dataclass(frozen=True)
class Violation:
    """What a policy of a pack reported."""

    policy: str
    level: str
    urn: str
    """The resource; empty when it is about the whole stack."""
    message: str


@dataclass
class Report:
    """What a pack made of a program."""

    violations: list[Violation] = field(default_factory=list)
    skipped: list[Violation] = field(default_factory=list)
    """Policies that did not run because a value was not known."""

    def of(self, level: str) -> list[Violation]:
        """The violations of a level."""
        return [violation for violation in self.violations if violation.level == level]

    def add(self, response: proto.AnalyzeResponse, urn: str = "") -> None:
        """Take in what a pack answered; `urn` is the resource that it was asked about."""
        for found in response.diagnostics:
            level = proto.EnforcementLevel.Name(found.enforcementLevel).lower()
            # The SDK puts the policy's description before what the rule said.
            message = found.message.removeprefix(f"{found.description}\n")
            violation = Violation(found.policyName, level, found.urn or urn, message)
            skipped = found.message.startswith(_NOT_RUN)
            (self.skipped if skipped else self.violations).append(violation)


def rules(pack: Any) -> dict[str, proto.EnforcementLevel.ValueType]:
    """The names of a pack's policies, with the levels they have unless told otherwise."""
    info = pack.GetAnalyzerInfo(empty_pb2.Empty())
    return {policy.name: policy.enforcementLevel for policy in info.policies}


def configure(pack: Any, config: Mapping[str, Any]) -> None:
    """Set levels and settings, as a file for `--policy-pack-config` has them.

    Raises `ValueError` when it names a policy that the pack does not have, or a level that there is not.
    """
    levels = rules(pack)
    if unknown := config.keys() - levels.keys():
        raise ValueError(f"the configuration names {min(unknown)!r}, which is no rule of the pack")
    request = proto.ConfigureAnalyzerRequest()
    for name, given in config.items():
        settings = {"enforcementLevel": given} if isinstance(given, str) else dict(given)
        level = settings.pop("enforcementLevel", None)
        if level and level not in _LEVELS:
            raise ValueError(f"the level of {name!r} is {level!r}; levels are {sorted(_LEVELS)}")
        request.policyConfig[name].enforcementLevel = _LEVELS[level] if level else levels[name]
        request.policyConfig[name].properties.update(settings)
    pack.Configure(request)


def judge(pack: Any, program: Iterable[Declared]) -> Report:
    """Everything that a pack has to say about a program: resource by resource, then as a whole."""
    report = Report()
    stack = proto.AnalyzeStackRequest()
    for declared in program:
        told = seen(declared)
        report.add(pack.Analyze(proto.AnalyzeRequest(**told)), declared.urn)
        stack.resources.append(in_stack(declared, told))
    report.add(pack.AnalyzeStack(stack))
    return report


def seen(declared: Declared) -> dict[str, Any]:
    """What the engine tells of a resource by itself."""
    properties = struct_pb2.Struct()
    properties.update(serialize_properties(_marked(declared.inputs)))
    return {
        "type": declared.type,
        "urn": declared.urn,
        "name": declared.name,
        "properties": properties,
        "options": proto.AnalyzerResourceOptions(protect=declared.protect),
    }


def in_stack(declared: Declared, told: Mapping[str, Any]) -> proto.AnalyzerResource:
    """What the engine tells of a resource as a part of its stack."""
    return proto.AnalyzerResource(
        **told,
        parent=declared.parent,
        dependencies=declared.dependencies,
        propertyDependencies={
            name: proto.AnalyzerPropertyDependencies(urns=urns)
            for name, urns in declared.property_dependencies.items()
        },
    )


def _marked(value: Any) -> Any:
    """A value in which everything that is not known yet is marked as the engine marks it."""
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN_STRING_VALUE
    if isinstance(value, Mapping):
        return {key: _marked(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(each) for each in value]
    return value
