"""Cancelling an order at its customer's wish, which only works until it is confirmed."""

import os
from functools import partial

from events.envelope import Metadata
from handlers.orders import domain
from handlers.orders.order import Order, UnknownOrderError, existing
from handlers.rows import Rows, carry_out


def cancel(order_id: str, request_id: str, rows: Rows[Order]) -> Order:
    """Close the order to confirmation; raises `UnknownOrderError`, or `PivotPassed` once confirmed.

    A saga finds it closed, undoes its steps and tells of the end. Without one, whoever did work for
    the order undoes it on the event that tells of the end, which therefore comes at once.
    """
    order = rows.load(order_id)
    if order is None:
        raise UnknownOrderError(order_id)
    metadata = Metadata(
        correlation_id=order.correlation_id,
        causation_id=request_id,
        user_id=order.customer_id,
        faults=order.faults,
    )
    return carry_out(rows, order_id, existing(order_id, _decision()), metadata)


def _decision() -> domain.Decision:
    if os.environ["COORDINATION"] == "choreographed":
        return domain.cancel_by_customer
    return partial(domain.withdraw, reason=domain.BY_CUSTOMER)
