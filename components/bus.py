"""The event bus."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, schemas

from components.arguments import check_arguments
from components.link import Link
from components.platform import Platform, bus_arn, physical_name
from components.queue import FailureQueue
from events.wiring import publishing_condition

ARCHIVE_DAYS = 14
SCHEMA_TYPE = "JSONSchemaDraft4"


class BusArgs(TypedDict):
    """How long the bus remembers."""

    platform: Platform
    """What the stack's components share."""
    archive_days: NotRequired[int]
    """How long events can be replayed, in days. Default: 14."""
    schemas: NotRequired[Mapping[str, str]]
    """JSON Schema (Draft 4) of each event, as `events.schema.schema_texts` derives it. Default: none."""


class Bus(pulumi.ComponentResource):
    """An event bus whose events can be replayed.

    It has no resource policy: nobody outside the account may publish or add rules.
    """

    bus_name: pulumi.Output[str]
    """Name to publish to and to hang rules on."""
    bus_arn: pulumi.Output[str]
    """ARN of the bus."""

    def __init__(
        self, name: str, args: BusArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, BusArgs)
        super().__init__("ordermesh:index:Bus", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        days = args.get("archive_days", ARCHIVE_DAYS)
        if days < 1:
            raise ValueError(f"bus {name!r}: archive_days is {days}; it must be 1 or more")

        self.name = name
        self.physical_name = physical_name(platform, name)
        self.static_arn = bus_arn(platform, name)
        # Only a customer key can stop the bus from reading its events; they then wait here.
        self.failures = self._failures(name, platform) if "key_arn" in platform else None
        bus = cloudwatch.EventBus(
            name,
            name=self.physical_name,
            kms_key_identifier=platform.get("key_arn"),
            dead_letter_config=cloudwatch.EventBusDeadLetterConfigArgsDict(
                arn=self.failures.static_arn
            )
            if self.failures
            else None,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self.failures] if self.failures else None
            ),
        )
        cloudwatch.EventArchive(
            f"{name}-archive",
            name=physical_name(platform, f"{name}-archive"),
            event_source_arn=bus.arn,
            retention_days=days,
            kms_key_identifier=platform.get("key_arn"),
            opts=child,
        )
        if texts := args.get("schemas"):
            self._describe(name, texts, platform)

        self.bus_name = bus.name
        self.bus_arn = bus.arn
        self.register_outputs({"bus_name": self.bus_name, "bus_arn": self.bus_arn})

    def _failures(self, name: str, platform: Platform) -> FailureQueue:
        return FailureQueue(
            f"{name}-undelivered",
            {"platform": platform, "kind": "delivery", "owner": name, "senders": [self.static_arn]},
            pulumi.ResourceOptions(parent=self),
        )

    def _describe(self, name: str, texts: Mapping[str, str], platform: Platform) -> None:
        """Publish the schemas: consumers read them, or generate code from them."""
        child = pulumi.ResourceOptions(parent=self)
        registry = schemas.Registry(
            f"{name}-schemas",
            name=physical_name(platform, name),
            description=f"The events on {self.physical_name}.",
            opts=child,
        )
        for event, text in texts.items():
            schemas.Schema(
                f"{name}-{event}",
                name=event,
                registry_name=registry.name,
                type=SCHEMA_TYPE,
                content=text,
                opts=child,
            )

    def publishing(self, source: str, *names: str) -> Link:
        """Address and permission to publish one service's events, and no others.

        Without `names`, they are those of the catalogue that tell of a change; a system with events of its own names them.
        """
        return {
            "environment": {"BUS_NAME": self.physical_name},
            "actions": ["events:PutEvents"],
            "resources": [self.static_arn],
            "condition": publishing_condition(source, *names),
        }
