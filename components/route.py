"""Routes: which events of a bus go where, and what happens when they cannot get there."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_

from components.alarm import alarm
from components.arguments import check_arguments
from components.link import allow, document, trust
from components.platform import Platform, physical_name, rule_arn
from components.queue import FailureQueue

MOST_TARGETS = 5
"""EventBridge's quota of targets for one rule."""
RETRY_ATTEMPTS = 185
RETRY_SECONDS = 86_400
"""EventBridge's own defaults, stated because a target's outage of a day must lose nothing."""

ROLE_ACTIONS = {
    "states": ["states:StartExecution"],
    "firehose": ["firehose:PutRecord"],
    "kinesis": ["kinesis:PutRecord"],
    "events": ["events:PutEvents"],
}
"""Services that EventBridge reaches with a role of ours; the others admit the rule themselves."""
POLICED = {"lambda", "sqs", "sns"}
"""Services whose own resource policy admits the rule."""


class Target(TypedDict):
    """Where events go."""

    arn: str
    """ARN of a function, queue, state machine, delivery stream, stream, topic or bus."""
    input_path: NotRequired[str]
    """Part of the event to hand over, such as `$.detail`. Default: the whole event."""


class RouteArgs(TypedDict):
    """Which events go where."""

    platform: Platform
    """What the stack's components share."""
    bus: str
    """Name of the bus component."""
    bus_name: pulumi.Input[str]
    """Physical name of the bus."""
    pattern: Mapping[str, Any]
    """EventBridge pattern, as `events.wiring.pattern` derives it from the catalogue."""
    targets: Sequence[Target]
    """One to five targets."""
    retry_attempts: NotRequired[int]
    """How often delivery is tried again, 0 to 185. Default: 185."""
    retry_seconds: NotRequired[int]
    """How long delivery is tried again, 60 to 86,400. Default: 86,400."""


class Route(pulumi.ComponentResource):
    """Hands matching events to its targets; what cannot be handed over waits in its failure queue."""

    def __init__(
        self, name: str, args: RouteArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, RouteArgs)
        super().__init__("ordermesh:index:Route", name, {**args}, opts)
        _check(name, args)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        self.name, self.pattern = name, args["pattern"]
        self.static_arn = rule_arn(platform, args["bus"], name)
        self.physical_name = physical_name(platform, name)

        rule = cloudwatch.EventRule(
            name,
            name=self.physical_name,
            event_bus_name=args["bus_name"],
            event_pattern=json.dumps(dict(args["pattern"])),
            opts=child,
        )
        self.failures = FailureQueue(
            f"{name}-undelivered",
            {"platform": platform, "kind": "delivery", "owner": name, "senders": [self.static_arn]},
            child,
        )
        for position, target in enumerate(args["targets"]):
            self._deliver(f"{name}-{position + 1}", target, args, rule)
        alarm(
            f"{name}-lost",
            {
                "platform": platform,
                "description": f"{name}: an event could reach neither its target nor {name}-undelivered. "
                "Replay it from the bus's archive.",
                "namespace": "AWS/Events",
                "metric": "InvocationsFailedToBeSentToDlq",
                "dimensions": {
                    "EventBusName": physical_name(platform, args["bus"]),
                    "RuleName": self.physical_name,
                },
            },
            parent=self,
        )

        self.register_outputs({})

    def _deliver(
        self, name: str, target: Target, args: RouteArgs, rule: cloudwatch.EventRule
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        service = _service(target)
        if service == "lambda":
            lambda_.Permission(
                f"{name}-permission",
                action="lambda:InvokeFunction",
                function=target["arn"],
                principal="events.amazonaws.com",
                source_arn=rule.arn,
                opts=child,
            )
        cloudwatch.EventTarget(
            name,
            rule=rule.name,
            event_bus_name=args["bus_name"],
            target_id=name,
            arn=target["arn"],
            input_path=target.get("input_path"),
            role_arn=self._role(name, target, args["platform"])
            if service in ROLE_ACTIONS
            else None,
            retry_policy={
                "maximum_retry_attempts": args.get("retry_attempts", RETRY_ATTEMPTS),
                "maximum_event_age_in_seconds": args.get("retry_seconds", RETRY_SECONDS),
            },
            dead_letter_config={"arn": self.failures.static_arn},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.failures]),
        )

    def _role(self, name: str, target: Target, platform: Platform) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-role",
            name=physical_name(platform, f"{name}-role"),
            assume_role_policy=trust("events.amazonaws.com", platform["account"]),
            opts=child,
        )
        iam.RolePolicy(
            f"{name}-permissions",
            name="permissions",
            role=role.name,
            policy=document([allow(ROLE_ACTIONS[_service(target)], [target["arn"]])]),
            opts=child,
        )
        return role.arn


def _service(target: Target) -> str:
    return target["arn"].split(":")[2]


def _check(name: str, args: RouteArgs) -> None:
    targets = args["targets"]
    if not 1 <= len(targets) <= MOST_TARGETS:
        raise ValueError(
            f"route {name!r} has {len(targets)} targets; a rule takes 1 to {MOST_TARGETS}"
        )
    for target in targets:
        parts = target["arn"].split(":")
        if len(parts) < 6 or parts[2] not in POLICED | set(ROLE_ACTIONS):  # noqa: PLR2004 (an ARN's parts)
            allowed = sorted(POLICED | set(ROLE_ACTIONS))
            raise ValueError(
                f"route {name!r}: {target['arn']!r} is no target we deliver to; take an ARN of {allowed}"
            )
    for key, value, least, most in (
        ("retry_attempts", args.get("retry_attempts", RETRY_ATTEMPTS), 0, RETRY_ATTEMPTS),
        ("retry_seconds", args.get("retry_seconds", RETRY_SECONDS), 60, RETRY_SECONDS),
    ):
        if not least <= value <= most:
            raise ValueError(
                f"route {name!r}: {key} is {value}; EventBridge takes {least} to {most}"
            )
