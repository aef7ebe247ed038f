"""Replay: give one rule's target the archived events of a time again."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.handover import IDEMPOTENT, is_idempotent
from ops.stack import Stack

POLL_SECONDS = 1.0
COMPLETED = "COMPLETED"
ENDED = {COMPLETED, "CANCELLED", "FAILED"}


@dataclass(frozen=True)
class Replay:
    """How far a replay has come."""

    name: str
    state: str
    """EventBridge's word: `STARTING`, `RUNNING`, `COMPLETED`, `CANCELLED`, `FAILED`, ..."""
    reached: datetime | None
    """Time of the last event that was replayed, once there is one."""
    reason: str


def rule_arn(stack: Stack, name: str) -> str:
    """The rule of a stack's bus by its name, with or without the stack's prefix.

    `ValueError` when there is none, with those there are.
    """
    pages = stack.client("events").get_paginator("list_rules")
    rules = {
        rule["Name"]: rule["Arn"]
        for page in pages.paginate(EventBusName=stack.output("eventBusName"))
        for rule in page["Rules"]
    }
    matching = [found for found in rules if found == name or found.endswith(f"-{name}")]
    if name in rules:
        matching = [name]
    if len(matching) != 1:
        raise ValueError(f"{name!r} is not the name of one rule; rules are {sorted(rules)}")
    return rules[matching[0]]


def check(stack: Stack, rule: str) -> None:
    """`ValueError` when a target of a rule is not known to take the same event twice."""
    bus, _, name = rule.partition(":rule/")[2].rpartition("/")
    targets = stack.client("events").list_targets_by_rule(Rule=name, EventBusName=bus or "default")
    for target in targets["Targets"]:
        if not is_idempotent(stack, target["Arn"]):
            raise ValueError(
                f"{name} delivers to {target['Arn']}, which has no tag {IDEMPOTENT}=true, so it may "
                "do its work twice; --force replays nevertheless"
            )


def start(stack: Stack, rule: str, since: datetime, until: datetime) -> str:
    """Start a replay for one rule alone; its name. `ValueError` when the times or archives are wrong."""
    if since >= until:
        raise ValueError(f"the replay would begin at {since} and end at {until}, before that")
    events, bus = stack.client("events"), stack.output("eventBusArn")
    archives = events.list_archives(EventSourceArn=bus)["Archives"]
    if len(archives) != 1:
        raise ValueError(f"{bus} has {len(archives)} archives; one is needed to replay from")
    archive = events.describe_archive(ArchiveName=archives[0]["ArchiveName"])["ArchiveArn"]
    name = f"ops-{uuid.uuid4().hex[:12]}"
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive,
        EventStartTime=since,
        EventEndTime=until,
        Destination={"Arn": bus, "FilterArns": [rule]},
    )
    return name


def follow(
    stack: Stack,
    name: str,
    told: Callable[[Replay], None],
    pause: Callable[[float], None] = time.sleep,
) -> Replay:
    """Wait for a replay to end; `told` hears how far it is each time we look."""
    while True:
        found = _replay(name, stack.client("events").describe_replay(ReplayName=name))
        told(found)
        if found.state in ENDED:
            return found
        pause(POLL_SECONDS)


def _replay(name: str, found: dict[str, Any]) -> Replay:
    return Replay(
        name, found["State"], found.get("EventLastReplayedTime"), found.get("StateReason", "")
    )
