"""Money is charged once or not at all, and goes back when the order is given up."""

import contextlib

import pytest

from events.refusals import OrderWithdrawn, PaymentDeclined
from handlers.payments import domain
from handlers.payments.charging import charge_card, refund_card
from handlers.payments.domain import Approved, Declined, Payment, Status
from handlers.payments.gateway import Book, GatewayError, SimulatedGateway
from handlers.rows import Change
from handlers.task import Answer
from tests.handlers.given import METADATA, call, created
from tests.handlers.memory import MemoryRows


class World:
    """Payments, and a gateway with books of its own."""

    def __init__(self, success_rate: float = 1.0) -> None:
        self.payments = MemoryRows[Payment]()
        self.books = MemoryRows[Book]()
        self.hung = 0
        self._success_rate = success_rate

    @property
    def gateway(self) -> SimulatedGateway:
        return SimulatedGateway(self.books, self._success_rate, self._hang)

    def charge(self, card: str = "tok_approved", order_id: str = "order-1") -> Answer:
        return charge_card(call(created(order_id, card=card)), self.payments, self.gateway)

    def refund(self, order_id: str = "order-1") -> Answer:
        return refund_card(order_id, created(order_id).total, METADATA, self.payments, self.gateway)

    def status(self) -> Status:
        return self.payments.rows["order-1"].status

    def _hang(self) -> None:
        self.hung += 1


@pytest.fixture
def world() -> World:
    return World()


def test_the_orders_total_is_charged(world):
    answer = world.charge()

    assert answer == {"orderId": "order-1", "status": "CHARGED", "amount": "20.00"}
    assert world.books.rows["order-1"].charged == "20.00"
    assert [event.data.amount for event in world.payments.events] == ["20.00"]
    assert world.payments.told() == ["payment.processed"]


def test_a_second_charge_gives_the_first_ones_answer(world):
    first = world.charge()

    world.books.rows.clear()

    assert world.charge() == first
    assert world.books.rows == {}
    assert world.payments.told() == ["payment.processed"]


def test_a_declined_card_is_refused_and_the_reason_is_told(world):
    with pytest.raises(PaymentDeclined, match=r"^order order-1: the card was refused"):
        world.charge("tok_declined")

    assert world.status() is Status.DECLINED
    assert world.payments.told() == ["payment.failed"]
    assert world.payments.events[0].data.reason == "the card was refused"
    assert world.books.rows["order-1"].charged is None


def test_a_declined_card_is_declined_again_without_asking_the_gateway(world):
    with pytest.raises(PaymentDeclined):
        world.charge("tok_declined")
    world.books.rows.clear()

    with pytest.raises(PaymentDeclined, match="the card was refused"):
        world.charge("tok_declined")

    assert world.books.rows == {}
    assert world.payments.told() == ["payment.failed"]


def test_a_charge_whose_verdict_was_lost_is_concluded_by_the_next_attempt(world):
    world.charge()
    world.payments.rows["order-1"] = Payment(status=Status.PENDING, amount="20.00", version=1)

    assert world.charge()["status"] == "CHARGED"
    assert world.books.rows["order-1"].version == 1


def test_a_payment_is_begun_before_it_is_concluded():
    with pytest.raises(
        ValueError, match=r"^the payment of order order-1 was concluded before it was begun"
    ):
        domain.conclude(None, Approved(), order_id="order-1")


def test_a_refund_gives_the_money_back_and_tells_so_once(world):
    world.charge()

    assert world.refund()["status"] == "REFUNDED"
    assert world.refund()["status"] == "REFUNDED"

    assert world.books.rows["order-1"].refunded == "20.00"
    assert world.payments.rows["order-1"].refunded == "20.00"
    assert world.payments.told() == ["payment.processed", "payment.refunded"]


def test_a_refund_before_the_charge_keeps_the_charge_from_ever_happening(world):
    assert world.refund() == {"orderId": "order-1", "status": "REFUNDED", "amount": "20.00"}

    with pytest.raises(OrderWithdrawn, match=r"^order order-1 was given up"):
        world.charge()
    assert world.books.rows["order-1"].charged is None
    assert world.payments.told() == []


