import json
from typing import cast

import pulumi
import pytest

from components import service
from components.bus import Bus
from components.link import Link
from components.service import Service, ServiceArgs, service_code
from events.catalogue import OrderConfirmed, OrderCreated, OrderShipped
from local.program import ROOT
from tests.events.catalogues import Sold
from tests.programs import PLATFORM, declared_by, policy_of

FUNCTION, TABLE = "aws:lambda/function:Function", "aws:dynamodb/table:Table"
BOOKS: Link = {
    "environment": {"BOOKS": "shop-test-books"},
    "actions": ["dynamodb:GetItem"],
    "resources": ["arn:books"],
}


class Shipping(Service):
    """A service whose name is a service's of the catalogue and of the handlers."""


def serving(more=lambda it: None, **changed):
    def build() -> None:
        bus = Bus("bus", {"platform": PLATFORM})
        args = {"platform": PLATFORM, "bus": bus, "key": "id", **changed}
        shipping = Shipping("shipping", cast("ServiceArgs", args))
        more(shipping)
        shipping.register_outputs({})

    return declared_by(build)


def test_a_service_owns_a_table_that_is_followed_and_forgets_its_outbox():
    table = serving().only(TABLE).inputs

    assert (table["name"], table["hashKey"]) == ("shop-test-shipping", "id")
    assert (table["streamEnabled"], table["ttl"]["attributeName"]) == (True, "expiresAt")
    assert "globalSecondaryIndexes" not in table


def test_items_of_a_service_can_be_looked_up_in_a_second_way():
    index = {"name": "byCarrier", "hash_key": "carrier", "range_key": "shippedAt"}

    [found] = serving(indexes=[index]).only(TABLE).inputs["globalSecondaryIndexes"]

    assert found["name"] == "byCarrier"


def test_a_service_publishes_its_events_through_its_outbox():
    program = serving()

    relay = program.only(FUNCTION)
    assert (relay.name, relay.inputs["handler"]) == ("shipping-relay", "handlers.relay.handler")
    assert not [it for it in relay.inputs["code"].assets if it.startswith("handlers/shipping/")]
    mapping = program.only("aws:lambda/eventSourceMapping:EventSourceMapping").inputs
    [wanted] = mapping["filterCriteria"]["filters"]
    assert json.loads(wanted["pattern"])["dynamodb"] == {
        "Keys": {"id": {"S": [{"prefix": "outbox#"}]}}
    }
    policy = program.named("aws:iam/rolePolicy:RolePolicy", "shipping-relay-permissions")
    assert '"events:source": "shipping"' in policy.inputs["policy"]


def test_a_function_of_a_service_runs_its_code_with_its_links():
    program = serving(
        lambda it: it.function(
            "ship", "tasks.ship", BOOKS, environment={"RATE": "1"}, asynchronous=True
        )
    )

    inputs = program.named(FUNCTION, "ship").inputs
    assert inputs["handler"] == "handlers.shipping.tasks.ship"
    assert "handlers/shipping/tasks.py" in inputs["code"].assets
    assert inputs["environment"]["variables"] == {
        "POWERTOOLS_SERVICE_NAME": "ship",
        "BOOKS": "shop-test-books",
        "RATE": "1",
    }
    assert ("dynamodb:GetItem", "arn:books") in policy_of(program, "ship-permissions")
    assert program.only("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")


def test_a_function_of_a_service_is_called_synchronously_unless_told():
    program = serving(lambda it: it.function("ship", "tasks.ship"))

    assert program.of("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig") == []


def test_a_listener_of_a_service_reacts_to_events_of_the_catalogue():
    program = serving(
        lambda it: it.listener(
            "ship",
            "choreography.ship",
            (OrderCreated, OrderConfirmed),
            BOOKS,
            environment={"RATE": "1"},
        )
    )

    rule = program.only("aws:cloudwatch/eventRule:EventRule").inputs
    assert json.loads(rule["eventPattern"]) == {
        "source": ["orders"],
        "detail-type": ["order.confirmed", "order.created"],
    }
    inputs = program.named(FUNCTION, "ship").inputs
    assert inputs["handler"] == "handlers.shipping.choreography.ship"
    assert "handlers/shipping/deliver.py" in inputs["code"].assets
    assert inputs["environment"]["variables"]["RATE"] == "1"
    assert inputs["environment"]["variables"]["BOOKS"] == "shop-test-books"


@pytest.mark.parametrize(
    ("handler", "events", "expected"),
    [
        ("deliver.handler", (OrderShipped, OrderConfirmed), "['OrderShipped']"),
        ("choreography.ship", (OrderConfirmed, OrderShipped), "['OrderConfirmed', 'OrderCreated']"),
        ("store.shipments", (OrderConfirmed,), "[]"),
    ],
)
def test_a_handler_gets_no_event_that_it_does_not_expect(handler, events, expected):
    with pytest.raises(ValueError, match="expects only") as refused:
        serving(lambda it: it.listener("listen", handler, events))

    assert str(refused.value) == (
        f"handler '{handler}' of service 'shipping' gets {events[-1].name}, but expects only {expected}: "
        f"name {events[-1].__name__} in its decorator, or do not send it there"
    )


