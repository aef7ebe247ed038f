"""Versioned rows in DynamoDB: written together with their outbox, and only by who saw the last version."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from handlers.clients import client
from handlers.inventory import domain
from handlers.inventory import store as stock_store
from handlers.inventory.reserving import release_stock, reserve_stock
from handlers.inventory.shelves import Shelf
from handlers.inventory.store import ShortageError, StockTable, stock
from handlers.orders import store as orders_store
from handlers.orders.order import Status
from handlers.orders.store import catalogue, orders
from handlers.payments.domain import Payment
from handlers.payments.domain import Status as PaymentStatus
from handlers.rows import Change, OvertakenError, carry_out
from handlers.table import OUTBOX_DAYS, Table, from_item
from tests.handlers.given import call, created, envelope, order

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def key() -> str:
    """An id that no other test uses."""
    return str(uuid.uuid4())


@pytest.fixture
def payments() -> Table[Payment]:
    return Table("payments", "orderId", Payment)


def item(aws, table: str, name: str, value: str) -> dict[str, Any]:
    """An item as it is in the table, or nothing."""
    found = aws("dynamodb").get_item(TableName=table, Key={name: {"S": value}}, ConsistentRead=True)
    return from_item(found.get("Item", {}))


def pending(**values) -> Payment:
    return Payment(status=PaymentStatus.PENDING, amount="20.00", **values)


def test_a_row_that_was_never_written_is_none(payments, key):
    assert payments.load(key) is None


def test_a_row_is_read_as_it_is_now(payments, key):
    asked = {"TableName": "payments", "Key": {"orderId": {"S": key}}, "ConsistentRead": True}

    with Stubber(client("dynamodb")) as stub:
        stub.add_response("get_item", {}, asked)
        assert payments.load(key) is None


def test_a_row_comes_back_as_it_was_written_one_version_on(payments, key):
    payments.save(key, pending(), ())

    assert payments.load(key) == pending(version=1)


def test_a_row_can_be_written_once_only_as_its_first_version(payments, key):
    payments.save(key, pending(), ())

    with pytest.raises(OvertakenError):
        payments.save(key, pending(), ())


@pytest.mark.parametrize("outbox", [False, True])
def test_who_did_not_see_the_last_version_writes_nothing(aws, payments, key, outbox):
    told = [envelope(created(key))] if outbox else []
    payments.save(key, pending(), ())
    payments.save(key, pending(version=1, reason="first"), ())

    with pytest.raises(OvertakenError, match="payments"):
        payments.save(key, pending(version=1, reason="second"), told)

    assert payments.load(key) == pending(version=2, reason="first")
    for each in told:
        assert item(aws, "payments", "orderId", f"outbox#{each.id}") == {}


def test_what_a_row_no_longer_says_is_gone_from_the_table(aws, payments, key):
    payments.save(key, pending(reason="gone soon"), ())
    payments.save(key, pending(version=1), ())

    assert "reason" not in item(aws, "payments", "orderId", key)


def test_an_event_is_written_in_the_same_transaction(aws, payments, key):
    told = envelope(created(key))
    before = int(time.time())

    payments.save(key, pending(), [told])

    written = item(aws, "payments", "orderId", f"outbox#{told.id}")
    assert json.loads(written["event"])["id"] == told.id
    assert written["aggregate"] == key
    week = OUTBOX_DAYS * 24 * 3600
    assert before + week <= written["expiresAt"] <= time.time() + week
    assert payments.load(key) == pending(version=1)


def test_tables_share_no_rows_under_their_prefixes(aws, key):
    notes = Table("payments", "orderId", Payment, prefix="note#")

    notes.save(key, pending(), ())

    assert Table("payments", "orderId", Payment).load(key) is None
    assert item(aws, "payments", "orderId", f"note#{key}")["version"] == 1


def test_an_order_survives_the_table_with_all_it_says(key):
    full = order(
        key, version=0, status=Status.PARKED, withdrawn="Failed", parked=("UndoChargeCard",)
    )

    orders().save(key, full, [envelope(created(key))])

    found = orders().load(key)
    assert found is not None
    assert found.updated_at > full.updated_at
    assert found == order(
        key,
        version=1,
        status=Status.PARKED,
        withdrawn="Failed",
        parked=("UndoChargeCard",),
        updated_at=found.updated_at,
    )


def test_a_placed_orders_status_can_be_seen_in_the_table(aws, key):
    orders().save(key, order(key, version=0), ())

    assert item(aws, "orders", "orderId", key)["status"] == "PLACED"


@contextmanager
def canceled(*codes: str) -> Iterator[None]:
    """DynamoDB cancels the next transaction for these reasons, one for each of its writes."""
    reasons = {"CancellationReasons": [{"Code": code} for code in codes]}
    answer = {"Error": {"Code": "TransactionCanceledException"}, **reasons}

    def cancel(**_: Any) -> tuple[Any, dict[str, Any]]:
        return AWSResponse("", 400, HTTPHeaders(), None), answer

    # Only this operation: what is read for the transaction is really read.
    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb.TransactWriteItems", cancel)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", cancel)


def test_a_write_that_meets_a_transaction_is_made_again_later(payments):
    told = [envelope(created())]

    with (
        canceled("None", "TransactionConflict"),
        pytest.raises(OvertakenError),
    ):
        payments.save("order-1", pending(), told)
    with Stubber(client("dynamodb")) as stub:
        stub.add_client_error("update_item", "TransactionConflictException")
        with pytest.raises(OvertakenError):
            payments.save("order-1", pending(), ())


@pytest.mark.parametrize("throttled", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_is_throttled_is_made_again_later_as_a_single_write_is(
    payments, throttled
):
    with canceled(throttled, "None"), pytest.raises(OvertakenError, match=throttled):
        payments.save("order-1", pending(), [envelope(created())])


def test_a_transaction_that_can_never_be_made_is_not_made_again(payments):
    with (
        canceled("ValidationError", "None"),
        pytest.raises(ClientError, match="TransactionCanceledException"),
    ):
        payments.save("order-1", pending(), [envelope(created())])


def test_decisions_made_at_the_same_time_all_count(payments, key):
    def add_one(found: Payment | None) -> Change[Payment]:
        before = found or pending(reason="0")
        count = int(before.reason or 0) + 1
        return Change(pending(version=before.version, reason=str(count)))

    def work() -> None:
        for _ in range(5):
            carry_out_patiently(payments, key, add_one)

    run_together([work] * 4)

    assert payments.load(key) == pending(version=20, reason="20")


def carry_out_patiently(rows, key, decide) -> None:
    while True:
        try:
            carry_out(rows, key, decide)
        except OvertakenError:
            continue
        return


def run_together(works) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)


class OneByOne:
    """DynamoDB at its busiest: of many items it returns one, and leaves the others for the next call."""

    def __init__(self) -> None:
        self.consistent: list[bool | None] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(client("dynamodb"), name)

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        [(table, asked)] = RequestItems.items()
        first, *rest = asked["Keys"]
        self.consistent.append(asked.get("ConsistentRead"))
        answer = client("dynamodb").batch_get_item(RequestItems={table: asked | {"Keys": [first]}})
        return answer | {"UnprocessedKeys": {table: asked | {"Keys": rest}} if rest else {}}


def test_all_prices_are_asked_for_until_they_are_there(monkeypatch):
    monkeypatch.setattr(orders_store, "client", lambda _: OneByOne())

    prices = catalogue().prices(["lamp", "chair", "none"])

    assert prices == {"lamp": Decimal("29.99"), "chair": Decimal("49.99")}


class TestStock:
    """Reservations and the stock that they move."""

    @pytest.fixture
    def products(self, aws, key) -> dict[str, str]:
        names = {"lamp": f"lamp-{key}", "chair": f"chair-{key}"}
        for name, available in {names["lamp"]: 10, names["chair"]: 3}.items():
            values = {"productId": {"S": name}, "available": {"N": str(available)}}
            row = {"id": {"S": f"product#{name}"}, **values}
            aws("dynamodb").put_item(TableName="stock", Item=row)
        return names

    def available(self, aws, products) -> tuple[int, int]:
        found = [
            item(aws, "stock", "id", f"product#{products[name]}") for name in ("lamp", "chair")
        ]
        return found[0]["available"], found[1]["available"]

    def asked(self, key, products, **quantities):
        wanted = {products.get(name, name): number for name, number in quantities.items()}
        return call(created(key, quantities=wanted))

    def test_a_reservation_takes_all_lines_and_a_release_puts_them_back(self, aws, key, products):
        asked = self.asked(key, products, lamp=2, chair=3)

        reserve_stock(asked, stock())
        reserve_stock(asked, stock())
        assert self.available(aws, products) == (8, 0)
        found = stock().load(key)
        assert found is not None
        assert found.status is domain.Status.RESERVED

        release_stock(asked, stock())
        release_stock(asked, stock())
        assert self.available(aws, products) == (10, 3)

    def test_a_shortage_of_one_line_takes_nothing_and_says_what_there_is(self, aws, key, products):
        lines = domain.lines_of(
            created(quantities={products["lamp"]: 1, products["chair"]: 4}).items
        )
        wanted = domain.Reservation(status=domain.Status.RESERVED, lines=lines)

        with pytest.raises(ShortageError, match=f"available: .*{products['chair']}': 3") as short:
            stock().save(key, wanted, [envelope(created(key))])

        assert short.value.available == {products["chair"]: 3}
        assert self.available(aws, products) == (10, 3)
        assert stock().load(key) is None

    @pytest.mark.parametrize(
        ("codes", "error"),
        [
            (["None", "ValidationError"], ClientError),
            (["None", "ThrottlingError"], OvertakenError),
            (["None", "TransactionConflict"], OvertakenError),
            (["TransactionConflict", "ConditionalCheckFailed"], OvertakenError),
            (["ConditionalCheckFailed", "None"], OvertakenError),
        ],
    )
    def test_only_a_shortage_counts_as_one(self, key, products, codes, error):
        lines = domain.lines_of(created(quantities={products["lamp"]: 1}).items)
        wanted = domain.Reservation(status=domain.Status.RESERVED, lines=lines)

        with canceled(*codes), pytest.raises(error) as raised:
            stock().save(f"order-{key}", wanted, ())
        assert not isinstance(raised.value, ShortageError)

    def test_a_product_without_stock_has_none_available(self, key, products):
        lines = domain.lines_of(created(quantities={f"none-{key}": 1}).items)
        wanted = domain.Reservation(status=domain.Status.RESERVED, lines=lines)

        with pytest.raises(ShortageError) as short:
            stock().save(key, wanted, ())
        assert short.value.available == {f"none-{key}": 0}

    def test_who_comes_second_is_overtaken_even_if_nothing_is_left(self, aws, key, products):
        lines = domain.lines_of(created(quantities={products["chair"]: 3}).items)
        wanted = domain.Reservation(status=domain.Status.RESERVED, lines=lines)
        stock().save(key, wanted, ())

        with pytest.raises(OvertakenError):
            stock().save(key, wanted, ())
        assert self.available(aws, products) == (10, 0)

    def test_who_was_overtaken_is_told_of_no_shortage_while_there_is_just_enough(
        self, aws, key, products, monkeypatch
    ):
        lines = domain.lines_of(created(quantities={products["chair"]: 3}).items)
        wanted = domain.Reservation(status=domain.Status.RESERVED, lines=lines)
        seen = Shelf(product_id=products["chair"], available=5)
        monkeypatch.setattr(StockTable, "_shelves", lambda *_: [seen])

        with pytest.raises(
            OvertakenError, match=rf"the stock of \['{products['chair']}'\] changed"
        ):
            stock().save(key, wanted, ())
        assert self.available(aws, products) == (10, 3)

    def test_what_dynamodb_leaves_out_is_asked_for_again(self, aws, key, products, monkeypatch):
        reading = OneByOne()
        monkeypatch.setattr(stock_store, "client", lambda _: reading)

        reserve_stock(self.asked(key, products, lamp=2, chair=1), stock())

        assert self.available(aws, products) == (8, 2)
        # What is taken must be what there is now, not what there was a moment ago.
        assert reading.consistent == [True, True]

    def test_a_tombstone_moves_nothing(self, aws, key, products):
        release_stock(self.asked(key, products, lamp=2), stock())

        assert self.available(aws, products) == (10, 3)
        assert item(aws, "stock", "id", f"reservation#{key}")["status"] == "RELEASED"

    def test_putting_back_what_is_no_product_any_more_fails_whole(self, aws, key, products):
        asked = self.asked(key, products, lamp=2, chair=1)
        reserve_stock(asked, stock())
        aws("dynamodb").delete_item(
            TableName="stock", Key={"id": {"S": f"product#{products['chair']}"}}
        )

        with pytest.raises(ShortageError):
            release_stock(asked, stock())
        assert item(aws, "stock", "id", f"product#{products['lamp']}")["available"] == 8

    def test_many_orders_at_the_same_time_never_take_more_than_there_is(self, aws, key, products):
        reserved: list[str] = []

        def work(number: int) -> None:
            asked = self.asked(f"{key}-{number}", products, lamp=1)
            reservation = partial(reserve_stock, asked, stock())
            while True:
                try:
                    reservation()
                    reserved.append(f"{key}-{number}")
                except OvertakenError:
                    continue
                except domain.OutOfStock:
                    pass
                return

        run_together([partial(work, number) for number in range(14)])

        assert len(reserved) == 10
        assert self.available(aws, products) == (0, 3)
        assert all(stock().load(order_id) for order_id in reserved)
