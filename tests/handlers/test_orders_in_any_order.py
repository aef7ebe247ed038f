"""Whatever reaches an order, in whatever order and however often: it never goes back nor both ways."""

import contextlib

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from events.refusals import OrderWithdrawn, PivotPassed
from handlers.orders import domain
from handlers.orders.order import Status, existing
from handlers.orders.tasks import confirm_order, settle_order, withdraw_order
from handlers.rows import carry_out
from tests.handlers.given import METADATA, call, failed, order, refused
from tests.handlers.memory import MemoryOrders

STATES = ("UndoConfirmOrder", "UndoChargeCard", "UndoReserveStock", "ShipOrder", "Settle")
PROGRESS = [Status.PLACED, Status.CONFIRMED, Status.SHIPPED, Status.FULFILLED]


class Life(RuleBasedStateMachine):
    """Everything that may happen to an order, again and again."""

    @initialize()
    def begin(self) -> None:
        self.orders = MemoryOrders()
        self.orders.rows["order-1"] = order()
        self.seen = [order()]

    @rule()
    def confirm(self) -> None:
        with contextlib.suppress(OrderWithdrawn):
            confirm_order(call(), self.orders)
            assert self._now().confirmed

    @rule(failure=st.sampled_from([failed(), refused("OutOfStock"), refused("PaymentDeclined")]))
    def withdraw(self, failure) -> None:
        with contextlib.suppress(PivotPassed):
            withdraw_order(call(failure=failure), self.orders)
            assert self._now().withdrawn

    @rule(
        parked=st.lists(st.sampled_from(STATES), unique=True, max_size=3).map(tuple),
        resumed_at=st.sampled_from([None, None, *STATES]),
    )
    def settle(self, parked, resumed_at) -> None:
        settle_order(call(parked=parked, resumed_at=resumed_at, failure=failed()), self.orders)
        if parked:
            assert self._now().status not in {Status.PLACED, Status.CONFIRMED}

    @precondition(lambda self: self._now().confirmed)
    @rule(reached=st.sampled_from([Status.SHIPPED, Status.FULFILLED]))
    def track(self, reached) -> None:
        decide = existing("order-1", lambda found: domain.track(found, reached=reached))
        carry_out(self.orders, "order-1", decide, METADATA)

    @invariant()
    def it_never_goes_back(self) -> None:
        now, before = self._now(), self.seen[-1]
        self.seen.append(now)
        assert (now.withdrawn or before.withdrawn) == now.withdrawn
        assert now.confirmed >= before.confirmed
        if before.status is Status.CANCELLED:
            assert now.status is Status.CANCELLED
        reached = [PROGRESS.index(seen.status) for seen in self.seen if seen.status in PROGRESS]
        assert reached == sorted(reached)

    @invariant()
    def it_goes_one_way(self) -> None:
        now = self._now()
        assert not (now.confirmed and now.withdrawn)
        assert (now.status is Status.PARKED) == bool(now.parked) or now.status is Status.CONFIRMED
        if now.status is Status.CANCELLED:
            assert now.withdrawn

    @invariant()
    def each_ending_is_told_once(self) -> None:
        told = self.orders.told()
        assert told.count("order.confirmed") == self._now().confirmed
        assert told.count("order.paid") == told.count("order.confirmed")
        assert told.count("order.cancelled") == (self._now().status is Status.CANCELLED)

    def _now(self):
        return self.orders.rows["order-1"]


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
