"""Reservations and releases of several orders overlap and crash anywhere; stock is conserved."""

from collections import Counter
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from handlers.inventory.domain import Status
from handlers.inventory.reserving import release_stock, reserve_stock
from tests.handlers.given import call, created
from tests.handlers.interleaving import Running, gate
from tests.handlers.memory import MemoryStock

CALLS_AT_ONCE = 4
STOCK = {"lamp": 5, "chair": 2}
ORDERS = {
    "order-1": created("order-1", quantities={"lamp": 2, "chair": 1}),
    "order-2": created("order-2", quantities={"chair": 2}),
    "order-3": created("order-3", quantities={"lamp": 3}),
}


class Goods(RuleBasedStateMachine):
    """Starts calls, and decides which of them makes its next access, or crashes before it."""

    @initialize()
    def begin(self) -> None:
        self.stock = MemoryStock(dict(STOCK), gate)
        self.running: list[Running] = []
        self.released: set[str] = set()
        self.late: list[Running] = []

    @precondition(lambda self: len(self.running) < CALLS_AT_ONCE)
    @rule(
        order=st.sampled_from(sorted(ORDERS)), work=st.sampled_from([reserve_stock, release_stock])
    )
    def start(self, order, work) -> None:
        started = Running(order, partial(work, call(ORDERS[order]), self.stock))
        self.running.append(started)
        if work is reserve_stock and order in self.released:
            self.late.append(started)

    @precondition(lambda self: self.running)
    @rule(
        choice=st.integers(0, CALLS_AT_ONCE - 1),
        way=st.sampled_from(["step", "step", "step", "crash"]),
    )
    def go_on(self, choice: int, way: str) -> None:
        chosen = self.running[choice % len(self.running)]
        if way == "crash":
            chosen.crash()
        else:
            chosen.step()
        self._collect()

    @invariant()
    def stock_is_conserved_and_never_negative(self) -> None:
        held = Counter[str]()
        for reservation in self.stock.rows.values():
            if reservation.status is Status.RESERVED:
                held.update({line.product_id: line.quantity for line in reservation.lines})
        for product, available in self.stock.available.items():
            assert available >= 0
            assert available + held[product] == STOCK[product]

    @invariant()
    def nothing_is_told_twice_or_backwards(self) -> None:
        for order in ORDERS:
            told = self.stock.told(about=order)
            assert told in (
                [],
                ["inventory.failed"],
                ["inventory.reserved"],
                ["inventory.reserved", "inventory.released"],
            )

    def teardown(self) -> None:
        while self.running:
            self.running[0].step()
            self._collect()
        assert [late.answer for late in self.late] == [None] * len(self.late)
        for order in ORDERS.values():
            release_stock(call(order), self.stock)
        assert self.stock.available == STOCK

    def _collect(self) -> None:
        for done in [one for one in self.running if one.finished]:
            self.running.remove(done)
            if done.answer == {"orderId": done.name, "status": "RELEASED"}:
                self.released.add(done.name)


TestGoods = Goods.TestCase
TestGoods.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
