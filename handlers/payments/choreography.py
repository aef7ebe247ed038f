"""Payments' part in the choreographed saga: charge what is reserved, refund what is given up."""

from events.catalogue import OrderCancelled, StockReserved
from handlers.batch import Delivery
from handlers.choreography import participant, recalled
from handlers.payments.charging import charge_card, refund_card
from handlers.payments.store import orders, payments
from handlers.payments.tasks import gateway


@participant("ChargeCard", StockReserved, remembering=orders)
def charge(delivery: Delivery) -> None:
    """Entry point: charge the card with the order's total."""
    work = recalled(orders(), delivery)
    charge_card(work, payments(), gateway(work.seconds_left))


@participant("UndoChargeCard", OrderCancelled)
def refund(delivery: Delivery) -> None:
    """Entry point: give the money back, now or in advance."""
    event = delivery.envelope.data
    refund_card(
        event.order_id,
        event.total,
        delivery.envelope.causes(),
        payments(),
        gateway(delivery.seconds_left),
    )
