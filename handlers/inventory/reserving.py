"""Reserving an order's lines and releasing them, whoever asks for it."""

from functools import partial

from handlers.inventory import domain
from handlers.inventory.store import ShortageError
from handlers.rows import Rows, carry_out
from handlers.task import Answer, Work


def reserve_stock(work: Work, reservations: Rows[domain.Reservation]) -> Answer:
    """Reserve all lines or none; refused as `OutOfStock` or `OrderWithdrawn`."""
    order_id = work.order.order_id
    lines = domain.lines_of(work.order.items)
    decide = partial(domain.reserve, order_id=order_id, lines=lines)
    try:
        carry_out(reservations, order_id, decide, work.metadata)
    except ShortageError as short:
        reason = domain.shortage(lines, short.available)
        refuse = partial(domain.refuse, order_id=order_id, reason=reason)
        found = carry_out(reservations, order_id, refuse, work.metadata)
        # Another call for the same order may have reserved or released while this one found too little.
        domain.refuse_if_over(found, order_id=order_id)
    return {"orderId": order_id, "status": domain.Status.RESERVED}


def release_stock(work: Work, reservations: Rows[domain.Reservation]) -> Answer:
    """Give up the order's reservation, whether it was made or not."""
    order_id = work.order.order_id
    carry_out(reservations, order_id, partial(domain.release, order_id=order_id), work.metadata)
    return {"orderId": order_id, "status": domain.Status.RELEASED}
