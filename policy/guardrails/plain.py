"""From the SDK's guarded properties to plain data, with values that are not known yet marked as such."""

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

from .resource import Resource, Stack, Unknown

_UNKNOWN = frozenset(
    {UNKNOWN_ARCHIVE_VALUE, UNKNOWN_ARRAY_VALUE, UNKNOWN_ASSET_VALUE, UNKNOWN_BOOLEAN_VALUE}
    | {UNKNOWN_NUMBER_VALUE, UNKNOWN_OBJECT_VALUE, UNKNOWN_STRING_VALUE}
)


class Reader:
    """Reads what the SDK hands over; what it has read before, it does not read again."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[Any, Resource]] = {}
        self._stack = Stack(())

    def resource(self, given: ResourceValidationArgs | PolicyResource) -> Resource:
        """A resource as rules see it."""
        props, found = self._read.get(id(given.props), (None, None))
        if found is None or props is not given.props:
            found = _resource(given)
            # The SDK's properties are kept as well: while they live, no others have their identity.
            self._read[id(given.props)] = (given.props, found)
        return found

    def stack(self, given: Sequence[PolicyResource]) -> Stack:
        """A stack as rules see it; the same object as before, if it is the same stack."""
        resources = [self.resource(each) for each in given]
        if resources != self._stack.resources:
            self._stack = Stack(resources)
        return self._stack


def _resource(given: ResourceValidationArgs | PolicyResource) -> Resource:
    provider = given.provider
    dependencies = given.property_dependencies if isinstance(given, PolicyResource) else {}
    parent = given.parent.urn if isinstance(given, PolicyResource) and given.parent else ""
    return Resource(
        type=given.resource_type,
        name=given.name,
        urn=given.urn,
        props=plain(given.props),
        protect=given.opts.protect,
        default_tags=_default_tags(plain(provider.props)) if provider else {},
        parent=parent,
        depends_on={
            property_: [source.urn for source in sources]
            for property_, sources in dependencies.items()
        },
    )


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
        elements: Any = value["__target"] if not isinstance(value, list) else value  # pyright: ignore[reportCallIssue, reportArgumentType]
        return [plain(each, f"{path}.{index}") for index, each in enumerate(elements)]
    return value


def _default_tags(provider: Mapping[str, Any]) -> Mapping[str, str]:
    tags = provider.get("defaultTags") or {}
    return tags.get("tags") or {}
