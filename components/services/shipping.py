"""Shipping: hands parcels to the carrier and learns when they arrive."""

import pulumi

from components.bus import Bus
from components.platform import Platform
from components.service import Service
from events.catalogue import OrderShipped


class Shipping(Service):
    """Owns the shipments."""

    def __init__(
        self, platform: Platform, bus: Bus, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("shipping", {"platform": platform, "bus": bus, "key": "orderId"}, opts)
        writing = self.table.allowing("SHIPMENTS_TABLE", "GetItem", "PutItem", "UpdateItem")
        self._participating = (writing,)
        self.listener("deliver-order", "deliver.handler", (OrderShipped,), writing)
        self.register_outputs({})
