"""The orders API, and the same orders placed by calling the function directly.

A direct call has the body of `POST /orders` as its event; there, and only there, an order without
`card` is paid with `tok_approved`, since that caller may know nothing of payment tokens.
"""

import json
import re
import uuid
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from handlers.logs import logger
from handlers.orders import domain, listing
from handlers.orders.answers import STATUSES, MalformedBodyError, answer, explain, problem
from handlers.orders.order import IDEMPOTENCY_KEY, UnknownOrderError, existing
from handlers.orders.placing import Origin, place
from handlers.orders.store import catalogue, orders
from handlers.rows import carry_out

CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

app = APIGatewayRestResolver()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry point: answer a request to the API, or place the order that a direct call asks for."""
    if "httpMethod" in event:
        return app.resolve(event, context)
    origin = Origin(request_id=context.aws_request_id, correlation_id=str(uuid.uuid4()))
    return place({"card": "tok_approved"} | event, origin, orders(), catalogue())


@app.post("/orders")
def post_order() -> Response[str]:
    key = app.current_event.headers.get(IDEMPOTENCY_KEY)
    placed = place(_body(), Origin(_request_id(), _correlation_id(), key), orders(), catalogue())
    return answer(HTTPStatus.ACCEPTED, placed, {"Location": f"/orders/{placed['orderId']}"})


@app.get("/orders/<order_id>")
def get_order(order_id: str) -> Response[str]:
    order = orders().load(_order_id(order_id))
    if order is None:
        raise UnknownOrderError(order_id)
    return answer(HTTPStatus.OK, listing.view(order))


@app.post("/orders/<order_id>/cancel")
def cancel_order(order_id: str) -> Response[str]:
    withdraw = partial(domain.withdraw, reason=domain.BY_CUSTOMER)
    # No event yet: the saga tells of it once everything is undone.
    order = carry_out(orders(), _order_id(order_id), existing(order_id, withdraw))
    return answer(HTTPStatus.ACCEPTED, {"orderId": order.order_id, "status": order.status})


@app.get("/customers/<customer_id>/orders")
def list_orders(customer_id: str) -> Response[str]:
    wanted = listing.read(app.current_event.query_string_parameters)
    return answer(HTTPStatus.OK, listing.page(orders(), unquote(customer_id), wanted))


@app.get("/health")
def health() -> Response[str]:
    return answer(HTTPStatus.OK, {"status": "ok"})


def _refuse_other_methods(rule: str, allowed: str) -> None:
    def refuse(**_path: str) -> Response[str]:
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"there is only {allowed} here",
            app.current_event.path,
            headers={"Allow": allowed},
        )

    app.route(rule, method=[method for method in METHODS if method != allowed])(refuse)


_refuse_other_methods("/orders", "POST")
_refuse_other_methods("/orders/<order_id>", "GET")
_refuse_other_methods("/orders/<order_id>/cancel", "POST")
_refuse_other_methods("/customers/<customer_id>/orders", "GET")
_refuse_other_methods("/health", "GET")


@app.exception_handler(list(STATUSES))
def expected(error: Exception) -> Response[str]:
    return explain(error, app.current_event.path)


@app.not_found
def unknown_path(_error: NotFoundError) -> Response[str]:
    path = app.current_event.path
    return problem(HTTPStatus.NOT_FOUND, f"there is nothing at {path!r}", path)


@app.exception_handler(Exception)
def unexpected(error: Exception) -> Response[str]:
    path = app.current_event.path
    logger().exception("request failed", exc_info=error, path=path)
    detail = "the request could not be answered; it may be sent again"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, path)


def _body() -> object:
    """The JSON of the request, with numbers as they were written."""
    try:
        text = app.current_event.decoded_body or ""
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise MalformedBodyError("the body must be JSON (RFC 8259) in UTF-8") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _order_id(text: str) -> str:
    """An id in the form that ours have, so that no other item of the table can be asked for."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise UnknownOrderError(text) from None


def _request_id() -> str:
    return app.current_event.request_context.request_id or app.lambda_context.aws_request_id


def _correlation_id() -> str:
    given = app.current_event.headers.get("X-Correlation-Id", "")
    return given if CORRELATION_ID.fullmatch(given) else str(uuid.uuid4())
