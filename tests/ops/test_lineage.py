"""What came of a request is shown as a tree, each event under the one that caused it."""

from typing import Any

import pytest
from rich.console import Console

from ops.lineage import lineage, trees
from ops.stack import Stack


def event(identity: str, cause: str, second: float, **data: str) -> dict[str, Any]:
    return {
        "id": identity,
        "type": f"type.{identity}",
        "time": f"2026-01-01T00:00:{second:06.3f}Z",
        "data": data,
        "metadata": {"causationId": cause, "correlationId": "corr-1"},
    }


def printed(*events: dict[str, Any]) -> list[str]:
    console = Console(width=100, color_system=None)
    with console.capture() as captured:
        for tree in trees(events):
            console.print(tree)
    return captured.get().splitlines()


def test_each_event_is_under_its_cause_and_the_earliest_comes_first():
    assert printed(
        event("told", "paid", 3, template="paid [bold]"),
        event("shipped", "placed", 2.5),
        event("paid", "placed", 1, amount="9.99"),
        event("placed", "req-1", 0),
    ) == [
        "request req-1 (correlation corr-1)",
        "└── type.placed +0.000 s",
        "    ├── type.paid +1.000 s 9.99",
        "    │   └── type.told +3.000 s paid [bold]",
        "    └── type.shipped +2.500 s",
    ]


def test_each_request_has_a_tree_and_the_earlier_one_comes_first():
    shown = printed(event("late", "req-2", 5), event("early", "req-1", 1))

    assert shown == [
        "request req-1 (correlation corr-1)",
        "└── type.early +0.000 s",
        "request req-2 (correlation corr-1)",
        "└── type.late +0.000 s",
    ]


def test_nothing_came_of_no_id_at_all():
    with pytest.raises(ValueError, match="'' is neither an order nor a correlation id"):
        lineage(Stack({}, "us-east-1"), "")
