"""Which events of the catalogue a route's pattern matches, and whether each event reaches somebody."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from events.envelope import Event
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
    events = tuple(events)
    problems = [
        problem for name, pattern in routes.items() for problem in _misses(name, pattern, events)
    ]
    reacting = [pattern for name, pattern in routes.items() if name not in keeping]
    consumed = {event for pattern in reacting for event in matched(pattern, events)}
    but_kept = f", only kept by {' and '.join(sorted(keeping))}" if keeping else ""
    problems += [
        f"event {event.name} is consumed by nobody{but_kept}; give it a route, or declare it terminal"
        for event in events
        if event not in consumed and not event.terminal
    ]
    if problems:
        raise ValueError("\n".join(problems))


def _misses(name: str, pattern: Pattern, events: tuple[type[Event], ...]) -> Iterator[str]:
    found = matched(pattern, events)
    if not found:
        known = sorted(f"{event.source}: {event.name}" for event in events)
        yield f"route {name!r} matches no event: {json.dumps(pattern)}; events are {known}"
    for event in found:
        for field, fields in _lacking(pattern, _delivered(event), ""):
            yield f"route {name!r}: {event.name} has no field {field!r}; its fields there are {fields}"


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


def accepts(matcher: Any, value: str) -> bool:
    """Whether one matcher of a pattern lets a text through; `ValueError` for one that AWS does not know."""
    if not isinstance(matcher, Mapping):
        return matcher == value
    kind, *more = matcher
    if more or kind not in MATCHERS:
        raise ValueError(f"{json.dumps(matcher)} is no matcher; take one of {sorted(MATCHERS)}")
    return MATCHERS[kind](matcher[kind], value)


def _in_any_case(matches: Callable[[str, str], bool]) -> Callable[[Any, str], bool]:
    def match(operand: Any, value: str) -> bool:
        if isinstance(operand, Mapping):
            return matches(operand["equals-ignore-case"].lower(), value.lower())
        return matches(operand, value)

    return match


def _anything_but(operand: Any, value: str) -> bool:
    if isinstance(operand, Mapping):
        [(kind, given)] = operand.items()
        return not any(accepts({kind: one}, value) for one in _listed(given))
    return value not in _listed(operand)


def _listed(operand: Any) -> list[Any]:
    return operand if isinstance(operand, list) else [operand]


def _wildcard(operand: str, value: str) -> bool:
    # A backslash takes the meaning from the character after it.
    parts = re.findall(r"\\(.)|(\*)|([^*\\]+)", operand)
    regex = "".join(".*" if star else re.escape(escaped or text) for escaped, star, text in parts)
    return re.fullmatch(regex, value, re.DOTALL) is not None


MATCHERS: dict[str, Callable[[Any, str], bool]] = {
    "prefix": _in_any_case(lambda operand, value: value.startswith(operand)),
    "suffix": _in_any_case(lambda operand, value: value.endswith(operand)),
    "equals-ignore-case": lambda operand, value: operand.lower() == value.lower(),
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "exists": lambda operand, _: operand is True,
    "numeric": lambda *_: False,
    "cidr": lambda *_: False,
}
"""EventBridge's matchers, applied to a text."""
