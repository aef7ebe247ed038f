"""What a rule sees: declared resources as plain data, in which a value that is not known yet refuses to be used."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from .aws import BUCKET, is_of_another_type, name_in, region_in


class UnknownValue(Exception):  # noqa: N818 (it is no error: a preview cannot know everything)
    """A rule needed a value that is not known yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Unreadable(ValueError):  # noqa: N818 (it is what the property is)
    """A property cannot be read, and so not be judged; IAM or the service would refuse it."""


class Secret(str):
    """A text that the program keeps secret; rules read it like any other, and never print it."""

    __slots__ = ()


class Unknown:
    """A value that is not known yet.

    Whatever is done with it raises `UnknownValue`, so that no rule can take it for a value by accident.
    """

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def refuse(self, *_: object) -> NoReturn:
        """Raise `UnknownValue`."""
        raise UnknownValue(self._path)

    __bool__ = __eq__ = __hash__ = __iter__ = __len__ = __contains__ = __getitem__ = refuse
    __str__ = __repr__ = __format__ = __int__ = __float__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = refuse

    def __getattr__(self, _name: str) -> NoReturn:
        self.refuse()


Props = Mapping[str, Any]


def value_at(value: Any, *path: str, default: Any = None) -> Any:
    """The value at a path within a value; where a list stands in for its only element, that is taken."""
    for key in path:
        if isinstance(value, Unknown):
            value.refuse()
        if isinstance(value, Sequence):
            value = value[0] if value else {}
        if not isinstance(value, Mapping) or key not in value:
            return default
        value = value[key]
    return default if value is None else value


def values_at(value: Any, *path: str) -> Iterator[Any]:
    """The values that are set at a path, of which `*` stands for each of a list; one that is not known yet is one."""
    if isinstance(value, Unknown) or not path:
        if is_set(value):
            yield value
    elif path[0] == "*":
        several = isinstance(value, Sequence) and not isinstance(value, str)
        for each in value if several else (value,):
            yield from values_at(each, *path[1:])
    else:
        if isinstance(value, Sequence) and not isinstance(value, str):
            value = value[0] if value else {}
        if isinstance(value, Mapping):
            yield from values_at(value.get(path[0]), *path[1:])


def is_set(value: Any) -> bool:
    """Whether a property was given a value, be it one that is not known yet."""
    return isinstance(value, Unknown) or bool(value)


@dataclass(frozen=True, eq=False)
class Resource:
    """One declared resource."""

    type: str
    name: str
    urn: str
    props: Props
    """Properties by their names in camelCase."""
    protect: bool = False
    """Whether Pulumi refuses to delete it."""
    default_tags: Mapping[str, str] = field(default_factory=dict)
    """Tags that its provider gives to every resource."""
    depends_on: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """URNs of the resources that each property takes its value from."""

    def get(self, *path: str, default: Any = None) -> Any:
        """The value at a path of properties, or `default` where there is none."""
        return value_at(self.props, *path, default=default)

    def json(self, property_: str, *, default: Any = None) -> Any:
        """The value of a property that may be given as JSON text; raises `Unreadable` if that is no JSON."""
        value = self.get(property_, default=default)
        if isinstance(value, Unknown):
            value.refuse()
        try:
            return json.loads(value) if isinstance(value, str) else value
        except json.JSONDecodeError as error:
            raise Unreadable(f"{property_} is no JSON: {error.msg} at {error.pos}") from None


@dataclass(frozen=True, eq=False)
class Stack:
    """All the resources of a stack, and how they refer to each other."""

    resources: Sequence[Resource]

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of some types."""
        for type_ in types:
            yield from self._by_type.get(type_, ())

    @cached_property
    def _by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = {}
        for resource in self.resources:
            for text in _names(resource):
                found.setdefault((resource.type, text), []).append(resource)
        return found

    def find(self, text: str, *types: str, region: Any = None) -> Resource | None:
        """The resource of one of some types that a name, an ARN or a URL means; none when it is not declared here.

        A name is looked for in a region, as far as that is known, an ARN in its own.
        """
        where = region_in(text) or region
        for type_ in types:
            for each in (text, name_in(text, type_)):
                for found in self._by_name.get((type_, each), ()):
                    if _may_be_in(found, where):
                        return found
        return None

    def named_by(
        self, resource: Resource, property_: str, value: Any, *types: str
    ) -> list[Resource]:
        """The resources of some types that a value within a property of a resource means.

        A value that is not known yet is followed to where it comes from; raises `UnknownValue` if that is nowhere here.
        """
        region = resource.props.get("region")
        if isinstance(value, str) and (found := self.find(value, *types, region=region)):
            return [found]
        urns = resource.depends_on.get(property_, ())
        sources = [self._by_urn[urn] for urn in urns if urn in self._by_urn]
        if isinstance(value, Unknown) and not sources:
            value.refuse()
        if isinstance(value, str):
            # A property may take more than one value from elsewhere, as the target of a schedule does.
            types = tuple(each for each in types if not is_of_another_type(value, each))
        return [source for source in sources if source.type in types]


def _may_be_in(resource: Resource, region: Any) -> bool:
    """Whether a resource is in a region, as far as both are known; a bucket's name is no other bucket's anywhere."""
    its_own = resource.props.get("region")
    known = isinstance(region, str) and isinstance(its_own, str) and resource.type != BUCKET
    return not known or region == its_own


def _names(resource: Resource) -> Iterator[str]:
    """The texts that other resources know a resource by, as far as they are known."""
    for key in ("name", "bucket", "family", "arn", "id", "url"):
        text = resource.props.get(key)
        if isinstance(text, str):
            yield text
