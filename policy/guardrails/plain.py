"""From the SDK's guarded properties to plain data, with values that are not known yet marked as such."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
)

from .aws import type_of
from .resource import Resource, Stack, Unknown
from .shortcuts import Memory

_UNKNOWN = frozenset(
    {UNKNOWN_ARCHIVE_VALUE, UNKNOWN_ARRAY_VALUE, UNKNOWN_ASSET_VALUE, UNKNOWN_BOOLEAN_VALUE}
    | {UNKNOWN_NUMBER_VALUE, UNKNOWN_OBJECT_VALUE, UNKNOWN_STRING_VALUE}
)


class Reader:
    """Reads what the SDK hands over; what it has read before, it does not read again."""

    def __init__(self) -> None:
        self._read = Memory()
        self._stack = Stack(())

    def resource(self, given: ResourceValidationArgs | PolicyResource) -> Resource:
        """A resource as rules see it."""
        return self._read.recall(given.props, _resource, given)

    def stack(self, given: Sequence[PolicyResource]) -> Stack:
        """A stack as rules see it; the same object as before, if it is the same stack."""
        return self._read.recall(given, self._stacked, given)

    def _stacked(self, given: Sequence[PolicyResource]) -> Stack:
        resources = [self.resource(each) for each in given]
        if resources != self._stack.resources:
            self._stack = Stack(resources)
        return self._stack


def _resource(given: ResourceValidationArgs | PolicyResource) -> Resource:
    provider = given.provider
    declared = given.property_dependencies if isinstance(given, PolicyResource) else {}
    depends_on = {name: [source.urn for source in sources] for name, sources in declared.items()}
    return Resource(
        type=type_of(given.resource_type),
        name=given.name,
        urn=given.urn,
        props=_declared(plain(given.props), depends_on),
        protect=given.opts.protect,
        default_tags=_default_tags(plain(provider.props)) if provider else {},
        depends_on=depends_on,
    )


def _declared(props: Mapping[str, Any], depends_on: Mapping[str, Any]) -> Mapping[str, Any]:
    """Properties without those that only the provider will know.

    In a preview, the outputs of a new resource hold an unknown value for everything that a provider computes, a
    redrive policy for instance. It would be taken for one that the program has set, were it not that the engine
    names each property that a program sets, and what it depends on.
    """
    return {
        key: value
        for key, value in props.items()
        if key in depends_on or not depends_on or not isinstance(value, Unknown)
    }


def plain(value: Any, path: str = "") -> Any:
    """A value without the SDK's guards, which raise at some uses of an unknown value and miss others."""
    if isinstance(value, str):
        return Unknown(path) if value in _UNKNOWN else value
    if isinstance(value, Mapping):
        # The SDK's own way past its guards, which would raise at the first unknown value.
        unguarded: Mapping[str, Any] = value["__target"] if type(value) is not dict else value
        return {
            key: plain(each, f"{path}.{key}" if path else key) for key, each in unguarded.items()
        }
    if isinstance(value, Sequence):
        elements: Any = value["__target"] if not isinstance(value, list) else value  # pyrefly: ignore[bad-index] (as above)
        return [plain(each, f"{path}.{index}") for index, each in enumerate(elements)]
    return value


def _default_tags(provider: Mapping[str, Any]) -> Mapping[str, str]:
    """The tags that a provider gives to everything; nested settings of a provider travel as text."""
    settings = provider.get("defaultTags") or {}
    tags = json.loads(settings) if isinstance(settings, str) else settings
    return tags.get("tags") or {}
