"""Shipping's part in the choreographed saga: ship what is confirmed."""

from functools import partial

from events.catalogue import OrderConfirmed
from handlers.batch import Delivery
from handlers.choreography import participant, recalled
from handlers.rows import carry_out
from handlers.shipping import domain
from handlers.shipping.store import orders, shipments


@participant("ShipOrder", OrderConfirmed, remembering=orders)
def ship(delivery: Delivery) -> None:
    """Entry point: hand the order's parcel to the carrier."""
    work = recalled(orders(), delivery)
    decide = partial(domain.ship, order=work.order)
    carry_out(shipments(), work.order.order_id, decide, work.metadata)
