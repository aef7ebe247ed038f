"""An event that nobody can read, and what lies in the failure queues because of it."""

from collections.abc import Iterator, Mapping

from local.traffic import failures
from ops.failures import Failure, explain, find, peek
from ops.stack import Stack

POISON = {"type": "order.shipped", "data": "not an order"}
POISONED = ("track-order", "deliver-order", "notify-customer", "record-event")
"""Listeners to the type of event that the poison claims to be."""
SHOWN = 300
"""Characters of a message that nobody expected."""


def unpoisoned(stack: Stack, copies: int) -> int:
    """How many of the poison's copies its listeners have not set aside yet."""
    found = failures(stack)
    return sum(max(0, copies - found[failure_queue(listener)]) for listener in POISONED)


def surprises(stack: Stack, copies: int, left: Mapping[str, int]) -> Iterator[str]:
    """What does not belong into the failure queues, where a message may be `left`, and what is missing there.

    A listener whose call to SQS timed out sets the poison aside once more, so more copies of it harm nobody.
    """
    poisoned = {failure_queue(listener) for listener in POISONED}
    for name, depth in failures(stack).items():
        expected = copies if name in poisoned else 0
        found = peek(stack, find(stack, name)) if depth else []
        others = [each for each in found if each.envelope.get("detail") != POISON]
        if len(found) - len(others) < expected:
            yield f"{name} holds {len(found) - len(others)} copies of the poison instead of {expected}"
        if len(others) > left.get(name, 0):
            yield f"{name} holds {len(others)} messages; {left.get(name, 0)} belong there"
            yield from map(_told, others)


def failure_queue(listener: str) -> str:
    """Name of the queue in which a listener sets aside what it cannot read."""
    return f"{listener}-queue-failures"


def _told(failure: Failure) -> str:
    reason = explain(failure)
    return f"  {failure.sent:%H:%M:%S} {reason.code} {reason.message}: {failure.body[:SHOWN]}"
