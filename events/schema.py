"""The JSON Schema of every event in its envelope, derived from the structs of the catalogue."""

import ast
import inspect
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from events.envelope import Envelope, Event, Metadata

Schema = dict[str, Any]

DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def envelope_schema(event: type[Event]) -> Schema:
    """What `detail` looks like when it carries this event, in keywords that Draft 6 and later share.

    It has no references. Raises `ValueError` for a struct that contains itself.
    """
    [root], definitions = msgspec.json.schema_components([Envelope[event]], ref_template="{name}")
    _describe(definitions[root["$ref"]], Envelope)
    for struct in _structs(msgspec.inspect.multi_type_info([event, Metadata]), set()):
        _describe(definitions[struct.__name__], struct)
    schema = _inlined(root, definitions, ())
    schema["title"] = event.name
    schema["description"] = meaning(event)
    # These say which event it is: with another value it would be another event.
    for field in ("source", "version"):
        schema["properties"][field]["enum"] = [getattr(event, field)]
    schema["properties"]["type"]["enum"] = [event.name]
    schema["properties"]["time"]["format"] = "date-time"
    # As it will be read: an empty default of several values is a tuple here and a list once it is published.
    return json.loads(json.dumps(schema))


@cache
def draft4_schema(event: type[Event]) -> Schema:
    """The same schema in Draft 4, the only draft that EventBridge's registry takes; not to be changed."""
    return {"$schema": DRAFT_4, **mapped(envelope_schema(event), _as_draft4)}


def schema_texts(events: Iterable[type[Event]]) -> dict[str, str]:
    """Draft 4 as text, by the names that EventBridge itself gives to schemas: `source@detail-type`."""
    return {
        f"{event.source}@{event.name}": json.dumps(draft4_schema(event), sort_keys=True)
        for event in events
    }


def meaning(event: type[Event]) -> str:
    """What has happened when this event is published."""
    return inspect.cleandoc(event.__doc__ or "")


def mapped(schema: Mapping[str, Any], change: Callable[[Schema], Schema]) -> Schema:
    """The schema with a change made to every schema below it, and then to itself."""
    result: Schema = {}
    for keyword, value in schema.items():
        if keyword == "properties":
            result[keyword] = {name: mapped(below, change) for name, below in value.items()}
        elif keyword in {"anyOf", "prefixItems"}:
            result[keyword] = [mapped(below, change) for below in value]
        elif keyword in {"items", "additionalProperties"} and isinstance(value, dict):
            result[keyword] = mapped(value, change)
        else:
            result[keyword] = value
    return change(result)


def _inlined(
    reference: Schema, definitions: Mapping[str, Schema], within: tuple[str, ...]
) -> Schema:
    name = reference["$ref"]
    if name in within:
        raise ValueError(
            f"struct {name} contains itself; a schema without references cannot say so"
        )

    def resolve(schema: Schema) -> Schema:
        return _inlined(schema, definitions, (*within, name)) if "$ref" in schema else schema

    # What is said beside a reference, such as the field's meaning, holds for this use of the struct.
    beside = {key: value for key, value in reference.items() if key != "$ref"}
    return {**mapped(definitions[name], resolve), **beside}


def _as_draft4(schema: Schema) -> Schema:
    draft = {key: value for key, value in schema.items() if key != "examples"}
    for bound in ("Minimum", "Maximum"):
        if f"exclusive{bound}" in schema:
            draft[bound.lower()] = schema[f"exclusive{bound}"]
            draft[f"exclusive{bound}"] = True
    if "prefixItems" in schema:
        draft["items"] = draft.pop("prefixItems")
        draft["additionalItems"] = False
    return draft


def _describe(schema: Schema, struct: type[msgspec.Struct]) -> None:
    meanings = dict(_meanings(struct))
    for field in msgspec.structs.fields(struct):
        if field.name in meanings:
            schema["properties"][field.encode_name]["description"] = meanings[field.name]


def _meanings(struct: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    """Each field with the sentence below it, which Python itself does not keep."""
    for owner in reversed(struct.__mro__[: struct.__mro__.index(msgspec.Struct)]):
        yield from _own_meanings(owner)


@cache
def _own_meanings(struct: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """Those of the fields that the struct adds to what it inherits."""
    found: list[tuple[str, str]] = []
    for field, sentence in itertools.pairwise(_bodies(struct.__module__).get(struct.__name__, ())):
        match field, sentence:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found.append((name, inspect.cleandoc(text)))
    return tuple(found)


@cache
def _bodies(module: str) -> Mapping[str, list[ast.stmt]]:
    """The body of each class of a module; `inspect.getsource` would parse the module once for each class."""
    try:
        parsed = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):  # what is typed in, or made at run time, stands nowhere
        return {}
    return {node.name: node.body for node in ast.walk(parsed) if isinstance(node, ast.ClassDef)}


def _structs(found: object, seen: set[type]) -> Iterator[type[msgspec.Struct]]:
    """The structs that described types consist of, each once."""
    if isinstance(found, msgspec.inspect.StructType):
        if found.cls in seen:
            return
        seen.add(found.cls)
        yield found.cls
    if isinstance(found, (msgspec.inspect.Type, msgspec.inspect.Field)):
        found = msgspec.structs.astuple(found)
    if isinstance(found, (tuple, list)):
        for one in found:
            yield from _structs(one, seen)
