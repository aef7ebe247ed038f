"""What components are given: a slip that a type checker finds must not be taken for a default where there is none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin, is_typeddict


def check_arguments(name: str, args: Mapping[str, Any], expected: Any) -> None:
    """Compare the arguments of a component with the `TypedDict` that describes them.

    Raises `ValueError` for one that there is not, or that is missing, in it or in a `TypedDict` within it.
    """
    kind = expected.__name__.removesuffix("Args")
    _check(f"{kind} {name!r}", args, expected)


def _check(where: str, given: Mapping[str, Any], expected: Any) -> None:
    known: Mapping[str, Any] = expected.__annotations__
    for key in given:
        if key not in known:
            raise ValueError(f"{where}: {key!r} is no argument; take of {', '.join(sorted(known))}")
    for key in sorted(expected.__required_keys__):
        if key not in given:
            raise ValueError(f"{where}: the argument {key!r} is missing")
    for key, value in given.items():
        for each, described in _within(value, known[key]):
            _check(f"{where}: {key}", each, described)


def _within(value: Any, hint: Any) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """What a value holds that a `TypedDict` describes: the value itself, or the elements of a sequence or a mapping."""
    values = [value]
    if is_typeddict(hint):
        if isinstance(value, Mapping):
            yield value, hint
    elif get_origin(hint) is Mapping:
        values = [*value.values()] if isinstance(value, Mapping) else []
    elif get_origin(hint) is Sequence:
        values = value if isinstance(value, Sequence) else []
    for part in get_args(hint):
        for each in values:
            yield from _within(each, part)
