"""Relays: what carries a service's committed events from its table to the bus."""

from typing import TypedDict

import pulumi

from components.arguments import check_arguments
from components.bus import Bus
from components.consumer import StreamConsumer
from components.function import Function
from components.platform import Platform
from components.queue import FailureQueue
from components.table import Table

OUTBOX = "outbox#"
"""Keys of outbox items begin with this."""


class RelayArgs(TypedDict):
    """Whose events are carried where."""

    platform: Platform
    """What the stack's components share."""
    table: Table
    """The service's table, whose outbox items are the events."""
    key: str
    """The table's hash key."""
    bus: Bus
    """Where the events go."""
    source: str
    """The service, which may publish its own events of the catalogue and no others."""
    code: pulumi.Archive
    """The files that the function runs."""


class Relay(pulumi.ComponentResource):
    """Publishes every event that was committed with a change, in order, and no other."""

    def __init__(
        self, name: str, args: RelayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, RelayArgs)
        super().__init__("ordermesh:index:Relay", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform, table = args["platform"], args["table"]

        self.failures = FailureQueue(
            f"{name}-failures",
            {"platform": platform, "kind": "processing", "owner": name},
            child,
        )
        self.function = Function(
            name,
            {
                "platform": platform,
                "code": args["code"],
                "handler": "handlers.relay.handler",
                "links": [
                    args["bus"].publishing(args["source"]),
                    *table.following(),
                    self.failures.sending(),
                ],
            },
            child,
        )
        StreamConsumer(
            f"{name}-stream",
            {
                "platform": platform,
                "stream_arn": table.stream_arn,
                "function_name": self.function.physical_name,
                "filter": {
                    "eventName": ["INSERT"],
                    "dynamodb": {"Keys": {args["key"]: {"S": [{"prefix": OUTBOX}]}}},
                },
                "failures_arn": self.failures.static_arn,
            },
            pulumi.ResourceOptions(parent=self, depends_on=[self.function, self.failures]),
        )

        self.register_outputs({})
