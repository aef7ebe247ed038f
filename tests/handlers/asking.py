"""Requests to the functions behind the API."""

import json
from collections.abc import Callable
from typing import Any

from tests.handlers.given import Context


class Answer:
    """What API Gateway would send to the customer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.status: int = answer["statusCode"]
        self.text: str = answer["body"]
        self.body: dict[str, Any] = json.loads(answer["body"])
        self.headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}


def ask(
    handler: Callable[[dict[str, Any], Any], dict[str, Any]],
    method: str,
    path: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    **more: Any,
) -> Answer:
    """What the function behind an API answers to a request, as API Gateway passes it on."""
    event = {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()} or None,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {k: [v] for k, v in (query or {}).items()} or None,
        "pathParameters": None,
        "requestContext": {"requestId": "request-1", "stage": "v1"},
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
    return Answer(handler(event | more, Context()))
