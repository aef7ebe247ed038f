"""The saga's tasks, as the state machine calls them, on tables of DynamoDB."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from events.refusals import OrderWithdrawn, OutOfStock, PaymentDeclined, PivotPassed
from handlers.inventory.tasks import release, reserve
from handlers.orders.order import Status
from handlers.orders.store import orders
from handlers.orders.tasks import confirm, settle, withdraw
from handlers.payments import tasks as payments
from handlers.payments.gateway import GatewayError
from handlers.payments.store import books
from handlers.shipping.tasks import ship
from handlers.table import from_item
from tests.handlers.given import Context, created, order, sent

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def order_id(aws) -> str:
    """A placed order of two lamps, of which there are five."""
    found = str(uuid.uuid4())
    orders().save(found, order(found, version=0), ())
    values = {"productId": {"S": f"lamp-{found}"}, "available": {"N": "5"}}
    aws("dynamodb").put_item(
        TableName="stock", Item={"id": {"S": f"product#lamp-{found}"}, **values}
    )
    return found


def payload(
    order_id: str, *, card: str = "tok_approved", quantity: int = 2, **saga: Any
) -> dict[str, Any]:
    placed = created(order_id, card=card, quantities={f"lamp-{order_id}": quantity})
    return {"event": sent(placed), "saga": {"execution": "exec-1", "step": "Step"} | saga}


def available(aws, order_id: str) -> int:
    key = {"id": {"S": f"product#lamp-{order_id}"}}
    return from_item(aws("dynamodb").get_item(TableName="stock", Key=key)["Item"])["available"]


def told(aws, order_id: str) -> set[str]:
    """Types of the events about an order in all outboxes."""
    found: set[str] = set()
    for table in ("orders", "stock", "payments", "shipments"):
        for page in aws("dynamodb").get_paginator("scan").paginate(TableName=table):
            items = [from_item(item) for item in page["Items"]]
            found |= {
                json.loads(item["event"])["type"]
                for item in items
                if item.get("aggregate") == order_id
            }
    return found


def test_an_order_is_completed(aws, order_id):
    asked = payload(order_id)

    answers = [task(asked, Context()) for task in (reserve, payments.charge, confirm, ship)]

    assert [answer["status"] for answer in answers] == [
        "RESERVED",
        "CHARGED",
        "CONFIRMED",
        "SHIPPED",
    ]
    assert json.loads(json.dumps(answers)) == answers
    assert told(aws, order_id) == {
        "inventory.reserved",
        "payment.processed",
        "order.paid",
        "order.confirmed",
        "order.shipped",
    }
    with pytest.raises(PivotPassed):
        withdraw(asked, Context())


def test_an_order_is_given_up(aws, order_id):
    asked = payload(order_id, card="tok_declined")
    reserve(asked, Context())
    with pytest.raises(PaymentDeclined):
        payments.charge(asked, Context())

    failure = {"step": "ChargeCard", "refused": True, "error": "PaymentDeclined", "cause": "{}"}
    undoing = payload(order_id, failure=failure, parked=[])
    for task in (withdraw, payments.refund, release, settle):
        task(undoing, Context())

    found = orders().load(order_id)
    assert found is not None
    assert (found.status, found.withdrawn) == (Status.CANCELLED, "PaymentDeclined")
    assert available(aws, order_id) == 5
    with pytest.raises(OrderWithdrawn):
        reserve(asked, Context())
    with pytest.raises(OrderWithdrawn):
        confirm(asked, Context())


def test_too_much_is_refused_with_what_there_is(order_id):
    with pytest.raises(OutOfStock, match=f"6 of 'lamp-{order_id}' wanted, 5 available"):
        reserve(payload(order_id, quantity=6), Context())


def test_the_books_of_the_gateway_can_be_read_by_anyone(aws, order_id):
    payments.charge(payload(order_id), Context())
    payments.refund(payload(order_id), Context())

    key = {"orderId": {"S": f"gateway#{order_id}"}}
    book = from_item(aws("dynamodb").get_item(TableName="payments", Key=key)["Item"])
    assert (book["charged"], book["refunded"]) == ("20.00", "20.00")


def test_a_gateway_that_hangs_uses_up_the_functions_time_but_half_a_second(order_id):
    asked = payload(order_id, card="tok_timeout")

    with pytest.raises(GatewayError, match="in time"):
        payments.charge(asked, Context(seconds_left=0.5))
    assert books().load(order_id) is None


@pytest.mark.parametrize("text", ["", "often", "1.5", "-0.1", "nan"])
def test_a_success_rate_that_is_none_is_named(monkeypatch, order_id, text):
    fresh: Callable[[], None] = payments.success_rate.cache_clear
    fresh()
    monkeypatch.setenv("PAYMENT_SUCCESS_RATE", text)
    try:
        with pytest.raises(ValueError, match=f"PAYMENT_SUCCESS_RATE is '{text}'; it must be"):
            payments.charge(payload(order_id), Context())
    finally:
        fresh()
