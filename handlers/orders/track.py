"""Follows an order's parcel."""

from functools import partial

from events.catalogue import OrderFulfilled, OrderShipped
from handlers.batch import Delivery, consumer
from handlers.orders import domain
from handlers.orders.order import Status, existing
from handlers.orders.store import orders
from handlers.rows import carry_out


@consumer(OrderShipped, OrderFulfilled)
def handler(delivery: Delivery) -> None:
    """Entry point: note how far the parcel has come."""
    event = delivery.envelope.data
    reached = Status.SHIPPED if isinstance(event, OrderShipped) else Status.FULFILLED
    decide = existing(event.order_id, partial(domain.track, reached=reached))
    carry_out(orders(), event.order_id, decide, delivery.envelope.causes())
