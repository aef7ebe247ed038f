"""A resource as a Pulumi program declares it, and what its service made of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Aws = Callable[[str], Any]
"""The boto3 client of a service, by its name."""


OWN_NAMES = {"parameters", "variables"}
"""Properties whose keys are the program's own names, not AWS's."""


class Made(NamedTuple):
    """What a service made: the resource's id, and outputs beyond the inputs, in camelCase."""

    id: str
    outputs: dict[str, Any]


class Declaration(Mapping[str, Any]):
    """The declared properties of a resource, which remember which of them were read."""

    def __init__(self, type_: str, name: str, properties: Mapping[str, Any]) -> None:
        self.type = type_
        self.name = name
        self._properties = {key: whole(value) for key, value in properties.items()}
        self._read = set[str]()

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return self._properties[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._properties)

    def __len__(self) -> int:
        return len(self._properties)

    @property
    def unread(self) -> list[str]:
        """Properties that nobody has read, so that nothing was made of them."""
        return sorted(self._properties.keys() - self._read)

    @property
    def physical_name(self) -> str:
        """The declared name; without one, as Pulumi does, the resource's own."""
        return self.get("name") or self.name

    def renamed(self, **properties: str) -> dict[str, Any]:
        """A request's parameters by their names: the declared ones of these properties."""
        return {name: self[key] for name, key in properties.items() if key in self}

    def same(self, *keys: str) -> dict[str, Any]:
        """These properties, of those declared, for a service that calls them the same."""
        return {key: self[key] for key in keys if key in self}

    def capitalised(self, *keys: str) -> dict[str, Any]:
        """These properties, of those declared, with all names below them in PascalCase."""
        return {capital(key): pascal(self[key]) for key in keys if key in self}

    def tags(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        """The declared tags, as services take them that want a list."""
        return [{key: name, value: text} for name, text in self.get("tags", {}).items()]


def whole(value: Any) -> Any:
    """Turn the floats, as which all numbers reach a provider, back into integers where they are whole."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return value


def capital(name: str) -> str:
    """The name with a capital first letter."""
    return name[:1].upper() + name[1:]


def pascal(value: Any) -> Any:
    """The value with all of AWS's names in PascalCase."""
    if isinstance(value, list):
        return [pascal(item) for item in value]
    if isinstance(value, dict):
        return {
            capital(key): item if key in OWN_NAMES else pascal(item) for key, item in value.items()
        }
    return value


def respelled(value: Any, names: Mapping[str, str]) -> Any:
    """The value with some names, at any depth, in the spelling that the service has for them."""
    if isinstance(value, list):
        return [respelled(item, names) for item in value]
    if isinstance(value, dict):
        return {names.get(key, key): respelled(item, names) for key, item in value.items()}
    return value
