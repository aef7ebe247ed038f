"""All lines of an order are reserved or none, once, and released once."""

import pytest

from events.refusals import OrderWithdrawn, OutOfStock
from handlers.inventory import domain
from handlers.inventory.domain import Reservation, Status, lines_of
from handlers.inventory.reserving import release_stock, reserve_stock
from handlers.rows import Change
from handlers.task import Answer
from tests.handlers.given import call, created, lines
from tests.handlers.memory import MemoryStock


@pytest.fixture
def stock() -> MemoryStock[Reservation]:
    return MemoryStock({"lamp": 10, "chair": 3})


def reserve(
    stock: MemoryStock[Reservation], order_id: str = "order-1", **quantities: int
) -> Answer:
    return reserve_stock(call(created(order_id, quantities=quantities)), stock)


def release(
    stock: MemoryStock[Reservation], order_id: str = "order-1", **quantities: int
) -> Answer:
    return release_stock(call(created(order_id, quantities=quantities)), stock)


def test_every_line_is_taken_out_of_the_stock(stock):
    answer = reserve(stock, lamp=2, chair=3)

    assert answer == {"orderId": "order-1", "status": "RESERVED"}
    assert stock.available == {"lamp": 8, "chair": 0}
    assert stock.told() == ["inventory.reserved"]
    assert (
        stock.events[0].data.lines
        == stock.rows["order-1"].lines
        == lines_of(lines(lamp=2, chair=3))
    )


def test_a_second_reservation_takes_nothing_and_answers_the_same(stock):
    first = reserve(stock, lamp=2)

    assert reserve(stock, lamp=2) == first
    assert stock.available["lamp"] == 8
    assert stock.told() == ["inventory.reserved"]


def test_a_shortage_names_what_was_wanted_and_what_there_is(stock):
    with pytest.raises(
        OutOfStock,
        match=r"order order-1: 4 of 'chair' wanted, 3 available; 1 of 'desk' wanted, 0 available$",
    ):
        reserve(stock, lamp=1, chair=4, desk=1)

    assert stock.available == {"lamp": 10, "chair": 3}
    assert stock.told() == ["inventory.failed"]
    assert stock.events[0].data.reason == (
        "4 of 'chair' wanted, 3 available; 1 of 'desk' wanted, 0 available"
    )


def test_who_was_refused_is_refused_again_whatever_came_in_meanwhile(stock):
    with pytest.raises(OutOfStock) as first:
        reserve(stock, chair=4)
    stock.shelve("chair", 10)

    with pytest.raises(OutOfStock) as second:
        reserve(stock, chair=4)

    assert str(second.value) == str(first.value)
    assert stock.available["chair"] == 10
    assert stock.told() == ["inventory.failed"]


def test_releasing_what_was_refused_puts_nothing_back(stock):
    with pytest.raises(OutOfStock):
        reserve(stock, chair=4)

    assert release(stock, chair=4)["status"] == "RELEASED"
    assert stock.available["chair"] == 3
    assert stock.told() == ["inventory.failed"]


def test_a_shortage_does_not_undo_what_another_call_has_reserved_meanwhile():
    made = Reservation(status=Status.RESERVED, lines=lines_of(lines(lamp=2)), version=1)

    assert domain.refuse(made, order_id="order-1", reason="too few") == Change(made)


def test_lines_of_one_product_are_one_wish():
    wished = lines_of((*lines(lamp=2, chair=1), *lines(lamp=3)))

    assert [(line.product_id, line.quantity) for line in wished] == [("lamp", 5), ("chair", 1)]


def test_what_was_reserved_is_put_back_once(stock):
    reserve(stock, lamp=2, chair=1)

    assert release(stock) == {"orderId": "order-1", "status": "RELEASED"}
    assert release(stock) == {"orderId": "order-1", "status": "RELEASED"}

    assert stock.available == {"lamp": 10, "chair": 3}
    assert stock.told() == ["inventory.reserved", "inventory.released"]
    assert stock.events[1].data.lines == stock.events[0].data.lines


def test_releasing_again_decides_nothing():
    released = Reservation(status=Status.RELEASED, lines=lines_of(lines(lamp=2)), version=2)

    assert domain.release(released, order_id="order-1") == Change(released)


def test_what_was_reserved_is_put_back_whatever_the_undo_is_told_of_it(stock):
    reserve(stock, lamp=2)

    release(stock, lamp=7, chair=1)

    assert stock.available == {"lamp": 10, "chair": 3}


def test_a_release_before_the_reservation_keeps_it_from_ever_being_made(stock):
    release(stock)

    with pytest.raises(OrderWithdrawn, match="order order-1 was given up before its stock"):
        reserve(stock)
    assert stock.available["lamp"] == 10
    assert stock.told() == []


def test_a_released_order_is_never_reserved_again(stock):
    reserve(stock)
    release(stock)

    with pytest.raises(OrderWithdrawn):
        reserve(stock)
    assert stock.available["lamp"] == 10
