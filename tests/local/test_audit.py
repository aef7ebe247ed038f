"""Whatever differs between the journal and the tables is found, and named."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from local.audit import audit, miscounted, unrecorded
from local.ledger import Ledger
from ops.products import Product
from ops.rebuild import Standing

LAMP = Product(product_id="lamp", name="Lamp", price="10.00", available=10)


def event(type_: str, second: int, **data: Any) -> dict[str, Any]:
    return {
        "id": type_,
        "type": type_,
        "time": f"2026-01-01T00:00:0{second}.000Z",
        "data": {"orderId": "order-1", **data},
    }


LINES = [{"productId": "lamp", "quantity": 2}]
EVENTS = [
    event("order.created", 1),
    event("inventory.reserved", 2, lines=LINES),
    event("payment.processed", 3, amount="20.00"),
    event("order.confirmed", 4),
]
PLACED, CONFIRMED = Standing("PLACED"), Standing("CONFIRMED")
FAILED = Standing("CANCELLED", "Failed")
SOUND = Ledger(
    orders={"order-1": {"status": "CONFIRMED", "total": "20.00"}},
    stock={"lamp": 8},
    reservations={},
    books={"order-1": {"charged": "20.00"}},
    shipments={},
    events=EVENTS,
    journal=EVENTS[::-1],
    parked=0,
)


def test_tables_that_follow_from_the_journal_are_sound():
    assert list(audit(SOUND, [LAMP])) == []
    assert unrecorded(SOUND) == set()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda sound: replace(sound, orders={"order-1": {"status": "PLACED"}}),
            [f"order order-1 is {Standing('PLACED')} in its table, {CONFIRMED} by its events"],
        ),
        (
            lambda sound: replace(
                sound, orders={"order-1": {"status": "CANCELLED", "withdrawn": "Failed"}}
            ),
            [
                f"order order-1 is {Standing('CANCELLED', 'Failed')} in its table, {CONFIRMED} by its events"
            ],
        ),
        (
            lambda sound: replace(sound, orders={}),
            [f"order order-1 is None in its table, {CONFIRMED} by its events"],
        ),
        (
            lambda sound: replace(sound, stock={"lamp": 9}),
            ["lamp: 1 are out of stock, 2 by the events"],
        ),
        (
            lambda sound: replace(
                sound, books={"order-1": {"charged": "20.00", "refunded": "5.00"}}
            ),
            [f"order order-1: the gateway kept {Decimal('15.00')} USD, 20.00 by the events"],
        ),
        (
            lambda sound: replace(sound, journal=[*EVENTS, EVENTS[0]]),
            ["the journal has event order.created 2 times"],
        ),
        (
            lambda sound: replace(sound, events=EVENTS[:-1]),
            ["the journal has order.confirmed order.confirmed, which nobody committed"],
        ),
        (
            lambda sound: replace(sound, events=[*EVENTS, event("notification.sent", 5)]),
            ["the journal lacks notification.sent notification.sent"],
        ),
        (
            lambda sound: replace(sound, events=[*EVENTS[:-1], event("order.confirmed", 9)]),
            ["the journal has order.confirmed order.confirmed otherwise than it was committed"],
        ),
    ],
    ids=["status", "reason", "order", "stock", "money", "twice", "invented", "lacking", "changed"],
)
def test_what_differs_is_named(change: Callable[[Ledger], Ledger], found: list[str]):
    assert list(audit(change(SOUND), [LAMP])) == found


def test_events_that_are_still_under_way_are_counted():
    assert unrecorded(replace(SOUND, journal=EVENTS[:2])) == {
        "payment.processed",
        "order.confirmed",
    }


ANALYSED = {event["type"]: 1 for event in EVENTS}


def test_analytics_has_each_event_of_the_journal_once():
    assert list(miscounted(SOUND, ANALYSED)) == []


@pytest.mark.parametrize(
    ("analysed", "found"),
    [
        (
            {**ANALYSED, "order.created": 2},
            ["the journal has 1 order.created, analytics has 2"],
        ),
        ({**ANALYSED, "order.lost": 1}, ["the journal has 0 order.lost, analytics has 1"]),
        (
            {type_: 1 for type_ in ANALYSED if type_ != "order.confirmed"},
            ["the journal has 1 order.confirmed, analytics has 0"],
        ),
    ],
)
def test_what_analytics_has_otherwise_is_named(analysed, found):
    assert list(miscounted(SOUND, analysed)) == found
