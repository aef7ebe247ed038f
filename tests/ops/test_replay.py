import argparse
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.commands.replay import moment
from ops.replay import Replay, check, follow, rule_arn, start
from ops.stack import Stack

BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/bus"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/bus/shop-dev-start"
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


class Events:
    """EventBridge with rules, archives, and a replay that goes through some states."""

    def __init__(self, *rules: str, archives: int = 1, states: tuple[str, ...] = ()) -> None:
        self._rules, self._archives, self._states = rules, archives, list(states)
        self.started: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> "Events":
        assert operation == "list_rules"
        return self

    def paginate(self, *, EventBusName: str) -> list[dict[str, Any]]:  # noqa: N803 (AWS's names)
        assert EventBusName == "bus"
        return [{"Rules": [{"Name": name, "Arn": f"arn of {name}"}]} for name in self._rules]

    def list_targets_by_rule(self, *, Rule: str, EventBusName: str) -> dict[str, Any]:  # noqa: N803
        assert (Rule, EventBusName) == ("shop-dev-start", "bus")
        return {"Targets": [{"Arn": "arn:aws:sns:eu-west-1:123456789012:topic"}]}

    def list_archives(self, *, EventSourceArn: str) -> dict[str, Any]:  # noqa: N803
        assert EventSourceArn == BUS
        return {"Archives": [{"ArchiveName": f"a-{n}"} for n in range(self._archives)]}

    def describe_archive(self, *, ArchiveName: str) -> dict[str, Any]:  # noqa: N803
        return {"ArchiveArn": f"arn of {ArchiveName}"}

    def start_replay(self, **given: Any) -> None:
        self.started.append(given)

    def describe_replay(self, *, ReplayName: str) -> dict[str, Any]:  # noqa: N803
        assert ReplayName == "r"
        return {"State": self._states.pop(0), "EventLastReplayedTime": EARLY}


def stack(events: Events) -> Stack:
    outputs = {"eventBusName": "bus", "eventBusArn": BUS}
    return Stack(outputs, "eu-west-1", None, {"events": events})


@pytest.mark.parametrize("name", ["start", "shop-dev-start"])
def test_a_rule_is_found_with_and_without_the_stacks_prefix(name: str):
    found = rule_arn(stack(Events("shop-dev-restart", "shop-dev-start")), name)

    assert found == "arn of shop-dev-start"


@pytest.mark.parametrize("name", ["route", "missing"])
def test_a_name_that_is_not_one_rules_is_answered_with_all(name: str):
    rules = Events("shop-a-route", "shop-b-route")

    with pytest.raises(ValueError, match=rf"'{name}' .* \['shop-a-route', 'shop-b-route'\]"):
        rule_arn(stack(rules), name)


def test_a_target_that_nobody_vouches_for_is_not_replayed_to():
    with pytest.raises(ValueError, match=r"shop-dev-start delivers to arn:aws:sns:.* no tag"):
        check(stack(Events()), RULE)


def test_a_replay_is_for_one_rule_and_from_the_buss_own_archive():
    events = Events()

    name = start(stack(events), RULE, EARLY, LATE)

    assert events.started == [
        {
            "ReplayName": name,
            "EventSourceArn": "arn of a-0",
            "EventStartTime": EARLY,
            "EventEndTime": LATE,
            "Destination": {"Arn": BUS, "FilterArns": [RULE]},
        }
    ]


def test_times_in_the_wrong_order_start_nothing():
    events = Events()

    with pytest.raises(ValueError, match="before that"):
        start(stack(events), RULE, LATE, LATE)
    assert events.started == []


@pytest.mark.parametrize("archives", [0, 2])
def test_a_bus_without_its_one_archive_is_named(archives: int):
    with pytest.raises(ValueError, match=f"event-bus/bus has {archives} archives"):
        start(stack(Events(archives=archives)), RULE, EARLY, LATE)


def test_a_replay_is_followed_to_its_end():
    told: list[Replay] = []
    pauses: list[float] = []
    events = Events(states=("STARTING", "RUNNING", "FAILED"))

    ended = follow(stack(events), "r", told.append, pauses.append)

    assert ended == Replay("r", "FAILED", EARLY, "")
    assert [found.state for found in told] == ["STARTING", "RUNNING", "FAILED"]
    assert len(pauses) == 2


@pytest.mark.parametrize("text", ["yesterday", "2026-01-01T12:00:00"])
def test_a_time_needs_a_zone(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="no time with a zone"):
        moment(text)
