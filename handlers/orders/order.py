"""An order, and how it comes to be: once, however often it is asked for."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from events.catalogue import OrderCreated, PricedLine
from events.envelope import Envelope
from handlers.reading import InvalidRequestError
from handlers.rows import Change, Row

IDEMPOTENCY_KEY = "Idempotency-Key"
"""Header under which a request may be sent again."""


class Status(StrEnum):
    PLACED = "PLACED"
    CONFIRMED = "CONFIRMED"
    SHIPPED = "SHIPPED"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"
    PARKED = "PARKED"


class Order(Row, frozen=True, kw_only=True):
    """An order as its customer sees it, and what the saga has to know of it."""

    order_id: str
    customer_id: str
    email: str | None = None
    status: Status
    items: tuple[PricedLine, ...]
    total: str
    correlation_id: str
    request_hash: str
    """Tells a repeated request from another one under the same idempotency key."""
    created_at: str
    updated_at: str
    confirmed: bool = False
    """Whether the pivot has happened, which a parked order's status does not tell."""
    withdrawn: str | None = None
    """Why the order is given up; set before anything is undone, and never together with `confirmed`."""
    parked: tuple[str, ...] = ()
    """States of the saga whose work waits for an operator, in the order in which they failed."""
    faults: dict[str, str] = msgspec.field(default_factory=dict)
    """Failures to provoke in all that is done for the order, where that may be asked for."""


class UnknownOrderError(LookupError):
    """No order has this id."""

    def __init__(self, order_id: str) -> None:
        super().__init__(f"there is no order {order_id!r}")


class KeyReusedError(InvalidRequestError):
    """An idempotency key came with another request than the first time."""

    def __init__(self) -> None:
        super().__init__({IDEMPOTENCY_KEY: "came with another order before; take a new one"})


def place_once(placed: Order | None, *, order: Order, created: OrderCreated) -> Change[Order]:
    """Place an order, once."""
    if placed is None:
        return Change(order, (created,))
    return Change(repeated(placed, order.request_hash))


def repeated(placed: Order, request_hash: str) -> Order:
    """The order that a repeated request has placed already."""
    if placed.request_hash != request_hash:
        raise KeyReusedError
    return placed


def lost(told: Envelope[OrderCreated]) -> Order:
    """An order of which there is nothing but that it was told of."""
    created = told.data
    return Order(
        order_id=created.order_id,
        customer_id=created.customer_id,
        email=created.email,
        status=Status.PLACED,
        items=created.items,
        total=created.total,
        correlation_id=told.metadata.correlation_id,
        request_hash="",
        created_at=told.time,
        updated_at=told.time,
        faults=told.metadata.faults,
    )


def existing(
    order_id: str, decide: Callable[[Order], Change[Order]]
) -> Callable[[Order | None], Change[Order]]:
    """Decide on an order that has to be there."""

    def on_found(order: Order | None) -> Change[Order]:
        if order is None:
            raise UnknownOrderError(order_id)
        return decide(order)

    return on_found
