"""The API of products: whether one is in stock, which inventory knows."""

import os
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from events.envelope import Metadata
from handlers import fields, rest
from handlers.orders.answers import answers
from handlers.orders.asking import Clock, Line, UnansweredError, ask
from handlers.orders.listing import InvalidQueryError
from handlers.orders.store import catalogue
from handlers.publishing import publish

WHOLE = re.compile(r"\d{1,9}", re.ASCII)
ANYONE = "anonymous"
"""On whose behalf it is asked: whoever looks at a product need not be a customer yet."""


class UnknownProductError(LookupError):
    """Nothing of this id is for sale."""

    def __init__(self, product_id: str) -> None:
        super().__init__(f"there is no product {product_id!r}")


app = rest.resolver(
    {
        InvalidQueryError: HTTPStatus.BAD_REQUEST,
        UnknownProductError: HTTPStatus.NOT_FOUND,
        UnansweredError: HTTPStatus.GATEWAY_TIMEOUT,
    }
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry point: answer a request to the API."""
    return app.resolve(event, context)


@app.get("/products/<product_id>/availability")
def get_availability(product_id: str) -> Response[str]:
    quantity = wanted(app.current_event.query_string_parameters)
    product = _for_sale(unquote(product_id))
    metadata = Metadata(
        correlation_id=rest.correlation_id(app),
        causation_id=rest.request_id(app),
        user_id=ANYONE,
    )
    stock = ask(_line(), product, quantity, metadata)
    return rest.answer(HTTPStatus.OK, {"available": stock.available, "quantity": stock.in_stock})


rest.refuse_other_methods(app, "/products/<product_id>/availability", "GET")


def wanted(parameters: Mapping[str, str]) -> int:
    """How many are asked for, one unless told; `InvalidQueryError` lists all that is wrong."""
    wrong = {
        name: "is unknown; the only parameter is quantity"
        for name in parameters
        if name != "quantity"
    }
    text = parameters.get("quantity", "1")
    try:
        quantity = fields.quantity(int(text) if WHOLE.fullmatch(text) else text)
    except ValueError as error:
        raise InvalidQueryError({**wrong, "quantity": str(error)}) from None
    if wrong:
        raise InvalidQueryError(wrong)
    return quantity


def _for_sale(product_id: str) -> str:
    try:
        known = catalogue().prices([fields.identifier(product_id)])
    except ValueError:
        known = {}
    if product_id not in known:
        raise UnknownProductError(product_id)
    return product_id


def _line() -> Line:
    return Line(
        publish=publish,
        answers=answers(),
        clock=Clock(time.monotonic, time.sleep),
        patience_seconds=float(os.environ["ANSWER_SECONDS"]),
    )
