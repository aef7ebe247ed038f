"""Decode the properties of each resource once, and put the resources of a stack together once.

The SDK does both again for each policy of a pack, which is most of what a pack of many policies does. This is
the only place where the pack reaches into the SDK; without it, all that changes is the time.
"""

import threading
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from pulumi_policy import policy as sdk

SERVICER: Any = getattr(sdk, "_PolicyAnalyzerServicer")  # noqa: B009 (for the type checker)
"""What answers the engine."""
MOST = 100_000
"""How much is remembered before all of it is forgotten: far more than the resources of one stack."""


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


def decode_once() -> None:
    """Let the SDK remember what it has decoded, for as long as this process runs."""
    decode = _remembering(json_format.MessageToDict)
    setattr(sdk, "json_format", SimpleNamespace(MessageToDict=decode))  # noqa: B010 (for the type checker)
    for name in ("deserialize_properties", "unknown_checking_proxy"):
        setattr(sdk, name, _remembering(getattr(sdk, name)))
    stacks = _Stacks(sdk.StackValidationArgs)
    setattr(sdk, "StackValidationArgs", stacks.args)  # noqa: B010
    for name, replace in (("_get_resource_options", _options), ("AnalyzeStack", stacks.once)):
        setattr(SERVICER, name, replace(getattr(SERVICER, name)))


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
