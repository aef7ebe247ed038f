"""The ports of the handlers in memory: what DynamoDB promises, without DynamoDB."""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic

import msgspec

from events.envelope import Envelope, encode
from handlers.inventory.domain import movements
from handlers.inventory.restocking import Restocking, delivery
from handlers.inventory.shelves import Shelf, consequences, move
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
        self.write(key, row, outbox)

    def write(self, key: str, row: RowT, outbox: Sequence[Envelope[Any]]) -> None:
        """All of a transaction, or nothing."""
        self._check_version(key, row)
        for envelope in outbox:
            encode(envelope)
        self.rows[key] = msgspec.structs.replace(row, version=row.version + 1)
        self.events.extend(outbox)

    def _check_version(self, key: str, row: RowT) -> None:
        stored = self.rows.get(key)
        if row.version != (stored.version if stored else 0):
            raise OvertakenError(key)

    def told(self, *, about: str | None = None) -> list[str]:
        """Types of the events, of all orders or of one."""
        return [
            envelope.type for envelope in self.events if about in {None, envelope.data.aggregate_id}
        ]


class MemoryStock(MemoryRows[RowT]):
    """Rows, and the stock that they move; what is told of products is apart from what is told of orders."""

    def __init__(
        self,
        available: Mapping[str, int] | Mapping[str, Shelf],
        gate: Callable[[], None] = at_once,
        movements: Callable[[Any], Mapping[str, int]] = movements,
        *,
        restocks: bool = False,
    ) -> None:
        super().__init__(gate)
        self.shelves = {
            product: Shelf(product_id=product, available=found) if isinstance(found, int) else found
            for product, found in available.items()
        }
        self.stock_events: list[Envelope[Any]] = []
        self._movements, self._restocks = movements, restocks

    @property
    def available(self) -> dict[str, int]:
        return {product: shelf.available for product, shelf in self.shelves.items()}

    def shelve(self, product: str, available: int) -> None:
        """Set how many there are, as an operator would."""
        self.shelves[product] = Shelf(product_id=product, available=available)

    def restocked_by(self) -> "MemoryStock[Restocking]":
        """The restockings of the same shelves."""
        other = MemoryStock[Restocking]({}, self.gate, delivery, restocks=True)
        other.shelves, other.stock_events = self.shelves, self.stock_events
        return other

    def save(self, key: str, row: RowT, outbox: Sequence[Envelope[Any]]) -> None:
        self.gate()
        seen = {product: self.shelves.get(product) for product in self._movements(row)}
        # Others may come between the look at the shelves and the transaction.
        self.gate()
        self._transact(key, row, outbox, seen)

    def _transact(
        self,
        key: str,
        row: RowT,
        outbox: Sequence[Envelope[Any]],
        seen: Mapping[str, Shelf | None],
    ) -> None:
        moved = self._movements(row)
        self._check_version(key, row)
        short = {
            product: self.available.get(product, 0)
            for product, delta in moved.items()
            if product not in self.shelves or self.available[product] + delta < 0
        }
        if short:
            raise ShortageError(short)
        if any(self.shelves[product] != found for product, found in seen.items()):
            raise OvertakenError(key)
        moves = [
            move(self.shelves[product], delta, restocks=self._restocks)
            for product, delta in moved.items()
        ]
        told = [event for cause in outbox[:1] for event in consequences(cause, moves)]
        for envelope in told:
            encode(envelope)
        self.write(key, row, outbox)
        self.shelves.update({one.after.product_id: one.after for one in moves})
        self.stock_events.extend(told)


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
