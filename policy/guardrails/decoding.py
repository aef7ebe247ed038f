"""Decode the properties of each resource once.

The SDK decodes them again for each policy of a pack, which is most of what a pack of many policies does: 8 of
9 ms for a resource, before this. It is the only place where the pack reaches into the SDK; without it, all
that changes is the time.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from pulumi_policy import policy as sdk


class Once:
    """A function of one argument that is called once for each argument that is the same object."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._results: dict[int, tuple[Any, Any]] = {}

    def __call__(self, argument: Any, **options: Any) -> Any:
        """The function's result, from memory if it has been asked for this very object before."""
        if options:
            return self._function(argument, **options)
        key = id(argument)
        if key not in self._results:
            # The argument is kept too: as long as it lives, no other object has its identity.
            self._results[key] = (argument, self._function(argument))
        return self._results[key][1]


def decode_once() -> None:
    """Let the SDK remember what it has decoded, for as long as this process runs."""
    decode = Once(json_format.MessageToDict)
    setattr(sdk, "json_format", SimpleNamespace(MessageToDict=decode))  # noqa: B010 (for the type checker)
    for name in ("deserialize_properties", "unknown_checking_proxy"):
        setattr(sdk, name, Once(getattr(sdk, name)))
