"""What orders, stock and money must be, recomputed from the events alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Event = Mapping[str, Any]

REACHED = {
    "order.fulfilled": "FULFILLED",
    "order.cancelled": "CANCELLED",
    "order.shipped": "SHIPPED",
}
"""What an order does not go back from; the first of these that happened counts."""
ON_THE_WAY = {"order.created": "PLACED", "order.confirmed": "CONFIRMED", "order.parked": "PARKED"}
"""Until then the last of these counts: an order may be parked before or after it is confirmed."""
MOVES = {"inventory.reserved": 1, "inventory.released": -1}


@dataclass(frozen=True)
class Standing:
    """How an order stands."""

    status: str
    reason: str | None = None
    """Why it was cancelled, if it was."""


@dataclass(frozen=True)
class State:
    """All that the events amount to."""

    orders: dict[str, Standing]
    """By order."""
    taken: Counter[str]
    """What is out of stock for orders, by product; none for products that nobody ever reserved."""
    restocked: Counter[str]
    """What suppliers delivered, by product."""
    moved: Counter[str]
    """What all changes of stock amount to, by product; the difference of the two above, told another way."""
    kept: dict[str, Decimal]
    """What customers have paid and not got back, by order; none for orders never charged."""


def rebuild(events: Iterable[Event]) -> State:
    """Recompute the state from events in any order, each given once."""
    by_order: dict[str, list[Event]] = defaultdict(list)
    restocked, moved = Counter[str](), Counter[str]()
    for event in events:
        if event["type"] == "inventory.restocked":
            restocked[event["data"]["productId"]] += event["data"]["quantity"]
        elif event["type"] == "inventory.updated":
            for change in event["data"]["changes"]:
                moved[change["productId"]] += change["delta"]
        if "orderId" in event["data"]:
            by_order[event["data"]["orderId"]].append(event)
    taken = Counter[str]()
    for found in by_order.values():
        taken.update(_taken(found))
    return State(
        orders={
            order_id: standing(found)
            for order_id, found in by_order.items()
            if any(event["type"] == "order.created" for event in found)
        },
        taken=taken,
        restocked=restocked,
        moved=moved,
        kept={
            order_id: _kept(found)
            for order_id, found in by_order.items()
            if any(event["type"].startswith("payment.") for event in found)
        },
    )


def standing(events: Sequence[Event]) -> Standing:
    """How an order stands after its events; `ValueError` if none of them is about its state."""
    by_type = {event["type"]: event for event in events}
    for type_, status in REACHED.items():
        if type_ in by_type:
            return Standing(status, by_type[type_]["data"].get("reason"))
    on_the_way = [event for event in events if event["type"] in ON_THE_WAY]
    if not on_the_way:
        raise ValueError(f"none of {sorted(by_type)} tells how an order stands")
    last = max(on_the_way, key=lambda event: (event["time"], event["id"]))
    return Standing(ON_THE_WAY[last["type"]])


def _taken(events: Iterable[Event]) -> Counter[str]:
    taken = Counter[str]()
    for event in events:
        direction = MOVES.get(event["type"], 0)
        for line in event["data"]["lines"] if direction else ():
            taken[line["productId"]] += direction * line["quantity"]
    return taken


def _kept(events: Iterable[Event]) -> Decimal:
    charged = refunded = Decimal(0)
    for event in events:
        if event["type"] == "payment.processed":
            charged += Decimal(event["data"]["amount"])
        elif event["type"] == "payment.refunded":
            refunded += Decimal(event["data"]["amount"])
    # A refund proves its charge, also when the gateway's answer to that never came, so that nobody told of it.
    return max(charged, refunded) - refunded
