"""Inventory: what is in stock, and for which order it is set aside."""

import pulumi

from components.bus import Bus
from components.platform import Platform
from components.service import Service


class Inventory(Service):
    """Owns the stock and its reservations."""

    def __init__(
        self, platform: Platform, bus: Bus, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("inventory", {"platform": platform, "bus": bus, "key": "id"}, opts)
        self._participating = (
            self.table.allowing("STOCK_TABLE", "GetItem", "PutItem", "UpdateItem"),
        )
        self.register_outputs({})
