"""What becomes low is told of once, and restocked once for each time that it is told."""

import json
from collections import Counter
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import Line, StockLow
from events.envelope import Envelope, encode, wrap
from events.refusals import OutOfStock
from handlers.clients import client
from handlers.fields import MOST_OF_A_PRODUCT
from handlers.inventory import restock
from handlers.inventory.domain import Reservation, Status
from handlers.inventory.restock import restock_product
from handlers.inventory.restocking import Restocking
from handlers.inventory.shelves import Shelf, consequences, move
from handlers.inventory.store import ShortageError, restockings, stock
from handlers.inventory.tasks import release_stock, reserve_stock
from handlers.orders.request import MOST_LINES
from handlers.rows import OvertakenError, carry_out
from handlers.table import from_item
from tests.handlers.given import METADATA, Context, call, created, envelope, message
from tests.handlers.memory import MemoryStock

LAMP = Shelf(product_id="lamp", available=12, reorder_point=10, reorder_quantity=50)


class Supplier:
    """Delivers all that is ordered, and remembers the orders."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, str, int]] = []

    def deliver(self, key: str, product_id: str, quantity: int) -> int:
        self.orders.append((key, product_id, quantity))
        return quantity


def low(stock: MemoryStock[Any]) -> list[Envelope[StockLow]]:
    return [event for event in stock.stock_events if event.type == "inventory.low"]


def test_what_falls_below_its_reorder_point_is_told_of_once():
    told = [move(LAMP, -2).is_told, move(LAMP, -3).is_told]
    again = move(move(LAMP, -3).after, -4)

    assert told == [False, True]
    assert (again.after.available, again.is_told) == (5, False)


def test_what_orders_put_back_does_not_make_it_told_of_twice():
    fallen = move(LAMP, -3).after
    risen = move(fallen, 3).after

    assert (risen.available, move(risen, -3).is_told) == (12, False)


def test_after_a_restock_it_is_told_of_again():
    restocked = move(move(LAMP, -3).after, 50, restocks=True)

    assert (restocked.after.available, restocked.is_told) == (59, False)
    assert move(restocked.after, -50).is_told


def test_a_restock_that_leaves_it_low_is_told_of_at_once():
    assert move(move(LAMP, -12).after, 5, restocks=True).is_told


def test_what_has_no_reorder_point_is_never_low():
    assert not move(Shelf(product_id="mug", available=1), -1).is_told


def test_a_change_of_stock_is_told_with_what_caused_it():
    cause = envelope(created())

    changed, fallen = consequences(cause, [move(LAMP, -3)])

    assert changed.data.aggregate_id == cause.id
    assert [(it.product_id, it.delta, it.available) for it in changed.data.changes] == [
        ("lamp", -3, 9)
    ]
    assert fallen.data == StockLow(
        product_id="lamp", available=9, reorder_point=10, reorder_quantity=50
    )
    assert changed.metadata == fallen.metadata == cause.causes()


ORDERS = [f"order-{number}" for number in range(6)]
WORK = st.lists(
    st.tuples(st.sampled_from(ORDERS), st.integers(1, 9), st.sampled_from(["take", "back", "more"]))
)


@given(
    work=WORK,
    shelf=st.builds(
        Shelf,
        product_id=st.just("lamp"),
        available=st.integers(0, 20),
        reorder_point=st.integers(0, 12),
        reorder_quantity=st.integers(1, 9),
    ),
)
def test_whatever_happens_stock_is_never_negative_and_low_is_told_once_per_fall(work, shelf):
    stock = MemoryStock[Reservation]({"lamp": shelf})
    deliveries, supplier = stock.restocked_by(), Supplier()
    for order_id, quantity, kind in work:
        asked = call(created(order_id, quantities={"lamp": quantity}))
        if kind == "take" and order_id not in stock.rows:
            try:
                reserve_stock(asked, stock)
            except OutOfStock:
                assert stock.available["lamp"] < quantity
        elif kind == "back":
            release_stock(asked, stock)
        elif kind == "more" and low(stock):
            restock_product(low(stock)[-1], deliveries, supplier)
        now = stock.shelves["lamp"]
        assert now.available >= 0
        assert now.low or now.available >= now.reorder_point or not stock.stock_events

    moved = Counter[str]()
    for event in stock.stock_events:
        for change in getattr(event.data, "changes", ()):
            moved[change.product_id] += change.delta
            assert change.available == shelf.available + moved[change.product_id]
    assert stock.available["lamp"] == shelf.available + moved["lamp"]
    # Each but the first was told after what was ordered for the one before it had come.
    told = [event.id for event in low(stock)]
    assert set(deliveries.rows) >= set(told[:-1])
    assert set(deliveries.rows) <= set(told)


def test_a_low_product_is_restocked_once_however_often_it_is_told():
    stock, supplier = MemoryStock[Reservation]({"lamp": LAMP}), Supplier()
    reserve_stock(call(created(quantities={"lamp": 3})), stock)
    [told] = low(stock)
    deliveries = stock.restocked_by()

    restock_product(told, deliveries, supplier)
    restock_product(told, deliveries, supplier)

    assert stock.available == {"lamp": 59}
    assert deliveries.told() == ["inventory.restocked"]
    assert deliveries.events[0].metadata == told.causes()
    assert supplier.orders == [(told.id, "lamp", 50)] * 2


def test_what_nobody_reorders_is_only_logged(logged):
    stock, supplier = MemoryStock[Restocking]({"lamp": LAMP}), Supplier()
    told = wrap(
        StockLow(product_id="lamp", available=9, reorder_point=10, reorder_quantity=0), METADATA
    )

    restock_product(told, stock, supplier)

    assert (supplier.orders, stock.rows) == ([], {})
    assert [line["message"] for line in logged()] == ["a product is low that nobody reorders"]


@pytest.mark.usefixtures("aws")
class TestTable:
    """What low products, and their restocking, are in DynamoDB."""

    @pytest.fixture
    def product(self, request) -> str:
        return self.put(f"product-{request.node.name}", 12, point=10, quantity=50)

    def put(self, name: str, available: int, *, point: int = 0, quantity: int = 0) -> str:
        values = {"available": available, "reorderPoint": point, "reorderQuantity": quantity}
        row = {key: {"N": str(value)} for key, value in values.items()}
        keys = {"id": {"S": f"product#{name}"}, "productId": {"S": name}}
        client("dynamodb").put_item(TableName="stock", Item=keys | row)
        return name

    def shelf(self, name: str) -> dict[str, Any]:
        key = {"id": {"S": f"product#{name}"}}
        found = client("dynamodb").get_item(TableName="stock", Key=key, ConsistentRead=True)
        return from_item(found["Item"])

    def told(self, *products: str) -> list[tuple[str, Any]]:
        """Type and data of what the outbox tells of these products."""
        pages = client("dynamodb").get_paginator("scan").paginate(TableName="stock")
        items = [from_item(item) for page in pages for item in page["Items"]]
        envelopes = [json.loads(item["event"]) for item in items if "event" in item]
        return [
            (found["type"], found["data"])
            for found in envelopes
            if any(product in str(found["data"]) for product in products)
        ]

    def take(self, order_id: str, *products: str, quantity: int = 1) -> None:
        reserve_stock(
            call(created(order_id, quantities=dict.fromkeys(products, quantity))), stock()
        )

    def test_a_fall_a_restock_and_all_that_is_told_of_them(self, product):
        self.take(f"a-{product}", product, quantity=3)
        self.take(f"b-{product}", product, quantity=4)
        assert self.shelf(product)["low"] is True
        [told] = [data for type_, data in self.told(product) if type_ == "inventory.low"]
        event = wrap(
            StockLow(
                product_id=product,
                available=told["available"],
                reorder_point=10,
                reorder_quantity=50,
            ),
            METADATA,
        )

        taken = {"Records": [message(json.loads(encode(event)))] * 2}
        assert restock.handler(taken, Context()) == {"batchItemFailures": []}

        assert told == {
            "productId": product,
            "available": 9,
            "reorderPoint": 10,
            "reorderQuantity": 50,
        }
        after = self.shelf(product)
        assert (after["available"], "low" in after) == (55, False)
        deltas = sorted(
            change["delta"]
            for type_, data in self.told(product)
            if type_ == "inventory.updated"
            for change in data["changes"]
        )
        assert deltas == [-4, -3, 50]

    def test_whoever_takes_the_last_piece_tells_of_it(self, product):
        self.take(f"all-{product}", product, quantity=12)

        assert self.shelf(product)["available"] == 0
        assert sorted(type_ for type_, _ in self.told(product)) == [
            "inventory.low",
            "inventory.reserved",
            "inventory.updated",
        ]

    def test_the_longest_order_of_products_that_all_become_low_fits_into_one_transaction(self):
        products = [
            self.put(f"{'p' * 100}-{number}", MOST_OF_A_PRODUCT, point=MOST_OF_A_PRODUCT)
            for number in range(MOST_LINES)
        ]

        self.take("longest", *products)

        types = Counter(type_ for type_, _ in self.told(*products))
        assert types == {
            "inventory.reserved": 1,
            "inventory.updated": 1,
            "inventory.low": MOST_LINES,
        }

    def test_a_shelf_that_changed_since_it_was_read_is_looked_at_again(self, product, monkeypatch):
        table = stock()
        wanted = Reservation(status=Status.RESERVED, lines=(Line(product_id=product, quantity=3),))
        seen = table._shelves([product])
        self.take(f"first-{product}", product, quantity=1)
        monkeypatch.setattr(table, "_shelves", lambda _: seen)

        with pytest.raises(OvertakenError, match="changed"):
            table.save(f"second-{product}", wanted, [envelope(created())])

        assert self.shelf(product)["available"] == 11

    def test_a_shortage_is_judged_as_of_the_transaction(self, product, monkeypatch):
        table = stock()
        wanted = Reservation(status=Status.RESERVED, lines=(Line(product_id=product, quantity=3),))
        seen = table._shelves([product])
        self.take(f"first-{product}", product, quantity=10)
        monkeypatch.setattr(table, "_shelves", lambda _: seen)

        with pytest.raises(ShortageError) as short:
            table.save(f"second-{product}", wanted, [envelope(created())])

        assert short.value.available == {product: 2}

    def test_what_was_never_in_stock_cannot_be_restocked(self):
        decide = partial(restock.restocking.restock, product_id="unheard-of", quantity=5)

        with pytest.raises(ShortageError):
            carry_out(restockings(), "event-1", decide, METADATA)
