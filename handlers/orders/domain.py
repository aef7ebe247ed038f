"""The life of an order: what each request, step and event may make of it.

`PLACED → CONFIRMED → SHIPPED → FULFILLED`, or `CANCELLED`; `PARKED` until an operator has resumed
what could not be finished. Until it is confirmed an order can be withdrawn, which closes it to
confirmation: whoever writes first, the pivot or a withdrawal, decides the order's fate.
"""

from collections.abc import Callable

from msgspec.structs import replace

from events.catalogue import OrderCancelled, OrderConfirmed, OrderPaid, OrderParked
from events.refusals import OrderWithdrawn, OutOfStock, PaymentDeclined, PivotPassed
from handlers.orders.order import Order, Status
from handlers.rows import Change
from handlers.task import Failure

Decision = Callable[[Order], Change[Order]]
"""What becomes of an order; the one place that knows what it may become."""

BY_CUSTOMER = "ByCustomer"
FAILED = "Failed"
ANSWERS = {OutOfStock.__name__, PaymentDeclined.__name__}
"""Refusals that are a reason by themselves; that an order was withdrawn is none."""
SHIPPING_STEP = "ShipOrder"
"""The one step after the pivot that can be stuck without a saga that knows of it."""


class OrderClosedError(Exception):
    """An event says that a cancelled order went on; no event of ours does."""


def confirm(order: Order) -> Change[Order]:
    """Pass the pivot: from here on the order is only ever completed. Refused once withdrawn."""
    if order.confirmed:
        return Change(order)
    if order.withdrawn:
        raise OrderWithdrawn(f"order {order.order_id} was withdrawn: {order.withdrawn}")
    confirmed = OrderConfirmed(
        order_id=order.order_id,
        customer_id=order.customer_id,
        email=order.email,
        total=order.total,
    )
    # Told here and not on `payment.processed`: money that is given back again pays for nothing.
    paid = OrderPaid(
        order_id=order.order_id,
        customer_id=order.customer_id,
        email=order.email,
        total=order.total,
    )
    return Change(replace(order, status=Status.CONFIRMED, confirmed=True), (paid, confirmed))


def withdraw(order: Order, *, reason: str) -> Change[Order]:
    """Close the order to confirmation; the first reason stands. Refused once confirmed."""
    if order.confirmed:
        raise _pivot_passed(order)
    return Change(order if order.withdrawn else replace(order, withdrawn=reason))


def cancel(order: Order, *, reason: str) -> Change[Order]:
    """Give the order up at once, unless it is confirmed; whoever did work for it undoes it on the event."""
    return Change(order) if order.confirmed or order.withdrawn else _cancel(order, reason)


def cancel_by_customer(order: Order) -> Change[Order]:
    """Give the order up at its customer's wish; refused once confirmed."""
    if order.confirmed:
        raise _pivot_passed(order)
    return cancel(order, reason=BY_CUSTOMER)


def cancel_unconfirmed(order: Order) -> Change[Order]:
    """Give up an order that its participants have not brought to the pivot in time."""
    return cancel(order, reason=FAILED)


def park_unshipped(order: Order) -> Change[Order]:
    """Set aside, for an operator, an order that was confirmed and not shipped in time."""
    if order.status is not Status.CONFIRMED:
        return Change(order)
    return _park(order, (SHIPPING_STEP,), FAILED)


def reason_of(failure: Failure | None) -> str:
    """What the customer is told of a saga that gave up."""
    return failure.error if failure and failure.refused and failure.error in ANSWERS else FAILED


def settle(
    order: Order, *, parked: tuple[str, ...], finished: tuple[str, ...], reason: str
) -> Change[Order]:
    """Note how a saga ended that did not complete: all is undone, or something waits for an operator.

    `finished` are states that were parked by an earlier execution and whose work is done by now.
    """
    if order.status in {Status.SHIPPED, Status.FULFILLED, Status.CANCELLED}:
        return Change(order)
    still = tuple(state for state in order.parked if state not in finished)
    waiting = tuple(dict.fromkeys((*still, *parked)))
    if waiting:
        return _park(order, waiting, reason)
    if order.confirmed:
        return Change(order)
    return _cancel(order, order.withdrawn or reason)


def resumed(parked: tuple[str, ...], at: str | None) -> tuple[str, ...]:
    """The parked states that a resumed execution has gone through: the one it began at and all later ones."""
    if at is None:
        return parked
    return parked[parked.index(at) :] if at in parked else ()


def track(order: Order, *, reached: Status) -> Change[Order]:
    """Note how far the parcel has come; never goes back, in whatever order it is told."""
    if order.withdrawn:
        raise OrderClosedError(
            f"order {order.order_id} is {reached}, yet it was withdrawn: {order.withdrawn}"
        )
    if order.status in {reached, Status.FULFILLED}:
        return Change(order)
    return Change(replace(order, status=reached, confirmed=True, parked=()))


def _pivot_passed(order: Order) -> PivotPassed:
    return PivotPassed(f"order {order.order_id} is confirmed and can only be completed")


def _park(order: Order, waiting: tuple[str, ...], reason: str) -> Change[Order]:
    parked = replace(order, status=Status.PARKED, parked=waiting)
    if parked == order:
        return Change(order)
    event = OrderParked(
        order_id=order.order_id,
        customer_id=order.customer_id,
        email=order.email,
        reason=order.withdrawn or reason,
        steps=waiting,
    )
    return Change(parked, (event,))


def _cancel(order: Order, reason: str) -> Change[Order]:
    event = OrderCancelled(
        order_id=order.order_id,
        customer_id=order.customer_id,
        email=order.email,
        total=order.total,
        reason=reason,
    )
    cancelled = replace(order, status=Status.CANCELLED, withdrawn=reason, parked=())
    return Change(cancelled, (event,))
