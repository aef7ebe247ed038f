"""The services' parts in the choreographed saga, one event at a time."""

import os
import uuid
from typing import Any

import pytest
from msgspec.structs import replace

from events.catalogue import (
    OrderCancelled,
    OrderConfirmed,
    PaymentFailed,
    PaymentProcessed,
    ReservationFailed,
    StockReserved,
)
from events.envelope import Event
from handlers import batch
from handlers.batch import Delivery
from handlers.choreography import participant
from handlers.inventory import choreography as inventory
from handlers.inventory.domain import Status as ReservationStatus
from handlers.inventory.store import stock
from handlers.orders import choreography as ordering
from handlers.orders.order import Status
from handlers.orders.store import orders
from handlers.payments import choreography as paying
from handlers.payments.domain import Status as PaymentStatus
from handlers.payments.store import payments
from handlers.rows import Rows
from handlers.shipping import choreography as shipping
from handlers.shipping.store import shipments
from tests.handlers.given import METADATA, Context, created, message, order, sent

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def order_id() -> str:
    """An order that no other test uses."""
    return str(uuid.uuid4())


def placed(order_id: str, **state: Any) -> None:
    orders().save(order_id, order(order_id, version=0, **state), ())


def found(order_id: str) -> tuple[str, str | None]:
    """How an order stands, and why it was given up."""
    loaded = orders().load(order_id)
    assert loaded is not None
    return loaded.status, loaded.withdrawn


def status(rows: Rows[Any], order_id: str) -> Any:
    """The status of a row that has to be there."""
    row = rows.load(order_id)
    assert row is not None
    return row.status


def failed(entry: Any, event: Event, **how: Any) -> bool:
    """Whether a participant leaves the event in its queue."""
    answer = entry({"Records": [message(sent(event), **how)]}, Context())
    return bool(answer["batchItemFailures"])


def reserved(order_id: str) -> StockReserved:
    return StockReserved(order_id=order_id, lines=())


def cancelled(order_id: str) -> OrderCancelled:
    return OrderCancelled(
        order_id=order_id, customer_id="customer-1", total="20.00", reason="Failed"
    )


def confirmed(order_id: str) -> OrderConfirmed:
    return OrderConfirmed(order_id=order_id, customer_id="customer-1", total="20.00")


class TestInventory:
    def test_what_is_ordered_is_reserved_and_what_is_given_up_released(self, aws, order_id):
        lamp = f"lamp-{order_id}"
        values = {"productId": {"S": lamp}, "available": {"N": "5"}}
        aws("dynamodb").put_item(TableName="stock", Item={"id": {"S": f"product#{lamp}"}, **values})
        ordered = created(order_id, quantities={lamp: 2})

        assert not failed(inventory.reserve, ordered)
        assert status(stock(), order_id) is ReservationStatus.RESERVED
        for event in (
            PaymentFailed(order_id=order_id, amount="20.00", reason="declined"),
            cancelled(order_id),
        ):
            assert not failed(inventory.release, event)
            assert status(stock(), order_id) is ReservationStatus.RELEASED

    def test_too_little_stock_is_an_answer_and_no_failure(self, order_id):
        ordered = created(order_id, quantities={f"none-{order_id}": 1})

        assert not failed(inventory.reserve, ordered)
        assert status(stock(), order_id) is ReservationStatus.REFUSED


class TestPayments:
    def test_the_card_is_charged_once_its_stock_is_reserved(self, order_id):
        assert not failed(paying.charge, created(order_id))
        assert payments().load(order_id) is None

        for _ in range(2):
            assert not failed(paying.charge, reserved(order_id))
        assert status(payments(), order_id) is PaymentStatus.CHARGED

    def test_a_reservation_that_overtakes_its_order_comes_back(self, order_id, logged):
        assert failed(paying.charge, reserved(order_id))

        assert "inventory.reserved came before order" in logged()[0]["exception"]
        failed(paying.charge, created(order_id))
        assert not failed(paying.charge, reserved(order_id))

    def test_an_order_given_up_is_never_charged_afterwards(self, order_id):
        failed(paying.charge, created(order_id))
        assert not failed(paying.refund, cancelled(order_id))

        assert not failed(paying.charge, reserved(order_id))
        assert status(payments(), order_id) is PaymentStatus.REFUNDED

    def test_a_declined_card_is_an_answer(self, order_id):
        failed(paying.charge, created(order_id, card="tok_declined"))

        assert not failed(paying.charge, reserved(order_id))
        assert status(payments(), order_id) is PaymentStatus.DECLINED


