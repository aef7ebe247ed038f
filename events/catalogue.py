"""Every event of the system, once: its name, who publishes it and what it says."""

from typing import Annotated, ClassVar

import msgspec

from events.envelope import Event

Money = Annotated[
    str,
    msgspec.Meta(pattern=r"^\d{1,9}\.\d{2}$", description="USD, two decimals", examples=["59.98"]),
]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=10_000, examples=[2])]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
LONGEST_REASON = 1000
"""Characters in which operators say why."""


class Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """So many of one product."""

    product_id: Id
    quantity: Quantity


class PricedLine(Line, frozen=True, kw_only=True):
    """A line of an order at the price it was sold for."""

    price: Money


class OrderEvent(Event, frozen=True, kw_only=True):
    """What every event about an order says."""

    order_id: Id
    customer_id: Id
    email: Annotated[str, msgspec.Meta(examples=["ada@example.com"])] | None = None
    """Where the customer wants to hear about this order, if anywhere."""


class OrderCreated(OrderEvent, frozen=True, kw_only=True):
    """A customer placed an order; nothing is reserved or charged yet."""

    name: ClassVar[str] = "order.created"
    source: ClassVar[str] = "orders"

    items: tuple[PricedLine, ...]
    total: Money
    card: Annotated[str, msgspec.Meta(examples=["tok_approved"])]
    """The payment token, never a card number."""


class OrderConfirmed(OrderEvent, frozen=True, kw_only=True):
    """Stock is reserved and the card is charged: from here on the order is only ever completed."""

    name: ClassVar[str] = "order.confirmed"
    source: ClassVar[str] = "orders"
    terminal: ClassVar[bool] = True

    total: Money


class OrderCancelled(OrderEvent, frozen=True, kw_only=True):
    """The order was given up: what was done for it is undone, or is being undone because of this."""

    name: ClassVar[str] = "order.cancelled"
    source: ClassVar[str] = "orders"

    total: Money
    reason: Annotated[str, msgspec.Meta(examples=["OutOfStock"])]
    """`OutOfStock`, `PaymentDeclined`, `Failed` or `ByCustomer`."""


class OrderParked(OrderEvent, frozen=True, kw_only=True):
    """Work on the order could not be finished; an operator has to resume it."""

    name: ClassVar[str] = "order.parked"
    source: ClassVar[str] = "orders"
    terminal: ClassVar[bool] = True

    reason: Annotated[str, msgspec.Meta(examples=["Failed"])]
    steps: tuple[Annotated[str, msgspec.Meta(examples=["UndoReserveStock"])], ...]
    """The states of the saga whose work is parked."""


class StockReserved(Event, frozen=True, kw_only=True):
    """All lines of an order were taken out of the available stock."""

    name: ClassVar[str] = "inventory.reserved"
    source: ClassVar[str] = "inventory"
    terminal: ClassVar[bool] = True

    order_id: Id
    lines: tuple[Line, ...]


class ReservationFailed(Event, frozen=True, kw_only=True):
    """Not all lines of an order were available; nothing was taken."""

    name: ClassVar[str] = "inventory.failed"
    source: ClassVar[str] = "inventory"
    terminal: ClassVar[bool] = True

    order_id: Id
    reason: Annotated[
        str, msgspec.Meta(examples=["1 of 'prod-010' wanted, 0 available"], max_length=10_000)
    ]


class StockReleased(Event, frozen=True, kw_only=True):
    """All lines of an order were put back into the available stock."""

    name: ClassVar[str] = "inventory.released"
    source: ClassVar[str] = "inventory"
    terminal: ClassVar[bool] = True

    order_id: Id
    lines: tuple[Line, ...]


class PaymentProcessed(Event, frozen=True, kw_only=True):
    """The card was charged with the order's total."""

    name: ClassVar[str] = "payment.processed"
    source: ClassVar[str] = "payments"
    terminal: ClassVar[bool] = True

    order_id: Id
    amount: Money


