"""Which events of the catalogue a route's pattern matches, and whether each event reaches somebody."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any

from events.envelope import Event
from events.matchers import NUMBER, accepts, flaws
from events.schema import Schema, envelope_schema

Pattern = Mapping[str, Any]
"""An EventBridge pattern."""

ENVELOPE = ("version", "id", "account", "region", "time", "resources", "replay-name")
"""What EventBridge itself puts around an event, with values that are not known here."""
EITHER = "$or"


def matched(pattern: Pattern, events: Iterable[type[Event]]) -> tuple[type[Event], ...]:
    """The events that the pattern lets through, as far as their fixed values decide it."""
    return tuple(event for event in events if _fits(pattern, _delivered(event)))


def check_routes(
    events: Iterable[type[Event]], routes: Mapping[str, Pattern], keeping: Collection[str] = ()
) -> None:
    """Raise one `ValueError` with every route that cannot work and every event that nobody consumes.

    `keeping` names the routes that take whatever happens, to keep it: by those alone, every event were consumed.
    """
    # What no event could match is a mistake of the pattern itself, and says nothing about any event.
    problems = [
        f"route {name!r}: {flaw}"
        for name, pattern in routes.items()
        for flaw in _flaws(pattern, {}, "")
    ] or [*_gaps(tuple(events), routes, keeping)]
    if problems:
        raise ValueError("\n".join(problems))


def _gaps(
    events: tuple[type[Event], ...], routes: Mapping[str, Pattern], keeping: Collection[str]
) -> Iterator[str]:
    """What routes miss, and who misses a route."""
    for name, pattern in routes.items():
        yield from _misses(name, pattern, events)
    reacting = [pattern for name, pattern in routes.items() if name not in keeping]
    consumed = {event for pattern in reacting for event in matched(pattern, events)}
    but_kept = f", only kept by {' and '.join(sorted(keeping))}" if keeping else ""
    for event in events:
        if event not in consumed and not event.terminal:
            yield f"event {event.name} is consumed by nobody{but_kept}; give it a route, or declare it terminal"


def _misses(name: str, pattern: Pattern, events: tuple[type[Event], ...]) -> Iterator[str]:
    found = matched(pattern, events)
    if not found:
        known = sorted(f"{event.source}: {event.name}" for event in events)
        yield f"route {name!r} matches no event: {json.dumps(pattern)}; events are {known}"
    for event in found:
        for field, fields in _lacking(pattern, _delivered(event), ""):
            yield f"route {name!r}: {event.name} has no field {field!r}; its fields there are {fields}"
        for flaw in _flaws(pattern, _delivered(event), ""):
            yield f"route {name!r}: {event.name}'s {flaw}"


@cache
def _delivered(event: type[Event]) -> Schema:
    """The whole event as EventBridge matches it."""
    return {
        "properties": {
            **{name: {} for name in ENVELOPE},
            "source": {"enum": [event.source]},
            "detail-type": {"enum": [event.name]},
            "detail": envelope_schema(event),
        }
    }


def _fits(pattern: Pattern, schema: Schema) -> bool:
    alternatives = pattern.get(EITHER)
    return all(
        _field_fits(wanted, _field(schema, name) or {})
        for name, wanted in pattern.items()
        if name != EITHER
    ) and (alternatives is None or any(_fits(one, schema) for one in alternatives))


def _field_fits(wanted: Any, schema: Schema) -> bool:
    if isinstance(wanted, Mapping):
        return _fits(wanted, schema)
    fixed = schema.get("enum")
    return fixed is None or any(accepts(matcher, value) for matcher in wanted for value in fixed)


def _lacking(pattern: Pattern, schema: Schema, path: str) -> Iterator[tuple[str, list[str]]]:
    """Each field of the pattern that the schema lacks, and those that it has in that place."""
    for name, wanted in pattern.items():
        if name == EITHER:
            for one in wanted:
                yield from _lacking(one, schema, path)
            continue
        found = _field(schema, name)
        if found is None:
            yield f"{path}{name}", sorted(_fields(schema))
        elif isinstance(wanted, Mapping):
            yield from _lacking(wanted, found, f"{path}{name}.")


def _flaws(pattern: Pattern, schema: Schema, path: str) -> Iterator[str]:
    """What is wrong with what the pattern asks of each field, given what the schema says of it."""
    if not pattern:
        yield f"{path.rstrip('.') or 'the pattern'} asks for nothing; leave it out, or name what has to match"
    for name, wanted in pattern.items():
        found = _field(schema, name) or {}
        if name == EITHER:
            for one in wanted:
                yield from _flaws(one, schema, path)
        elif isinstance(wanted, Mapping):
            yield from _flaws(wanted, found, f"{path}{name}.")
        else:
            yield from (f"{path}{name} {flaw}" for flaw in flaws(wanted, _types(found)))


def _types(schema: Schema) -> AbstractSet[str]:
    """What a field can be, or the entries of a list: EventBridge looks into lists."""
    if isinstance(schema.get("items"), dict):
        return _types(schema["items"])
    if "anyOf" in schema:
        alternatives = [_types(one) for one in schema["anyOf"]]
        return set().union(*alternatives) if all(alternatives) else set()
    type_ = schema.get("type")
    return {NUMBER if type_ == "integer" else type_} if isinstance(type_, str) else set()


def _field(schema: Schema, name: str) -> Schema | None:
    return _fields(schema).get(name, schema.get("additionalProperties") or None)


def _fields(schema: Schema) -> dict[str, Schema]:
    """The fields of an object, or of the objects in a list: EventBridge looks into lists."""
    fields = dict(schema.get("properties", {}))
    if isinstance(schema.get("items"), dict):
        fields |= _fields(schema["items"])
    for alternative in schema.get("anyOf", ()):
        fields |= _fields(alternative)
    return fields
