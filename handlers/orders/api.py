"""The orders API, and the same orders placed by calling the function directly.

A direct call has the body of `POST /orders` as its event; there, and only there, an order without
`card` is paid with `tok_approved`, since that caller may know nothing of payment tokens.
"""

import uuid
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from events.refusals import PivotPassed
from handlers import fields, rest
from handlers.orders import listing
from handlers.orders.cancelling import cancel
from handlers.orders.listing import InvalidQueryError
from handlers.orders.order import IDEMPOTENCY_KEY, UnknownOrderError
from handlers.orders.placing import Origin, place
from handlers.orders.store import catalogue, orders
from handlers.rest import answer

STATUSES: rest.Statuses = {
    InvalidQueryError: HTTPStatus.BAD_REQUEST,
    UnknownOrderError: HTTPStatus.NOT_FOUND,
    PivotPassed: HTTPStatus.CONFLICT,
}

app = rest.resolver(STATUSES)


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Entry point: answer a request to the API, or place the order that a direct call asks for."""
    if isinstance(event, dict) and "httpMethod" in event:
        return app.resolve(event, context)
    # Lambda repeats a call that nobody waited for, under the same id: it is to place one order.
    origin = Origin(context.aws_request_id, str(uuid.uuid4()), context.aws_request_id)
    body = {"card": "tok_approved"} | event if isinstance(event, dict) else event
    return place(body, origin, orders(), catalogue())


@app.post("/orders")
def post_order() -> Response[str]:
    key = app.current_event.headers.get(IDEMPOTENCY_KEY)
    origin = Origin(rest.request_id(app), rest.correlation_id(app), key)
    placed = place(rest.body(app), origin, orders(), catalogue())
    # Relative to where it was sent: a function does not know the stage or domain that it is reached under.
    return answer(HTTPStatus.ACCEPTED, placed, {"Location": f"orders/{placed['orderId']}"})


@app.get("/orders/<order_id>")
def get_order(order_id: str) -> Response[str]:
    order = orders().load(rest.order_id(order_id, UnknownOrderError))
    if order is None:
        raise UnknownOrderError(order_id)
    return answer(HTTPStatus.OK, listing.view(order))


@app.post("/orders/<order_id>/cancel")
def cancel_order(order_id: str) -> Response[str]:
    order = cancel(rest.order_id(order_id, UnknownOrderError), rest.request_id(app), orders())
    return answer(HTTPStatus.ACCEPTED, {"orderId": order.order_id, "status": order.status})


@app.get("/customers/<customer_id>/orders")
def list_orders(customer_id: str) -> Response[str]:
    wanted = listing.read(app.current_event.query_string_parameters)
    return answer(HTTPStatus.OK, listing.page(orders(), _customer_id(customer_id), wanted))


@app.get("/health")
def health() -> Response[str]:
    return answer(HTTPStatus.OK, {"status": "ok"})


_refuse_other_methods = partial(rest.refuse_other_methods, app)
_refuse_other_methods("/orders", "POST")
_refuse_other_methods("/orders/<order_id>", "GET")
_refuse_other_methods("/orders/<order_id>/cancel", "POST")
_refuse_other_methods("/customers/<customer_id>/orders", "GET")
_refuse_other_methods("/health", "GET")


def _customer_id(text: str) -> str:
    try:
        return fields.identifier(unquote(text))
    except ValueError as error:
        raise InvalidQueryError({"customerId": str(error)}) from None
