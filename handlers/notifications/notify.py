"""Customers are told what became of their orders."""

from events.catalogue import OrderCancelled, OrderConfirmed, OrderFulfilled, OrderShipped
from handlers.batch import Delivery, consumer
from handlers.notifications.channels import channels
from handlers.notifications.store import notices
from handlers.notifications.telling import Teller, tell


@consumer(OrderConfirmed, OrderCancelled, OrderShipped, OrderFulfilled)
def handler(delivery: Delivery) -> None:
    """Entry point: tell the customer about one event."""
    event = delivery.envelope.data
    teller = Teller(delivery.message_id, delivery.seconds_left)
    tell(event, delivery.envelope.causes(), teller, notices(), channels(event))
