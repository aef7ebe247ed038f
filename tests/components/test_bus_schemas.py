"""The bus publishes the schemas of its events."""

import json

from components.bus import Bus
from events.catalogue import CATALOGUE
from events.envelope import Event
from events.schema import draft4_schema, schema_texts
from local.program import Program, declare
from tests.events.catalogues import Closed, Sold
from tests.programs import PLATFORM, declared_by, element

REGISTRY, SCHEMA = "aws:schemas/registry:Registry", "aws:schemas/schema:Schema"


def _bus(*events: type[Event]) -> Program:
    return declared_by(lambda: Bus("shop", {"platform": PLATFORM, "schemas": schema_texts(events)}))


def test_every_event_has_its_schema_in_the_registry_of_its_bus():
    program = _bus(Sold, Closed)

    registry = program.only(REGISTRY)
    assert registry.inputs["name"] == "shop-test-shop"
    assert {one.inputs["name"] for one in program.of(SCHEMA)} == {
        "shop@shop.sold",
        "shop@shop.closed",
    }
    sold = program.named(SCHEMA, "shop-shop@shop.sold")
    assert sold.inputs["registryName"] == "shop-test-shop"
    assert sold.inputs["type"] == "JSONSchemaDraft4"
    assert json.loads(sold.inputs["content"]) == draft4_schema(Sold)
    assert {element(one.parent) for one in (registry, sold)} == {("ordermesh:index:Bus", "shop")}


def test_a_bus_without_schemas_has_no_registry():
    program = _bus()

    assert program.of(REGISTRY) + program.of(SCHEMA) == []


def test_two_buses_may_carry_the_same_events():
    def build() -> None:
        for name in ("shop", "copies"):
            Bus(name, {"platform": PLATFORM, "schemas": schema_texts([Sold])})

    urns = [one.urn for one in declared_by(build).of(SCHEMA)]

    assert len(set(urns)) == 2


def test_the_program_publishes_the_whole_catalogue():
    published = {one.inputs["name"] for one in declare("dev", preview=True).of(SCHEMA)}

    assert published == {f"{event.source}@{event.name}" for event in CATALOGUE}
