"""The ports of the handlers in memory: what DynamoDB promises, without DynamoDB."""

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any, Generic

import msgspec

from events.envelope import Envelope, encode
from handlers.inventory.domain import Reservation, movements
from handlers.inventory.store import ShortageError
from handlers.orders.order import Order, Status
from handlers.orders.store import Position
from handlers.rows import OvertakenError, RowT


def at_once() -> None:
    """Let an access through."""


class MemoryRows(Generic[RowT]):
    """Versioned rows; `gate` is passed before each access, where tests stop or end a call."""

    def __init__(self, gate: Callable[[], None] = at_once) -> None:
        self.rows: dict[str, RowT] = {}
        self.events: list[Envelope[Any]] = []
        self.gate = gate

    def load(self, key: str) -> RowT | None:
        self.gate()
        return self.rows.get(key)

    def save(self, key: str, row: RowT, outbox: Sequence[Envelope[Any]]) -> None:
        self.gate()
        stored = self.rows.get(key)
        if row.version != (stored.version if stored else 0):
            raise OvertakenError(key)
        self.prepare(row)
        for envelope in outbox:
            encode(envelope)
        self.rows[key] = msgspec.structs.replace(row, version=row.version + 1)
        self.events.extend(outbox)

    def prepare(self, row: RowT) -> None:
        """Whatever else has to succeed for a row to be written."""

    def told(self, *, about: str | None = None) -> list[str]:
        """Types of the events, of all orders or of one."""
        return [
            envelope.type for envelope in self.events if about in {None, envelope.data.order_id}
        ]


class MemoryStock(MemoryRows[Reservation]):
    """Reservations, and the stock that they move."""

    def __init__(self, available: dict[str, int], gate: Callable[[], None] = at_once) -> None:
        super().__init__(gate)
        self.available = available

    def prepare(self, row: Reservation) -> None:
        moved = movements(row)
        short = {
            product: self.available.get(product, 0)
            for product, quantity in moved.items()
            if self.available.get(product, 0) + quantity < 0
        }
        if short:
            raise ShortageError(short)
        for product, quantity in moved.items():
            self.available[product] += quantity


class MemoryOrders(MemoryRows[Order]):
    """All orders, also by customer."""

    def of_customer(
        self, customer_id: str, *, status: Status | None, limit: int, after: Position | None
    ) -> list[Order]:
        found = sorted(
            (
                order
                for order in self.rows.values()
                if order.customer_id == customer_id and status in {None, order.status}
            ),
            key=lambda order: order.created_at,
            reverse=True,
        )
        older = [order for order in found if not after or order.created_at < after.created_at]
        return older[:limit]


class MemoryCatalogue:
    """What is for sale."""

    def __init__(self, **prices: str) -> None:
        self._prices = {name: Decimal(price) for name, price in prices.items()}

    def prices(self, products: Collection[str]) -> dict[str, Decimal]:
        return {name: price for name, price in self._prices.items() if name in products}
