"""What people read: one template per outcome of an order, and one for those who register."""

from dataclasses import dataclass

from events.catalogue import (
    OrderCancelled,
    OrderConfirmed,
    OrderEvent,
    OrderFulfilled,
    OrderPaid,
    OrderShipped,
    UserRegistered,
)

Announced = OrderEvent | UserRegistered
"""What people can be told about."""
CANCELLED = {
    "OutOfStock": "Not everything that you ordered is in stock, so we could not accept it.",
    "PaymentDeclined": "Your card was declined. Nothing was charged.",
    "ByCustomer": "We cancelled it as you asked. Whatever was charged has been refunded.",
    "Failed": "Something went wrong on our side. Whatever was charged has been refunded.",
}


@dataclass(frozen=True)
class Message:
    """A text for a customer."""

    template: str
    subject: str
    text: str


def compose(event: Announced) -> Message:
    """The message about an event; `ValueError` for one that nobody is told about."""
    if isinstance(event, UserRegistered):
        text = f"Welcome, {event.full_name}. You are registered under this address."
        return Message("user-welcomed", "Welcome", text)
    order = event.order_id
    if isinstance(event, OrderPaid):
        text = f"This is your receipt: we charged {event.total} USD for your order {order}."
        return Message("order-paid", f"Your receipt for order {order}", text)
    if isinstance(event, OrderConfirmed):
        text = f"Thank you. We charged {event.total} USD and are packing your order {order}."
        return Message("order-confirmed", f"Your order {order} is confirmed", text)
    if isinstance(event, OrderShipped):
        text = f"Your order {order} is on its way. The shipment's number is {event.shipment_id}."
        return Message("order-shipped", f"Your order {order} has been shipped", text)
    if isinstance(event, OrderFulfilled):
        text = f"Your order {order} has arrived. We hope that you like it."
        return Message("order-fulfilled", f"Your order {order} was delivered", text)
    if isinstance(event, OrderCancelled):
        return _cancelled(event)
    raise ValueError(f"nobody is told about {event.name}")


def _cancelled(event: OrderCancelled) -> Message:
    # A reason that we have no words for is still told: as a failure, which all others are.
    reason = event.reason if event.reason in CANCELLED else "Failed"
    text = f"We are sorry: your order {event.order_id} was cancelled. {CANCELLED[reason]}"
    return Message(f"order-cancelled-{reason}", f"Your order {event.order_id} was cancelled", text)
