"""The API keeps its contract, and every error is a problem of RFC 9457."""

import base64
import json
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urljoin

import pytest

from events.envelope import Envelope
from handlers.clients import client
from handlers.orders import api
from handlers.orders.order import Order, Status
from handlers.orders.store import OrdersTable, catalogue, orders
from handlers.orders.tasks import confirm_order
from handlers.reading import InvalidRequestError
from handlers.table import from_item
from tests.handlers.asking import Answer, ask
from tests.handlers.given import Context, call, created, order

pytestmark = pytest.mark.usefixtures("aws")

ORDER = {
    "customerId": "customer-1",
    "items": [{"productId": "lamp", "quantity": 2}],
    "card": "tok_approved",
}


request = partial(ask, api.handler)


def place(body: object = None, key: str | None = None, **headers: str) -> Answer:
    if key:
        headers["Idempotency-Key"] = key
    return request("POST", "/orders", ORDER if body is None else body, headers=headers)


def stored(order_id: str) -> Order:
    found = orders().load(order_id)
    assert found is not None
    return found


def told(order_id: str) -> list[dict[str, Any]]:
    """The events about an order that are in its table's outbox."""
    pages = client("dynamodb").get_paginator("scan").paginate(TableName="orders")
    items = [from_item(item) for page in pages for item in page["Items"]]
    return [json.loads(item["event"]) for item in items if item.get("aggregate") == order_id]


def fields(answer: Answer) -> set[str]:
    return {error["field"] for error in answer.body["errors"]}


