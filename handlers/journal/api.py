"""The journal's API: what happened to an order."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from handlers import rest
from handlers.journal.domain import UnknownOrderError, about, history
from handlers.journal.store import journal

app = rest.resolver({UnknownOrderError: HTTPStatus.NOT_FOUND})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry point: answer a request to the API."""
    return app.resolve(event, context)


@app.get("/orders/<order_id>/history")
def get_history(order_id: str) -> Response[str]:
    found = rest.order_id(order_id, UnknownOrderError)
    return rest.answer(HTTPStatus.OK, history(found, journal().of(about("order", found))))


rest.refuse_other_methods(app, "/orders/<order_id>/history", "GET")
