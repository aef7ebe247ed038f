"""Listeners: a service that reacts to events, through a route, a queue and a function."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from components.arguments import check_arguments
from components.bus import Bus
from components.consumer import BATCH, QueueConsumer
from components.function import Function
from components.link import Link, check_links
from components.platform import Platform, rule_arn
from components.queue import Queue
from components.route import Route

TIMEOUT_SECONDS = 30
"""For a batch of ten, each with calls to other services that may be slow."""


class ListenerArgs(TypedDict):
    """Which events are reacted to, and by what."""

    platform: Platform
    """What the stack's components share."""
    bus: Bus
    """Where the events come from."""
    pattern: Mapping[str, Any]
    """EventBridge pattern, as `events.wiring.pattern` derives it from the catalogue."""
    code: pulumi.Archive
    """The files that the function runs."""
    handler: str
    """Dotted path of the entry point."""
    links: NotRequired[Sequence[Link]]
    """What the function uses, apart from its queue. Default: nothing."""
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further environment variables. Default: none."""
    delay_seconds: NotRequired[int]
    """How long after an event the function gets it, 0 to 900. Default: 0."""
    batch_size: NotRequired[int]
    """Events at most that one call of the function gets, 1 to 10. Default: 10."""
    window_seconds: NotRequired[int]
    """How long to gather a batch. Default: 0, at once."""


class Listener(pulumi.ComponentResource):
    """Reacts to events; those that it cannot parse go straight to its failure queue."""

    def __init__(
        self, name: str, args: ListenerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, ListenerArgs)
        check_links(f"listener {name!r}", args.get("links", ()))
        super().__init__("ordermesh:index:Listener", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform, bus = args["platform"], args["bus"]

        self.queue = Queue(
            f"{name}-queue",
            {
                "platform": platform,
                "consumer_timeout_seconds": TIMEOUT_SECONDS,
                # EventBridge and SQS may deliver an event twice, so every listener has to bear it.
                "idempotent": True,
                "senders": [rule_arn(platform, bus.name, f"{name}-route")],
                "delay_seconds": args.get("delay_seconds", 0),
            },
            child,
        )
        self.route = Route(
            f"{name}-route",
            {
                "platform": platform,
                "bus": bus.name,
                "bus_name": bus.bus_name,
                "pattern": args["pattern"],
                "targets": [{"arn": self.queue.static_arn}],
            },
            pulumi.ResourceOptions(parent=self, depends_on=[self.queue]),
        )
        self.function = Function(
            name,
            {
                "platform": platform,
                "code": args["code"],
                "handler": args["handler"],
                "links": [
                    self.queue.receiving(),
                    self.queue.postponing(),
                    self.queue.failures.sending("DEAD_LETTER_QUEUE_URL"),
                    *args.get("links", ()),
                ],
                "environment": args.get("environment", {}),
                "timeout_seconds": TIMEOUT_SECONDS,
            },
            child,
        )
        QueueConsumer(
            f"{name}-consumer",
            {
                "platform": platform,
                "queue_arn": self.queue.static_arn,
                "queue_name": self.queue.physical_name,
                "function_name": self.function.physical_name,
                "batch_size": args.get("batch_size", BATCH),
                "window_seconds": args.get("window_seconds", 0),
            },
            pulumi.ResourceOptions(parent=self, depends_on=[self.function, self.queue]),
        )

        self.register_outputs({})
