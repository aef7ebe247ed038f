"""A change that would break a consumer is refused, with its event, its field and the consumers."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
import pytest

from events.catalogue import CATALOGUE
from events.contract import (
    CONSUMERS,
    check_catalogue,
    published,
    published_file,
    published_text,
)
from events.envelope import Event
from tests.events.catalogues import Closed, Item, Sold, as_published

Receipt = Annotated[str, msgspec.Meta(max_length=8)]


class CheapItem(Item, frozen=True, kw_only=True, rename="camel"):
    """A line with a price in cents."""

    price: int


def becoming(version: str = "1", source: str = "shop", **changed: Any) -> Any:
    """The event `shop.sold` with some fields changed, added, or left out with `None`."""
    fields = {
        "receipt_id": (Receipt,),
        "items": (tuple[Item, ...],),
        "status": (str, "PAID"),
        "till_id": (str, "till-1"),
        "customer_name": (str | None, None),
    } | changed
    described: list[Any] = [(name, *field) for name, field in fields.items() if field]
    return msgspec.defstruct(
        "Sold",
        described,
        bases=(Event,),
        frozen=True,
        kw_only=True,
        rename="camel",
        omit_defaults=True,
        namespace={"name": "shop.sold", "source": source, "version": version, "aggregate": "till"},
    )


BREAKING = {
    "a field removed": ({"status": None}, "data.status was removed"),
    "a field renamed": ({"receipt_id": None, "receipt": (Receipt,)}, "data.receiptId was removed"),
    "a field of another type": (
        {"status": (int, 1)},
        'data.status changed from {"default": "PAID", "type": "string"} to {"default": 1, "type": "integer"}',
    ),
    "another limit": ({"receipt_id": (str,)}, "data.receiptId changed from"),
    "another default": ({"status": (str, "NEW")}, "data.status changed from"),
    "a field that may be null no more": (
        {"customer_name": (str, "")},
        "data.customerName changed from",
    ),
    "an optional field required": ({"status": (str,)}, "data.status became required"),
    "a required field optional": ({"receipt_id": (Receipt, "")}, "data.receiptId became optional"),
    "a new field required": ({"till": (str,)}, "data.till is new and required"),
    "a list of something else": (
        {"items": (tuple[CheapItem, ...],)},
        "data.items[].price changed from",
    ),
    "a version of its own": ({"status": (int, 2)}, "undo that, or publish it as version '2'; "),
    "a list no more": ({"items": (Item,)}, "data.items changed from"),
    "a pair instead of a list": ({"items": (tuple[Item, Item],)}, "data.items"),
    "a list of anything": (
        {"items": (tuple[Any, ...],)},
        """data.items[] changed from {"properties": """,
    ),
    "another source": ({"source": "till"}, "source changed from"),
}


@pytest.mark.parametrize(("changed", "said"), BREAKING.values(), ids=BREAKING)
def test_a_breaking_change_is_refused_with_field_and_consumers(changed: dict[str, Any], said: str):
    before = [as_published(Sold, "count-sales", "print-receipt")]

    with pytest.raises(ValueError, match=r"^shop.sold v1: ") as refused:
        check_catalogue([becoming(**changed)], before)

    lines = str(refused.value).splitlines()
    assert any(said in line for line in lines)
    assert all(line.endswith("; consumed by count-sales, print-receipt") for line in lines)


def called(name: Any) -> Any:
    """An event of that name."""
    return msgspec.defstruct(
        "Sold",
        [("order_id", str)],
        bases=(Event,),
        frozen=True,
        namespace={"name": name, "source": "shop"},
    )


@pytest.mark.parametrize(
    "name",
    [
        "sold",
        "Shop.Sold",
        "shop.",
        ".sold",
        "shop..sold",
        "shop sold",
        "shop.sold\n",
        "",
        None,
        f"shop.{'s' * 124}",
    ],
)
def test_an_event_of_another_name_is_refused_with_its_class(name: Any):
    expected = (
        f"Sold has the name {name!r}; take <entity>.<past> in lower case, "
        "such as 'order.created', of up to 128 characters"
    )

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        check_catalogue([called(name)], [])


@pytest.mark.parametrize("name", ["shop.sold", "shop.till-2.sold", f"shop.{'s' * 123}"])
def test_an_event_may_be_called_by_entity_and_past(name: str):
    check_catalogue([called(name)], [])


class Nameless(Event, frozen=True, kw_only=True):
    """An event without a name."""

    terminal: ClassVar[bool] = True


class Named(Event, frozen=True, kw_only=True):
    """An event each of which may be called something else."""

    name: str = "shop.sold"  # pyrefly: ignore[bad-override] (what is refused)
    source: ClassVar[str] = "shop"


@pytest.mark.parametrize(
    ("event", "complaints"),
    [
        (
            Nameless,
            [
                "Nameless has no 'name'; declare it as a ClassVar",
                "Nameless has no 'source'; declare it as a ClassVar",
            ],
        ),
        (Named, ["Named has 'name' as a field; declare it as a ClassVar"]),
    ],
)
def test_what_the_class_of_an_event_has_to_say_is_named(event: Any, complaints: list[str]):
    with pytest.raises(ValueError, match="ClassVar") as refused:
        check_catalogue([Sold, event], [])

    assert str(refused.value).splitlines() == complaints


COMPATIBLE = {
    "nothing changed": {},
    "an optional field more": {"till": (str | None, None)},
    "an optional list more": {"notes": (tuple[str, ...], ())},
    "a breaking change as a new version": {"version": "2", "status": None},
}


@pytest.mark.parametrize("changed", COMPATIBLE.values(), ids=COMPATIBLE)
def test_a_change_that_breaks_nobody_passes(changed: dict[str, Any]):
    check_catalogue([becoming(**changed)], [as_published(Sold, "count-sales")])


def test_an_event_is_what_it_was_published_as():
    event = becoming(notes=(tuple[str, ...], ()))
    before = replace(
        as_published(event, "count-sales"), schema=json.loads(published_text(event, []))
    )

    check_catalogue([event], [before])


def test_the_members_of_a_pair_keep_their_types():
    before = as_published(becoming(place=(tuple[int, str],)), "count-sales")

    with pytest.raises(ValueError, match=r"data.place\[\] changed from .*integer.*string"):
        check_catalogue([becoming(place=(tuple[int, int],))], [before])


def test_a_new_event_and_another_meaning_break_nobody():
    before = as_published(Sold, "count-sales")
    before.schema["description"] = "Something else was meant."
    before.schema["properties"]["id"]["description"] = "And here."

    check_catalogue([Sold, Closed], [before])


def test_a_removed_event_is_refused_with_its_consumers():
    with pytest.raises(ValueError, match=r"shop.sold v1: the event was removed.*by count-sales$"):
        check_catalogue([Closed], [as_published(Sold, "count-sales"), as_published(Closed)])


def test_a_version_does_not_go_back():
    before = as_published(becoming(version="3"), "count-sales")

    with pytest.raises(ValueError, match=r"v3: its version went back to 1; it must be 3 or more"):
        check_catalogue([Sold], [before])


def test_all_that_is_broken_is_said_at_once():
    with pytest.raises(ValueError, match="removed") as refused:
        check_catalogue(
            [becoming(status=None, customer_name=None)],
            [as_published(Sold, "count-sales"), as_published(Closed)],
        )

    assert [line.split(";")[0] for line in str(refused.value).splitlines()] == [
        "shop.sold v1: data.customerName was removed",
        "shop.sold v1: data.status was removed",
        "shop.closed v1: the event was removed",
    ]
    assert str(refused.value).endswith("consumed by nobody")


def test_two_events_of_one_name_are_refused():
    class Bought(Event, frozen=True, kw_only=True):
        name: ClassVar[str] = "shop.sold"
        source: ClassVar[str] = "customers"

    with pytest.raises(ValueError, match=r"'shop.sold' is used by Sold and Bought"):
        check_catalogue([Sold, Bought, Closed], [])


def test_a_version_is_a_whole_number():
    with pytest.raises(ValueError, match=r"shop.sold has version '1.0'; versions are '1', '2'"):
        check_catalogue([becoming(version="1.0")], [])


def test_an_event_says_what_it_happened_to():
    with pytest.raises(ValueError, match="happened to some till") as refused:
        check_catalogue([becoming(till_id=None)], [as_published(Sold)])

    assert str(refused.value) == (
        "shop.sold happened to some till, but has no field 'till_id'; "
        "its fields are ['customer_name', 'items', 'receipt_id', 'status']: add it, or set `aggregate`"
    )


def test_what_is_written_is_read_again(tmp_path: Path):
    for event in (becoming(version="9"), becoming(version="10"), Closed):
        text = published_text(event, {"print-receipt", "count-sales"})
        (tmp_path / published_file(event)).write_text(text)

    found = {one.name: one for one in published(tmp_path)}

    assert sorted(found) == ["shop.closed", "shop.sold"]
    assert found["shop.sold"].version == 10
    assert found["shop.sold"].consumers == ("count-sales", "print-receipt")
    check_catalogue([becoming(version="10"), Closed], found.values())


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("shop.sold.json", "{}", "'shop.sold.json' is no published event; its name must be"),
        ("shop.sold.v0.json", "{}", "is no published event"),
        ("shop.sold.v1.json", "{", "shop.sold.v1.json is JSONDecodeError"),
        ("shop.sold.v1.json", "{}", f"must be a JSON Schema with '{CONSUMERS}'"),
        ("shop.sold.v1.json", "[]", "must be a JSON Schema"),
    ],
)
def test_a_file_that_is_no_published_event_is_refused(
    tmp_path: Path, name: str, text: str, said: str
):
    (tmp_path / name).write_text(text)

    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        published(tmp_path)


def test_the_catalogue_breaks_none_of_its_consumers():
    check_catalogue(CATALOGUE, published())


@pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.name)
def test_an_event_of_the_catalogue_cannot_lose_a_field(event: type[Event]):
    before = next(one for one in published() if one.name == event.name)
    without = json.loads(json.dumps(before.schema))
    without["properties"]["data"]["properties"]["extra"] = {"type": "string"}
    extended = replace(as_published(event, *before.consumers), schema=without)

    with pytest.raises(ValueError, match=rf"^{event.name} v1: data.extra was removed"):
        check_catalogue([event], [extended])
