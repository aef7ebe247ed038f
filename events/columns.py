"""The events as a table: columns in the types of Hive, which Glue and Athena share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec
from msgspec import inspect

from events.envelope import Envelope, Event

PRIMITIVES: Mapping[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.IntType: "bigint",
    inspect.FloatType: "double",
    inspect.BoolType: "boolean",
}


class Column(NamedTuple):
    """A column of a table."""

    name: str
    """In lower case, as Athena has all names."""
    type: str
    """In the language of Hive, such as `array<string>`."""


def columns(events: Sequence[type[Event]]) -> list[Column]:
    """The columns of a table whose rows are these events in their envelopes.

    The column `data` has every field that any event has. Raises `ValueError` when two events have a
    field of one name and different types, because a table can have only one of them.
    """
    return [
        Column(
            field.encode_name.lower(), _data(events) if field.name == "data" else _hive(field.type)
        )
        for field in _fields(Envelope[events[0]])
    ]


def _data(events: Iterable[type[Event]]) -> str:
    found: dict[str, tuple[str, type[Event]]] = {}
    for event in events:
        for field in _fields(event):
            name, type_ = field.encode_name.lower(), _hive(field.type)
            known, first = found.setdefault(name, (type_, event))
            if known != type_:
                raise ValueError(
                    f"{first.name} has the field {name!r} as {known}, {event.name} as {type_}; "
                    "a table has one type for both: give one field another name"
                )
    return _struct({name: type_ for name, (type_, _) in found.items()})


def _fields(struct: type[msgspec.Struct]) -> Sequence[inspect.Field]:
    return cast("inspect.StructType", inspect.type_info(struct)).fields


def _hive(type_: inspect.Type) -> str:
    if isinstance(type_, inspect.Metadata):
        return _hive(type_.type)
    if isinstance(type_, inspect.UnionType):
        return _either(type_)
    if isinstance(type_, inspect.VarTupleType | inspect.ListType):
        return f"array<{_hive(type_.item_type)}>"
    if isinstance(type_, inspect.DictType):
        return f"map<{_hive(type_.key_type)},{_hive(type_.value_type)}>"
    if isinstance(type_, inspect.StructType):
        return _struct({one.encode_name.lower(): _hive(one.type) for one in type_.fields})
    if type(type_) not in PRIMITIVES:
        raise ValueError(
            f"{type_} has no counterpart in Hive; take one of {sorted(PRIMITIVES.values())}"
        )
    return PRIMITIVES[type(type_)]


def _either(union: inspect.UnionType) -> str:
    """A column may always be empty, so that a type or nothing is that type."""
    kinds = [_hive(one) for one in union.types if not isinstance(one, inspect.NoneType)]
    if len(kinds) != 1:
        raise ValueError(f"a column has one type; it cannot be any of {kinds}")
    return kinds[0]


def _struct(fields: Mapping[str, str]) -> str:
    return f"struct<{','.join(f'{name}:{type_}' for name, type_ in sorted(fields.items()))}>"
