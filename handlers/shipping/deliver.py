"""The simulated carrier: delivers what was shipped."""

from functools import partial

from events.catalogue import OrderShipped
from handlers.batch import Delivery, consumer
from handlers.rows import carry_out
from handlers.shipping import domain
from handlers.shipping.store import shipments


@consumer(OrderShipped)
def handler(delivery: Delivery) -> None:
    """Entry point: mark the shipment as delivered, which fulfils the order."""
    shipped = delivery.envelope.data
    decide = partial(domain.deliver, shipped=shipped)
    carry_out(shipments(), shipped.order_id, decide, delivery.envelope.causes())
