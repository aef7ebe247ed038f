"""Each step of the saga fails in each way, while each undo works, fails once or fails until it is resumed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from rich.progress import Progress

from local.demo import STOCK
from local.deployment import deploy
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.scenarios import BOUGHT, BY_CUSTOMER, DECLINED, FAILED, OUT_OF_STOCK, Scenario
from local.traffic import Placed, Traffic
from ops import products
from ops.resume import parked
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
CRASHES = ("crash-before", "crash-after")
TIMEOUT = "slow-4"
"""Far longer than a task's timeout; the effect comes after the saga has moved on."""


@dataclass(frozen=True)
class Cell:
    """One combination of failures and how the order has to end."""

    step: str
    fails: str
    undo: str
    undo_fails: str
    scenario: Scenario = field(compare=False)

    @property
    def name(self) -> str:
        return f"{self.step} {self.fails}, {self.undo or 'every undo'} {self.undo_fails}"


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
                parked=when == "until-resumed",
            )
            yield Cell(step, fails, undo, label, changed)


def _cells(kinds: tuple[str, ...]) -> list[Cell]:
    cells: list[Cell] = []
    for step, undos in UNDOS.items():
        for kind in kinds:
            happened = (step, kind) == ("ConfirmOrder", "crash-after")
            scenario = Scenario(
                step, BOUGHT if happened else FAILED, faults={step: f"{kind}:always"}
            )
            # After the pivot there is nothing to undo; only whether it happened has to be asked.
            cells += _undo_failures(step, kind, scenario, (WITHDRAW,) if happened else undos)
    for kind in kinds:
        faults = {"ShipOrder": f"{kind}:until-resumed"}
        scenario = Scenario("ShipOrder", BOUGHT, faults=faults, parked=True)
        cells += _undo_failures("ShipOrder", kind, scenario, ("Settle",))
    return cells


def _refusals() -> list[Cell]:
    cells: list[Cell] = []
    for step, (scenario, undos) in REFUSED.items():
        cells += _undo_failures(step, "refuses", scenario, undos)
    return cells


@dataclass
class Outcome:
    """What became of one cell."""

    placed: Placed
    before_resume: str
    parked: set[str]


@dataclass
class Matrix:
    """All cells after everything has come to rest, and the ledger over all of them."""

    outcomes: dict[str, Outcome]
    violations: list[str]


def _run(cells: list[Cell], **settings: float) -> Matrix:
    with Emulator() as emulator:
        emulator.configure(wait_scale=0.02, **settings)
        stack = Stack(deploy(emulator).outputs, "us-east-1", emulator.endpoint)
        stock = products.read(STOCK)
        products.put(stack, stock)
        traffic = Traffic(stack, Progress(disable=True))
        placed = traffic.send([cell.scenario for cell in cells])
        traffic.follow("ended or parked", placed, FINAL | {"PARKED"})
        traffic.wait("late effects", emulator.calls_in_flight, 0)
        before = [order.order["status"] for order in placed]
        waiting: dict[str, set[str]] = {}
        for work in parked(stack):
            waiting.setdefault(work.input["data"]["orderId"], set()).add(work.step)
        traffic.resume()
        traffic.follow("ended", placed, FINAL)
        traffic.wait("late effects", emulator.calls_in_flight, 0)
        outcomes = {
            cell.name: Outcome(order, status, waiting.get(order.order_id, set()))
            for cell, order, status in zip(cells, placed, before, strict=True)
        }
        return Matrix(outcomes, list(Ledger.read(stack).violations(stock)))


ANSWERED = [*_refusals(), *_cells(CRASHES)]
LATE = _cells((TIMEOUT,))


@pytest.fixture(scope="module")
def answered() -> Matrix:
    return _run(ANSWERED)


@pytest.fixture(scope="module")
def late() -> Matrix:
    """Tasks time out after 1.5 s, and so many calls may run that none has to wait for another."""
    return _run(LATE, task_timeout_scale=0.1, concurrency=64)


def _check(matrix: Matrix, cell: Cell) -> None:
    outcome = matrix.outcomes[cell.name]

    assert outcome.placed.ended == cell.scenario.ends
    if cell.undo_fails == "fails until resumed" and cell.undo != "Settle":
        assert cell.undo in outcome.parked
        assert outcome.before_resume == "PARKED"
    elif cell.undo_fails == "works" and not cell.scenario.parked:
        assert outcome.parked == set()


@pytest.mark.parametrize("cell", ANSWERED, ids=lambda cell: cell.name)
def test_an_order_ends_as_it_must(answered: Matrix, cell: Cell):
    _check(answered, cell)


@pytest.mark.parametrize("cell", LATE, ids=lambda cell: cell.name)
def test_an_order_ends_as_it_must_although_effects_come_late(late: Matrix, cell: Cell):
    _check(late, cell)


def test_the_ledger_is_exact_after_refusals_and_crashes(answered: Matrix):
    assert answered.violations == []


def test_the_ledger_is_exact_after_late_effects(late: Matrix):
    assert late.violations == []
