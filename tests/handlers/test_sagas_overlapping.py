"""Two executions about one order overlap, and one of them fails: nothing that was completed is undone."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.refusals import PivotPassed, Refusal
from handlers.inventory.reserving import release_stock, reserve_stock
from handlers.orders.order import Status
from handlers.orders.tasks import confirm_order, settle_order, withdraw_order
from handlers.payments.charging import charge_card, refund_card
from handlers.payments.domain import Payment
from handlers.payments.gateway import Book, SimulatedGateway
from handlers.rows import carry_out
from handlers.shipping import domain as shipping
from handlers.shipping.domain import Shipment
from handlers.task import Call, Failure
from tests.handlers.given import call, created, order
from tests.handlers.interleaving import Running, gate
from tests.handlers.memory import MemoryOrders, MemoryRows, MemoryStock

STEPS = ("ReserveStock", "ChargeCard", "ConfirmOrder", "ShipOrder")
PIVOT = STEPS.index("ConfirmOrder")


class World:
    """All services in memory, and one placed order."""

    def __init__(self, card: str, available: int) -> None:
        self.event = created(card=card)
        self.stock = MemoryStock({"lamp": available}, gate)
        self.payments, self.books = MemoryRows[Payment](gate), MemoryRows[Book](gate)
        self.shipments, self.orders = MemoryRows[Shipment](gate), MemoryOrders(gate)
        self.orders.rows["order-1"] = order()
        self.gateway = SimulatedGateway(self.books, 1.0, hang=lambda: None)

    def do(self, step: str, asked: Call) -> None:
        work: dict[str, Callable[[], object]] = {
            "ReserveStock": lambda: reserve_stock(asked, self.stock),
            "ChargeCard": lambda: charge_card(asked, self.payments, self.gateway),
            "ConfirmOrder": lambda: confirm_order(asked, self.orders),
            "ShipOrder": lambda: self._ship(asked),
        }
        work[step]()

    def undo(self, step: str, asked: Call) -> None:
        work: dict[str, Callable[[], object]] = {
            "ReserveStock": lambda: release_stock(asked, self.stock),
            "ChargeCard": lambda: refund_card(
                asked.order.order_id, asked.order.total, asked.metadata, self.payments, self.gateway
            ),
        }
        work[step]()

    def _ship(self, asked: Call) -> None:
        decide = partial(shipping.ship, order=asked.order)
        carry_out(self.shipments, "order-1", decide, asked.metadata)


class Execution:
    """Goes the way that the rules of the saga prescribe; `fails` says where, if anywhere."""

    def __init__(self, world: World, fails: tuple[str, str] | None) -> None:
        self._world, self._fails = world, fails

    def __call__(self) -> str:
        for position, step in enumerate(STEPS):
            try:
                self._step(step)
            except Refusal as refusal:
                failure = Failure(step=step, refused=True, error=type(refusal).__name__)
                return self._give_up(failure, position - 1)
            except RuntimeError:
                failure = Failure(step=step, refused=False, error="RuntimeError")
                return self._give_up(failure, position)
        return "completed"

    def _step(self, step: str) -> None:
        if self._fails == (step, "before"):
            raise RuntimeError
        self._world.do(step, call(self._world.event))
        if self._fails == (step, "after"):
            raise RuntimeError

    def _give_up(self, failure: Failure, position: int) -> str:
        asked = call(self._world.event, failure=failure)
        try:
            withdraw_order(asked, self._world.orders)
        except PivotPassed:
            # What comes after the pivot is tried until it works.
            for step in STEPS[PIVOT + 1 :]:
                self._world.do(step, asked)
            return "completed"
        for step in reversed(STEPS[: min(position + 1, PIVOT)]):
            self._world.undo(step, asked)
        settle_order(asked, self._world.orders)
        return "given up"


FAILURES = [None, *((step, when) for step in STEPS for when in ("before", "after"))]


@settings(max_examples=400, deadline=None)
@given(
    fails=st.sampled_from(FAILURES),
    card=st.sampled_from(["tok_approved", "tok_approved", "tok_declined"]),
    available=st.sampled_from([5, 2, 1]),
    choices=st.lists(st.integers(0, 1), max_size=60),
)
def test_two_executions_agree_on_how_the_order_ends(fails, card, available, choices):
    world = World(card, available)
    running = [
        Running("faulty", Execution(world, fails)),
        Running("sound", Execution(world, None)),
    ]
    for choice in [*choices, *([0, 1] * 200)]:
        unfinished = [execution for execution in running if not execution.finished]
        if not unfinished:
            break
        unfinished[choice % len(unfinished)].step()

    assert [execution.error for execution in running] == [None, None]
    assert all(execution.finished for execution in running)
    assert len({execution.answer for execution in running}) == 1
    if running[0].answer == "completed":
        check_completed(world, available)
    else:
        check_given_up(world, available)


def check_completed(world: World, available: int) -> None:
    assert world.orders.rows["order-1"].status is Status.CONFIRMED
    assert world.stock.available["lamp"] == available - 2
    book = world.books.rows["order-1"]
    assert (book.charged, book.refunded) == ("20.00", None)
    assert world.shipments.told() == ["order.shipped"]
    assert world.orders.told() == ["order.confirmed"]


def check_given_up(world: World, available: int) -> None:
    assert world.orders.rows["order-1"].status is Status.CANCELLED
    assert world.stock.available["lamp"] == available
    book = world.books.rows.get("order-1", Book())
    assert book.charged == book.refunded
    assert world.shipments.rows == {}
    assert world.orders.told() == ["order.cancelled"]


@pytest.mark.parametrize("fails", FAILURES)
def test_one_execution_alone_ends_as_its_failure_says(fails):
    world = World("tok_approved", available=5)
    answer = Execution(world, fails)()

    before_pivot = fails and (STEPS.index(fails[0]) < PIVOT or fails == ("ConfirmOrder", "before"))
    assert answer == ("given up" if before_pivot else "completed")
    (check_given_up if before_pivot else check_completed)(world, 5)
