"""Services that work together over the bus alone, on the embedded AWS."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pulumi
import pytest

from components.bus import Bus
from components.platform import Platform, physical_name
from components.services.inventory import Inventory
from components.services.orders import Orders
from components.services.payments import Payments
from events.catalogue import OrderCreated
from local.cloud import Cloud
from local.emulator import Emulator
from local.program import run
from ops import products
from ops.products import Product
from ops.stack import Stack
from tests.embedded.conftest import eventually
from tests.handlers.given import created, sent
from tests.programs import PLATFORM

pytestmark = pytest.mark.embedded

EMBEDDED: Platform = {
    **PLATFORM,
    "prefix": "mesh-test",
    "region": "us-east-1",
    "account": "000000000000",
}
IN_STOCK = {f"thing-{number}": number for number in range(8)}


def _program() -> None:
    bus = Bus("bus", {"platform": EMBEDDED, "archive_days": 1})
    orders, inventory = Orders(EMBEDDED, bus, "orchestrated"), Inventory(EMBEDDED, bus)
    payments = Payments(EMBEDDED, bus, 1.0)
    pulumi.export("eventBusName", bus.bus_name)
    pulumi.export("productsTableName", orders.products.table_name)
    pulumi.export("inventoryTableName", inventory.table.table_name)
    pulumi.export("availability", orders.availability.function_name)
    inventory.task("reserve-stock", "reserve")
    pulumi.export("reserve", physical_name(EMBEDDED, "reserve-stock"))
    payments.task("charge-card", "charge")
    pulumi.export("charge", physical_name(EMBEDDED, "charge-card"))
    pulumi.export("paymentsTableName", payments.table.table_name)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Orders and inventory on an embedded AWS that enforces what their functions may do."""
    with Emulator() as emulator:
        emulator.configure(deliver_twice=True)
        program = run(_program, stack="test", config={}, cloud=Cloud(emulator.client))
        stack = Stack(program.outputs, "us-east-1", emulator.endpoint)
        products.put(
            stack,
            [
                Product(product_id=name, name=name, price="1.00", available=available)
                for name, available in IN_STOCK.items()
            ],
        )
        yield stack


def availability(
    stack: Stack, product: str, quantity: int = 1, correlation_id: str = "corr-1"
) -> tuple[int, dict[str, Any]]:
    """Status and body with which the function answers a request of API Gateway."""
    request = {
        "httpMethod": "GET",
        "path": f"/products/{product}/availability",
        "queryStringParameters": {"quantity": str(quantity)},
        "headers": {"X-Correlation-Id": correlation_id},
        "requestContext": {"requestId": str(uuid.uuid4())},
        "body": None,
    }
    answered = stack.client("lambda").invoke(
        FunctionName=stack.output("availability"), Payload=json.dumps(request)
    )
    answer = json.loads(answered["Payload"].read())
    return answer["statusCode"], json.loads(answer["body"])


@contextmanager
def nobody_answering(stack: Stack) -> Iterator[None]:
    """Inventory's queue is not worked on, as when its function is broken."""
    function = physical_name(EMBEDDED, "answer-check")
    aws = stack.client("lambda")
    [mapping] = aws.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    aws.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        aws.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@pytest.mark.parametrize(
    ("product", "quantity", "available"),
    [("thing-5", 5, True), ("thing-5", 6, False), ("thing-0", 1, False)],
)
def test_inventory_answers_what_orders_asks(stack, product, quantity, available):
    assert availability(stack, product, quantity) == (
        200,
        {"available": available, "quantity": IN_STOCK[product]},
    )


def test_callers_at_the_same_time_get_their_own_answers_even_under_one_correlation_id(stack):
    asked = [*IN_STOCK] * 3

    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda product: availability(stack, product), asked))

    assert answers == [
        (200, {"available": IN_STOCK[product] >= 1, "quantity": IN_STOCK[product]})
        for product in asked
    ]


def test_a_caller_waits_five_seconds_for_inventory_and_no_longer(stack):
    with nobody_answering(stack):
        started = time.monotonic()
        status, body = availability(stack, "thing-1")
        waited = time.monotonic() - started

    assert (status, body["title"]) == (504, "Gateway Timeout")
    assert body["detail"] == "inventory did not answer within 5 s; ask again later"
    assert 5 <= waited < 9
    # What was held up is answered to nobody; the next question is.
    assert eventually(lambda: availability(stack, "thing-1")[0] == 200)


def test_a_product_that_is_not_for_sale_is_not_found(stack):
    status, body = availability(stack, "nothing")

    assert (status, body["detail"]) == (404, "there is no product 'nothing'")


