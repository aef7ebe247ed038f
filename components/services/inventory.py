"""Inventory: what is in stock, for which order it is set aside, and when more has to come."""

import pulumi

from components.bus import Bus
from components.platform import Platform
from components.service import Service
from events.catalogue import AvailabilityAnswered, AvailabilityRequested, StockLow


class Inventory(Service):
    """Owns the stock and its reservations."""

    def __init__(
        self, platform: Platform, bus: Bus, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("inventory", {"platform": platform, "bus": bus, "key": "id"}, opts)
        moving = self.table.allowing(
            "STOCK_TABLE", "GetItem", "BatchGetItem", "PutItem", "UpdateItem"
        )
        self._participating = (moving,)
        self.listener("restock-product", "restock.handler", (StockLow,), moving)
        self.listener(
            "answer-check",
            "answering.handler",
            (AvailabilityRequested,),
            self.table.allowing("STOCK_TABLE", "BatchGetItem"),
            bus.publishing(self.name, AvailabilityAnswered.name),
        )
        self.register_outputs({})
