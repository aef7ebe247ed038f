"""Consumers of queues: each message on its own, and what cannot be read is set aside."""

import json
import os
import urllib.request
import uuid
from typing import Any

import pytest
from msgspec.structs import replace

from events.catalogue import OrderCancelled, OrderConfirmed, OrderFulfilled, OrderShipped
from handlers.notifications import notify
from handlers.orders import track
from handlers.orders.order import Status
from handlers.orders.store import orders
from handlers.shipping import deliver
from handlers.shipping.domain import Status as ShipmentStatus
from handlers.shipping.store import shipments
from handlers.shipping.tasks import ship
from handlers.table import from_item
from tests.handlers.conftest import Queue, make_queue, received
from tests.handlers.given import METADATA, Context, created, message, order, sent

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def order_id() -> str:
    """An order that no other test uses."""
    return str(uuid.uuid4())


def confirmed(order_id: str) -> None:
    orders().save(order_id, order(order_id, version=0, status=Status.CONFIRMED, confirmed=True), ())


def shipped(order_id: str) -> OrderShipped:
    return OrderShipped(order_id=order_id, customer_id="customer-1", shipment_id="shp-1", lines=())


def fulfilled(order_id: str) -> OrderFulfilled:
    return OrderFulfilled(order_id=order_id, customer_id="customer-1", shipment_id="shp-1")


def failures(answer: dict[str, Any]) -> list[str]:
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def set_aside(aws, text: str) -> dict[str, str]:
    """The attributes of a message in the dead-letter queue."""
    dead = Queue(os.environ["DEAD_LETTER_QUEUE_URL"], "")
    messages = received(aws, dead, lambda found: any(each["Body"] == text for each in found))
    [attributes] = [each["MessageAttributes"] for each in messages if each["Body"] == text]
    assert {value["DataType"] for value in attributes.values()} == {"String"}
    return {name: value["StringValue"] for name, value in attributes.items()}


def outbox(aws, table: str, order_id: str) -> list[dict[str, Any]]:
    pages = aws("dynamodb").get_paginator("scan").paginate(TableName=table)
    items = [from_item(item) for page in pages for item in page["Items"]]
    return [json.loads(item["event"]) for item in items if item.get("aggregate") == order_id]


class TestTracking:
    """orders: order.shipped and order.fulfilled"""

    def test_an_order_follows_its_parcel(self, order_id):
        confirmed(order_id)

        for event, status in (
            (shipped(order_id), Status.SHIPPED),
            (fulfilled(order_id), Status.FULFILLED),
        ):
            answer = track.handler({"Records": [message(sent(event))]}, Context())
            assert failures(answer) == []
            found = orders().load(order_id)
            assert found is not None
            assert found.status is status

    def test_news_that_come_late_or_twice_change_nothing(self, order_id):
        confirmed(order_id)
        news = [fulfilled(order_id), shipped(order_id), fulfilled(order_id)]

        for event in news:
            track.handler({"Records": [message(sent(event))]}, Context())

        found = orders().load(order_id)
        assert found is not None
        assert (found.status, found.version) == (Status.FULFILLED, 2)

    def test_only_the_message_that_failed_comes_back(self, order_id, logged):
        confirmed(order_id)
        unknown = str(uuid.uuid4())
        batch = [
            message(sent(shipped(unknown)), "message-1"),
            message(sent(shipped(order_id)), "message-2"),
        ]

        answer = track.handler({"Records": batch}, Context())

        assert failures(answer) == ["message-1"]
        found = orders().load(order_id)
        assert found is not None
        assert found.status is Status.SHIPPED
        # There is no such message in the queue, so it cannot be put off either.
        line, _ = logged()
        assert (line["level"], line["order_id"], line["event"]) == (
            "ERROR",
            unknown,
            "order.shipped",
        )
        assert line["correlation_id"] == "corr-1"
        assert "UnknownOrderError" in line["exception"]

    @pytest.mark.parametrize(
        ("fault", "delivered", "fails"),
        [
            ("error-before:once", {}, True),
            ("error-before:once", {"receives": 2}, False),
            ("error-before:until-resumed", {"receives": 5}, True),
            ("error-before:until-resumed", {"redriven": True}, False),
        ],
    )
    def test_a_consumer_fails_as_its_event_asks_for_by_its_name(
        self, order_id, monkeypatch, fault, delivered, fails
    ):
        monkeypatch.setenv("FAULT_INJECTION", "true")
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "track")
        confirmed(order_id)
        asked = replace(METADATA, faults={"track": fault, "other": "crash-before:always"})

        answer = track.handler(
            {"Records": [message(sent(shipped(order_id), asked), **delivered)]}, Context()
        )

        assert failures(answer) == (["message-1"] if fails else [])

    def test_a_batch_of_which_everything_failed_is_no_failure_of_the_function(self):
        batch = [message(sent(shipped(str(uuid.uuid4()))), f"message-{n}") for n in range(2)]

        assert failures(track.handler({"Records": batch}, Context())) == ["message-0", "message-1"]

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ("no json {marker}", "the message is no JSON"),
            ('["{marker}", ' + "[" * 50_000, "the message is no JSON"),
            ('["{marker}"]', "it has no detail"),
            ('{{"detail": "{marker}"}}', "it has no detail"),
            ('{{"detail": {{"type": "order.created", "x": "{marker}"}}}}', "order.created"),
            ('{{"detail": {{"type": "order.shipped", "x": "{marker}"}}}}', "order.shipped"),
        ],
    )
    def test_what_cannot_be_read_is_set_aside_at_once_with_the_reason(
        self, aws, logged, body, says
    ):
        text = body.format(marker=uuid.uuid4())

        assert failures(track.handler({"Records": [message(text)]}, Context())) == []

        attributes = set_aside(aws, text)
        assert attributes["ERROR_CODE"] == "Unparsable"
        assert says in attributes["ERROR_MESSAGE"]
        assert logged()[0]["message"] == "unparsable message"

    def test_a_message_that_cannot_be_set_aside_comes_back(self, monkeypatch):
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "http://127.0.0.1:9/none")

        answer = track.handler({"Records": [message("no json")]}, Context())

        assert failures(answer) == ["message-1"]

    def test_one_that_cannot_be_read_does_not_keep_others_from_being_read(self, order_id):
        confirmed(order_id)
        batch = [message("no json", "message-1"), message(sent(shipped(order_id)), "message-2")]

        assert failures(track.handler({"Records": batch}, Context())) == []
        found = orders().load(order_id)
        assert found is not None
        assert found.status is Status.SHIPPED


