"""The saga's task on shipments, which comes after the pivot and has no undo."""

from functools import partial

from handlers.rows import carry_out
from handlers.shipping import domain
from handlers.shipping.store import shipments
from handlers.task import Answer, Call, task


@task
def ship(call: Call) -> Answer:
    """Entry point: hand the order's parcel to the carrier."""
    decide = partial(domain.ship, order=call.order)
    shipment = carry_out(shipments(), call.order.order_id, decide, call.metadata)
    return {
        "orderId": call.order.order_id,
        "shipmentId": shipment.shipment_id,
        "status": shipment.status,
    }
