"""A customer's orders, page by page."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from handlers.orders.order import Order, Status
from handlers.orders.store import Orders, Position
from handlers.reading import InvalidRequestError

USUAL_LIMIT = 20
MOST_LIMIT = 100
LIMITS = {str(limit): limit for limit in range(1, MOST_LIMIT + 1)}


class InvalidQueryError(InvalidRequestError):
    """The query asks for something that there is not."""


@dataclass(frozen=True)
class Page:
    """Which orders are asked for."""

    status: Status | None
    limit: int
    after: Position | None


def read(parameters: Mapping[str, str]) -> Page:
    """Read a query; `InvalidQueryError` lists all that is wrong with it."""
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {"status": None, "limit": USUAL_LIMIT, "cursor": None}
    for name, value in parameters.items():
        try:
            values[name] = READERS[name](value)
        except KeyError:
            wrong[name] = f"is unknown; the parameters are {', '.join(READERS)}"
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise InvalidQueryError(wrong)
    return Page(values["status"], values["limit"], values["cursor"])


def page(orders: Orders, customer_id: str, wanted: Page) -> dict[str, Any]:
    """One page of a customer's orders, with a cursor when there are more."""
    # One more than is shown tells whether there is a next page.
    found = orders.of_customer(
        customer_id, status=wanted.status, limit=wanted.limit + 1, after=wanted.after
    )
    shown = found[: wanted.limit]
    answer: dict[str, Any] = {"orders": [view(order) for order in shown]}
    if len(found) > len(shown):
        answer["cursor"] = cursor(shown[-1])
    return answer


def view(order: Order) -> dict[str, Any]:
    """An order as its customer sees it."""
    shown: dict[str, Any] = {
        "orderId": order.order_id,
        "customerId": order.customer_id,
        "status": order.status,
        "items": [msgspec.to_builtins(line) for line in order.items],
        "total": order.total,
        "createdAt": order.created_at,
        "updatedAt": order.updated_at,
    }
    if order.status is Status.CANCELLED:
        shown["reason"] = order.withdrawn
    return shown


def cursor(order: Order) -> str:
    """The place after an order, as a text for which the customer needs no understanding."""
    position = msgspec.json.encode(Position(order.created_at, order.order_id))
    return base64.urlsafe_b64encode(position).decode().rstrip("=")


def _status(text: str) -> Status:
    try:
        return Status(text)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(Status)}") from None


def _limit(text: str) -> int:
    if text in LIMITS:
        return LIMITS[text]
    raise ValueError(f"must be a whole number from 1 to {MOST_LIMIT}")


def _position(text: str) -> Position:
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
        return msgspec.json.decode(decoded, type=Position)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise ValueError("must be the cursor of an earlier answer") from None


READERS = {"status": _status, "limit": _limit, "cursor": _position}
"""What a query may say."""
