"""Charges and refunds of one order overlap and crash anywhere; money is conserved."""

from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from handlers.payments.charging import charge_card, refund_card
from handlers.payments.domain import Payment, Status
from handlers.payments.gateway import Book, SimulatedGateway
from handlers.task import Answer
from tests.handlers.given import call, created
from tests.handlers.interleaving import Running, gate
from tests.handlers.memory import MemoryRows

CARDS = ("tok_approved", "tok_declined", "tok_charged_then_error", "tok_error")
CALLS_AT_ONCE = 4
TOTAL = "20.00"


class Money(RuleBasedStateMachine):
    """Starts calls, and decides which of them makes its next access, or crashes before it."""

    @initialize(card=st.sampled_from(CARDS))
    def begin(self, card: str) -> None:
        self.payments, self.books = MemoryRows[Payment](gate), MemoryRows[Book](gate)
        self.gateway = SimulatedGateway(self.books, 1.0, hang=lambda: None)
        self.call = call(created(card=card))
        self.running: list[Running] = []
        self.charges: list[Running] = []
        self.late: list[Running] = []
        self.refund_began = self.given_up = False

    @precondition(lambda self: len(self.running) < CALLS_AT_ONCE)
    @rule()
    def charge(self) -> None:
        charge = Running("charge", partial(charge_card, self.call, self.payments, self.gateway))
        self.running.append(charge)
        self.charges.append(charge)
        if self.given_up:
            self.late.append(charge)

    @precondition(lambda self: len(self.running) < CALLS_AT_ONCE)
    @rule()
    def refund(self) -> None:
        self.refund_began = True
        self.running.append(Running("refund", self._refund))

    @precondition(lambda self: self.running)
    @rule(choice=st.integers(0, CALLS_AT_ONCE - 1), steps=st.integers(1, 3))
    def go_on(self, choice: int, steps: int) -> None:
        chosen = self.running[choice % len(self.running)]
        for _ in range(steps):
            if not chosen.finished:
                chosen.step()
        self._collect()

    @precondition(lambda self: self.running)
    @rule(choice=st.integers(0, CALLS_AT_ONCE - 1))
    def crash(self, choice: int) -> None:
        self.running[choice % len(self.running)].crash()
        self._collect()

    @invariant()
    def the_gateway_keeps_the_total_or_nothing(self) -> None:
        assert self._kept() in {None, TOTAL}
        if self.given_up:
            assert self._kept() is None
            assert self.payments.rows["order-1"].status in {Status.REFUNDED, Status.DECLINED}

    @invariant()
    def nothing_is_told_twice(self) -> None:
        told = self.payments.told()
        assert len(told) == len(set(told))
        assert not {"payment.processed", "payment.failed"} <= set(told)

    def teardown(self) -> None:
        while self.running:
            self.running[0].step()
            self._collect()
        self.the_gateway_keeps_the_total_or_nothing()
        self.nothing_is_told_twice()
        if not self.refund_began and any(charge.answer for charge in self.charges):
            assert self._kept() == TOTAL
            assert self.payments.told() == ["payment.processed"]
        assert [charge.answer for charge in self.late] == [None] * len(self.late)
        self._refund()
        self._check_given_up()

    def _refund(self) -> Answer:
        asked = self.call
        return refund_card(
            "order-1", asked.order.total, asked.metadata, self.payments, self.gateway
        )

    def _check_given_up(self) -> None:
        book = self.books.rows["order-1"]
        assert book.refunded == book.charged
        assert ("payment.refunded" in self.payments.told()) == (book.charged is not None)
        assert self.payments.rows["order-1"].status in {Status.REFUNDED, Status.DECLINED}
        self.nothing_is_told_twice()

    def _collect(self) -> None:
        for done in [one for one in self.running if one.finished]:
            self.running.remove(done)
            if done.name == "refund" and done.answer:
                self.given_up = True

    def _kept(self) -> str | None:
        book = self.books.rows.get("order-1", Book())
        return None if book.refunded else book.charged


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