class TestPlacing:
    """POST /orders"""

    def test_an_order_is_accepted_with_its_total_and_its_place(self):
        answer = place()

        assert answer.status == 202
        order_id = answer.body["orderId"]
        assert answer.body == {
            "orderId": str(uuid.UUID(order_id)),
            "status": "PLACED",
            "total": "59.98",
            "correlationId": str(uuid.UUID(answer.body["correlationId"])),
        }
        place_of_it = urljoin("https://api.example.com/v1/orders", answer.headers["Location"])
        assert place_of_it == f"https://api.example.com/v1/orders/{order_id}"
        assert answer.headers["Content-Type"] == "application/json"

    def test_an_accepted_order_is_told_with_all_that_the_saga_needs(self):
        answer = place(ORDER | {"email": "me@example.com"}, **{"X-Correlation-Id": "corr-7"})

        [event] = told(answer.body["orderId"])
        assert event["type"] == "order.created"
        assert event["data"] == {
            "orderId": answer.body["orderId"],
            "customerId": "customer-1",
            "email": "me@example.com",
            "items": [{"productId": "lamp", "quantity": 2, "price": "29.99"}],
            "total": "59.98",
            "card": "tok_approved",
        }
        assert event["metadata"] == {
            "correlationId": "corr-7",
            "causationId": "request-1",
            "userId": "customer-1",
        }

    def test_the_card_is_not_kept_with_the_order(self):
        answer = place(ORDER | {"card": "tok_secret"})

        found = client("dynamodb").get_item(
            TableName="orders", Key={"orderId": {"S": answer.body["orderId"]}}
        )
        assert "tok_secret" not in json.dumps(found["Item"])

    @pytest.mark.parametrize("given", ["", "a b", "x" * 129, "{}"])
    def test_a_correlation_id_that_makes_no_sense_is_replaced(self, given):
        answer = place(**{"X-Correlation-Id": given})

        assert answer.body["correlationId"] == str(uuid.UUID(answer.body["correlationId"]))

    def test_headers_are_found_whatever_their_case(self):
        answer = place(**{"x-correlation-id": "corr-8"})

        assert answer.body["correlationId"] == "corr-8"

    def test_amounts_may_be_numbers_or_text(self):
        for price, total in ((29.99, 59.98), ("29.99", "59.98")):
            line = {"productId": "lamp", "quantity": 2, "price": price}
            assert place(ORDER | {"items": [line], "totalAmount": total}).status == 202

    def test_a_number_is_read_as_it_was_written(self):
        text = json.dumps(ORDER)[:-1] + ', "totalAmount": 59.980000000000000000001}'

        answer = place(text)

        assert answer.status == 422
        assert "59.980000000000000000001" in answer.body["errors"][0]["detail"]

    def test_everything_that_is_wrong_is_answered_at_once(self):
        line = {"productId": "none", "quantity": 0, "price": "1.00"}
        answer = place({"items": [line], "card": "tok_approved", "extra": 1})

        assert answer.status == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert {name: answer.body[name] for name in ("type", "title", "status", "instance")} == {
            "type": "about:blank",
            "title": "Unprocessable Entity",
            "status": 422,
            "instance": "/orders",
        }
        assert answer.body["detail"]
        assert fields(answer) == {
            "/customerId",
            "/items/0/productId",
            "/items/0/quantity",
            "/extra",
        }
        assert all(set(error) == {"field", "detail"} for error in answer.body["errors"])

    def test_a_wrong_price_and_total_are_named_with_what_is_right(self):
        line = {"productId": "lamp", "quantity": 2, "price": "1.00"}
        answer = place(ORDER | {"items": [line], "totalAmount": "2.00"})

        assert answer.status == 422
        assert answer.body["errors"] == [
            {"field": "/items/0/price", "detail": "is 1.00; 'lamp' costs 29.99"},
            {"field": "/totalAmount", "detail": "is 2.00; the items cost 59.98"},
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "{'a': 1}",
            '{"a": NaN}',
            '{"a": Infinity}',
            "[" * 100_000,
            "9" * 5000,
            "1e-9999999999999999999",
        ],
    )
    def test_a_body_that_is_no_json_is_a_bad_request(self, text):
        answer = request("POST", "/orders", text)

        assert (answer.status, answer.body["title"]) == (400, "Bad Request")
        assert answer.body["detail"] == "the body must be JSON (RFC 8259) in UTF-8"

    def test_a_missing_body_is_a_bad_request(self):
        assert request("POST", "/orders").status == 400

    def test_a_body_may_be_encoded_for_the_way(self):
        text = base64.b64encode(json.dumps(ORDER).encode()).decode()

        assert request("POST", "/orders", text, isBase64Encoded=True).status == 202

    def test_bytes_that_are_no_text_are_a_bad_request(self):
        text = base64.b64encode(b"\xff\xfe").decode()

        assert request("POST", "/orders", text, isBase64Encoded=True).status == 400

    def test_faults_travel_with_the_order_where_they_may_be_provoked(self, monkeypatch):
        monkeypatch.setenv("FAULT_INJECTION", "true")

        answer = place(ORDER | {"faults": {"ReserveStock": "crash-before:once"}})

        [event] = told(answer.body["orderId"])
        assert event["metadata"]["faults"] == {"ReserveStock": "crash-before:once"}

    def test_faults_are_refused_elsewhere(self):
        assert fields(place(ORDER | {"faults": {}})) == {"/faults"}


