"""Inventory's part in the choreographed saga: reserve what is ordered, release what is given up."""

from functools import partial

from events.catalogue import OrderCancelled, OrderCreated, PaymentFailed
from handlers.batch import Delivery
from handlers.choreography import asked, participant
from handlers.inventory import domain
from handlers.inventory.reserving import reserve_stock
from handlers.inventory.store import stock
from handlers.rows import carry_out


@participant("ReserveStock", OrderCreated)
def reserve(delivery: Delivery) -> None:
    """Entry point: take an order's lines out of the available stock, or tell that there is too little."""
    reserve_stock(asked(delivery.envelope.data, delivery), stock())


@participant("UndoReserveStock", PaymentFailed, OrderCancelled)
def release(delivery: Delivery) -> None:
    """Entry point: put them back, now or in advance."""
    order_id = delivery.envelope.data.order_id
    give_back = partial(domain.release, order_id=order_id)
    carry_out(stock(), order_id, give_back, delivery.envelope.causes())
