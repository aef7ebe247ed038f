"""What the journal says of one event, and what it tells of an order."""

from collections.abc import Sequence
from typing import Any

import msgspec

from events.envelope import Envelope, Event, Metadata

PRIVATE = {"card", "email"}
"""What an event says that is nobody's business who only has the order's id."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the journal keeps it, in whatever version it was published."""

    version: str
    id: str
    source: str
    type: str
    time: str
    data: dict[str, Any]
    metadata: Metadata


class UnknownOrderError(LookupError):
    """The journal has no event about an order of this id."""

    def __init__(self, order_id: str) -> None:
        super().__init__(f"nothing is known of an order {order_id!r}")


def about(kind: str, identity: str) -> str:
    """The journal's key for all events about one thing, such as `order#…`."""
    return f"{kind}#{identity}"


def aggregate_of(event: Event) -> str:
    """The key of what an event is about."""
    return about(event.aggregate, event.aggregate_id)


def position(envelope: Envelope[Any]) -> str:
    """Where an event stands among others: sorts by time, and is the same in every copy of the event."""
    return f"{envelope.time}#{envelope.id}"


def in_order(events: Sequence[Recorded]) -> list[Recorded]:
    """The events by time, yet none before the one that caused it: functions' clocks may differ."""
    waiting = sorted(events, key=lambda event: (event.time, event.id))
    missing = {event.id for event in waiting}
    ordered: list[Recorded] = []
    while waiting:
        ready = (event for event in waiting if event.metadata.causation_id not in missing)
        # Without any, they claim to have caused each other; then time alone decides.
        event = next(ready, waiting[0])
        waiting.remove(event)
        missing.discard(event.id)
        ordered.append(event)
    return ordered


def history(order_id: str, events: Sequence[Recorded]) -> dict[str, Any]:
    """What happened to an order; `UnknownOrderError` if nothing did."""
    if not events:
        raise UnknownOrderError(order_id)
    return {"orderId": order_id, "events": [_shown(event) for event in in_order(events)]}


def _shown(event: Recorded) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "time": event.time,
        "causationId": event.metadata.causation_id,
        "correlationId": event.metadata.correlation_id,
        "data": {name: value for name, value in event.data.items() if name not in PRIVATE},
    }