def test_the_gateway_refuses_what_was_refunded_even_if_our_record_is_behind(world):
    world.gateway.refund("order-1")

    with pytest.raises(
        OrderWithdrawn, match=r"^order order-1 was refunded before its card was charged"
    ):
        world.charge()
    assert world.status() == "PENDING"


def test_a_refund_of_a_declined_payment_leaves_it_declined(world):
    with pytest.raises(PaymentDeclined):
        world.charge("tok_declined")

    assert world.refund()["status"] == "DECLINED"
    assert world.payments.told() == ["payment.failed"]
    with pytest.raises(PaymentDeclined):
        world.charge("tok_declined")


def test_a_refund_always_asks_the_gateway_too(world):
    world.charge()
    world.payments.rows["order-1"] = Payment(status=Status.REFUNDED, amount="20.00", version=1)

    world.refund()

    assert world.books.rows["order-1"].refunded == "20.00"
    assert world.payments.told() == ["payment.processed", "payment.refunded"]


def test_a_charge_that_fails_afterwards_fails_every_time_and_can_be_refunded(world):
    for _ in range(2):
        with pytest.raises(GatewayError, match="failed after charging order-1"):
            world.charge("tok_charged_then_error")

    assert world.books.rows["order-1"].charged == "20.00"
    assert world.status() is Status.PENDING
    world.refund()
    assert world.books.rows["order-1"].refunded == "20.00"
    assert world.payments.told() == ["payment.refunded"]


def test_a_gateway_error_before_the_charge_takes_no_money(world):
    with pytest.raises(GatewayError, match="failed before charging order-1"):
        world.charge("tok_error")

    assert world.books.rows == {}
    world.refund()
    assert world.payments.told() == []


def test_a_gateway_that_hangs_keeps_the_caller_waiting_and_takes_no_money(world):
    with pytest.raises(GatewayError, match="no answer about order-1 in time"):
        world.charge("tok_timeout")

    assert world.hung == 1
    assert world.books.rows == {}


def test_other_tokens_are_approved_at_the_success_rate_and_alike_in_every_run():
    def approved() -> list[str]:
        world, found = World(success_rate=0.9), []
        for number in range(400):
            try:
                world.charge("tok_visa", f"order-{number}")
            except PaymentDeclined:
                continue
            found.append(f"order-{number}")
        return found

    assert 0.85 < len(approved()) / 400 < 0.95
    assert approved() == approved()


def test_another_token_for_the_same_order_is_another_decision():
    verdicts = [
        World(success_rate=0.5).gateway.charge("order-1", "1.00", f"tok_{number}")
        for number in range(20)
    ]

    assert {type(verdict) for verdict in verdicts} == {Approved, Declined}


@pytest.mark.parametrize("card", ["tok_approved", "tok_charged_then_error"])
def test_cards_for_tests_are_charged_whatever_the_success_rate(card):
    world = World(success_rate=0.0)

    with contextlib.suppress(GatewayError):
        world.charge(card)

    assert world.books.rows["order-1"].charged == "20.00"


@pytest.mark.parametrize("concluded", [Status.CHARGED, Status.DECLINED, Status.REFUNDED])
def test_a_verdict_that_comes_after_the_conclusion_changes_nothing(concluded):
    payment = Payment(status=concluded, amount="20.00", version=2)

    for verdict in (Approved(), Declined("late")):
        assert domain.conclude(payment, verdict, order_id="order-1") == Change(payment)


@pytest.mark.parametrize(("rate", "status"), [(0.0, Status.DECLINED), (1.0, Status.CHARGED)])
def test_a_success_rate_of_nothing_and_of_all_means_just_that(rate, status):
    world = World(success_rate=rate)
    with contextlib.suppress(PaymentDeclined):
        world.charge("tok_visa")

    assert world.status() is status