@pytest.mark.parametrize(
    "declare", [lambda it: it.task("ship", "ship"), lambda it: it.participant("ship", "ship")]
)
def test_whoever_takes_part_in_a_saga_says_what_that_needs(declare):
    with pytest.raises(ValueError, match=r"service 'shipping' takes part in a saga, but does not"):
        serving(declare)


@pytest.mark.parametrize(
    ("handler", "refusal"),
    [
        (
            "remind.handler",
            (
                "handler 'remind.handler' of service 'shipping': there is no handlers/shipping/remind.py; "
                "modules there are ['choreography', 'deliver', 'domain', 'store', 'tasks']"
            ),
        ),
        (
            "tasks.shp",
            (
                "handler 'tasks.shp' of service 'shipping': handlers/shipping/tasks.py defines no 'shp'; "
                "it defines ['ship']"
            ),
        ),
        *(
            (
                handler,
                (
                    f"handler {handler!r} of service 'shipping': "
                    'take "module.function", of a module in handlers/shipping'
                ),
            )
            for handler in ("handler", "tasks.", ".ship", "", "../orders/api.handler", None)
        ),
    ],
)
@pytest.mark.parametrize(
    "declare",
    [
        lambda it, handler: it.function("remind", handler),
        lambda it, handler: it.listener("remind", handler, (OrderShipped,)),
    ],
)
def test_a_handler_that_is_nowhere_is_refused(declare, handler, refusal):
    with pytest.raises(ValueError, match="handler") as refused:
        serving(lambda it: declare(it, handler))

    assert str(refused.value) == refusal


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        (
            OrderShipped,
            (
                "its events are <class 'events.catalogue.OrderShipped'>; "
                "take a tuple of the catalogue's classes, such as (OrderShipped,)"
            ),
        ),
        (
            (),
            "its events are (); take a tuple of the catalogue's classes, such as (OrderShipped,)",
        ),
        (
            "order.shipped",
            (
                "its events are 'order.shipped'; "
                "take a tuple of the catalogue's classes, such as (OrderShipped,)"
            ),
        ),
        (
            (OrderCreated, "order.shipped"),
            "'order.shipped' is not in the catalogue; take classes of CATALOGUE in events/catalogue.py",
        ),
        (
            (Sold,),
            (
                "<class 'tests.events.catalogues.Sold'> is not in the catalogue; "
                "take classes of CATALOGUE in events/catalogue.py"
            ),
        ),
    ],
    ids=["a class alone", "none", "a name alone", "a name", "an event of others"],
)
def test_what_is_no_tuple_of_events_is_refused(events, complaint):
    with pytest.raises(ValueError, match="event") as refused:
        serving(lambda it: it.listener("remind", "deliver.handler", events))

    assert str(refused.value) == f"listener 'remind': {complaint}"


def test_a_table_is_no_link():
    with pytest.raises(
        ValueError,
        match=r"^listener 'remind': <components.table.Table .*> is no link; links come from ",
    ):
        serving(lambda it: it.listener("remind", "deliver.handler", (OrderShipped,), it.table))


def test_everything_of_a_service_belongs_to_it():
    program = serving(lambda it: it.function("ship", "tasks.ship"))

    for name in ("Table::shipping", "Relay::shipping-relay", "Function::ship"):
        [found] = [it for it in program if it.urn.endswith(f"ordermesh:index:{name}")]
        assert found.parent.endswith("ordermesh:index:Shipping::shipping")


def test_an_archive_names_source_files_and_nothing_that_was_compiled():
    archive = service_code("shipping")

    names = list(archive.assets)
    assert names == sorted(names)
    assert {"events/catalogue.py", "handlers/task.py", "handlers/shipping/tasks.py"} <= set(names)
    assert all((ROOT / name).is_file() and name.endswith(".py") for name in names)
    for name, asset in archive.assets.items():
        assert isinstance(asset, pulumi.FileAsset)
        assert asset.path == name


def test_nothing_that_was_compiled_or_left_behind_enters_an_archive(tmp_path, monkeypatch):
    sources = {"events/catalogue.py", "handlers/task.py", "handlers/billing/rules/vat.py"}
    left_behind = {
        "events/__pycache__/catalogue.pyc",
        "handlers/billing/__pycache__/tasks.pyc",
        "handlers/billing/.DS_Store",
        "handlers/shipping/tasks.py",
        "components/bus.py",
    }
    for name in sources | left_behind:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(service, "ROOT", tmp_path)

    assert set(service_code("billing").assets) == sources


def test_without_a_service_an_archive_holds_only_what_all_share():
    assert {name.rpartition("/")[0] for name in service_code().assets} == {"events", "handlers"}


def test_a_service_without_code_is_refused():
    with pytest.raises(ValueError, match=r"^service 'billing' has no code in handlers/billing$"):
        service_code("billing")
