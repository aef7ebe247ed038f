"""The API's answers: JSON, and errors as RFC 9457 has them."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from events.refusals import PivotPassed
from handlers.orders.listing import InvalidQueryError
from handlers.orders.order import UnknownOrderError
from handlers.orders.reading import InvalidRequestError

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"


class MalformedBodyError(ValueError):
    """The body is no JSON."""


STATUSES: dict[type[Exception], HTTPStatus] = {
    MalformedBodyError: HTTPStatus.BAD_REQUEST,
    InvalidQueryError: HTTPStatus.BAD_REQUEST,
    InvalidRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownOrderError: HTTPStatus.NOT_FOUND,
    PivotPassed: HTTPStatus.CONFLICT,
}
"""What a customer can do wrong; the first entry that an error is an instance of counts."""


def answer(
    status: HTTPStatus, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response[str]:
    """The answer to a request that went well."""
    return Response(
        status_code=status.value,
        content_type=JSON,
        body=json.dumps(body),
        headers=dict(headers or {}),
    )


def explain(error: Exception, instance: str) -> Response[str]:
    """The answer to a request with which the customer did something wrong."""
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    wrong = error.wrong if isinstance(error, InvalidRequestError) else {}
    return problem(status, str(error), instance, wrong=wrong)


def problem(
    status: HTTPStatus,
    detail: str,
    instance: str,
    *,
    wrong: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """The answer to a request that went wrong, with one entry per wrong field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": instance,
    }
    if wrong:
        body["errors"] = [{"field": name, "detail": text} for name, text in wrong.items()]
    return Response(
        status_code=status.value,
        content_type=PROBLEM_JSON,
        body=json.dumps(body),
        headers=dict(headers or {}),
    )
