"""What the tests of the handlers share, among it an embedded AWS with the tables that they need."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from handlers import rows
from handlers.clients import client
from handlers.logs import logger
from local.emulator import KEY, Emulator
from local.launcher import REGION

HASH_KEYS = {
    "orders": "orderId",
    "products": "productId",
    "stock": "id",
    "payments": "orderId",
    "shipments": "orderId",
    "notifications": "id",
}
PRODUCTS = {"lamp": "29.99", "chair": "49.99", "gold": "999999999.99"}


@pytest.fixture(scope="session", autouse=True)
def no_pauses() -> Iterator[None]:
    """Decisions that were overtaken are made anew at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "PAUSE_SECONDS", 0.0)
        yield


@pytest.fixture
def logged(monkeypatch) -> Callable[[], list[dict[str, Any]]]:
    """Asks for what the test has logged so far."""
    stream = io.StringIO()
    monkeypatch.setattr(logger().registered_handler, "stream", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture(scope="session")
def aws() -> Iterator[Callable[[str], Any]]:
    """An embedded AWS with every table, whose addresses are in the environment, as Lambda's would be.

    Its tables are shared: each test has orders and products of its own.
    """
    with Emulator() as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(emulator.endpoint).items():
            patch.setenv(name, value)
        client.cache_clear()
        _make_tables(client("dynamodb"))
        patch.setenv("DEAD_LETTER_QUEUE_URL", make_queue(emulator.client, "dead").url)
        patch.setenv("QUEUE_URL", make_queue(emulator.client, "source").url)
        patch.setenv("TOPIC_ARN", client("sns").create_topic(Name="topic")["TopicArn"])
        client("ses").verify_email_identity(EmailAddress="shop@example.com")
        client("events").create_event_bus(Name="bus")
        yield emulator.client
        client.cache_clear()


def _environment(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "NO_PROXY": "127.0.0.1",
        "PAYMENT_SUCCESS_RATE": "0.9",
        "SENDER_EMAIL": "shop@example.com",
        "BUS_NAME": "bus",
        "COORDINATION": "orchestrated",
        **{f"{name.upper()}_TABLE": name for name in HASH_KEYS},
    }


def _make_tables(dynamodb: Any) -> None:
    for name, key in HASH_KEYS.items():
        index: dict[str, Any] = {}
        attributes = [key]
        if name == "orders":
            attributes += ["customerId", "createdAt"]
            index["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": "byCustomer",
                    "KeySchema": [
                        {"AttributeName": "customerId", "KeyType": "HASH"},
                        {"AttributeName": "createdAt", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ]
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes
            ],
            BillingMode="PAY_PER_REQUEST",
            **index,
        )
    for product, price in PRODUCTS.items():
        item = {"productId": {"S": product}, "price": {"S": price}, "name": {"S": product}}
        dynamodb.put_item(TableName="products", Item=item)


class Queue(NamedTuple):
    """A queue that anyone may send to."""

    url: str
    arn: str


def make_queue(aws: Callable[[str], Any], name: str) -> Queue:
    """A new queue."""
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [anyone]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return Queue(url, arn)


def received(
    aws: Callable[[str], Any], queue: Queue, enough: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """Messages of a queue, until there are enough; fails when nothing more comes."""
    found: list[dict[str, Any]] = []
    while not enough(found):
        answer = aws("sqs").receive_message(
            QueueUrl=queue.url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=10,
            MessageAttributeNames=["All"],
        )
        assert "Messages" in answer, f"only {found} came"
        found += answer["Messages"]
    return found
