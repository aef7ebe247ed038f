"""An example of every event, made up from its schema."""

from typing import Any

from events.envelope import Event
from events.schema import Schema, envelope_schema

MOMENT = "2026-01-31T09:30:00.000Z"
ID = "0b9f6d1e-6f3c-4f0e-9a53-2f7f0f1f6f10"


def example(event: type[Event]) -> dict[str, Any]:
    """The envelope with every required field, and those optional ones that have an example.

    Raises `ValueError` for a field with a pattern and without an example.
    """
    return {**_value(envelope_schema(event), event.name), "id": ID}


def _value(schema: Schema, name: str) -> Any:
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], name)
    return MAKERS[schema.get("type", "string")](schema, name)


def _object(schema: Schema, _: str) -> dict[str, Any]:
    required = schema.get("required", ())
    return {
        field: _value(below, field)
        for field, below in schema.get("properties", {}).items()
        if field in required or _has_example(below)
    }


def _has_example(schema: Schema) -> bool:
    return "examples" in schema or any(_has_example(one) for one in schema.get("anyOf", ()))


def _text(schema: Schema, name: str) -> str:
    if "pattern" in schema:
        raise ValueError(
            f"the field {name!r} has a pattern; give it an example: Meta(examples=[…])"
        )
    if schema.get("format") == "date-time":
        return MOMENT
    # An id says what it is the id of: `orderId` is `order-1`.
    return f"{name.removesuffix('Id')}-1" if name.endswith("Id") else name


MAKERS = {
    "object": _object,
    "array": lambda schema, name: [_value(schema["items"], name)],
    "string": _text,
    "integer": lambda schema, _: schema.get("minimum", 1),
    "number": lambda schema, _: schema.get("minimum", 1.0),
    "boolean": lambda *_: True,
}
