"""An order is shipped once and delivered once."""

import pytest

from events.catalogue import OrderFulfilled, OrderShipped
from handlers.shipping import domain
from handlers.shipping.domain import Shipment, Status
from tests.handlers.given import created


def shipped(shipment: Shipment) -> OrderShipped:
    placed = created()
    return OrderShipped(
        order_id=placed.order_id,
        customer_id=placed.customer_id,
        email=placed.email,
        shipment_id=shipment.shipment_id,
        lines=shipment.lines,
    )


def test_a_shipment_has_the_orders_lines_and_is_told():
    change = domain.ship(None, order=created(quantities={"lamp": 2, "chair": 1}))

    shipment = change.row
    assert shipment.status is Status.SHIPPED
    assert [(line.product_id, line.quantity) for line in shipment.lines] == [
        ("lamp", 2),
        ("chair", 1),
    ]
    [told] = change.events
    assert told == shipped(shipment)


def test_an_order_that_was_shipped_is_not_shipped_again():
    shipment = domain.ship(None, order=created()).row

    assert domain.ship(shipment, order=created()).row is shipment
    assert domain.ship(shipment, order=created()).events == ()


def test_an_order_has_one_shipment_number_however_often_it_is_asked_for():
    assert domain.shipment_id("order-1") == domain.shipment_id("order-1")
    assert domain.shipment_id("order-1") != domain.shipment_id("order-2")
    assert domain.ship(None, order=created()).row.shipment_id == domain.shipment_id("order-1")


def test_a_delivery_fulfils_the_order_once():
    shipment = domain.ship(None, order=created()).row

    delivered = domain.deliver(shipment, shipped=shipped(shipment))

    assert delivered.row.status is Status.DELIVERED
    assert delivered.row.lines == shipment.lines
    assert delivered.events == (
        OrderFulfilled(
            order_id="order-1",
            customer_id="customer-1",
            email="customer-1@example.com",
            shipment_id=shipment.shipment_id,
        ),
    )
    assert domain.deliver(delivered.row, shipped=shipped(shipment)).events == ()


def test_what_was_never_shipped_cannot_be_delivered():
    shipment = domain.ship(None, order=created()).row

    with pytest.raises(LookupError, match="order order-1 has no shipment to deliver"):
        domain.deliver(None, shipped=shipped(shipment))
