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

from events.envelope import Metadata
from events.refusals import PivotPassed
from handlers.logs import logger
from handlers.orders import domain, listing
from handlers.orders.domain import KeyReusedError, UnknownOrderError
from handlers.orders.placing import IDEMPOTENCY_KEY, Origin, place
from handlers.orders.problem import problem
from handlers.orders.request import InvalidRequestError, WrongField
from handlers.orders.store import catalogue, orders
from handlers.rows import carry_out

CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

app = APIGatewayRestResolver()


class MalformedBodyError(ValueError):
    """The body is no JSON."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry point: answer a request to the API, or place the order that a direct call asks for."""
    if "httpMethod" in event:
        return app.resolve(event, context)
    origin = Origin(request_id=context.aws_request_id, correlation_id=str(uuid.uuid4()))
    return place({"card": "tok_approved"} | event, origin, orders(), catalogue())


@app.post("/orders")
def post_order() -> Response[str]:
    key = app.current_event.headers.get(IDEMPOTENCY_KEY)
    origin = Origin(_request_id(), _correlation_id(), key)
    placed = place(_body(), origin, orders(), catalogue())
    return _json(HTTPStatus.ACCEPTED, placed, {"Location": f"/orders/{placed['orderId']}"})


@app.get("/orders/<order_id>")
def get_order(order_id: str) -> Response[str]:
    order = orders().load(_order_id(order_id))
    if order is None:
        raise UnknownOrderError(order_id)
    return _json(HTTPStatus.OK, listing.view(order))


@app.post("/orders/<order_id>/cancel")
def cancel_order(order_id: str) -> Response[str]:
    withdraw = partial(domain.withdraw, reason=domain.BY_CUSTOMER)
    decide = domain.existing(order_id, withdraw)
    # A withdrawal causes no event: the saga tells of it once everything is undone.
    metadata = Metadata(
        correlation_id=_correlation_id(), causation_id=_request_id(), user_id=domain.BY_CUSTOMER
    )
    order = carry_out(orders(), _order_id(order_id), decide, metadata)
    return _json(HTTPStatus.ACCEPTED, {"orderId": order_id, "status": order.status})


@app.get("/customers/<customer_id>/orders")
def list_orders(customer_id: str) -> Response[str]:
    wanted = listing.read(app.current_event.query_string_parameters or {})
    return _json(HTTPStatus.OK, listing.page(orders(), unquote(customer_id), wanted))


@app.get("/health")
def health() -> Response[str]:
    return _json(HTTPStatus.OK, {"status": "ok"})


def _refuse_other_methods(rule: str, *allowed: str) -> None:
    """Answer 405 to every method that a path does not have."""

    def refuse(**_path: str) -> Response[str]:
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"this resource has only {', '.join(allowed)}",
            app.current_event.path,
            headers={"Allow": ", ".join(allowed)},
        )

    app.route(rule, method=[method for method in METHODS if method not in allowed])(refuse)


_refuse_other_methods("/orders", "POST")
_refuse_other_methods("/orders/<order_id>", "GET")
_refuse_other_methods("/orders/<order_id>/cancel", "POST")
_refuse_other_methods("/customers/<customer_id>/orders", "GET")
_refuse_other_methods("/health", "GET")


@app.exception_handler(MalformedBodyError)
def malformed(error: MalformedBodyError) -> Response[str]:
    return problem(HTTPStatus.BAD_REQUEST, str(error), app.current_event.path)


@app.exception_handler(InvalidRequestError)
def invalid(error: InvalidRequestError) -> Response[str]:
    # What is wrong in a query makes a bad request; a body that can be read is only not acceptable.
    reading = app.current_event.http_method == "GET"
    status = HTTPStatus.BAD_REQUEST if reading else HTTPStatus.UNPROCESSABLE_ENTITY
    detail = f"{len(error.wrong)} wrong, see errors"
    return problem(status, detail, app.current_event.path, errors=error.wrong)


@app.exception_handler(KeyReusedError)
def key_reused(_error: KeyReusedError) -> Response[str]:
    wrong = WrongField(IDEMPOTENCY_KEY, "came with another order before; use a new key")
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, wrong.detail, app.current_event.path, errors=[wrong]
    )


@app.exception_handler(PivotPassed)
def too_late(error: PivotPassed) -> Response[str]:
    return problem(HTTPStatus.CONFLICT, str(error), app.current_event.path)


@app.exception_handler(UnknownOrderError)
def unknown_order(error: UnknownOrderError) -> Response[str]:
    return problem(HTTPStatus.NOT_FOUND, str(error), app.current_event.path)


@app.not_found
def unknown_path(_error: NotFoundError) -> Response[str]:
    path = app.current_event.path
    return problem(HTTPStatus.NOT_FOUND, f"there is nothing at {path!r}", path)


@app.exception_handler(Exception)
def unexpected(error: Exception) -> Response[str]:
    logger().exception("request failed", exc_info=error, path=app.current_event.path)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "the request could not be answered; it may be tried again",
        app.current_event.path,
    )


def _body() -> object:
    """The JSON of the request, with numbers as they were written."""
    try:
        return json.loads(
            app.current_event.decoded_body or "", parse_float=Decimal, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise MalformedBodyError("the body must be JSON (RFC 8259), in UTF-8") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _order_id(text: str) -> str:
    """An id in the form that ours have, so that no other row of the table can be asked for."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise UnknownOrderError(text) from None


def _request_id() -> str:
    return app.current_event.request_context.request_id or app.lambda_context.aws_request_id


def _correlation_id() -> str:
    given = app.current_event.headers.get("X-Correlation-Id", "")
    return given if CORRELATION_ID.fullmatch(given) else str(uuid.uuid4())


def _json(
    status: HTTPStatus, body: dict[str, Any], headers: dict[str, str] | None = None
) -> Response[str]:
    return Response(
        status_code=status.value,
        content_type="application/json",
        body=json.dumps(body),
        headers=headers or {},
    )
