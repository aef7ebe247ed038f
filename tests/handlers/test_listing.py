"""A customer's orders come page by page, newest first."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.orders import listing
from handlers.orders.listing import InvalidQueryError, Page
from handlers.orders.order import Status
from handlers.orders.store import Position
from tests.handlers.given import CUSTOMER, order
from tests.handlers.memory import MemoryOrders


@pytest.fixture
def orders() -> MemoryOrders:
    found = MemoryOrders()
    for number in range(5):
        found.rows[f"order-{number}"] = order(
            f"order-{number}",
            status=Status.CONFIRMED if number % 2 else Status.PLACED,
            created_at=f"2026-01-0{number + 1}T00:00:00.000Z",
        )
    return found


def ids(page) -> list[str]:
    return [each["orderId"] for each in page["orders"]]


def test_a_query_says_nothing_unless_it_wants_to():
    assert listing.read({}) == Page(status=None, limit=20, after=None)


def test_pages_follow_each_other_until_there_are_no_more(orders):
    first = listing.page(orders, CUSTOMER, listing.read({"limit": "2"}))
    second = listing.page(orders, CUSTOMER, listing.read({"limit": "2", "cursor": first["cursor"]}))
    third = listing.page(orders, CUSTOMER, listing.read({"limit": "2", "cursor": second["cursor"]}))

    assert [ids(first), ids(second), ids(third)] == [
        ["order-4", "order-3"],
        ["order-2", "order-1"],
        ["order-0"],
    ]
    assert "cursor" not in third


def test_the_next_page_begins_after_the_last_order_of_a_page_of_any_length(orders):
    page = listing.page(orders, CUSTOMER, listing.read({"limit": "4"}))
    rest = listing.page(orders, CUSTOMER, listing.read({"limit": "4", "cursor": page["cursor"]}))

    assert ids(rest) == ["order-0"]


def test_a_page_that_holds_the_last_order_has_no_cursor(orders):
    assert "cursor" not in listing.page(orders, CUSTOMER, listing.read({"limit": "5"}))


def test_pages_can_be_of_one_status(orders):
    page = listing.page(orders, CUSTOMER, listing.read({"status": "CONFIRMED"}))

    assert ids(page) == ["order-3", "order-1"]


@pytest.mark.parametrize("text", ["0", "-1", "101", "1.5", "ten", "", "007", "²", " 5", "9" * 5000])
def test_a_limit_is_a_number_in_bounds(text):
    with pytest.raises(InvalidQueryError) as refusal:
        listing.read({"limit": text})
    assert refusal.value.wrong == {"limit": "must be a whole number from 1 to 100"}


@pytest.mark.parametrize("text", ["1", "100"])
def test_a_limit_may_be_at_its_bounds(text):
    assert listing.read({"limit": text}).limit == int(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "!!!!",
        "é",
        base64.urlsafe_b64encode(b"[1, 2]").decode(),
        base64.urlsafe_b64encode(b'{"created_at": "x"}').decode(),
        base64.urlsafe_b64encode(b"\xff").decode(),
        base64.urlsafe_b64encode(b'{"created_at": "", "order_id": "x"}').decode(),
        base64.urlsafe_b64encode(b'{"created_at": "x", "order_id": ""}').decode(),
        base64.urlsafe_b64encode(b'{"created_at": "x", "order_id": "%s"}' % (b"x" * 129)).decode(),
    ],
)
def test_a_cursor_is_one_of_ours(text):
    with pytest.raises(InvalidQueryError) as refusal:
        listing.read({"cursor": text})
    assert refusal.value.wrong == {"cursor": "must be the cursor of an earlier answer"}


def test_a_cursor_is_the_place_after_an_order():
    shown = order("order-7")

    text = listing.cursor(shown)

    assert text.replace("-", "").replace("_", "").isalnum()
    assert listing.read({"cursor": text}).after == Position(shown.created_at, "order-7")


@given(st.text(min_size=1, max_size=128))
def test_every_cursor_can_be_read_again_and_nothing_may_be_added(order_id):
    text = listing.cursor(order(order_id))

    after = listing.read({"cursor": text}).after
    assert after is not None
    assert after.order_id == order_id
    with pytest.raises(InvalidQueryError):
        listing.read({"cursor": f"{text}!!!!"})


def test_everything_that_is_wrong_with_a_query_is_said_at_once():
    with pytest.raises(InvalidQueryError) as refusal:
        listing.read({"status": "DONE", "limit": "0", "cursor": "?", "sort": "asc"})

    assert list(refusal.value.wrong) == ["status", "limit", "cursor", "sort"]
    assert refusal.value.wrong["status"] == (
        "must be one of PLACED, CONFIRMED, SHIPPED, FULFILLED, CANCELLED, PARKED"
    )
    assert refusal.value.wrong["sort"] == "is unknown; the parameters are status, limit, cursor"


def test_a_customer_sees_the_order_and_not_our_notes():
    assert listing.view(order(withdrawn="Failed")) == {
        "orderId": "order-1",
        "customerId": CUSTOMER,
        "status": "PLACED",
        "items": [{"productId": "lamp", "quantity": 2, "price": "10.00"}],
        "total": "20.00",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
    }


def test_a_cancelled_order_says_why():
    assert (
        listing.view(order(status=Status.CANCELLED, withdrawn="OutOfStock"))["reason"]
        == "OutOfStock"
    )