class PaymentFailed(Event, frozen=True, kw_only=True):
    """The card was refused; nothing was charged."""

    name: ClassVar[str] = "payment.failed"
    source: ClassVar[str] = "payments"
    terminal: ClassVar[bool] = True

    order_id: Id
    amount: Money
    reason: Annotated[str, msgspec.Meta(examples=["card refused"])]


class PaymentRefunded(Event, frozen=True, kw_only=True):
    """What had been charged was given back."""

    name: ClassVar[str] = "payment.refunded"
    source: ClassVar[str] = "payments"
    terminal: ClassVar[bool] = True

    order_id: Id
    amount: Money


class OrderShipped(OrderEvent, frozen=True, kw_only=True):
    """The parcel was handed to the carrier."""

    name: ClassVar[str] = "order.shipped"
    source: ClassVar[str] = "shipping"

    shipment_id: Id
    lines: tuple[Line, ...]


class OrderFulfilled(OrderEvent, frozen=True, kw_only=True):
    """The customer has the parcel."""

    name: ClassVar[str] = "order.fulfilled"
    source: ClassVar[str] = "shipping"

    shipment_id: Id


class NotificationSent(OrderEvent, frozen=True, kw_only=True):
    """The customer was told about an event, by every channel that takes messages for them."""

    name: ClassVar[str] = "notification.sent"
    source: ClassVar[str] = "notifications"
    terminal: ClassVar[bool] = True

    template: Annotated[str, msgspec.Meta(examples=["order-shipped"])]
    event_id: Id
    """The event on which the customer was told."""
    refused_by: tuple[Annotated[str, msgspec.Meta(examples=["email"])], ...] = ()
    """Channels that refused the customer's address for good, and through which nobody was told."""


class UserRegistered(Event, frozen=True, kw_only=True):
    """Somebody has become a user, under an e-mail address that no other user has."""

    name: ClassVar[str] = "user.registered"
    source: ClassVar[str] = "users"
    aggregate: ClassVar[str] = "user"

    user_id: Id
    full_name: str
    email: str


class UserWelcomed(Event, frozen=True, kw_only=True):
    """Somebody who has become a user was written to, unless the address takes no mail."""

    name: ClassVar[str] = "user.welcomed"
    source: ClassVar[str] = "notifications"
    terminal: ClassVar[bool] = True
    aggregate: ClassVar[str] = "user"

    user_id: Id
    event_id: Id
    """The event on which they were written to."""
    refused_by: tuple[Annotated[str, msgspec.Meta(examples=["email"])], ...] = ()
    """Channels that refused the address for good, and through which nobody was told."""


class FailuresRedriven(Event, frozen=True, kw_only=True):
    """An operator handed messages of a failure queue to whom they were for."""

    name: ClassVar[str] = "failures.redriven"
    source: ClassVar[str] = "operations"
    aggregate: ClassVar[str] = "queue"
    terminal: ClassVar[bool] = True

    queue_id: Id
    """Name of the failure queue."""
    redriven: Annotated[int, msgspec.Meta(ge=0)]
    kept: Annotated[int, msgspec.Meta(ge=0)]
    """Messages that stayed: refused by their target, or without one that is known."""


class WorkDiscarded(Event, frozen=True, kw_only=True):
    """An operator gave up parked work for good: nothing will ever do it."""

    name: ClassVar[str] = "work.discarded"
    source: ClassVar[str] = "operations"
    aggregate: ClassVar[str] = "execution"
    terminal: ClassVar[bool] = True

    execution_id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    """ARN of the execution that parked it."""
    steps: tuple[Annotated[str, msgspec.Meta(examples=["UndoReserveStock"])], ...]
    """The states of the saga whose work it was."""
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_REASON)]
    """Why, in the operator's words."""


class OrderPaid(OrderEvent, frozen=True, kw_only=True):
    """The order's total was charged and the order stands: this is the customer's receipt."""

    name: ClassVar[str] = "order.paid"
    source: ClassVar[str] = "orders"

    total: Money


class StockChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of one product's stock."""

    product_id: Id
    delta: Annotated[int, msgspec.Meta(examples=[-2])]
    """How many came; negative for those that went."""
    available: Annotated[int, msgspec.Meta(ge=0, examples=[5])]
    """How many can be reserved from now on."""


class StockChanged(Event, frozen=True, kw_only=True):
    """The available stock changed: by a reservation, a release or a restocking, all products of it at once."""

    name: ClassVar[str] = "inventory.updated"
    source: ClassVar[str] = "inventory"
    terminal: ClassVar[bool] = True
    aggregate: ClassVar[str] = "movement"

    movement_id: Id
    """The event that moved the stock."""
    changes: tuple[StockChange, ...]


class StockLow(Event, frozen=True, kw_only=True):
    """Fewer of a product are available than its reorder point; told once until it is restocked."""

    name: ClassVar[str] = "inventory.low"
    source: ClassVar[str] = "inventory"
    aggregate: ClassVar[str] = "product"

    product_id: Id
    available: Annotated[int, msgspec.Meta(ge=0, examples=[8])]
    reorder_point: Annotated[int, msgspec.Meta(ge=1, examples=[10])]
    reorder_quantity: Annotated[int, msgspec.Meta(ge=0, examples=[50])]
    """What the supplier is asked for; 0 when an operator decides."""


class StockRestocked(Event, frozen=True, kw_only=True):
    """What the supplier delivered of a product was added to the available stock."""

    name: ClassVar[str] = "inventory.restocked"
    source: ClassVar[str] = "inventory"
    aggregate: ClassVar[str] = "product"
    terminal: ClassVar[bool] = True

    product_id: Id
    quantity: Annotated[int, msgspec.Meta(ge=1, examples=[50])]


class AvailabilityRequested(Event, frozen=True, kw_only=True):
    """Somebody asks whether so many of a product are in stock, and waits for the answer."""

    name: ClassVar[str] = "inventory.check.requested"
    source: ClassVar[str] = "orders"
    aggregate: ClassVar[str] = "product"
    committed: ClassVar[bool] = False

    product_id: Id
    quantity: Quantity
    reply_to: Annotated[str, msgspec.Meta(examples=["orders"])]
    """The service that waits: the answer repeats it, and is routed by it."""
    answer_by: Annotated[str, msgspec.Meta(examples=["2026-01-31T09:30:05.000Z"])]
    """When nobody waits any more: RFC 3339, UTC."""


class AvailabilityAnswered(Event, frozen=True, kw_only=True):
    """Inventory answers a question about a product; which one, the causation id tells."""

    name: ClassVar[str] = "inventory.check.answered"
    source: ClassVar[str] = "inventory"
    aggregate: ClassVar[str] = "product"
    committed: ClassVar[bool] = False

    product_id: Id
    sufficient: bool
    """Whether as many as were asked for are in stock."""
    in_stock: Annotated[int, msgspec.Meta(ge=0, examples=[5])]
    reply_to: Annotated[str, msgspec.Meta(examples=["orders"])]
    """The service that asked."""


CATALOGUE: tuple[type[Event], ...] = (
    OrderCreated,
    OrderConfirmed,
    OrderCancelled,
    OrderParked,
    StockReserved,
    ReservationFailed,
    StockReleased,
    PaymentProcessed,
    PaymentFailed,
    PaymentRefunded,
    OrderShipped,
    OrderFulfilled,
    NotificationSent,
    UserRegistered,
    UserWelcomed,
    FailuresRedriven,
    WorkDiscarded,
    OrderPaid,
    StockChanged,
    StockLow,
    StockRestocked,
    AvailabilityRequested,
    AvailabilityAnswered,
)


def published_by(source: str) -> tuple[type[Event], ...]:
    """The events that one service may publish; `ValueError` for a service with none."""
    events = tuple(event for event in CATALOGUE if event.source == source)
    if not events:
        known = sorted({event.source for event in CATALOGUE})
        raise ValueError(f"no event has the source {source!r}; sources are {known}")
    return events
