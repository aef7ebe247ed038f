"""The journal: keeps every event, and tells what happened to an order."""

import pulumi

from components.api import Endpoint, answering
from components.bus import Bus
from components.platform import Platform
from components.service import Service
from events.catalogue import CATALOGUE

BY_TYPE, BY_CORRELATION = "byType", "byCorrelation"


class Journal(Service):
    """Owns what has happened; events are added to it and never changed."""

    def __init__(
        self, platform: Platform, bus: Bus, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "journal",
            {
                "platform": platform,
                "bus": bus,
                "key": "aggregate",
                "range_key": "position",
                "indexes": [
                    {"name": BY_TYPE, "hash_key": "type", "range_key": "position"},
                    {"name": BY_CORRELATION, "hash_key": "correlationId", "range_key": "position"},
                ],
                "silent": True,
            },
            opts,
        )
        self.listener(
            "record-event",
            "record.handler",
            tuple(event for event in CATALOGUE if event.committed),
            self.table.allowing("JOURNAL_TABLE", "PutItem"),
        )
        self.api = self.function(
            "journal-api", "api.handler", self.table.allowing("JOURNAL_TABLE", "Query")
        )
        self.register_outputs({})

    def endpoints(self) -> list[Endpoint]:
        """What the service answers to over HTTP."""
        return answering(self.api, ("GET", "/orders/{orderId}/history"))
