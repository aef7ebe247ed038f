"""Taking part in the choreographed saga: a service reacts to an event with its step, once per order."""

import functools
from collections.abc import Callable
from typing import Any

from events.catalogue import OrderCreated
from events.envelope import Event
from events.refusals import Refusal
from handlers import faults
from handlers.batch import Delivery, consumer
from handlers.logs import logger
from handlers.rows import Change, Row, Rows, carry_out
from handlers.task import Work


class Remembered(Row, frozen=True, kw_only=True):
    """What a service keeps of an order that it has work to do for later."""

    order: OrderCreated


class OrderNotKnownError(LookupError):
    """An event about an order came before the order itself; it will come again."""


def participant(
    step: str, *expected: type[Event], remembering: Callable[[], Rows[Remembered]] | None = None
) -> Callable[[Callable[[Delivery], None]], Callable[..., Any]]:
    """Make a consumer that does a step of the saga; `step` is what faults and logs call it.

    With `remembering` it also keeps each order that is placed, for when an event asks for work on it.
    A refusal is an answer: the service has told it as an event, or the order is over. Anything else
    that is raised is a failure, after which the event comes again.
    """

    def decorate(work: Callable[[Delivery], None]) -> Callable[..., Any]:
        @consumer(*expected, *((OrderCreated,) if remembering else ()))
        @functools.wraps(work)
        def entry(delivery: Delivery) -> None:
            event = delivery.envelope.data
            if remembering and isinstance(event, OrderCreated):
                remember(remembering(), event)
                return
            with logger().append_context_keys(step=step):
                try:
                    faults.around(
                        step,
                        delivery.envelope.metadata.faults,
                        lambda: work(delivery),
                        attempt=delivery.attempt,
                        resumed=delivery.redriven,
                    )
                except Refusal as refusal:
                    logger().info("refused", refusal=type(refusal).__name__, answer=str(refusal))

        return entry

    return decorate


def remember(orders: Rows[Remembered], order: OrderCreated) -> None:
    """Keep an order until an event asks for work on it."""

    def decide(found: Remembered | None) -> Change[Remembered]:
        return Change(found or Remembered(order=order))

    carry_out(orders, order.order_id, decide)


def recalled(orders: Rows[Remembered], delivery: Delivery) -> Work:
    """The work that an event asks for on a remembered order; `OrderNotKnownError` before it is."""
    event = delivery.envelope.data
    found = orders.load(event.order_id)
    if found is None:
        raise OrderNotKnownError(f"{event.name} came before order {event.order_id} itself")
    return asked(found.order, delivery)


def asked(order: OrderCreated, delivery: Delivery) -> Work:
    """The work that an event asks for on an order."""
    return Work(
        order=order,
        metadata=delivery.envelope.causes(),
        seconds_left=delivery.seconds_left,
    )