class TestDelivering:
    """shipping: order.shipped"""

    def test_what_was_shipped_is_delivered_once(self, aws, order_id):
        payload = {
            "event": sent(created(order_id)),
            "saga": {"execution": "exec-1", "step": "ShipOrder"},
        }
        answer = ship(payload, Context())
        assert ship(payload, Context()) == answer
        [event] = outbox(aws, "shipments", order_id)
        assert (event["type"], event["data"]["shipmentId"]) == (
            "order.shipped",
            answer["shipmentId"],
        )

        for _ in range(2):
            assert failures(deliver.handler({"Records": [message(event)]}, Context())) == []

        found = shipments().load(order_id)
        assert found is not None
        assert found.status is ShipmentStatus.DELIVERED
        told = outbox(aws, "shipments", order_id)
        assert sorted(each["type"] for each in told) == ["order.fulfilled", "order.shipped"]
        [last] = [each for each in told if each["type"] == "order.fulfilled"]
        assert last["metadata"]["causationId"] == event["id"]
        assert last["data"]["email"] == "customer-1@example.com"

    def test_what_was_never_shipped_comes_back(self, order_id):
        assert failures(deliver.handler({"Records": [message(sent(shipped(order_id)))]}, Context()))


class TestNotifying:
    """notifications: what customers are told about"""

    def mails(self, aws, order_id: str) -> list[dict[str, Any]]:
        """Everything that was mailed about an order."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        endpoint = aws("ses").meta.endpoint_url
        with opener.open(f"{endpoint}/_ministack/ses/messages", timeout=10) as response:
            accounts = json.load(response)["messages"]
        return [
            mail for mails in accounts.values() for mail in mails if order_id in mail["Subject"]
        ]

    def test_a_customer_with_an_address_gets_one_mail(self, aws, order_id):
        address = f"{order_id}@example.com"
        event = OrderConfirmed(
            order_id=order_id, customer_id="customer-1", email=address, total="20.00"
        )
        told = message(sent(event))

        for _ in range(2):
            assert failures(notify.handler({"Records": [told]}, Context())) == []

        [mail] = self.mails(aws, order_id)
        assert (mail["Source"], mail["To"]) == ("shop@example.com", [address])
        assert mail["Subject"] == f"Your order {order_id} is confirmed"
        assert "We charged 20.00 USD" in mail["BodyText"]
        [sent_notice] = outbox(aws, "notifications", order_id)
        assert sent_notice["data"]["template"] == "order-confirmed"

    def test_subscribers_of_the_topic_hear_of_it_too(self, aws, order_id):
        queue = make_queue(aws, f"heard-{order_id}")
        topic = os.environ["TOPIC_ARN"]
        aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
        event = OrderCancelled(
            order_id=order_id, customer_id="customer-1", total="20.00", reason="OutOfStock"
        )

        notify.handler({"Records": [message(sent(event))]}, Context())

        [heard] = [json.loads(each["Body"]) for each in received(aws, queue, bool)]
        assert heard["Subject"] == f"Your order {order_id} was cancelled"
        assert "in stock" in heard["Message"]
        assert heard["MessageAttributes"]["event"]["Value"] == "order.cancelled"
        assert heard["MessageAttributes"]["template"]["Value"] == "order-cancelled-OutOfStock"

    def test_a_customer_without_an_address_gets_no_mail(self, aws, order_id):
        event = OrderConfirmed(order_id=order_id, customer_id="customer-1", total="20.00")

        notify.handler({"Records": [message(sent(event))]}, Context())

        assert self.mails(aws, order_id) == []
        assert len(outbox(aws, "notifications", order_id)) == 1
