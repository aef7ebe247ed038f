"""The orders service's part in the choreographed saga: confirm, cancel, and notice what is stuck."""

from functools import partial

from events.catalogue import (
    OrderConfirmed,
    OrderCreated,
    PaymentFailed,
    PaymentProcessed,
    ReservationFailed,
)
from handlers.batch import Delivery
from handlers.choreography import participant
from handlers.orders import domain
from handlers.orders.order import Order, existing, lost
from handlers.orders.store import orders
from handlers.rows import Change, carry_out

REASONS = {ReservationFailed: "OutOfStock", PaymentFailed: "PaymentDeclined"}
"""What the customer is told of a participant's refusal."""


@participant("ConfirmOrder", PaymentProcessed)
def confirm(delivery: Delivery) -> None:
    """Entry point: pass the pivot."""
    _decide(delivery, domain.confirm)


@participant("CancelOrder", *REASONS)
def cancel(delivery: Delivery) -> None:
    """Entry point: give the order up because a participant refused."""
    reason = REASONS[type(delivery.envelope.data)]
    _decide(delivery, partial(domain.cancel, reason=reason))


@participant("SweepOrders", OrderCreated, OrderConfirmed)
def sweep(delivery: Delivery) -> None:
    """Entry point: the deadline after an event has passed; give up, or set aside, what is stuck there."""
    event = delivery.envelope.data
    if isinstance(event, OrderConfirmed):
        _decide(delivery, domain.park_unshipped)
        return

    def decide(order: Order | None) -> Change[Order]:
        # Others may have worked for an order that we know nothing of, and only its end tells them to undo that.
        return domain.cancel_unconfirmed(order or lost(delivery.envelope))

    carry_out(orders(), event.order_id, decide, delivery.envelope.causes())


def _decide(delivery: Delivery, decide: domain.Decision) -> None:
    order_id = delivery.envelope.data.order_id
    carry_out(orders(), order_id, existing(order_id, decide), delivery.envelope.causes())
