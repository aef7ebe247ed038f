"""The audit: the journal has every committed event once, and what follows from it is what the tables say."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from local.ledger import Item, Ledger
from ops.products import Product
from ops.rebuild import Standing, State, rebuild

BY_OPERATORS = {"failures.redriven"}
"""Events of operators' commands, which change no table."""


def unrecorded(ledger: Ledger) -> set[str]:
    """Ids of the committed events that the journal does not have, or not yet."""
    recorded = {event["id"] for event in ledger.journal}
    return {event["id"] for event in ledger.events} - recorded


def audit(ledger: Ledger, products: Sequence[Product]) -> Iterator[str]:
    """Everything in which journal and tables differ, one sentence each."""
    yield from _events(ledger)
    state = rebuild(ledger.journal)
    yield from _orders(ledger, state)
    yield from _stock(ledger, state, products)
    yield from _money(ledger, state)


def _events(ledger: Ledger) -> Iterator[str]:
    committed = {event["id"]: event for event in ledger.events}
    for event_id in sorted(unrecorded(ledger)):
        yield f"the journal lacks {committed[event_id]['type']} {event_id}"
    times = Counter(event["id"] for event in ledger.journal)
    for event in ledger.journal:
        if event["id"] not in committed and event["type"] not in BY_OPERATORS:
            yield f"the journal has {event['type']} {event['id']}, which nobody committed"
        elif event != committed.get(event["id"], event):
            yield f"the journal has {event['type']} {event['id']} otherwise than it was committed"
    for event_id, count in times.items():
        if count > 1:
            yield f"the journal has event {event_id} {count} times"


def _orders(ledger: Ledger, state: State) -> Iterator[str]:
    for order_id in sorted(ledger.orders.keys() | state.orders.keys()):
        stored = _standing(ledger.orders[order_id]) if order_id in ledger.orders else None
        rebuilt = state.orders.get(order_id)
        if stored != rebuilt:
            yield f"order {order_id} is {stored} in its table, {rebuilt} by its events"


def _standing(order: Item) -> Standing:
    cancelled = order["status"] == "CANCELLED"
    return Standing(order["status"], order["withdrawn"] if cancelled else None)


def _stock(ledger: Ledger, state: State, products: Sequence[Product]) -> Iterator[str]:
    for product in products:
        taken = product.available - ledger.stock[product.product_id]
        rebuilt = state.taken[product.product_id]
        if taken != rebuilt:
            yield f"{product.product_id}: {taken} are out of stock, {rebuilt} by the events"


def _money(ledger: Ledger, state: State) -> Iterator[str]:
    for order_id in sorted(ledger.books.keys() | state.kept.keys()):
        books = ledger.books.get(order_id, {})
        kept = Decimal(books.get("charged", "0")) - Decimal(books.get("refunded", "0"))
        rebuilt = state.kept.get(order_id, Decimal(0))
        if kept != rebuilt:
            yield f"order {order_id}: the gateway kept {kept} USD, {rebuilt} by the events"
