"""A customer sees what became of an order's money, and nothing else that payments know."""

import uuid

import pytest

from handlers.clients import client
from handlers.payments import api
from handlers.payments.domain import Payment, Status
from handlers.payments.store import payments
from tests.handlers.asking import Answer, ask

pytestmark = pytest.mark.usefixtures("aws")


def look_up(order_id: str, method: str = "GET") -> Answer:
    return ask(api.handler, method, f"/orders/{order_id}/payment")


@pytest.mark.parametrize(
    ("payment", "shown"),
    [
        (
            Payment(status=Status.PENDING, amount="20.00"),
            {"status": "PENDING", "amount": "20.00"},
        ),
        (
            Payment(status=Status.CHARGED, amount="20.00"),
            {"status": "CHARGED", "amount": "20.00"},
        ),
        (
            Payment(status=Status.DECLINED, amount="20.00", reason="the card was refused"),
            {"status": "DECLINED", "amount": "20.00", "reason": "the card was refused"},
        ),
        (
            Payment(status=Status.REFUNDED, amount="20.00", refunded="20.00"),
            {"status": "REFUNDED", "amount": "20.00", "refunded": "20.00"},
        ),
        (
            Payment(status=Status.REFUNDED, amount="20.00"),
            {"status": "REFUNDED", "amount": "20.00", "refunded": "0.00"},
        ),
    ],
)
def test_a_payment_is_shown_as_it_stands(payment, shown):
    order_id = str(uuid.uuid4())
    payments().save(order_id, payment, [])

    answer = look_up(order_id.upper())

    assert (answer.status, answer.body) == (200, {"orderId": order_id, **shown})


def test_an_order_without_a_payment_is_not_found():
    order_id = str(uuid.uuid4())

    answer = look_up(order_id)

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["detail"] == f"nothing is known of a payment for an order {order_id!r}"


def test_nothing_but_payments_can_be_asked_for():
    client("dynamodb").put_item(
        TableName="payments",
        Item={
            "orderId": {"S": "breaker"},
            "version": {"N": "1"},
            "status": {"S": "CHARGED"},
            "amount": {"S": "1.00"},
        },
    )

    assert look_up("breaker").status == 404


def test_a_payment_can_only_be_read():
    answer = look_up(str(uuid.uuid4()), "POST")

    assert (answer.status, answer.headers["Allow"]) == (405, "GET")
