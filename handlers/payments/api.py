"""The payments API: what became of an order's money."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from handlers import rest
from handlers.payments.domain import Payment, Status
from handlers.payments.store import payments

NOTHING = "0.00"


class UnknownPaymentError(LookupError):
    """No money was asked for an order of this id."""

    def __init__(self, order_id: str) -> None:
        super().__init__(f"nothing is known of a payment for an order {order_id!r}")


app = rest.resolver({UnknownPaymentError: HTTPStatus.NOT_FOUND})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry point: answer a request to the API."""
    return app.resolve(event, context)


@app.get("/orders/<order_id>/payment")
def get_payment(order_id: str) -> Response[str]:
    found = rest.order_id(order_id, UnknownPaymentError)
    payment = payments().load(found)
    if payment is None:
        raise UnknownPaymentError(found)
    return rest.answer(HTTPStatus.OK, view(found, payment))


rest.refuse_other_methods(app, "/orders/<order_id>/payment", "GET")


def view(order_id: str, payment: Payment) -> dict[str, Any]:
    """A payment as its customer sees it: of a refund how much it was, of a refusal why."""
    shown: dict[str, Any] = {
        "orderId": order_id,
        "status": payment.status,
        "amount": payment.amount,
    }
    if payment.status is Status.REFUNDED:
        # An order that was given up before its card was charged had nothing to be given back.
        shown["refunded"] = payment.refunded or NOTHING
    if payment.status is Status.DECLINED:
        shown["reason"] = payment.reason
    return shown
