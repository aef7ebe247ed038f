"""What lies in the failure queues is told apart from the poison."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from local import poison
from local.poison import POISON, POISONED, surprises, unpoisoned
from ops.failures import Failure
from ops.stack import Stack

STACK = Stack({}, "us-east-1")
CALM = {f"{listener}-queue-failures": [POISON, POISON] for listener in POISONED}


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch):
    """Lets failure queues hold these events."""

    def lie_there(queues: Mapping[str, list[Any]]) -> None:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        held = {
            name: [
                Failure("m", "r", json.dumps({"detail": event}), {}, at, None) for event in events
            ]
            for name, events in queues.items()
        }
        monkeypatch.setattr(
            poison, "failures", lambda _: {name: len(found) for name, found in held.items()}
        )
        monkeypatch.setattr(poison, "find", lambda _, name: name)
        monkeypatch.setattr(poison, "peek", lambda _, name: held[name])

    return lie_there


def test_the_poison_belongs_there_however_often(left):
    left(CALM | {"track-order-queue-failures": [POISON] * 5, "orders-api-failures": []})

    assert unpoisoned(STACK, 2) == 0
    assert list(surprises(STACK, 2, {})) == []


def test_a_copy_that_is_missing_is_told(left):
    left(CALM | {"track-order-queue-failures": [POISON]})

    assert unpoisoned(STACK, 2) == 1
    assert list(surprises(STACK, 2, {})) == [
        "track-order-queue-failures holds 1 copies of the poison instead of 2"
    ]


@pytest.mark.parametrize("queue", ["track-order-queue-failures", "start-saga-failures"])
def test_any_other_message_is_told_with_what_it_is(left, queue):
    left(CALM | {queue: [*CALM.get(queue, []), {"type": "order.created"}]})

    told = list(surprises(STACK, 2, {}))

    assert told[0] == f"{queue} holds 1 messages; 0 belong there"
    assert "nobody wrote down why" in told[1]
    assert "order.created" in told[1]


def test_what_may_be_left_is_not_told(left):
    queue = "ship-order-queue-failures"
    left(CALM | {queue: [{"type": "order.created"}] * 2})

    assert list(surprises(STACK, 2, {queue: 2})) == []
    assert len(list(surprises(STACK, 2, {queue: 1}))) == 3
