"""What the events amount to does not depend on the order in which they are read."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from ops.rebuild import Standing, rebuild, standing

CREATED, CONFIRMED, PARKED = "order.created", "order.confirmed", "order.parked"
SHIPPED, FULFILLED, CANCELLED = "order.shipped", "order.fulfilled", "order.cancelled"


def event(type_: str, second: int = 0, order_id: str = "order-1", **data: Any) -> dict[str, Any]:
    return {
        "id": f"{order_id}-{second}-{type_}",
        "type": type_,
        "time": f"2026-01-01T00:00:{second:02}.000Z",
        "data": {"orderId": order_id, **data},
    }


def story(*types: str) -> list[dict[str, Any]]:
    """Events a second apart."""
    return [event(type_, second) for second, type_ in enumerate(types)]


@pytest.mark.parametrize(
    ("types", "status"),
    [
        ([CREATED], "PLACED"),
        ([CREATED, CONFIRMED], "CONFIRMED"),
        ([CREATED, PARKED], "PARKED"),
        ([CREATED, CONFIRMED, PARKED], "PARKED"),
        ([CREATED, PARKED, CONFIRMED], "CONFIRMED"),
        ([CREATED, CONFIRMED, SHIPPED], "SHIPPED"),
        ([CREATED, CONFIRMED, SHIPPED, PARKED], "SHIPPED"),
        ([CREATED, CONFIRMED, PARKED, SHIPPED, FULFILLED], "FULFILLED"),
        ([CREATED, CONFIRMED, SHIPPED, FULFILLED, "notification.sent"], "FULFILLED"),
        ([CREATED, PARKED, CANCELLED], "CANCELLED"),
    ],
)
def test_an_order_stands_where_its_events_have_brought_it(types, status):
    found = {standing(events) for events in itertools.permutations(story(*types))}

    assert found == {Standing(status)}


def test_a_cancelled_order_says_why():
    events = [event(CREATED), event(PARKED, 1, reason="Failed"), event(CANCELLED, 2, reason="X")]

    assert standing(events) == Standing("CANCELLED", "X")


def test_events_that_say_nothing_of_an_order_are_refused():
    with pytest.raises(ValueError, match=r"none of \['payment.processed'\] tells"):
        standing(story("payment.processed"))


def lines(**quantities: int) -> list[dict[str, Any]]:
    return [
        {"productId": product, "quantity": quantity} for product, quantity in quantities.items()
    ]


def test_stock_taken_is_what_was_reserved_and_not_released():
    state = rebuild(
        [
            event("inventory.reserved", 1, "order-1", lines=lines(lamp=2, desk=1)),
            event("inventory.reserved", 1, "order-2", lines=lines(lamp=5)),
            event("inventory.released", 2, "order-2", lines=lines(lamp=5)),
            event(SHIPPED, 3, "order-1", lines=lines(lamp=2, desk=1)),
        ]
    )

    assert +state.taken == {"lamp": 2, "desk": 1}


def test_stock_that_came_is_what_was_restocked():
    state = rebuild(
        [
            {"type": "inventory.restocked", "data": {"productId": "lamp", "quantity": 50}},
            {"type": "inventory.restocked", "data": {"productId": "lamp", "quantity": 20}},
        ]
    )

    assert state.restocked == {"lamp": 70}


def test_stock_moved_is_the_sum_of_all_its_changes():
    changes = [{"productId": "lamp", "delta": -2}, {"productId": "desk", "delta": -1}]
    state = rebuild(
        [
            {"type": "inventory.updated", "data": {"movementId": "1", "changes": changes}},
            {"type": "inventory.updated", "data": {"movementId": "2", "changes": changes[:1]}},
        ]
    )

    assert state.moved == {"lamp": -4, "desk": -1}


@pytest.mark.parametrize(
    ("payments", "kept"),
    [
        ([("processed", "20.00")], "20.00"),
        ([("processed", "20.00"), ("refunded", "20.00")], "0.00"),
        ([("failed", "20.00")], "0"),
        ([("refunded", "20.00")], "0.00"),
    ],
    ids=["charged", "refunded", "declined", "charged without an answer, refunded"],
)
def test_money_kept_is_what_was_charged_and_not_refunded(
    payments: Sequence[tuple[str, str]], kept: str
):
    events = [
        event(f"payment.{what}", second, amount=amount)
        for second, (what, amount) in enumerate(payments)
    ]

    assert rebuild(events).kept == {"order-1": Decimal(kept)}


def test_each_order_has_its_own_events_and_a_user_is_no_order():
    state = rebuild(
        [
            *story(CREATED, CONFIRMED),
            event(CREATED, 0, "order-2"),
            event("payment.processed", 5, "order-2", amount="1.00"),
            {"type": "user.registered", "data": {"userId": "u"}},
        ]
    )

    assert state.orders == {"order-1": Standing("CONFIRMED"), "order-2": Standing("PLACED")}
    assert state.kept == {"order-2": Decimal("1.00")}
