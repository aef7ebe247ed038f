"""The saga of an order without a conductor: who reacts to which event, and what is done about what is stuck."""

from components.services.inventory import Inventory
from components.services.orders import Orders
from components.services.payments import Payments
from components.services.shipping import Shipping
from events.catalogue import (
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    PaymentFailed,
    PaymentProcessed,
    ReservationFailed,
    StockReserved,
)

DEADLINE_SECONDS = 600
"""How long after it was placed an order may take to be confirmed, and after that to be shipped.

Longer than the seven minutes for which a participant tries its step again, and within SQS's longest delay.
"""


def choreograph(
    orders: Orders, inventory: Inventory, payments: Payments, shipping: Shipping
) -> None:
    """Stock before money; whoever did work for an order undoes it when the order is cancelled."""
    inventory.participant("reserve-on-order", "reserve", OrderCreated)
    payments.participant("charge-on-reservation", "charge", OrderCreated, StockReserved)
    orders.participant("confirm-on-payment", "confirm", PaymentProcessed)
    shipping.participant("ship-on-confirmation", "ship", OrderCreated, OrderConfirmed)

    orders.participant("cancel-on-refusal", "cancel", ReservationFailed, PaymentFailed)
    inventory.participant("release-on-cancellation", "release", PaymentFailed, OrderCancelled)
    payments.participant("refund-on-cancellation", "refund", OrderCancelled)
    orders.participant(
        "sweep-orders", "sweep", OrderCreated, OrderConfirmed, delay_seconds=DEADLINE_SECONDS
    )
