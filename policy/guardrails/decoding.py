"""Decode the properties of each resource once.

The SDK decodes them again for each policy of a pack, which is most of what a pack of many policies does. This is
the only place where the pack reaches into the SDK; without it, all that changes is the time.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from pulumi_policy import policy as sdk

MOST = 100_000
"""How much is remembered before all of it is forgotten: far more than the resources of one stack."""


class Memory:
    """What was made of objects, by their identity."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}

    def recall(self, thing: Any, make: Callable[[], Any]) -> Any:
        """What was made of this very object before, or what is made of it now."""
        key = id(thing)
        if key not in self._made:
            if len(self._made) >= MOST:
                self._made.clear()
            # The object is kept too: as long as it lives, no other one has its identity.
            self._made[key] = (thing, make())
        return self._made[key][1]


def decode_once() -> None:
    """Let the SDK remember what it has decoded, for as long as this process runs."""
    decode = _remembering(json_format.MessageToDict)
    setattr(sdk, "json_format", SimpleNamespace(MessageToDict=decode))  # noqa: B010 (for the type checker)
    for name in ("deserialize_properties", "unknown_checking_proxy"):
        setattr(sdk, name, _remembering(getattr(sdk, name)))


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    memory = Memory()

    def remembered(argument: Any, **options: Any) -> Any:
        if options:
            return function(argument, **options)
        return memory.recall(argument, lambda: function(argument))

    return remembered
