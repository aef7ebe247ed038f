"""The orders table, and the catalogue's prices."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from msgspec.structs import replace

from events.catalogue import Id
from events.envelope import Envelope, utc_now
from handlers.clients import client
from handlers.orders.order import Order, Status
from handlers.rows import Rows
from handlers.table import Table, from_item, to_item

BY_CUSTOMER = "byCustomer"
"""Index of orders by customer, newest last."""


@dataclass(frozen=True)
class Position:
    """Where in a customer's orders a page ended; DynamoDB takes no key that is empty or very long."""

    created_at: Id
    order_id: Id


class Orders(Rows[Order], Protocol):
    """All orders."""

    def of_customer(
        self, customer_id: str, *, status: Status | None, limit: int, after: Position | None
    ) -> list[Order]:
        """A customer's orders, newest first: at most `limit` of them, older than `after`."""
        ...


class Catalogue(Protocol):
    """What is for sale."""

    def prices(self, products: Collection[str]) -> dict[str, Decimal]:
        """The prices of those products that there are."""
        ...


class OrdersTable(Table[Order]):
    """Orders in DynamoDB."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "orderId", Order)

    def save(self, key: str, row: Order, outbox: Sequence[Envelope[Any]]) -> None:
        """Write the order, stamped with the time, and its outbox, or neither."""
        super().save(key, replace(row, updated_at=utc_now()), outbox)

    def of_customer(
        self, customer_id: str, *, status: Status | None, limit: int, after: Position | None
    ) -> list[Order]:
        """A customer's orders, newest first: at most `limit` of them, older than `after`."""
        query: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": BY_CUSTOMER,
            "KeyConditionExpression": "customerId = :customer",
            "ExpressionAttributeValues": {":customer": {"S": customer_id}},
            "ScanIndexForward": False,
        }
        if status:
            query["FilterExpression"] = "#status = :status"
            query["ExpressionAttributeNames"] = {"#status": "status"}
            query["ExpressionAttributeValues"][":status"] = {"S": status}
        else:
            query["Limit"] = limit
        if after:
            query["ExclusiveStartKey"] = to_item(
                {
                    "customerId": customer_id,
                    "createdAt": after.created_at,
                    "orderId": after.order_id,
                }
            )
        found: list[Order] = []
        for page in client("dynamodb").get_paginator("query").paginate(**query):
            found.extend(map(self.read, page["Items"]))
            if len(found) >= limit:
                break
        return found[:limit]


class ProductsTable:
    """The catalogue in DynamoDB."""

    def __init__(self, name: str) -> None:
        self._name = name

    def prices(self, products: Collection[str]) -> dict[str, Decimal]:
        """The prices of those products that there are."""
        keys = [{"productId": {"S": product}} for product in products]
        asked = (
            {self._name: {"Keys": keys, "ProjectionExpression": "productId, price"}} if keys else {}
        )
        found: dict[str, Decimal] = {}
        while asked:
            answer = client("dynamodb").batch_get_item(RequestItems=asked)
            for item in map(from_item, answer["Responses"][self._name]):
                found[item["productId"]] = Decimal(item["price"])
            asked = answer["UnprocessedKeys"]
        return found


@cache
def orders() -> OrdersTable:
    """The table that the environment names."""
    return OrdersTable(os.environ["ORDERS_TABLE"])


@cache
def catalogue() -> ProductsTable:
    """The catalogue that the environment names."""
    return ProductsTable(os.environ["PRODUCTS_TABLE"])
