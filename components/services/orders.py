"""Orders: takes orders, decides them, and knows how they stand."""

import pulumi

from components.api import Endpoint, answering
from components.bus import Bus
from components.platform import Platform
from components.service import Service
from components.table import Table
from events.catalogue import (
    AvailabilityAnswered,
    AvailabilityRequested,
    OrderFulfilled,
    OrderShipped,
)

BY_CUSTOMER = "byCustomer"
ENDPOINTS = (
    ("POST", "/orders"),
    ("GET", "/orders/{orderId}"),
    ("GET", "/customers/{customerId}/orders"),
    ("GET", "/health"),
)
CANCEL = ("POST", "/orders/{orderId}/cancel")
"""Its path says it all: whoever cancels need not send a body."""

ANSWER_SECONDS = 5
"""How long a customer waits for what another service knows."""


class Orders(Service):
    """Owns the orders and the catalogue of products with their prices."""

    def __init__(
        self,
        platform: Platform,
        bus: Bus,
        coordination: str,
        opts: pulumi.ResourceOptions | None = None,
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
        self._participating = (writing,)
        self.api = self.function(
            "orders-api",
            "api.handler",
            writing,
            self.table.querying("ORDERS_TABLE", BY_CUSTOMER),
            self.products.allowing("PRODUCTS_TABLE", "BatchGetItem"),
            environment={"COORDINATION": coordination},
            asynchronous=True,
        )
        # Nothing is told of what only changes an order, so nothing is put into the outbox.
        self._changing = self.table.allowing("ORDERS_TABLE", "GetItem", "UpdateItem")
        self.listener(
            "track-order",
            "track.handler",
            (OrderShipped, OrderFulfilled),
            self._changing,
        )
        self._asking(platform, bus)
        self.register_outputs({})

    def _asking(self, platform: Platform, bus: Bus) -> None:
        """What asks inventory over the bus, and what takes the answers to whoever waits for them."""
        answers = Table(
            "answers",
            {"platform": platform, "hash_key": "questionId", "ttl_attribute": "expiresAt"},
            self._child,
        )
        self.availability = self.function(
            "check-availability",
            "availability.handler",
            self.products.allowing("PRODUCTS_TABLE", "BatchGetItem"),
            answers.allowing("ANSWERS_TABLE", "GetItem"),
            bus.publishing(self.name, AvailabilityRequested.name),
            environment={"ANSWER_SECONDS": str(ANSWER_SECONDS)},
        )
        self.listener(
            "take-answer",
            "answers.handler",
            (AvailabilityAnswered,),
            answers.allowing("ANSWERS_TABLE", "PutItem"),
            where={"replyTo": [self.name]},
        )

    def withdrawal(self) -> str:
        """The function that undoes a confirmation when a state machine asks; its ARN."""
        return self.function("withdraw-order", "tasks.withdraw", self._changing).static_arn

    def endpoints(self) -> list[Endpoint]:
        """What the service answers to over HTTP."""
        asking = answering(self.availability, ("GET", "/products/{productId}/availability"))
        [cancelling] = answering(self.api, CANCEL)
        cancelling["takes_body"] = False
        return [*answering(self.api, *ENDPOINTS), cancelling, *asking]
