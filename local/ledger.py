"""The ledger check: after all orders have ended, stock, money, parcels and mails must add up."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ops import journal
from ops.products import Product
from ops.stack import Stack

FINAL = {"FULFILLED", "CANCELLED"}
OUTBOX, PRODUCT, RESERVATION, BOOKS = "outbox#", "product#", "reservation#", "gateway#"
RESTOCKING = "restocking#"

Item = dict[str, Any]


@dataclass(frozen=True)
class Ledger:
    """All that the services' tables say."""

    orders: Mapping[str, Item]
    stock: Mapping[str, int]
    """Product to what is available."""
    reservations: Mapping[str, Item]
    books: Mapping[str, Item]
    """Order to what the gateway charged and gave back."""
    shipments: Mapping[str, Item]
    events: Sequence[Item]
    """Every event that any service committed."""
    journal: Sequence[Item]
    """Every event that the journal has."""
    parked: int
    restocked: Mapping[str, Item] = field(default_factory=dict)
    """Event that told of a low product to what was delivered for it."""

    @classmethod
    def read(cls, stack: Stack) -> "Ledger":
        """Read every table of a stack, consistently."""
        orders = stack.items("ordersTableName")
        stock = stack.items("inventoryTableName")
        payments = stack.items("paymentsTableName")
        shipments = stack.items("shipmentsTableName")
        everything = [
            *orders,
            *stock,
            *payments,
            *shipments,
            *stack.items("notificationsTableName"),
            *stack.items("usersTableName"),
        ]
        return cls(
            orders=_by(orders, "orderId"),
            stock={
                item["productId"]: int(item["available"])
                for item in stock
                if item["id"].startswith(PRODUCT)
            },
            reservations={
                item["id"].removeprefix(RESERVATION): item
                for item in stock
                if item["id"].startswith(RESERVATION)
            },
            books={
                item["orderId"].removeprefix(BOOKS): item
                for item in payments
                if item["orderId"].startswith(BOOKS)
            },
            shipments=_by(shipments, "orderId"),
            events=[json.loads(item["event"]) for item in everything if "event" in item],
            journal=journal.all_events(stack),
            parked=len(stack.items("parkedTableName")) if "parkedTableName" in stack.outputs else 0,
            restocked={
                item["id"].removeprefix(RESTOCKING): item
                for item in stock
                if item["id"].startswith(RESTOCKING)
            },
        )

    def violations(self, products: Sequence[Product]) -> Iterator[str]:
        """Everything that does not add up, one sentence each."""
        yield from self._stock(products)
        yield from self._money()
        yield from self._orders()
        yield from self._events()
        if self.parked:
            yield f"{self.parked} pieces of work are still parked"

    def untold(self) -> list[tuple[str, str]]:
        """Order or user, and type, of every event that somebody has to hear of and has not heard of."""
        told = self._told()
        orders = self._happened(TOLD, "orderId")
        return [
            which for which in (*orders, *self._happened({REGISTERED}, "userId")) if not told[which]
        ]

    def _told(self) -> Counter[tuple[str, str]]:
        """Order or user, and type of event, to how often somebody was told of it."""
        orders = (
            (event["data"]["orderId"], type_)
            for event in self.events
            if event["type"] == "notification.sent"
            for type_ in TOLD
            if event["data"]["template"].startswith(type_.replace(".", "-"))
        )
        users = ((user, REGISTERED) for user, _ in self._happened({"user.welcomed"}, "userId"))
        return Counter([*orders, *users])

    def _happened(self, types: Collection[str], about: str) -> Iterator[tuple[str, str]]:
        """What each event of some types is about, with its type."""
        for event in self.events:
            if event["type"] in types:
                yield event["data"][about], event["type"]

    def unrestocked(self) -> list[str]:
        """Ids of the events that told of a low product that is reordered, and of which nothing has come."""
        return [
            event["id"]
            for event in self.events
            if event["type"] == "inventory.low"
            and event["data"]["reorderQuantity"]
            and event["id"] not in self.restocked
        ]

    def _stock(self, products: Sequence[Product]) -> Iterator[str]:
        shipped = Counter[str]()
        for shipment in self.shipments.values():
            for line in shipment["lines"]:
                shipped[line["productId"]] += int(line["quantity"])
        delivered = Counter[str]()
        for restocking in self.restocked.values():
            delivered[restocking["productId"]] += int(restocking["quantity"])
        for product in products:
            came = product.available + delivered[product.product_id]
            taken = came - self.stock[product.product_id]
            if taken != shipped[product.product_id]:
                yield (
                    f"{product.product_id}: {taken} were taken out of stock, "
                    f"{shipped[product.product_id]} were shipped"
                )

    def _money(self) -> Iterator[str]:
        for order_id, order in self.orders.items():
            books = self.books.get(order_id, {})
            kept = Decimal(books.get("charged", "0")) - Decimal(books.get("refunded", "0"))
            due = Decimal(order["total"]) if order_id in self.shipments else Decimal(0)
            if kept != due:
                yield f"order {order_id}: {kept} USD were kept, {due} are due"

    def _orders(self) -> Iterator[str]:
        for order_id, order in self.orders.items():
            if order["status"] not in FINAL:
                yield f"order {order_id} has no final state: it is {order['status']}"
            if (order["status"] == "FULFILLED") != (order_id in self.shipments):
                yield f"order {order_id} is {order['status']}, shipped: {order_id in self.shipments}"
        for order_id in self.shipments.keys() - self.orders.keys():
            yield f"a parcel was shipped for {order_id}, which nobody ordered"

    def _events(self) -> Iterator[str]:
        for (about, type_), times in self._told().items():
            if times > 1:
                yield f"{type_} of {about} was told {times} times"
        happened = Counter(
            (event["type"], event["data"]["orderId"])
            for event in self.events
            if "orderId" in event["data"]
        )
        for (type_, order_id), times in happened.items():
            if times > 1 and type_ not in REPEATABLE:
                yield f"order {order_id}: {type_} happened {times} times"
        for order_id in self.shipments:
            if not happened["order.shipped", order_id]:
                yield f"order {order_id} was shipped, yet no event says so"


TOLD = {"order.paid", "order.confirmed", "order.cancelled", "order.shipped", "order.fulfilled"}
REGISTERED = "user.registered"
REPEATABLE = {"order.parked", "notification.sent"}
"""Events that an order may have several of."""


def _by(items: Sequence[Item], key: str) -> dict[str, Item]:
    return {item[key]: item for item in items if "#" not in item[key]}
