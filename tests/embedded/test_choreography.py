"""The choreographed saga on the embedded AWS: every step and undo fails in every way, and the books add up."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.progress import Progress

from local.audit import audit, unrecorded
from local.demo import FAR_AWAY, STOCK
from local.deployment import deploy
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.scenarios import BOUGHT, BY_CUSTOMER, DECLINED, FAILED, OUT_OF_STOCK, Scenario
from local.traffic import Placed, Traffic
from ops import products
from ops.stack import Stack

pytestmark = pytest.mark.embedded

SCALE = 0.004
"""Of the three minutes until a message comes again."""
STEPS = ("ReserveStock", "ChargeCard", "ConfirmOrder")
UNDOS = ("UndoReserveStock", "UndoChargeCard")


@pytest.fixture(scope="module")
def laid_out() -> Iterator[tuple[Emulator, Traffic]]:
    """The program without a saga, deployed; its orders add up in one ledger over all tests."""
    with Emulator() as emulator:
        emulator.configure(
            deliver_twice=True,
            redelivery_scale=SCALE,
            delay_scale=FAR_AWAY,
            task_timeout_scale=10,
        )
        outputs = deploy(emulator, coordination="choreographed").outputs
        stack = Stack(outputs, "us-east-1", emulator.endpoint)
        products.put(stack, products.read(STOCK))
        yield emulator, Traffic(stack, Progress(disable=True))


def recovering() -> list[Scenario]:
    """Each step fails once, or always after its effect, which has been told then and is acted on."""
    steps = (*STEPS, "ShipOrder")
    return [
        *(
            Scenario(f"{step} once before", BOUGHT, faults={step: "crash-before:once"})
            for step in steps
        ),
        *(
            Scenario(f"{step} once after", BOUGHT, faults={step: "crash-after:once"})
            for step in steps
        ),
        *(
            Scenario(f"{step} always after", BOUGHT, faults={step: "crash-after:always"})
            for step in STEPS
        ),
    ]


def stuck() -> list[Scenario]:
    """Each step before the pivot fails always before its effect."""
    return [Scenario(step, FAILED, faults={step: "error-before:always"}) for step in STEPS]


def failing_undos() -> list[Scenario]:
    """Each undo works, fails once and fails until redriven, after a refusal, a failure and a change of mind."""
    ways = {
        "refused": Scenario("", DECLINED, card="tok_declined"),
        "failed": Scenario("", FAILED, card="tok_charged_then_error"),
        "withdrawn": Scenario(
            "", BY_CUSTOMER, faults={"ConfirmOrder": "slow-2:once"}, cancelled_by_customer=True
        ),
    }
    cells: list[Scenario] = []
    for why, way in ways.items():
        cells.append(replace(way, path=f"{why}, undos work"))
        for undo in UNDOS:
            for fault in ("crash-after:once", "error-before:until-resumed"):
                faults = {**way.faults, undo: fault}
                cells.append(replace(way, path=f"{why}, {undo} {fault}", faults=faults))
    return cells


def run(laid_out: tuple[Emulator, Traffic], name: str, cells: list[Scenario]) -> list[str]:
    """Send all orders at the same time, redrive what can be helped, and say what did not end as it must."""
    emulator, traffic = laid_out
    placed = traffic.send(cells, name)
    traffic.settle(placed)
    emulator.configure(delay_scale=0)
    traffic.follow("ended or parked", placed, FINAL | {"PARKED"})
    parked = {order.order_id for order in placed if order.ended == "PARKED"}
    traffic.resume(placed)
    traffic.follow("ended", placed, FINAL)
    emulator.configure(delay_scale=FAR_AWAY)
    traffic.wait("late effects", emulator.calls_in_flight, 0)
    traffic.wait("not told yet", lambda: len(Ledger.read(traffic.stack).untold()), 0)
    traffic.wait("not recorded yet", lambda: len(unrecorded(Ledger.read(traffic.stack))), 0)
    ledger, stock = Ledger.read(traffic.stack), products.read(STOCK)
    return [
        *(
            f"{path}: {ended}, not {must}"
            for path, ended, must in _ends(placed, parked)
            if ended != must
        ),
        *ledger.violations(stock),
        *audit(ledger, stock),
    ]


def _ends(placed: list[Placed], parked: set[str]) -> Iterator[tuple[str, str, str]]:
    """Path of each order, how it has ended, and how it must."""
    for order in placed:
        ended = f"PARKED, then {order.ended}" if order.order_id in parked else order.ended
        yield order.scenario.path, ended, order.scenario.ends


def test_a_step_that_has_happened_is_acted_on_whatever_became_of_its_call(laid_out):
    assert run(laid_out, "recovering", recovering()) == []


def test_what_is_stuck_at_its_deadline_is_undone_or_waits_for_an_operator(laid_out):
    parcel = Scenario(
        "parcel",
        f"PARKED, then {BOUGHT}",
        faults={"ShipOrder": "error-before:until-resumed"},
        parked=True,
    )
    none_left = Scenario("none left", OUT_OF_STOCK, items=(("prod-001", 1), ("prod-010", 1)))

    assert run(laid_out, "stuck", [*stuck(), *failing_undos(), parcel, none_left]) == []
