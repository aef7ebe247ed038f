"""Orders: takes orders, decides them, and knows how they stand."""

import pulumi

from components.api import Endpoint, answering
from components.bus import Bus
from components.platform import Platform
from components.service import Service
from components.table import Table
from events.catalogue import OrderFulfilled, OrderShipped

BY_CUSTOMER = "byCustomer"
ENDPOINTS = (
    ("POST", "/orders"),
    ("GET", "/orders/{orderId}"),
    ("POST", "/orders/{orderId}/cancel"),
    ("GET", "/customers/{customerId}/orders"),
    ("GET", "/health"),
)


class Orders(Service):
    """Owns the orders and the catalogue of products with their prices."""

    def __init__(
        self, platform: Platform, bus: Bus, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "orders",
            {
                "platform": platform,
                "bus": bus,
                "key": "orderId",
                "indexes": [
                    {
                        "name": BY_CUSTOMER,
                        "hash_key": "customerId",
                        "range_key": "createdAt",
                    }
                ],
            },
            opts,
        )
        self.products = Table(
            "products", {"platform": platform, "hash_key": "productId"}, self._child
        )
        writing = self.table.allowing("ORDERS_TABLE", "GetItem", "PutItem", "UpdateItem")
        self.api = self.function(
            "orders-api",
            "api.handler",
            writing,
            self.table.querying("ORDERS_TABLE", BY_CUSTOMER),
            self.products.allowing("PRODUCTS_TABLE", "BatchGetItem"),
            asynchronous=True,
        )
        self.confirm = self.function("confirm-order", "tasks.confirm", writing)
        # Nothing is told of a withdrawal, so nothing is put into the outbox.
        changing = self.table.allowing("ORDERS_TABLE", "GetItem", "UpdateItem")
        self.withdraw = self.function("withdraw-order", "tasks.withdraw", changing)
        self.settle = self.function("settle-order", "tasks.settle", writing)
        self.listener(
            "track-order",
            "track.handler",
            (OrderShipped, OrderFulfilled),
            changing,
        )
        self.register_outputs({})

    def endpoints(self) -> list[Endpoint]:
        """What the service answers to over HTTP."""
        return answering(self.api, *ENDPOINTS)
