"""As many resources as a measurement needs: what the program declares, again and again under other names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any

from local.program import Declared


def copies(program: Sequence[Declared], number: int, prefix: str) -> list[Declared]:
    """So many resources, without components; no two copies have a name, an ARN or a document in common.

    `prefix` is how the names of the stack begin.
    """
    return list(islice(_copies([each for each in program if each.custom], prefix), number))


def _copies(resources: Sequence[Declared], prefix: str) -> Iterator[Declared]:
    for copy in count():
        for each in resources:
            yield _renamed(each, prefix, f"{prefix}{copy}", copy) if copy else each


def _renamed(each: Declared, old: str, new: str, copy: int) -> Declared:
    urns = {
        name: tuple(f"{urn}-{copy}" for urn in found)
        for name, found in each.property_dependencies.items()
    }
    return replace(
        each,
        urn=f"{each.urn}-{copy}",
        name=f"{each.name}-{copy}",
        inputs=_replaced(each.inputs, old, new),
        dependencies=tuple(f"{urn}-{copy}" for urn in each.dependencies),
        property_dependencies=urns,
    )


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, Mapping):
        return {key: _replaced(each, old, new) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(each, old, new) for each in value]
    return value
