"""What may happen to an order's shipment."""

import uuid
from enum import StrEnum

import msgspec

from events.catalogue import Line, OrderCreated, OrderFulfilled, OrderShipped
from handlers.rows import Change, Row

SHIPMENTS = uuid.UUID("5f0c4b7e-6f0b-4c5e-9d0a-0d6a3c1f2b7e")
"""Namespace of shipment ids."""


class Status(StrEnum):
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"


class Shipment(Row, frozen=True, kw_only=True):
    """An order's parcel."""

    shipment_id: str
    status: Status
    lines: tuple[Line, ...]


def shipment_id(order_id: str) -> str:
    """The id of an order's one shipment: the same however often it is asked for."""
    return f"shp-{uuid.uuid5(SHIPMENTS, order_id)}"


def ship(shipment: Shipment | None, *, order: OrderCreated) -> Change[Shipment]:
    """Hand an order's parcel to the carrier, once."""
    if shipment is not None:
        return Change(shipment)
    lines = tuple(Line(product_id=item.product_id, quantity=item.quantity) for item in order.items)
    parcel = Shipment(shipment_id=shipment_id(order.order_id), status=Status.SHIPPED, lines=lines)
    shipped = OrderShipped(
        order_id=order.order_id,
        customer_id=order.customer_id,
        email=order.email,
        shipment_id=parcel.shipment_id,
        lines=lines,
    )
    return Change(parcel, (shipped,))


def deliver(shipment: Shipment | None, *, shipped: OrderShipped) -> Change[Shipment]:
    """Bring the parcel to the customer, once."""
    if shipment is None:
        raise LookupError(f"order {shipped.order_id} has no shipment to deliver")
    if shipment.status is Status.DELIVERED:
        return Change(shipment)
    fulfilled = OrderFulfilled(
        order_id=shipped.order_id,
        customer_id=shipped.customer_id,
        email=shipped.email,
        shipment_id=shipment.shipment_id,
    )
    return Change(msgspec.structs.replace(shipment, status=Status.DELIVERED), (fulfilled,))