class TestIdempotency:
    """The header Idempotency-Key"""

    @pytest.fixture
    def key(self) -> str:
        return str(uuid.uuid4())

    def test_the_same_request_has_the_same_answer_and_is_placed_once(self, key):
        first, second = place(key=key), place(key=key)

        assert (second.status, second.body) == (202, first.body)
        assert second.headers["Location"] == first.headers["Location"]
        assert len(told(first.body["orderId"])) == 1

    def test_the_answer_stays_the_same_whatever_becomes_of_the_order(self, key):
        first = place(key=key)
        order_id = first.body["orderId"]
        confirm_order(call(created(order_id)), orders())
        assert stored(order_id).status is Status.CONFIRMED

        assert place(key=key).body == first.body

    def test_the_answer_stays_the_same_whatever_becomes_of_the_prices(self, aws, key):
        name = f"lamp-{key}"
        product = {"productId": {"S": name}, "price": {"S": "10.00"}}
        aws("dynamodb").put_item(TableName="products", Item=product)
        line = {"productId": name, "quantity": 1, "price": "10.00"}
        first = place(ORDER | {"items": [line]}, key)
        aws("dynamodb").put_item(TableName="products", Item=product | {"price": {"S": "11.00"}})

        assert place(ORDER | {"items": [line]}, key).body == first.body
        assert place(ORDER | {"items": [line]}).status == 422

    def test_another_request_under_the_same_key_is_refused(self, key):
        first = place(key=key)

        answer = place(ORDER | {"customerId": "customer-2"}, key)

        assert answer.status == 422
        assert answer.body["errors"] == [
            {"field": "Idempotency-Key", "detail": "came with another order before; take a new one"}
        ]
        assert stored(first.body["orderId"]).customer_id == "customer-1"

    def test_different_keys_are_different_orders(self, key):
        assert place(key=key).body["orderId"] != place(key=f"{key}-2").body["orderId"]

    def test_no_key_is_a_new_order_each_time(self):
        assert place().body["orderId"] != place().body["orderId"]

    @pytest.mark.parametrize("key", ["x" * 129, "tab\there", "ümlaut"])
    def test_a_key_that_makes_no_sense_is_one_of_the_wrong_fields(self, key):
        answer = place({"items": ORDER["items"], "card": "tok_approved"}, key)

        assert answer.status == 422
        assert fields(answer) == {"/customerId", "Idempotency-Key"}

    def test_an_empty_key_makes_no_sense_either(self):
        answer = place(**{"Idempotency-Key": ""})

        assert fields(answer) == {"Idempotency-Key"}

    def test_a_key_may_be_as_long_and_as_short_as_it_may(self, key):
        assert place(key=key.ljust(128, "x")).status == 202
        assert place(key="k").status == 202

    def test_who_comes_second_at_the_same_time_gets_the_same_answer(self, key):
        first: list[dict[str, str]] = []

        class Meanwhile(OrdersTable):
            """Another request with the same key is answered just before the first write."""

            def save(self, key: str, row: Order, outbox: Sequence[Envelope[Any]]) -> None:
                if not first:
                    first.append(place(key=idempotency_key).body)
                super().save(key, row, outbox)

        idempotency_key, origin = key, api.Origin("request-2", "corr-2", key)
        second = api.place(ORDER, origin, Meanwhile("orders"), catalogue())

        assert [second] == first
        assert len(told(second["orderId"])) == 1


class TestLookingUp:
    """GET /orders/{orderId}"""

    def test_an_order_is_shown_as_it_stands(self):
        order_id = place().body["orderId"]

        answer = request("GET", f"/orders/{order_id}")

        assert answer.status == 200
        assert answer.body["orderId"] == order_id
        assert (answer.body["status"], answer.body["total"]) == ("PLACED", "59.98")
        assert answer.body["createdAt"] <= answer.body["updatedAt"]

    @pytest.mark.parametrize(
        "order_id", ["3f0f4a5e-0a55-4b0e-9f6d-2a0d6a1c9b11", "order-1", "outbox%231", "x" * 200]
    )
    def test_an_unknown_order_is_not_found(self, order_id):
        answer = request("GET", f"/orders/{order_id}")

        assert (answer.status, answer.body["title"]) == (404, "Not Found")
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_what_else_is_in_the_table_is_no_order(self):
        order_id = place().body["orderId"]
        [event] = told(order_id)

        assert request("GET", f"/orders/outbox#{event['id']}").status == 404


