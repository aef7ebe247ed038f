"""Customers are told what became of their orders, and users that they are."""

from events.catalogue import (
    OrderCancelled,
    OrderConfirmed,
    OrderFulfilled,
    OrderPaid,
    OrderShipped,
    UserRegistered,
)
from handlers.batch import Delivery, consumer
from handlers.notifications.channels import channels
from handlers.notifications.store import notices
from handlers.notifications.telling import Teller, tell


@consumer(OrderPaid, OrderConfirmed, OrderCancelled, OrderShipped, OrderFulfilled, UserRegistered)
def handler(delivery: Delivery) -> None:
    """Entry point: tell whom one event concerns."""
    event = delivery.envelope.data
    teller = Teller(delivery.message_id, delivery.seconds_left)
    tell(event, delivery.envelope.causes(), teller, notices(), channels(event))
