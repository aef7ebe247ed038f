"""The saga's tasks on stock: reserve, and its undo, release."""

from functools import partial

from handlers.inventory import domain
from handlers.inventory.store import ShortageError, stock
from handlers.rows import Rows, carry_out
from handlers.task import Answer, Call, task


@task
def reserve(call: Call) -> Answer:
    """Entry point: take an order's lines out of the available stock."""
    return reserve_stock(call, stock())


@task
def release(call: Call) -> Answer:
    """Entry point: put them back, now or in advance."""
    return release_stock(call, stock())


def reserve_stock(call: Call, reservations: Rows[domain.Reservation]) -> Answer:
    """Reserve all lines or none; refused as `OutOfStock` or `OrderWithdrawn`."""
    order_id = call.order.order_id
    lines = domain.lines_of(call.order.items)
    decide = partial(domain.reserve, order_id=order_id, lines=lines)
    try:
        carry_out(reservations, order_id, decide, call.metadata)
    except ShortageError as short:
        raise domain.out_of_stock(order_id, lines, short.available) from short
    return {"orderId": order_id, "status": domain.Status.RESERVED}


def release_stock(call: Call, reservations: Rows[domain.Reservation]) -> Answer:
    """Give up the order's reservation, whether it was made or not."""
    order_id = call.order.order_id
    carry_out(reservations, order_id, partial(domain.release, order_id=order_id), call.metadata)
    return {"orderId": order_id, "status": domain.Status.RELEASED}
