"""Whatever differs between the journal and the tables is found, and named."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace as replace_struct

from local.audit import audit, miscounted, unrecorded
from local.ledger import Ledger
from local.restocking import unrestocked
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
    event("inventory.updated", 2, changes=[{"productId": "lamp", "delta": -2}]),
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


def test_users_who_were_not_written_to_once_are_found():
    users = [event("user.registered", 5, userId=user) for user in ("user-1", "user-2")]
    welcomed = event("user.welcomed", 6, userId="user-1")

    found = replace(SOUND, events=[*users, welcomed, welcomed])

    assert found.untold() == [("user-2", "user.registered")]
    assert "user.registered of user-1 was told 2 times" in [*found.violations([LAMP])]


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
            [
                "lamp: 1 are out of stock, 2 by the events",
                "lamp: 1 are out of stock, 2 by what was told of each change",
            ],
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
            ["the journal has inventory.updated inventory.updated, which nobody committed"],
        ),
        (
            lambda sound: replace(sound, events=[*EVENTS, event("notification.sent", 5)]),
            ["the journal lacks notification.sent notification.sent"],
        ),
        (
            lambda sound: replace(
                sound, events=[*EVENTS[:3], event("order.confirmed", 9), *EVENTS[4:]]
            ),
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
        "inventory.updated",
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


RESTOCKED = [
    *EVENTS,
    {
        "id": "low",
        "type": "inventory.low",
        "time": "2026-01-01T00:00:02.000Z",
        "data": {"productId": "lamp", "available": 8, "reorderPoint": 9, "reorderQuantity": 5},
    },
    {
        "id": "restocked",
        "type": "inventory.restocked",
        "time": "2026-01-01T00:00:03.000Z",
        "data": {"productId": "lamp", "quantity": 5},
    },
    {
        "id": "moved",
        "type": "inventory.updated",
        "time": "2026-01-01T00:00:03.000Z",
        "data": {"movementId": "restocked", "changes": [{"productId": "lamp", "delta": 5}]},
    },
]
FULL = replace(
    SOUND,
    stock={"lamp": 13},
    events=RESTOCKED,
    journal=RESTOCKED,
    shipments={"order-1": {"lines": LINES}},
    restocked={"low": {"productId": "lamp", "quantity": 5}},
)
REORDERED = replace_struct(LAMP, reorder_point=9, reorder_quantity=5)


def test_what_was_delivered_is_part_of_the_stock():
    assert list(audit(FULL, [REORDERED])) == []
    assert list(FULL._stock([REORDERED])) == []
    assert list(unrestocked(FULL, [REORDERED])) == []


@pytest.mark.parametrize("available", [12, 14])
def test_a_delivery_that_is_lost_or_comes_twice_is_found(available: int):
    wrong = replace(FULL, stock={"lamp": available})

    assert len(list(audit(wrong, [REORDERED]))) == 2
    assert len(list(wrong._stock([REORDERED]))) == 1


def test_a_low_product_without_a_delivery_is_named():
    nothing = replace(FULL, restocked={}, stock={"lamp": 8})

    assert nothing.unrestocked() == ["low"]
    assert list(unrestocked(nothing, [REORDERED])) == [
        "lamp was low and nothing was delivered",
        "lamp ended low: 8 are available",
    ]


def test_a_delivery_that_nobody_asked_for_and_a_product_that_is_never_low_are_named():
    unasked = replace(FULL, events=EVENTS)

    assert list(unrestocked(unasked, [REORDERED])) == [
        "lamp was restocked, and nobody told that it was low"
    ]
    assert list(unrestocked(FULL, [LAMP])) == [
        "lamp was told of as low, and it has no reorder point"
    ]
