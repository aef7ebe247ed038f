"""How much of each product there is, and what has to be told when that changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from events.catalogue import StockChange, StockChanged, StockLow
from events.envelope import Envelope, wrap


class Shelf(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A product in stock; an operator sets when it is low and what is then ordered."""

    product_id: str
    available: int
    reorder_point: int = 0
    """It is low with fewer than these; 0: never."""
    reorder_quantity: int = 0
    """What the supplier is asked for when it is low; 0: nothing."""
    low: bool = False
    """Whether it was told of as low, and not restocked since."""


@dataclass(frozen=True)
class Move:
    """What one change makes of a shelf."""

    before: Shelf
    after: Shelf
    is_told: bool
    """Whether it has become low by this."""

    @property
    def delta(self) -> int:
        """How many came; negative for those that went."""
        return self.after.available - self.before.available


def move(shelf: Shelf, delta: int, *, restocks: bool = False) -> Move:
    """Take from a shelf or put back, or restock it.

    It is told of as low once, whatever orders take and put back, until it is restocked. A restock that
    leaves it low is told of at once, for nothing else would order more.
    """
    available = shelf.available + delta
    scarce, waits = available < shelf.reorder_point, shelf.low and not restocks
    after = replace(shelf, available=available, low=scarce or waits)
    return Move(shelf, after, is_told=scarce and not waits)


def consequences(cause: Envelope[Any], moves: Sequence[Move]) -> list[Envelope[Any]]:
    """What follows from an event that moved stock: one event for all products, and one for each that is low."""
    changes = tuple(
        StockChange(product_id=one.after.product_id, delta=one.delta, available=one.after.available)
        for one in moves
    )
    told = [
        StockLow(
            product_id=one.after.product_id,
            available=one.after.available,
            reorder_point=one.after.reorder_point,
            reorder_quantity=one.after.reorder_quantity,
        )
        for one in moves
        if one.is_told
    ]
    events = [StockChanged(movement_id=cause.id, changes=changes), *told] if changes else []
    return [wrap(event, cause.causes()) for event in events]
