"""`docs/events.md`: every event, what it says, who publishes it and who consumes it."""

import json
from collections.abc import Iterator

from docs.generate.examples import example
from docs.generate.markdown import GENERATED, block, code, table
from docs.generate.system import System
from events.contract import published_file
from events.envelope import Event
from events.schema import Schema, envelope_schema, meaning

HEAD = f"""{GENERATED}

# Events

Every event of the system, as [`events/catalogue.py`](../events/catalogue.py) declares it and as the program
routes it. The same as AsyncAPI: [asyncapi.yaml](asyncapi.yaml). The program as a picture:
[architecture.md](architecture.md).

A consumer ignores fields that it does not know, so an optional field can be added at any time. What would break a
consumer (a field removed, required or of another type, an event removed) stops the program before anything is
deployed, with the names of the event, the field and its consumers; so does an event that nobody consumes but journal and
lake, which keep all events, unless it is declared terminal, and a route that no event matches. `make docs` writes this
page and publishes the schemas.
"""


def events_page(system: System) -> str:
    """The whole page."""
    overview = table(
        ("Event", "Published by", "Consumed by"),
        (
            (
                f"`{event.name}`",
                _publishers(system, event),
                _names(system, event),
            )
            for event in system.events
        ),
    )
    sections = [_section(system, event) for event in system.events]
    return "\n\n".join((HEAD.rstrip(), overview, _envelope(system.events[0]), *sections)) + "\n"


def _envelope(event: type[Event]) -> str:
    fields = [row for row in _rows(envelope_schema(event)) if not row[0].startswith("`data.")]
    return "\n\n".join(
        (
            "## The envelope",
            "What EventBridge carries as `detail`. `source`, `type` and `version` are those of the event.",
            table(("Field", "Type", "Required", "Meaning"), map(_of_any_event, fields)),
        )
    )


def _of_any_event(row: tuple[str, ...]) -> tuple[str, ...]:
    field, type_, *rest = row
    return (field, type_.split(", one of")[0], *rest)


def _section(system: System, event: type[Event]) -> str:
    file = published_file(event)
    facts = (
        ("Source", f"`{event.source}`"),
        ("Version", event.version),
        ("Published by", _publishers(system, event)),
        ("Consumed by", _consumers(system, event)),
        ("Schema", f"[{file}](../events/published/{file})"),
    )
    data = envelope_schema(event)["properties"]["data"]
    return "\n\n".join(
        (
            f"## {event.name}",
            meaning(event),
            table(("", ""), facts),
            table(("Field of `data`", "Type", "Required", "Meaning"), _rows(data)),
            block("json", json.dumps(example(event), indent=2)),
        )
    )


def _publishers(system: System, event: type[Event]) -> str:
    return code(part.name for part in system.publishers(event))


def _names(system: System, event: type[Event]) -> str:
    return code(one.consumer.name for one in system.consumers(event))


def _consumers(system: System, event: type[Event]) -> str:
    found = (
        f"`{one.consumer.name}` of {one.consumer.owner}, through `{one.route}`"
        for one in system.consumers(event)
    )
    return "<br/>".join(found) or ("nobody has to: it is terminal" if event.terminal else "nobody")


def _rows(schema: Schema, prefix: str = "") -> Iterator[tuple[str, ...]]:
    """A row for each field, and for each field below it."""
    for name, field in schema.get("properties", {}).items():
        required = "yes" if name in schema.get("required", ()) else "no"
        path = f"{prefix}{name}"
        yield f"`{path}`", _type(field), required, field.get("description", "")
        yield from _rows(field, f"{path}.")
        yield from _rows(field.get("items", {}), f"{path}[].")


def _type(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}"
    facts = [*([schema["type"]] if "type" in schema else []), *_limits(schema)]
    if "enum" in schema:
        facts.append(f"one of {code(map(str, schema['enum']))}")
    return ", ".join(facts) or "anything"


def _limits(schema: Schema) -> Iterator[str]:
    for least, most, unit in RANGES:
        if least in schema and most in schema:
            yield f"{schema[least]} to {schema[most]}{unit}"
        elif least in schema:
            yield f"at least {schema[least]}{unit}"
        elif most in schema:
            yield f"at most {schema[most]}{unit}"
    yield from (f"{word} `{schema[key]}`" for key, word in WORDS.items() if key in schema)


RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
)
WORDS = {
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "pattern": "as",
    "format": "a",
}
"""Other keywords that limit a field, in words."""