class TestCancelling:
    """POST /orders/{orderId}/cancel"""

    def test_a_placed_order_is_withdrawn(self):
        order_id = place().body["orderId"]

        answer = request("POST", f"/orders/{order_id}/cancel")

        assert (answer.status, answer.body) == (202, {"orderId": order_id, "status": "PLACED"})
        assert stored(order_id).withdrawn == "ByCustomer"

    def test_cancelling_twice_is_the_same_as_once(self):
        order_id = place().body["orderId"]
        first = request("POST", f"/orders/{order_id}/cancel")

        second = request("POST", f"/orders/{order_id}/cancel")

        assert (second.status, second.body) == (first.status, first.body)

    def test_a_confirmed_order_cannot_be_cancelled(self):
        order_id = place().body["orderId"]
        confirm_order(call(created(order_id)), orders())

        answer = request("POST", f"/orders/{order_id}/cancel")

        assert (answer.status, answer.body["title"]) == (409, "Conflict")
        assert order_id in answer.body["detail"]
        assert stored(order_id).withdrawn is None

    def test_without_a_saga_cancelling_ends_the_order_and_tells_who_worked_for_it(
        self, monkeypatch
    ):
        monkeypatch.setenv("COORDINATION", "choreographed")
        order_id = place().body["orderId"]

        for _ in range(2):
            answer = request("POST", f"/orders/{order_id}/cancel")
            assert (answer.status, answer.body["status"]) == (202, "CANCELLED")

        assert stored(order_id).withdrawn == "ByCustomer"
        created_, cancelled = sorted(told(order_id), key=lambda event: event["type"], reverse=True)
        assert (created_["type"], cancelled["type"]) == ("order.created", "order.cancelled")
        assert cancelled["data"]["reason"] == "ByCustomer"
        for key in ("correlationId", "userId"):
            assert cancelled["metadata"][key] == created_["metadata"][key]

    def test_what_is_to_fail_for_an_order_fails_after_it_was_cancelled_too(self, monkeypatch):
        monkeypatch.setenv("COORDINATION", "choreographed")
        monkeypatch.setenv("FAULT_INJECTION", "true")
        faults = {"UndoChargeCard": "error-before:once"}
        order_id = place({**ORDER, "faults": faults}).body["orderId"]

        request("POST", f"/orders/{order_id}/cancel")

        assert [event["metadata"]["faults"] for event in told(order_id)] == [faults, faults]

    def test_without_a_saga_a_confirmed_order_cannot_be_cancelled_either(self, monkeypatch):
        monkeypatch.setenv("COORDINATION", "choreographed")
        order_id = place().body["orderId"]
        confirm_order(call(created(order_id)), orders())

        assert request("POST", f"/orders/{order_id}/cancel").status == 409
        assert stored(order_id).withdrawn is None

    def test_an_unknown_order_cannot_be_cancelled(self):
        assert request("POST", f"/orders/{uuid.uuid4()}/cancel").status == 404
        assert request("POST", "/orders/order-1/cancel").status == 404


class TestListing:
    """GET /customers/{customerId}/orders"""

    @pytest.fixture
    def customer(self) -> str:
        """A customer with five orders, of which the second and fourth are cancelled."""
        name = f"customer-{uuid.uuid4()}"
        for number in range(5):
            order_id = str(uuid.uuid4())
            placed = order(
                order_id,
                version=0,
                customer_id=name,
                created_at=f"2026-01-0{number + 1}T00:00:00.000Z",
                status=Status.CANCELLED if number % 2 else Status.PLACED,
                withdrawn="Failed" if number % 2 else None,
            )
            orders().save(order_id, placed, ())
        return name

    def days(self, answer: Answer) -> list[str]:
        return [each["createdAt"][8:10] for each in answer.body["orders"]]

    def test_a_customers_orders_come_newest_first(self, customer):
        answer = request("GET", f"/customers/{customer}/orders")

        assert answer.status == 200
        assert self.days(answer) == ["05", "04", "03", "02", "01"]
        assert "cursor" not in answer.body
        assert answer.body["orders"][1]["reason"] == "Failed"

    @pytest.mark.parametrize("status", [None, "PLACED"])
    def test_pages_follow_each_other(self, customer, status):
        query, days = {"limit": "2"} | ({"status": status} if status else {}), []
        while True:
            answer = request("GET", f"/customers/{customer}/orders", query=query)
            days.append(self.days(answer))
            if "cursor" not in answer.body:
                break
            query["cursor"] = answer.body["cursor"]

        assert days == ([["05", "03"], ["01"]] if status else [["05", "04"], ["03", "02"], ["01"]])

    def test_orders_of_one_status_can_be_asked_for(self, customer):
        query = {"status": "CANCELLED"}

        assert self.days(request("GET", f"/customers/{customer}/orders", query=query)) == [
            "04",
            "02",
        ]

    def test_a_customer_without_orders_has_none(self):
        answer = request("GET", "/customers/nobody/orders")

        assert (answer.status, answer.body) == (200, {"orders": []})

    def test_a_query_that_makes_no_sense_is_a_bad_request(self, customer):
        query = {"status": "DONE", "limit": "0", "cursor": "?", "sort": "x"}
        answer = request("GET", f"/customers/{customer}/orders", query=query)

        assert answer.status == 400
        assert fields(answer) == {"status", "limit", "cursor", "sort"}

    @pytest.mark.parametrize("customer_id", ["%20", "-", "a" * 129])
    def test_an_id_that_no_customer_can_have_is_a_bad_request(self, customer_id):
        answer = request("GET", f"/customers/{customer_id}/orders")

        assert (answer.status, fields(answer)) == (400, {"customerId"})

    def test_an_encoded_id_is_decoded(self):
        name = f"a+b@{uuid.uuid4()}"
        place(ORDER | {"customerId": name})

        answer = request("GET", f"/customers/{name.replace('@', '%40')}/orders")

        assert len(answer.body["orders"]) == 1


