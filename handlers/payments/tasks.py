"""The saga's tasks on payments: charge, and its undo, refund."""

import os
import time
from collections.abc import Callable
from functools import cache

from handlers.payments.charging import charge_card, refund_card
from handlers.payments.gateway import SimulatedGateway
from handlers.payments.store import books, payments
from handlers.task import Answer, Call, task

SPARE_SECONDS = 0.5
"""What a function keeps of its time to report that the gateway did not answer."""


@cache
def success_rate() -> float:
    """Part of all cards, apart from the test tokens, that the simulated gateway approves."""
    text = os.environ["PAYMENT_SUCCESS_RATE"]
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise ValueError(f"PAYMENT_SUCCESS_RATE is {text!r}; it must be a number from 0 to 1")
    return rate


def gateway(seconds_left: Callable[[], float]) -> SimulatedGateway:
    """The gateway, for a call that may run so much longer."""

    def hang() -> None:
        time.sleep(max(0.0, seconds_left() - SPARE_SECONDS))

    return SimulatedGateway(books(), success_rate(), hang)


@task
def charge(call: Call) -> Answer:
    """Entry point: charge the card with the order's total."""
    return charge_card(call, payments(), gateway(call.seconds_left))


@task
def refund(call: Call) -> Answer:
    """Entry point: give the money back, now or in advance."""
    order = call.order
    return refund_card(
        order.order_id, order.total, call.metadata, payments(), gateway(call.seconds_left)
    )
