"""A customer of the API: sends orders and asks after them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    body: dict[str, Any]


class Customer:
    """Talks to the API over HTTP, as any client would."""

    def __init__(self, api_url: str) -> None:
        self._url = api_url
        self._http = urllib3.PoolManager(
            maxsize=32, retries=False, timeout=urllib3.Timeout(PATIENCE_SECONDS)
        )

    def place(self, order: Mapping[str, Any], key: str | None = None) -> Answer:
        """POST /orders, with an idempotency key if there is one."""
        return self._send("POST", "/orders", order, {"Idempotency-Key": key} if key else {})

    def look_up(self, order_id: str) -> Answer:
        """GET /orders/{orderId}."""
        return self._send("GET", f"/orders/{order_id}")

    def orders(self, customer_id: str) -> Answer:
        """GET /customers/{customerId}/orders."""
        return self._send("GET", f"/customers/{customer_id}/orders")

    def cancel(self, order_id: str) -> Answer:
        """POST /orders/{orderId}/cancel."""
        return self._send("POST", f"/orders/{order_id}/cancel", {})

    def history(self, order_id: str) -> Answer:
        """GET /orders/{orderId}/history."""
        return self._send("GET", f"/orders/{order_id}/history")

    def register(self, name: str, email: str) -> Answer:
        """POST /users."""
        return self._send("POST", "/users", {"name": name, "email": email})

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        response = self._http.request(
            method,
            f"{self._url}{path}",
            body=None if body is None else json.dumps(dict(body)),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        return Answer(response.status, json.loads(response.data or b"{}"))
