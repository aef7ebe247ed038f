"""Each route's target is out for a while: its events wait in the route's failure queue and are redriven once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import eventually
from rich.progress import Progress

from local.audit import audit, unrecorded
from local.demo import STOCK
from local.deployment import deploy
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.scenarios import BOUGHT, Scenario
from local.traffic import Traffic
from ops import products
from ops.failures import depth, find, peek
from ops.redrive import Options, redrive
from ops.stack import Stack
from tests.programs import stack_program

pytestmark = pytest.mark.embedded

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
UNDELIVERED = "-undelivered"
ATTRIBUTES = {"RULE_ARN", "TARGET_ARN", "ERROR_CODE", "ERROR_MESSAGE", "RETRY_ATTEMPTS"}
ATTRIBUTES |= {"EXHAUSTED_RETRY_CONDITION"}
"""What EventBridge tells of an event that it has tried to deliver as often as it was told to."""
EVERYTHING = Options(limit=1000, rate=1000)


def routes(coordination: str) -> list[str]:
    """Every route that the program declares."""
    program = stack_program("local", coordination=coordination)
    return sorted(rule.name for rule in program.of(RULE))


@dataclass(frozen=True)
class Site:
    """A deployed stack and its traffic."""

    emulator: Emulator
    stack: Stack
    traffic: Traffic
    targets: Mapping[str, str]
    """Route to the ARN of its target."""

    def waiting(self, route: str) -> int:
        return depth(self.stack, find(self.stack, f"{route}{UNDELIVERED}"))


def _site(coordination: str) -> Iterator[Site]:
    # Nothing waits between attempts, so what takes EventBridge a day takes no time.
    with Emulator(environment={"LOCAL_WAIT_SCALE": "0"}) as emulator:
        deployment = deploy(emulator, coordination=coordination)
        stack = Stack(deployment.outputs, "us-east-1", emulator.endpoint)
        products.put(stack, products.read(STOCK))
        targets = {
            found.name.removesuffix("-1"): found.inputs["arn"]
            for found in deployment.resources
            if found.type == TARGET
        }
        yield Site(emulator, stack, Traffic(stack, Progress(disable=True)), targets)


@pytest.fixture(scope="module")
def orchestrated() -> Iterator[Site]:
    yield from _site("orchestrated")


@pytest.fixture(scope="module")
def choreographed() -> Iterator[Site]:
    yield from _site("choreographed")


def outage_and_redrive(site: Site, route: str) -> None:
    """An order is placed while the route's target is out; what was not delivered is redriven afterwards."""
    site.emulator.configure(outage=site.targets[route])
    try:
        [placed] = site.traffic.send([Scenario(route, BOUGHT)], route)
        eventually(lambda: site.waiting(route) > 0, seconds=60)
        [first, *_] = peek(site.stack, find(site.stack, f"{route}{UNDELIVERED}"))
        assert set(first.attributes) == ATTRIBUTES
        assert first.attributes["TARGET_ARN"] == site.targets[route]
    finally:
        site.emulator.configure(outage="")

    def redriven() -> bool:
        """Whether all is delivered; what the redriven events cause may have been on its way to the outage."""
        redrive(site.stack, find(site.stack, f"{route}{UNDELIVERED}"), EVERYTHING, lambda _: None)
        order = site.traffic.customer.look_up(placed.order_id).body
        ledger = Ledger.read(site.stack)
        return (
            order["status"] in FINAL
            and not site.waiting(route)
            and not ledger.untold()
            and not unrecorded(ledger)
        )

    eventually(redriven, seconds=90)
    site.traffic.follow("ended", [placed], FINAL)
    assert placed.ended == BOUGHT
    ledger, stock = Ledger.read(site.stack), products.read(STOCK)
    assert [*ledger.violations(stock), *audit(ledger, stock)] == []


ON_AN_ORDERS_WAY: dict[str, Any] = {
    "orchestrated": (
        "start-saga",
        "track-order-route",
        "deliver-order-route",
        "notify-customer-route",
        "record-event-route",
    ),
    "choreographed": (
        "reserve-on-order-route",
        "charge-on-reservation-route",
        "confirm-on-payment-route",
        "ship-on-confirmation-route",
    ),
}
"""Routes that an order which is bought has to pass."""


@pytest.mark.parametrize("route", ON_AN_ORDERS_WAY["orchestrated"])
def test_what_could_not_be_delivered_is_redriven_and_done_once(orchestrated, route):
    outage_and_redrive(orchestrated, route)


@pytest.mark.parametrize("route", ON_AN_ORDERS_WAY["choreographed"])
def test_so_it_is_without_a_saga(choreographed, route):
    outage_and_redrive(choreographed, route)
