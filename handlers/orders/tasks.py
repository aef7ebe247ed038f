"""The saga's tasks on orders: confirm (the pivot), its undo, and what to tell when it did not complete."""

from functools import partial

from handlers.orders import domain
from handlers.orders.order import Order, UnknownOrderError, existing
from handlers.orders.store import orders
from handlers.rows import Change, Rows, carry_out
from handlers.task import Answer, Call, task


@task
def confirm(call: Call) -> Answer:
    """Entry point: pass the pivot."""
    return confirm_order(call, orders())


@task
def withdraw(call: Call) -> Answer:
    """Entry point: close the order to confirmation, before anything is undone."""
    return withdraw_order(call, orders())


@task
def settle(call: Call) -> Answer:
    """Entry point: tell the customer that the order was given up, or that it waits."""
    return settle_order(call, orders())


def confirm_order(call: Call, rows: Rows[Order]) -> Answer:
    return _decide(call, rows, domain.confirm)


def withdraw_order(call: Call, rows: Rows[Order]) -> Answer:
    reason = domain.reason_of(call.saga.failure)
    return _unless_unknown(call, rows, partial(domain.withdraw, reason=reason))


def settle_order(call: Call, rows: Rows[Order]) -> Answer:
    def decide(order: Order) -> Change[Order]:
        gone_through = domain.resumed(order.parked, call.resumed_at) if call.saga.resumed else ()
        return domain.settle(
            order,
            parked=call.saga.parked,
            finished=gone_through,
            reason=domain.reason_of(call.saga.failure),
        )

    return _unless_unknown(call, rows, decide)


def _unless_unknown(call: Call, rows: Rows[Order], decide: domain.Decision) -> Answer:
    try:
        return _decide(call, rows, decide)
    except UnknownOrderError:
        # It cannot be confirmed any more than it was placed: what was done for it is to be undone.
        return {"orderId": call.order.order_id, "status": None}


def _decide(call: Call, rows: Rows[Order], decide: domain.Decision) -> Answer:
    order_id = call.order.order_id
    order = carry_out(rows, order_id, existing(order_id, decide), call.metadata)
    return {"orderId": order_id, "status": order.status}
