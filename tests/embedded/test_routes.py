"""Each route's target is out for a while: its events wait in the route's failure queue and are redriven once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import GATEWAY_TIMEOUT, OK

import pytest
from rich.progress import Progress

from local.audit import audit, miscounted
from local.demo import STOCK
from local.deployment import deploy
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.program import declare
from local.restocking import unrestocked
from local.scenarios import BOUGHT, BY_CUSTOMER, DECLINED, OUT_OF_STOCK, Scenario
from local.traffic import Traffic
from ops import products
from ops.analytics import events_by_type
from ops.failures import depth, find, peek
from ops.redrive import Options, redrive
from ops.stack import Stack
from tests.embedded.conftest import eventually

pytestmark = pytest.mark.embedded

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
UNDELIVERED = "-undelivered"
ATTRIBUTES = {"RULE_ARN", "TARGET_ARN", "ERROR_CODE", "ERROR_MESSAGE", "RETRY_ATTEMPTS"}
ATTRIBUTES |= {"EXHAUSTED_RETRY_CONDITION"}
"""What EventBridge tells of an event that it has tried to deliver as often as it was told to."""
EVERYTHING = Options(limit=1000, rate=1000)


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


ORDERED = Scenario("bought", BOUGHT)
EMPTYING = Scenario("runs low", BOUGHT, items=(("prod-004", 8),))
"""Leaves fewer of a product than are told of."""
NONE_LEFT = Scenario("none left", OUT_OF_STOCK, items=(("prod-001", 1), ("prod-010", 1)))
REFUSED = Scenario("refused", DECLINED, card="tok_declined")
WITHDRAWN = Scenario(
    "withdrawn", BY_CUSTOMER, faults={"ConfirmOrder": "slow-2:once"}, cancelled_by_customer=True
)
WITH_A_SAGA: Mapping[str, Scenario] = {
    "start-saga": ORDERED,
    "track-order-route": ORDERED,
    "deliver-order-route": ORDERED,
    "notify-customer-route": ORDERED,
    "record-event-route": ORDERED,
    "analytics-route": ORDERED,
    "restock-product-route": EMPTYING,
}
"""Route to an order whose events pass it."""
QUESTIONS = ("answer-check-route", "take-answer-route")
"""Routes that a question and its answer pass."""
WITHOUT: Mapping[str, Scenario] = {
    "reserve-on-order-route": ORDERED,
    "charge-on-reservation-route": ORDERED,
    "confirm-on-payment-route": ORDERED,
    "ship-on-confirmation-route": ORDERED,
    "cancel-on-refusal-route": NONE_LEFT,
    "release-on-cancellation-route": REFUSED,
    "refund-on-cancellation-route": WITHDRAWN,
    "sweep-orders-route": ORDERED,
}


@contextmanager
def outage(site: Site, route: str) -> Iterator[None]:
    """The route's target is out, and what EventBridge could not deliver to it is in the route's failure queue."""
    site.emulator.configure(outage=site.targets[route])
    try:
        yield
        eventually(lambda: site.waiting(route) > 0, seconds=60)
        [first, *_] = peek(site.stack, find(site.stack, f"{route}{UNDELIVERED}"))
        assert set(first.attributes) == ATTRIBUTES
        assert first.attributes["TARGET_ARN"] == site.targets[route]
    finally:
        site.emulator.configure(outage="")


def wrong(site: Site, route: str) -> list[str]:
    """What is not yet as it must be, after all that waits has been redriven once more."""
    redrive(site.stack, find(site.stack, f"{route}{UNDELIVERED}"), EVERYTHING, lambda _: None)
    ledger, stock = Ledger.read(site.stack), products.read(STOCK)
    return [
        *(["something waits"] if site.waiting(route) else []),
        *(f"untold: {which}" for which in ledger.untold()),
        *ledger.violations(stock),
        *audit(ledger, stock),
        *unrestocked(ledger, stock),
        *miscounted(ledger, events_by_type(site.stack)),
    ]


def undelivered_and_redriven(site: Site, route: str, scenario: Scenario) -> None:
    """An order is placed while the route's target is out; what was not delivered is redriven afterwards."""
    with outage(site, route):
        [placed] = site.traffic.send([scenario], route)

    # What the redriven events cause may itself have been on its way to the outage.
    eventually(lambda: not wrong(site, route), seconds=90)
    site.traffic.follow("ended", [placed], FINAL)
    assert placed.ended == scenario.ends


def test_every_route_is_tried():
    declared = {
        rule.name
        for coordination in ("orchestrated", "choreographed")
        for rule in declare("dev", preview=True, coordination=coordination).of(RULE)
    }

    assert declared == {*WITH_A_SAGA, *WITHOUT, *QUESTIONS}


@pytest.mark.parametrize("route", WITH_A_SAGA)
def test_what_could_not_be_delivered_is_redriven_and_done_once(orchestrated, route):
    undelivered_and_redriven(orchestrated, route, WITH_A_SAGA[route])


@pytest.mark.parametrize("route", WITHOUT)
def test_so_it_is_without_a_saga(choreographed, route):
    undelivered_and_redriven(choreographed, route, WITHOUT[route])


@pytest.mark.parametrize("route", QUESTIONS)
def test_a_question_that_could_not_be_delivered_is_not_answered_and_harms_nothing(
    orchestrated, route
):
    site = orchestrated
    with outage(site, route):
        assert site.traffic.customer.availability("prod-001", 1).status == GATEWAY_TIMEOUT

    eventually(lambda: not wrong(site, route), seconds=90)
    assert site.traffic.customer.availability("prod-001", 1).status == OK
