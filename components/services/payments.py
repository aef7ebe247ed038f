"""Payments: charges and refunds cards through a gateway."""

import pulumi

from components.bus import Bus
from components.platform import Platform
from components.service import Service


class Payments(Service):
    """Owns the payments and, as long as the gateway is simulated, the gateway's books."""

    def __init__(
        self,
        platform: Platform,
        bus: Bus,
        success_rate: float,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("payments", {"platform": platform, "bus": bus, "key": "orderId"}, opts)
        writing = self.table.allowing("PAYMENTS_TABLE", "GetItem", "PutItem", "UpdateItem")
        rate = {"PAYMENT_SUCCESS_RATE": str(success_rate)}
        self._participating = ({**writing, "environment": {**writing["environment"], **rate}},)
        self.register_outputs({})
