"""Payments: charges and refunds cards through a gateway."""

import pulumi

from components.api import Endpoint, answering
from components.bus import Bus
from components.platform import Platform
from components.service import Service

BREAKER = {"BREAKER_FAILURES": "5", "BREAKER_COOL_DOWN_SECONDS": "30"}
"""So many failures of the gateway in a row, and for how long it is then not asked."""


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
        environment = {**writing["environment"], **rate, **BREAKER}
        self._participating = ({**writing, "environment": environment},)
        self.api = self.function(
            "payments-api", "api.handler", self.table.allowing("PAYMENTS_TABLE", "GetItem")
        )
        self.register_outputs({})

    def endpoints(self) -> list[Endpoint]:
        """What the service answers to over HTTP."""
        return answering(self.api, ("GET", "/orders/{orderId}/payment"))
