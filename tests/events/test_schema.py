"""The JSON Schema of an event says what msgspec accepts, in the draft that the registry takes."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest

from events.catalogue import CATALOGUE
from events.envelope import Event
from events.schema import DRAFT_4, draft4_schema, envelope_schema, mapped, schema_texts
from tests.events.catalogues import Closed, Sold


class Node(msgspec.Struct, frozen=True):
    """Contains itself."""

    below: "Node | None" = None


class Grown(Event, frozen=True, kw_only=True):
    """A tree has grown."""

    name: ClassVar[str] = "tree.grown"
    source: ClassVar[str] = "garden"

    root: Node


class Weighed(Event, frozen=True, kw_only=True):
    """Uses what Draft 4 writes in another way."""

    name: ClassVar[str] = "scale.weighed"
    source: ClassVar[str] = "scale"

    grams: Annotated[float, msgspec.Meta(gt=0, lt=5, examples=[2.5])]
    place: tuple[int, str]
    unit: Literal["g"]
    tags: dict[str, Annotated[float, msgspec.Meta(gt=1)]]
    either: Annotated[int, msgspec.Meta(gt=7)] | None = None


def _schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    mapped(schema, lambda one: found.append(one) or one)
    yield from found


def test_an_event_is_described_within_its_envelope():
    schema = envelope_schema(Sold)

    assert schema["title"] == "shop.sold"
    assert schema["description"] == "Something was sold."
    assert schema["required"] == ["version", "id", "source", "type", "time", "data", "metadata"]
    fixed = {name: one["enum"] for name, one in schema["properties"].items() if "enum" in one}
    assert fixed == {"version": ["1"], "source": ["shop"], "type": ["shop.sold"]}
    data = schema["properties"]["data"]
    assert data["required"] == ["receiptId", "items"]
    assert data["properties"]["receiptId"] == {"type": "string", "maxLength": 8}
    assert data["properties"]["items"]["items"]["required"] == ["productId", "price"]


def test_a_field_has_the_sentence_that_stands_below_it():
    fields = envelope_schema(Sold)["properties"]["data"]["properties"]

    assert fields["items"]["description"] == "What is on the receipt."
    assert "description" not in fields["receiptId"]


@pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.name)
def test_a_schema_refers_to_nothing(event: type[Event]):
    text = json.dumps(draft4_schema(event))

    assert "$ref" not in text
    assert "$defs" not in text
    assert len(text) < 100_000


@pytest.mark.parametrize("module", ["nowhere", "sys"])
def test_fields_of_a_struct_that_stands_nowhere_are_described_without_sentences(module: str):
    made: Any = msgspec.defstruct(
        "Made",
        [("size", int)],
        bases=(Event,),
        module=module,
        frozen=True,
        kw_only=True,
        namespace={"name": "shop.made", "source": "shop"},
    )

    assert envelope_schema(made)["properties"]["data"]["properties"] == {
        "size": {"type": "integer"}
    }


def test_the_registry_gets_draft_4():
    schema = draft4_schema(Weighed)

    fields = schema["properties"]["data"]["properties"]
    assert schema["$schema"] == DRAFT_4
    assert fields["grams"] == {
        "type": "number",
        "minimum": 0,
        "exclusiveMinimum": True,
        "maximum": 5,
        "exclusiveMaximum": True,
    }
    assert fields["place"]["items"] == [{"type": "integer"}, {"type": "string"}]
    assert fields["place"]["additionalItems"] is False
    assert fields["unit"]["enum"] == ["g"]
    assert fields["tags"]["additionalProperties"]["exclusiveMinimum"] is True
    assert fields["either"]["anyOf"][0]["exclusiveMinimum"] is True
    later = {"const", "examples", "prefixItems"}
    assert [one for one in _schemas(schema) if later & one.keys()] == []


def test_a_field_may_be_called_like_a_keyword():
    class Framed(Event, frozen=True, kw_only=True):
        name: ClassVar[str] = "picture.framed"
        source: ClassVar[str] = "gallery"

        examples: int
        const: str

    assert draft4_schema(Framed)["properties"]["data"]["properties"] == {
        "examples": {"type": "integer"},
        "const": {"type": "string"},
    }


def test_a_struct_that_contains_itself_is_refused():
    with pytest.raises(ValueError, match="struct Node contains itself"):
        envelope_schema(Grown)


def test_schemas_are_named_as_eventbridge_names_them():
    texts = schema_texts((Sold, Closed))

    assert list(texts) == ["shop@shop.sold", "shop@shop.closed"]
    assert json.loads(texts["shop@shop.sold"]) == draft4_schema(Sold)
