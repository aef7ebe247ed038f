"""A customer of the API: sends orders and asks after them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

PATIENCE_SECONDS = 60.0
PAGE = 100
"""Orders on one page, as many as the API gives."""
AGAIN = urllib3.Retry(
    total=5,
    connect=False,
    read=False,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,
    backoff_factor=0.5,
    raise_on_status=False,
)
"""For requests that mean the same however often they are sent; only an answer that is no answer is asked again."""


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
        headers = {"Idempotency-Key": key} if key else {}
        return self._send("POST", "/orders", order, headers, again=bool(key))

    def look_up(self, order_id: str) -> Answer:
        """GET /orders/{orderId}."""
        return self._send("GET", f"/orders/{order_id}", again=True)

    def orders(self, customer_id: str) -> Iterator[dict[str, Any]]:
        """GET /customers/{customerId}/orders, page by page, until one is refused."""
        path = f"/customers/{customer_id}/orders?limit={PAGE}"
        page = self._send("GET", path, again=True).body
        while True:
            yield from page.get("orders", ())
            if "cursor" not in page:
                return
            page = self._send("GET", f"{path}&cursor={page['cursor']}", again=True).body

    def cancel(self, order_id: str) -> Answer:
        """POST /orders/{orderId}/cancel."""
        return self._send("POST", f"/orders/{order_id}/cancel", again=True)

    def history(self, order_id: str) -> Answer:
        """GET /orders/{orderId}/history."""
        return self._send("GET", f"/orders/{order_id}/history", again=True)

    def payment(self, order_id: str) -> Answer:
        """GET /orders/{orderId}/payment."""
        return self._send("GET", f"/orders/{order_id}/payment", again=True)

    def availability(self, product: str, quantity: int) -> Answer:
        """GET /products/{productId}/availability."""
        return self._send("GET", f"/products/{product}/availability?quantity={quantity}")

    def register(self, name: str, email: str) -> Answer:
        """POST /users."""
        return self._send("POST", "/users", {"name": name, "email": email})

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        again: bool = False,
    ) -> Answer:
        response = self._http.request(
            method,
            f"{self._url}{path}",
            body=None if body is None else json.dumps(dict(body)),
            headers={"Content-Type": "application/json", **(headers or {})},
            retries=AGAIN if again else False,
        )
        return Answer(response.status, json.loads(response.data or b"{}"))
