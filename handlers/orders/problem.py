"""Errors of the API as RFC 9457 has them."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from handlers.orders.request import WrongField

MEDIA_TYPE = "application/problem+json"


def problem(
    status: HTTPStatus,
    detail: str,
    instance: str,
    *,
    errors: Iterable[WrongField] = (),
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
    entries = [{"field": wrong.field, "detail": wrong.detail} for wrong in errors]
    if entries:
        body["errors"] = entries
    return Response(
        status_code=status.value,
        content_type=MEDIA_TYPE,
        body=json.dumps(body),
        headers=dict(headers or {}),
    )