class TestEverythingElse:
    """Paths and methods that there are not, and what nobody expected"""

    def test_the_api_is_healthy(self):
        answer = request("GET", "/health")

        assert (answer.status, answer.body) == (200, {"status": "ok"})

    @pytest.mark.parametrize("path", ["/", "/order", "/orders/a/b", "/customers/c/orders/1"])
    def test_an_unknown_path_is_not_found(self, path):
        answer = request("GET", path)

        assert (answer.status, answer.body["instance"]) == (404, path)
        assert answer.headers["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", "/orders", "POST"),
            ("DELETE", "/orders/1", "GET"),
            ("GET", "/orders/1/cancel", "POST"),
            ("POST", "/customers/c/orders", "GET"),
            ("PUT", "/health", "GET"),
            ("PATCH", "/health", "GET"),
            ("OPTIONS", "/orders", "POST"),
            ("HEAD", "/health", "GET"),
        ],
    )
    def test_another_method_is_not_allowed(self, method, path, allowed):
        answer = request(method, path)

        assert (answer.status, answer.body["title"]) == (405, "Method Not Allowed")
        assert answer.headers["Allow"] == allowed

    def test_an_unexpected_error_tells_the_log_and_not_the_customer(self, monkeypatch, logged):
        catalogue.cache_clear()
        monkeypatch.setenv("PRODUCTS_TABLE", "no-such-table")
        try:
            answer = place()
        finally:
            catalogue.cache_clear()

        assert (answer.status, answer.body["title"]) == (500, "Internal Server Error")
        assert "no-such-table" not in answer.text
        assert "ResourceNotFound" not in answer.text
        [line] = logged()
        assert (line["message"], line["path"]) == ("request failed", "/orders")
        assert "ResourceNotFound" in line["exception"]


class TestDirectCall:
    """The function called with the order itself"""

    def test_an_order_is_placed_without_knowing_of_cards(self):
        given = {
            "customerId": "customer-1",
            "items": [{"productId": "lamp", "quantity": 2, "price": 29.99}],
            "totalAmount": 59.98,
        }

        answer = api.handler(given, Context())

        assert {**answer, "orderId": "", "correlationId": ""} == {
            "orderId": "",
            "status": "PLACED",
            "total": "59.98",
            "correlationId": "",
        }
        [event] = told(answer["orderId"])
        assert event["data"]["card"] == "tok_approved"
        assert event["metadata"]["causationId"] == "lambda-request-1"
        assert event["metadata"]["correlationId"] == answer["correlationId"]

    def test_a_card_that_is_given_is_charged(self):
        context = Context(request_id="lambda-request-2")

        answer = api.handler(ORDER | {"card": "tok_visa"}, context)

        assert told(answer["orderId"])[0]["data"]["card"] == "tok_visa"

    def test_a_call_that_lambda_repeats_places_one_order(self):
        context = Context(request_id="lambda-request-3")

        first, second = api.handler(ORDER, context), api.handler(ORDER, context)

        assert second == first
        assert len(told(first["orderId"])) == 1

    @pytest.mark.parametrize("event", [None, [], "text", 7])
    def test_what_is_no_order_at_all_is_named(self, event):
        with pytest.raises(InvalidRequestError, match="must be a JSON object"):
            api.handler(event, Context())

    def test_everything_that_is_wrong_is_said_at_once(self):
        with pytest.raises(InvalidRequestError) as refusal:
            api.handler({"items": [], "totalAmount": "x"}, Context())

        assert set(refusal.value.wrong) == {"/customerId", "/items", "/totalAmount"}
        assert "/customerId is required" in str(refusal.value)