class TestOrders:
    def test_a_paid_order_is_confirmed(self, order_id):
        placed(order_id)

        assert not failed(ordering.confirm, PaymentProcessed(order_id=order_id, amount="20.00"))
        assert found(order_id) == (Status.CONFIRMED, None)

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            (lambda it: ReservationFailed(order_id=it, reason="none left"), "OutOfStock"),
            (
                lambda it: PaymentFailed(order_id=it, amount="20.00", reason="declined"),
                "PaymentDeclined",
            ),
        ],
    )
    def test_a_refusal_cancels_the_order_with_its_reason(self, order_id, event, reason):
        placed(order_id)

        assert not failed(ordering.cancel, event(order_id))
        assert found(order_id) == (Status.CANCELLED, reason)

    def test_what_was_cancelled_is_not_confirmed_by_a_late_payment(self, order_id):
        placed(order_id)
        failed(ordering.sweep, created(order_id))

        assert not failed(ordering.confirm, PaymentProcessed(order_id=order_id, amount="20.00"))
        assert found(order_id) == (Status.CANCELLED, "Failed")

    def test_what_was_confirmed_is_not_cancelled(self, order_id):
        placed(order_id, status=Status.CONFIRMED, confirmed=True)

        assert not failed(ordering.cancel, ReservationFailed(order_id=order_id, reason="late"))
        assert not failed(ordering.sweep, created(order_id))
        assert found(order_id) == (Status.CONFIRMED, None)

    def test_an_order_that_was_never_placed_is_given_up_at_its_deadline(self, order_id):
        assert failed(ordering.confirm, PaymentProcessed(order_id=order_id, amount="20.00"))

        assert not failed(ordering.sweep, created(order_id))
        assert found(order_id) == (Status.CANCELLED, "Failed")
        assert not failed(ordering.confirm, PaymentProcessed(order_id=order_id, amount="20.00"))
        assert found(order_id) == (Status.CANCELLED, "Failed")

    def test_the_deadline_of_a_confirmed_order_parks_it_unless_it_is_shipped(self, order_id):
        shipped = str(uuid.uuid4())
        placed(order_id, status=Status.CONFIRMED, confirmed=True)
        placed(shipped, status=Status.SHIPPED, confirmed=True)

        for each in (order_id, shipped):
            assert not failed(ordering.sweep, confirmed(each))
        assert (found(order_id), found(shipped)) == ((Status.PARKED, None), (Status.SHIPPED, None))


class TestShipping:
    def test_a_confirmed_order_is_shipped_once(self, order_id):
        assert not failed(shipping.ship, created(order_id))
        assert shipments().load(order_id) is None

        for _ in range(2):
            assert not failed(shipping.ship, confirmed(order_id))
        found = shipments().load(order_id)
        assert found is not None
        assert [(line.product_id, line.quantity) for line in found.lines] == [("lamp", 2)]


class TestRetries:
    """What becomes of an event whose consumer failed."""

    DONE: list[Delivery]

    @pytest.fixture(autouse=True)
    def _nothing_done(self):
        TestRetries.DONE = []

    @staticmethod
    @participant("ReserveStock", StockReserved)
    def step(delivery: Delivery) -> None:
        TestRetries.DONE.append(delivery)

    def faulty(self, fault: str, **how: Any) -> bool:
        metadata = replace(METADATA, faults={"ReserveStock": fault})
        answer = TestRetries.step(
            {"Records": [message(sent(reserved("order-1"), metadata), **how)]}, Context()
        )
        return bool(answer["batchItemFailures"])

    @pytest.mark.parametrize(
        ("fault", "how", "fails"),
        [
            ("error-before:once", {}, True),
            ("error-before:once", {"receives": 2}, False),
            ("error-before:always", {"receives": 5, "redriven": True}, True),
            ("error-before:until-resumed", {"receives": 5}, True),
            ("error-before:until-resumed", {"redriven": True}, False),
        ],
    )
    def test_faults_are_provoked_as_in_a_saga(self, monkeypatch, fault, how, fails):
        monkeypatch.setenv("FAULT_INJECTION", "true")

        assert self.faulty(fault, **how) is fails
        assert len(self.DONE) == (not fails)

    def test_where_faults_are_not_allowed_they_are_ignored(self):
        assert not self.faulty("error-before:always")

    @pytest.mark.parametrize(
        ("receives", "least", "most"), [(1, 2, 5), (2, 10, 20), (4, 160, 320), (5, 0, 0)]
    )
    def test_a_failed_message_comes_back_after_a_pause_that_grows(
        self, monkeypatch, receives, least, most
    ):
        told: list[dict[str, Any]] = []
        monkeypatch.setattr(batch, "client", lambda _: Recorder(told))

        assert failed(paying.charge, reserved("nobody"), receives=receives)

        [asked] = told
        assert (asked["QueueUrl"], asked["ReceiptHandle"]) == (os.environ["QUEUE_URL"], "receipt")
        assert least <= asked["VisibilityTimeout"] <= most

    def test_a_message_that_cannot_be_put_off_comes_back_all_the_same(self, monkeypatch, logged):
        monkeypatch.setenv("QUEUE_URL", f"{os.environ['QUEUE_URL']}-gone")

        assert failed(paying.charge, reserved("nobody"))
        assert [line["message"] for line in logged()] == [
            "message failed, it will come back",
            "message could not be put off",
        ]


class Recorder:
    """A client of SQS that notes what it is asked."""

    def __init__(self, told: list[dict[str, Any]]) -> None:
        self._told = told

    def change_message_visibility(self, **asked: Any) -> None:
        self._told.append(asked)
