"""Shortcuts through the SDK, which asks every policy about every resource, and does all its work for each of them.

A resource is decoded once, a stack is put together once, and only the policies for a resource's type are asked about
it. What the SDK drops on the way is kept: that a value is a Pulumi secret. This is the only place where the pack
reaches into the SDK; without it, rules take longer and take secrets for ordinary texts.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy
from pulumi_policy import policy as sdk
from pulumi_policy.deserialize import deserialize_properties

from .resource import Secret

SERVICER: Any = getattr(sdk, "_PolicyAnalyzerServicer")  # noqa: B009 (for the type checker)
"""What answers the engine."""
POLICIES = f"{SERVICER.__name__}__policies"
"""Where it keeps the pack's policies."""
LEVELS = f"{SERVICER.__name__}__policy_pack_config_enforcement_level"
"""Where it keeps what it was configured with, a new object each time."""
MOST = 100_000
"""How much is remembered before all of it is forgotten: far more than the resources of one stack."""
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How the engine wraps a secret: an object in which the first key has the second value."""


class TypedPolicy(ResourceValidationPolicy):
    """A policy that judges resources of some types only."""

    types: frozenset[str] = frozenset()
    NOT_APPLICABLE = "it judges resources of other types"
    """What is told about a resource of another type."""


class Memory:
    """What was made of objects, by their identity."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}

    def recall(self, thing: Any, make: Callable[..., Any], *arguments: Any) -> Any:
        """What was made of this very object before, or what is made of it now."""
        known = self._made.get(id(thing))
        if known is None:
            if len(self._made) >= MOST:
                self._made.clear()
            # The object is kept too: as long as it lives, no other one has its identity.
            known = self._made[id(thing)] = (thing, make(*arguments))
        return known[1]


def take_shortcuts() -> None:
    """Let the SDK do nothing twice, and nothing in vain, for as long as this process runs."""
    decode = _remembering(json_format.MessageToDict)
    setattr(sdk, "json_format", SimpleNamespace(MessageToDict=decode))  # noqa: B010 (for the type checker)

    def telling(given: Any, **options: Any) -> Any:
        # Only a remediation asks with options, and it wraps its secrets again by itself.
        return deserialize_properties(told(given) if not options else given, **options)

    setattr(sdk, "deserialize_properties", _remembering(telling))  # noqa: B010
    # Our rules see values that are not known yet as such, without the SDK's guards.
    setattr(sdk, "unknown_checking_proxy", lambda properties: properties)  # noqa: B010
    stacks = _Stacks(sdk.StackValidationArgs)
    setattr(sdk, "StackValidationArgs", stacks.args)  # noqa: B010
    for name, replace in (
        ("_get_resource_options", _options),
        ("Analyze", _concerned),
        ("AnalyzeStack", stacks.once),
    ):
        setattr(SERVICER, name, replace(getattr(SERVICER, name)))


def told(value: Any, *, secret: bool = False) -> Any:
    """A value without the engine's wrapping of secrets, whose texts say themselves that they are secret."""
    if isinstance(value, str):
        return Secret(value) if secret else value
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return told(value.get("value"), secret=True)
        return {key: told(each, secret=secret) for key, each in value.items()}
    if isinstance(value, list):
        return [told(each, secret=secret) for each in value]
    return value


class _Stacks:
    """Lets all stack policies of a call share the resources that the SDK put together for the first of them."""

    def __init__(self, args: Callable[..., Any]) -> None:
        self._args = args
        self._call = threading.local()

    def once(self, analyze: Callable[..., Any]) -> Callable[..., Any]:
        """The SDK's method, with a request that hands out its resources a single time."""

        def analyzed(servicer: Any, request: Any, context: Any) -> Any:
            self._call.resources = None
            try:
                return analyze(servicer, _ReadOnce(request.resources), context)
            finally:
                self._call.resources = None

        return analyzed

    def args(self, resources: Sequence[Any], *more: Any) -> Any:
        """What a stack policy gets; calls run in threads of their own."""
        if self._call.resources is None:
            self._call.resources = resources
        return self._args(self._call.resources, *more)


class _ReadOnce:
    """A request to analyze a stack that seems to be empty when it is read again."""

    def __init__(self, resources: Sequence[Any]) -> None:
        self._resources = resources

    @property
    def resources(self) -> Sequence[Any]:
        found, self._resources = self._resources, ()
        return found


def _concerned(analyze: Callable[..., Any]) -> Callable[..., Any]:
    """The SDK's method, which asks only the policies that judge resources of the type in question."""
    known = Memory()

    def analyzed(servicer: Any, request: Any, context: Any) -> Any:
        by_type = known.recall(getattr(servicer, LEVELS), dict)
        if request.type not in by_type:
            by_type[request.type] = _divided(servicer, request.type)
        concerned, not_concerned = by_type[request.type]
        narrowed = copy(servicer)
        setattr(narrowed, POLICIES, concerned)
        response = analyze(narrowed, request, context)
        response.MergeFrom(not_concerned)
        return response

    return analyzed


def _divided(servicer: Any, type_: str) -> tuple[list[Any], Any]:
    """The policies to ask about resources of a type, and what to answer of all others."""
    policies = [
        it
        for it in getattr(servicer, POLICIES)
        if isinstance(it, ResourceValidationPolicy)
        and servicer._get_enforcement_level(it) != EnforcementLevel.DISABLED  # noqa: SLF001
    ]
    others = [it for it in policies if isinstance(it, TypedPolicy) and type_ not in it.types]
    answer = proto.AnalyzeResponse(
        not_applicable=[
            proto.PolicyNotApplicable(policy_name=it.name, reason=it.NOT_APPLICABLE)
            for it in others
        ]
    )
    return [it for it in policies if it not in others], answer


def _options(read: Callable[..., Any]) -> Callable[..., Any]:
    memory = Memory()
    return lambda servicer, request: memory.recall(request, read, servicer, request)


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    memory = Memory()

    def remembered(argument: Any, **options: Any) -> Any:
        if options:
            return function(argument, **options)
        return memory.recall(argument, function, argument)

    return remembered
