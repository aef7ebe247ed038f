"""Events reach the services late, twice and in any order, and deadlines pass at any time: the books add up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import Envelope
from events.refusals import PivotPassed
from handlers import batch
from handlers.inventory import choreography as inventory
from handlers.inventory.store import StockTable
from handlers.orders import choreography as ordering
from handlers.orders import domain
from handlers.orders.order import Order, Status, existing
from handlers.orders.store import OrdersTable
from handlers.payments import choreography as paying
from handlers.rows import carry_out
from handlers.shipping import choreography as shipping
from handlers.table import Table
from tests.handlers.given import METADATA, Context, created, envelope, message, order
from tests.handlers.memory import MemoryRows, MemoryStock

PARTICIPANTS = {
    "reserve": (inventory.reserve, {"order.created"}),
    "release": (inventory.release, {"payment.failed", "order.cancelled"}),
    "charge": (paying.charge, {"order.created", "inventory.reserved"}),
    "refund": (paying.refund, {"order.cancelled"}),
    "confirm": (ordering.confirm, {"payment.processed"}),
    "cancel": (ordering.cancel, {"inventory.failed", "payment.failed"}),
    "sweep": (ordering.sweep, {"order.created", "order.confirmed"}),
    "ship": (shipping.ship, {"order.created", "order.confirmed"}),
}
"""Name to entry point and the events that it gets."""
TABLES = {"ORDERS_TABLE": "orders", "STOCK_TABLE": "stock"}
TABLES |= {"PAYMENTS_TABLE": "payments", "SHIPMENTS_TABLE": "shipments"}
ENVIRONMENT = {"PAYMENT_SUCCESS_RATE": "1"}
ENVIRONMENT |= {"BREAKER_FAILURES": "5", "BREAKER_COOL_DOWN_SECONDS": "30"}
COPIES = 2
BY_CUSTOMER = 1000
"""The choice that stands for the customer's change of mind."""
TOTAL = "20.00"


class World:
    """All services in memory, one placed order of two lamps, and the copies of events on their way."""

    def __init__(self, card: str, available: int) -> None:
        self.available = available
        self.stock = MemoryStock({"lamp": available})
        self.tables: dict[tuple[str, str], MemoryRows[Any]] = {
            ("stock", "reservation#"): self.stock
        }
        self.waiting: list[tuple[str, Envelope[Any]]] = []
        self.orders.rows["order-1"] = order()
        self._deliver(envelope(created(card=card)))

    @property
    def orders(self) -> MemoryRows[Order]:
        return self.rows("orders")

    def rows(self, table: str, prefix: str = "") -> MemoryRows[Any]:
        return self.tables.setdefault((table, prefix), MemoryRows[Any]())

    def step(self, choice: int) -> None:
        """Let one participant have one copy of an event, which stays on its way if that fails."""
        if choice == BY_CUSTOMER:
            self._cancel()
        elif self.waiting:
            position = choice % len(self.waiting)
            name, event = self.waiting[position]
            records = {"Records": [message(msgspec.to_builtins(event))]}
            if not PARTICIPANTS[name][0](records, Context())["batchItemFailures"]:
                del self.waiting[position]
        self._publish()

    def _cancel(self) -> None:
        decide = existing("order-1", domain.cancel_by_customer)
        try:
            carry_out(self.orders, "order-1", decide, METADATA)
        except PivotPassed:
            assert self.orders.rows["order-1"].confirmed

    def _publish(self) -> None:
        """What was committed since the last time goes on its way, as the relays see to it."""
        for rows in list(self.tables.values()):
            committed = list(rows.events)
            rows.events.clear()
            for event in committed:
                self._deliver(event)

    def _deliver(self, event: Envelope[Any]) -> None:
        for name, (_, events) in PARTICIPANTS.items():
            self.waiting += [(name, event)] * (COPIES if event.type in events else 0)


@contextmanager
def world(card: str, available: int) -> Iterator[World]:
    """A world whose tables the services take for their own."""
    made = World(card, available)

    def load(table: Table[Any], key: str) -> Any:
        return made.rows(table.name, table._prefix).load(key)

    def save(table: Table[Any], key: str, row: Any, outbox: Sequence[Envelope[Any]]) -> None:
        made.rows(table.name, table._prefix).save(key, row, outbox)

    with pytest.MonkeyPatch.context() as patch:
        for variable, text in (TABLES | ENVIRONMENT).items():
            patch.setenv(variable, text)
        patch.setattr(Table, "load", load)
        for kind in (Table, StockTable, OrdersTable):
            patch.setattr(kind, "save", save)
        patch.setattr(batch, "_put_off", lambda _: None)
        yield made


def books(found: World) -> tuple[str | None, str | None]:
    """What the gateway has charged, and given back."""
    book = found.rows("payments", "gateway#").rows.get("order-1")
    return (book.charged, book.refunded) if book else (None, None)


@pytest.mark.parametrize("card", ["tok_approved", "tok_declined", "tok_error"])
@pytest.mark.parametrize("available", [1, 5])
@settings(max_examples=60, deadline=None)
@given(choices=st.lists(st.integers(0, 60) | st.just(BY_CUSTOMER), max_size=60))
def test_an_order_ends_bought_or_undone(card, available, choices):
    with world(card, available) as found:
        for choice in choices:
            found.step(choice)
        # Whatever was held up arrives in the end, the deadlines last; a gateway that is down stays so.
        for _ in range(200):
            late = [name == "sweep" for name, _ in found.waiting]
            found.step(late.index(False) if False in late else 0)
            found.waiting = [
                each for each in found.waiting if not (card == "tok_error" and each[0] == "charge")
            ]
            if not found.waiting:
                break

        assert found.waiting == []
        ended = found.orders.rows["order-1"]
        parcel = found.rows("shipments").rows.get("order-1")
        taken = found.available - found.stock.available["lamp"]
        charged, refunded = books(found)
        if ended.status is Status.CANCELLED:
            assert parcel is None
            assert taken == 0
            assert charged == refunded
        else:
            assert ended.confirmed
            assert parcel is not None
            assert taken == 2
            assert (charged, refunded) == (TOTAL, None)


def test_left_alone_an_order_is_bought():
    with world("tok_approved", 5) as found:
        for _ in range(200):
            late = [name == "sweep" for name, _ in found.waiting]
            if all(late):
                break
            found.step(late.index(False))

        assert found.rows("shipments").rows["order-1"].lines
        assert books(found) == (TOTAL, None)
