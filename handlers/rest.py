"""What our APIs have in common: JSON in and out, and errors as RFC 9457 has them."""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from handlers.logs import logger
from handlers.reading import InvalidRequestError

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

Statuses = Mapping[type[Exception], HTTPStatus]
"""What a customer can do wrong; the first entry that an error is an instance of counts."""


class MalformedBodyError(ValueError):
    """The body is no JSON."""


ALWAYS: Statuses = {
    MalformedBodyError: HTTPStatus.BAD_REQUEST,
    InvalidRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""What can be wrong with any request."""


def resolver(statuses: Statuses) -> APIGatewayRestResolver:
    """An API without routes, which answers these errors, and all others, as problems."""
    app = APIGatewayRestResolver()
    known = {**statuses, **ALWAYS}

    @app.exception_handler(list(known))
    def expected(error: Exception) -> Response[str]:
        return _explain(error, app.current_event.path, known)

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

    return app


def refuse_other_methods(app: APIGatewayRestResolver, rule: str, allowed: str) -> None:
    """Answer every method but one on a path with 405."""

    def refuse(**_path: str) -> Response[str]:
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"there is only {allowed} here",
            app.current_event.path,
            headers={"Allow": allowed},
        )

    app.route(rule, method=[method for method in METHODS if method != allowed])(refuse)


def body(app: APIGatewayRestResolver) -> object:
    """The JSON of the request, with numbers as they were written."""
    try:
        text = app.current_event.decoded_body or ""
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError):
        # A number can have more digits, or a larger exponent, than anybody can reckon with.
        raise MalformedBodyError("the body must be JSON (RFC 8259) in UTF-8") from None


def request_id(app: APIGatewayRestResolver) -> str:
    """The id that API Gateway gave the request."""
    return app.current_event.request_context.request_id or app.lambda_context.aws_request_id


def correlation_id(app: APIGatewayRestResolver) -> str:
    """The caller's id for everything that comes of the request, or a new one."""
    given = app.current_event.headers.get("X-Correlation-Id", "")
    return given if CORRELATION_ID.fullmatch(given) else str(uuid.uuid4())


def order_id(text: str, unknown: Callable[[str], Exception]) -> str:
    """An order's id in the form that ours have, so that no other item of a table can be asked for; `unknown` for any other text."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise unknown(text) from None


def answer(
    status: HTTPStatus, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response[str]:
    """The answer to a request that went well."""
    return Response(
        status_code=status.value,
        content_type=JSON,
        body=json.dumps(content),
        headers=dict(headers or {}),
    )


def problem(
    status: HTTPStatus,
    detail: str,
    instance: str,
    *,
    wrong: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """The answer to a request that went wrong, with one entry per wrong field."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": instance,
    }
    if wrong:
        content["errors"] = [{"field": name, "detail": text} for name, text in wrong.items()]
    return Response(
        status_code=status.value,
        content_type=PROBLEM_JSON,
        body=json.dumps(content),
        headers=dict(headers or {}),
    )


def _explain(error: Exception, instance: str, statuses: Statuses) -> Response[str]:
    status = next(status for kind, status in statuses.items() if isinstance(error, kind))
    wrong = error.wrong if isinstance(error, InvalidRequestError) else {}
    return problem(status, str(error), instance, wrong=wrong)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
