"""The generated pages and the published schemas are what the program is today."""

import json
import re
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
import yaml

from docs.generate.architecture import architecture_page
from docs.generate.asyncapi import asyncapi
from docs.generate.events_page import events_page
from docs.generate.examples import example
from docs.generate.files import generated
from docs.generate.system import System
from events.catalogue import CATALOGUE, OrderCancelled, OrderCreated, OrderShipped
from events.contract import PUBLISHED, published, published_file
from events.envelope import Event, encode, parse
from local.program import ROOT, declare


@pytest.fixture(scope="module")
def system() -> System:
    return System(declare("dev"), CATALOGUE)


def test_what_is_generated_is_up_to_date():
    texts = generated()

    kept = {name: (ROOT / name).read_text() for name in texts if (ROOT / name).exists()}
    assert [name for name in texts if kept.get(name) != texts[name]] == [], "run `make docs`"


def test_no_published_schema_is_of_a_later_version_than_its_event():
    latest = {f"{one.name}.v{one.version}.json" for one in published()}

    assert latest == {published_file(event) for event in CATALOGUE}
    assert latest <= {path.name for path in PUBLISHED.iterdir()}


@pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.name)
def test_every_event_is_published_by_its_own_service_alone(event: type[Event], system: System):
    by_services = [] if event.source == "operations" else [(event.source, "function")]

    assert [(part.owner, part.kind) for part in system.publishers(event)] == by_services


def test_consumers_are_those_behind_the_routes(system: System):
    found = {
        event.name: [(one.route, one.consumer.owner, one.consumer.name) for one in deliveries]
        for event, deliveries in ((event, system.consumers(event)) for event in CATALOGUE)
    }

    assert ("start-saga", "order-saga", "order-saga") in found["order.created"]
    assert ("notify-customer-route", "notifications", "notify-customer") in found["order.shipped"]
    assert ("track-order-route", "orders", "track-order") in found["order.shipped"]
    assert not [one for one in found["order.created"] if one[0] == "track-order-route"]


@pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.name)
def test_an_example_is_an_event_that_consumers_can_read(event: type[Event]):
    given = example(event)

    envelope = parse(given, event)
    assert (envelope.type, envelope.source) == (event.name, event.source)
    assert json.loads(encode(envelope)) == given


def test_the_page_of_events_says_who_means_what(system: System):
    page = events_page(system)

    section = page.split("\n## order.shipped\n")[1].split("\n## ")[0]
    assert OrderShipped.__doc__
    assert OrderShipped.__doc__ in section
    assert "| Published by | `shipping-relay` |" in section
    assert "`notify-customer` of notifications, through `notify-customer-route`" in section
    assert "| `lines[].quantity` | integer, 1 to 10000 | yes |  |" in section
    assert "| `email` | string or null | no | Where the customer wants to hear" in section
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == [
        "The envelope",
        *(event.name for event in CATALOGUE),
    ]


def test_the_picture_shows_how_an_event_reaches_its_consumer(system: System):
    arrows = [line.strip() for line in architecture_page(system).splitlines() if "-->" in line]

    assert "table_shipping -. stream .-> function_shipping_relay" in architecture_page(system)
    assert "function_shipping_relay --> bus_event_bus" in arrows
    assert 'bus_event_bus -- "order.shipped" --> queue_deliver_order_queue' in arrows
    assert "queue_deliver_order_queue --> function_deliver_order" in arrows
    assert 'bus_event_bus -- "order.created" --> state_machine_order_saga' in arrows
    assert "state_machine_order_saga --> function_charge_card" in arrows
    assert "state_machine_order_saga --> table_order_saga_parked" in arrows
    assert "api_REST_API --> function_orders_api" in arrows
    assert "function_notify_customer --> topic_notifications_topic" in arrows


def test_every_end_of_an_arrow_is_drawn_once(system: System):
    [drawing] = re.findall(r"```mermaid\n(.*?)```", architecture_page(system), re.DOTALL)

    lines = [line.strip() for line in drawing.splitlines()]
    arrows = [line for line in lines if "->" in line]
    nodes = [re.split(r"\W", line)[0] for line in lines[1:] if re.match(r"\w+[\[({]", line)]
    ends = {end for line in arrows for end in (line.split()[0], line.split()[-1])}
    assert sorted(nodes) == sorted(ends)


def test_functions_queues_and_failure_queues_are_all_on_the_page(system: System):
    page = architecture_page(system)

    declared = [*system.parts, *system.failure_queues]
    assert [one.name for one in declared if one.kind != "topic" and one.name not in page] == []


def _resolve(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    return found


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for one in value.values() for found in _references(one)]
    if isinstance(value, list):
        return [found for one in value for found in _references(one)]
    return []


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docs/asyncapi.yaml").read_text())


def test_the_asyncapi_document_has_what_version_3_requires(document: dict[str, Any]):
    allowed = {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}

    assert document["asyncapi"] == "3.0.0"
    assert document.keys() == allowed
    assert {"title", "version"} <= document["info"].keys()
    identifier = re.compile(r"[\w\-.]+")
    for group in ("messages", "correlationIds"):
        assert all(identifier.fullmatch(key) for key in document["components"][group])
    location = document["components"]["correlationIds"]["request"]["location"]
    assert re.fullmatch(r"\$message\.(header|payload)#(/[^/]+)+", location)


def test_every_reference_of_the_asyncapi_document_leads_somewhere(document: dict[str, Any]):
    references = _references(document)

    assert references
    assert all(_resolve(document, reference) for reference in references)


def test_an_operation_uses_messages_of_its_own_channel(document: dict[str, Any]):
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]

        assert operation["action"] in {"send", "receive"}
        assert channel.startswith("#/channels/")
        assert all(one["$ref"].startswith(f"{channel}/messages/") for one in operation["messages"])


def test_asyncapi_says_who_sends_and_who_receives(system: System):
    operations = asyncapi(system)["operations"]

    cancelled = OrderCancelled.name
    assert operations[f"orders-relay.{cancelled}"]["action"] == "send"
    assert operations[f"notify-customer.{cancelled}"]["action"] == "receive"
    assert operations[f"notify-customer.{cancelled}"]["tags"] == [{"name": "notifications"}]
    assert f"notify-customer.{OrderCreated.name}" not in operations


class Measured(Event, frozen=True, kw_only=True):
    """Has fields with a limit on one side."""

    name: ClassVar[str] = "room.measured"
    source: ClassVar[str] = "house"

    steps: Annotated[int, msgspec.Meta(ge=3)]
    label: Annotated[str, msgspec.Meta(max_length=9)]
    state: Literal["new", "old"]
    note: Any


class Coded(Event, frozen=True, kw_only=True):
    """Has a pattern, for which nobody can make up an example."""

    name: ClassVar[str] = "room.coded"
    source: ClassVar[str] = "house"

    code: Annotated[str, msgspec.Meta(pattern="^[a-z]{3}$")]


def test_limits_are_said_in_words():
    page = events_page(System(declare("dev"), [Measured]))

    assert "| `steps` | integer, at least 3 | yes |" in page
    assert "| `label` | string, at most 9 characters | yes |" in page
    assert "| `state` | one of `new`, `old` | yes |" in page
    assert "| `note` | anything | yes |" in page
    assert "| Published by | - |" in page
    assert "| Consumed by | nobody |" in page
    assert '"steps": 3,\n    "label": "label",\n    "state": "new"' in page


def test_a_pattern_without_an_example_is_refused():
    with pytest.raises(ValueError, match="the field 'code' has a pattern; give it an example"):
        example(Coded)