def reserve(stack: Stack, product: str, quantity: int) -> dict[str, Any]:
    """What the saga's first task answers, or the error that it reports."""
    return task(stack, "reserve", created(str(uuid.uuid4()), quantities={product: quantity}))


def task(stack: Stack, function: str, order: OrderCreated) -> dict[str, Any]:
    """What a task of the saga answers about an order, or the error that it reports."""
    saga = {"execution": "exec-1", "step": "Step"}
    answered = stack.client("lambda").invoke(
        FunctionName=stack.output(function),
        Payload=json.dumps({"event": sent(order), "saga": saga}),
    )
    return json.loads(answered["Payload"].read())


def told_of(stack: Stack, product: str) -> Counter[str]:
    """How often each type of event was told of one product alone."""
    pages = stack.client("dynamodb").get_paginator("scan")
    items = [
        item
        for page in pages.paginate(TableName=stack.output("inventoryTableName"))
        for item in page["Items"]
        if item.get("aggregate") == {"S": product}
    ]
    return Counter(json.loads(item["event"]["S"])["type"] for item in items)


def test_what_runs_low_is_restocked_once_although_it_is_told_twice(stack):
    bulb = Product(
        product_id=f"bulb-{uuid.uuid4()}",
        name="Bulb",
        price="1.00",
        available=12,
        reorder_point=10,
        reorder_quantity=50,
    )
    products.put(stack, [bulb])

    for quantity in (2, 3, 1):
        assert reserve(stack, bulb.product_id, quantity)["status"] == "RESERVED"

    restocked = {"inventory.low": 1, "inventory.restocked": 1}
    eventually(lambda: told_of(stack, bulb.product_id) == restocked, 60)
    assert availability(stack, bulb.product_id) == (200, {"available": True, "quantity": 56})

    # Below the point again, after the restock: told again, and again once.
    reserve(stack, bulb.product_id, 50)
    eventually(
        lambda: availability(stack, bulb.product_id)[1] == {"available": True, "quantity": 56}, 60
    )
    assert told_of(stack, bulb.product_id) == {"inventory.low": 2, "inventory.restocked": 2}


def test_what_is_not_reordered_stays_as_low_as_it_is(stack):
    rare = Product(
        product_id=f"rare-{uuid.uuid4()}", name="Rare", price="1.00", available=5, reorder_point=4
    )
    products.put(stack, [rare])

    reserve(stack, rare.product_id, 3)
    eventually(lambda: told_of(stack, rare.product_id) == {"inventory.low": 1}, 60)

    assert reserve(stack, rare.product_id, 3)["errorType"] == "OutOfStock"
    assert availability(stack, rare.product_id) == (200, {"available": True, "quantity": 2})
    assert told_of(stack, rare.product_id) == {"inventory.low": 1}


def charge(stack: Stack, card: str) -> str:
    """How a new order's charge ends: its status, or the class of its error."""
    answer = task(stack, "charge", created(str(uuid.uuid4()), card=card))
    return answer.get("status") or answer["errorType"]


def cool_down(stack: Stack) -> None:
    """Let the breaker's time be over."""
    stack.client("dynamodb").update_item(
        TableName=stack.output("paymentsTableName"),
        Key={"orderId": {"S": "breaker#gateway"}},
        UpdateExpression="SET openUntil = :past",
        ConditionExpression="openUntil > :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


def test_a_gateway_that_is_down_is_left_alone_by_all_instances_until_a_probe_finds_it_up(stack):
    assert charge(stack, "tok_approved") == "CHARGED"
    # Cards that fail by themselves open nothing.
    assert {charge(stack, "tok_error") for _ in range(6)} == {"GatewayError"}

    # Calls at the same time are those of several processes, which share only the table.
    with ThreadPoolExecutor(4) as pool:
        failed = Counter(pool.map(lambda _: charge(stack, "tok_gateway_down"), range(12)))
        refused = Counter(pool.map(lambda _: charge(stack, "tok_approved"), range(8)))

    assert set(failed) == {"GatewayDownError", "CircuitOpenError"}
    assert failed["GatewayDownError"] >= 5
    assert refused == {"CircuitOpenError": 8}

    cool_down(stack)
    assert charge(stack, "tok_gateway_down") == "GatewayDownError"
    assert charge(stack, "tok_approved") == "CircuitOpenError"

    cool_down(stack)
    assert [charge(stack, "tok_approved") for _ in range(2)] == ["CHARGED", "CHARGED"]
