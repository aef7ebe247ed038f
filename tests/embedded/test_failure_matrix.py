"""Each step of the saga fails in each way, while each undo works, fails once or fails until it is resumed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from rich.progress import Progress

from local.audit import audit, unrecorded
from local.demo import STOCK
from local.deployment import deploy
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.scenarios import BOUGHT, BY_CUSTOMER, DECLINED, FAILED, OUT_OF_STOCK, Scenario
from local.traffic import Traffic
from ops import products
from ops.parked import parked
from ops.stack import Stack

pytestmark = pytest.mark.embedded

WITHDRAW, REFUND, RELEASE = "UndoConfirmOrder", "UndoChargeCard", "UndoReserveStock"
UNDOS = {
    "ReserveStock": (WITHDRAW, RELEASE, "Settle"),
    "ChargeCard": (WITHDRAW, REFUND, RELEASE, "Settle"),
    "ConfirmOrder": (WITHDRAW, REFUND, RELEASE, "Settle"),
}
"""What is called after a failure of each step, in this order."""
REFUSED = {
    "ReserveStock": (Scenario("", OUT_OF_STOCK, items=(("prod-010", 1),)), (WITHDRAW, "Settle")),
    "ChargeCard": (Scenario("", DECLINED, card="tok_declined"), (WITHDRAW, RELEASE, "Settle")),
    "ConfirmOrder": (
        # The customer withdraws the order while its card is being charged.
        Scenario("", BY_CUSTOMER, faults={"ChargeCard": "slow-2:once"}, cancelled_by_customer=True),
        (REFUND, RELEASE, "Settle"),
    ),
}
AFTER_PIVOT = "ShipOrderAndSendConfirmation"
TIMEOUT = "slow-5"
"""Longer than a task's timeout; the effect comes after the saga has moved on."""


@dataclass(frozen=True)
class Cell:
    """One combination of failures and how the order has to end."""

    step: str
    fails: str
    undo: str
    undo_fails: str
    scenario: Scenario

    @property
    def name(self) -> str:
        return f"{self.step} {self.fails}, {self.undo or 'every undo'} {self.undo_fails}"

    @property
    def parks(self) -> set[str]:
        """States whose work has to wait for an operator."""
        undone = {self.undo} if self.undo_fails == "fails until resumed" else set[str]()
        return undone | ({AFTER_PIVOT} if self.step in ("ShipOrder", "SendConfirmation") else set())


def _undo_failures(
    step: str, fails: str, scenario: Scenario, undos: tuple[str, ...]
) -> Iterator[Cell]:
    yield Cell(step, fails, "", "works", scenario)
    for undo in undos:
        for label, when in (("fails once", "once"), ("fails until resumed", "until-resumed")):
            faults = {**scenario.faults, undo: f"error-before:{when}"}
            changed = Scenario(
                path=f"{step} {fails}, {undo} {label}",
                ends=scenario.ends,
                items=scenario.items,
                card=scenario.card,
                faults=faults,
                cancelled_by_customer=scenario.cancelled_by_customer,
            )
            yield Cell(step, fails, undo, label, changed)


def _cells(kind: str) -> list[Cell]:
    cells: list[Cell] = []
    for step, undos in UNDOS.items():
        # A late confirmation comes while the saga still tries, long before it asks.
        happened = step == "ConfirmOrder" and kind in ("crash-after", TIMEOUT)
        scenario = Scenario(step, BOUGHT if happened else FAILED, faults={step: f"{kind}:always"})
        # After the pivot there is nothing to undo; only whether it happened has to be asked.
        cells += _undo_failures(step, kind, scenario, (WITHDRAW,) if happened else undos)
    for step in ("ShipOrder", "SendConfirmation"):
        scenario = Scenario(step, BOUGHT, faults={step: f"{kind}:until-resumed"})
        cells += _undo_failures(step, kind, scenario, ("Settle",))
    return cells


def _refusals() -> list[Cell]:
    cells: list[Cell] = []
    for step, (scenario, undos) in REFUSED.items():
        cells += _undo_failures(step, "refuses", scenario, undos)
    return cells


@pytest.fixture(scope="session")
def laid_out() -> Iterator[tuple[Emulator, Traffic]]:
    """The program, deployed; its orders add up in one ledger over all tests of a worker."""
    with Emulator() as emulator:
        emulator.configure(wait_scale=0.02, task_timeout_scale=10)
        stack = Stack(deploy(emulator).outputs, "us-east-1", emulator.endpoint)
        products.put(stack, products.read(STOCK))
        yield emulator, Traffic(stack, Progress(disable=True))


def _violations(laid_out: tuple[Emulator, Traffic], name: str, cells: list[Cell]) -> list[str]:
    """Run all cells at the same time, resume what they park, and say what did not end as it must."""
    emulator, traffic = laid_out
    placed = traffic.send([cell.scenario for cell in cells], name)
    traffic.rest(placed)
    traffic.wait("late effects", emulator.calls_in_flight, 0)
    waiting = defaultdict[str, set[str]](set)
    for work in parked(traffic.stack):
        waiting[work.input["data"]["orderId"]].add(work.step)
    wrong = [
        f"{cell.name}: parked {waiting[order.order_id]}, order {order.ended}"
        for cell, order in zip(cells, placed, strict=True)
        if waiting[order.order_id] != cell.parks
    ]
    traffic.resume(placed)
    traffic.follow("ended", placed, FINAL)
    traffic.wait("late effects", emulator.calls_in_flight, 0)
    wrong += [
        f"{cell.name}: ended as {order.ended}, not {cell.scenario.ends}"
        for cell, order in zip(cells, placed, strict=True)
        if order.ended != cell.scenario.ends
    ]
    traffic.wait("not recorded yet", lambda: len(unrecorded(Ledger.read(traffic.stack))), 0)
    ledger, stock = Ledger.read(traffic.stack), products.read(STOCK)
    return [*wrong, *ledger.violations(stock), *audit(ledger, stock)]


def test_refusals_end_as_they_must_whatever_becomes_of_the_undos(laid_out):
    assert _violations(laid_out, "refusals", _refusals()) == []


@pytest.mark.parametrize("kind", ["crash-before", "crash-after"])
def test_crashes_end_as_they_must_whatever_becomes_of_the_undos(laid_out, kind):
    assert _violations(laid_out, kind, _cells(kind)) == []


@pytest.mark.parametrize("step", [*UNDOS, "ShipOrder"])
def test_effects_that_come_after_the_timeout_change_nothing(laid_out, step):
    emulator, _ = laid_out
    emulator.configure(task_timeout_scale=0.2)
    try:
        cells = [cell for cell in _cells(TIMEOUT) if cell.step == step]
        assert _violations(laid_out, f"late-{step}", cells) == []
    finally:
        emulator.configure(task_timeout_scale=10)
