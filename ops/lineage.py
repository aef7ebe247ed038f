"""What came of a request: the events, each under the one that caused it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from ops import journal
from ops.journal import Event
from ops.stack import Stack


def lineage(stack: Stack, identity: str) -> list[Event]:
    """The events about an order, or those that came of a request; `ValueError` without any."""
    # Nothing is known under no id at all, and DynamoDB would refuse to be asked for it.
    found = identity and (journal.of_order(stack, identity) or journal.of_request(stack, identity))
    if not found:
        raise ValueError(f"{identity!r} is neither an order nor a correlation id in the journal")
    return found


def trees(events: Sequence[Event]) -> list[Tree]:
    """One tree for each request that caused some of the events, the earliest request first."""
    known = {event["id"] for event in events}
    caused: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event["time"], event["id"])):
        caused[event["metadata"]["causationId"]].append(event)
    roots = [cause for cause in caused if cause not in known]
    return [_tree(cause, caused) for cause in roots]


def _tree(cause: str, caused: dict[str, list[Event]]) -> Tree:
    first = caused[cause][0]
    correlation = escape(first["metadata"]["correlationId"])
    tree = Tree(f"request [bold]{escape(cause)}[/] (correlation {correlation})")
    _grow(tree, cause, caused, datetime.fromisoformat(first["time"]))
    return tree


def _grow(tree: Tree, cause: str, caused: dict[str, list[Event]], start: datetime) -> None:
    for event in caused.get(cause, ()):
        _grow(tree.add(_label(event, start)), event["id"], caused, start)


def _label(event: Event, start: datetime) -> str:
    elapsed = (datetime.fromisoformat(event["time"]) - start).total_seconds()
    shown = f"[bold]{escape(event['type'])}[/] +{elapsed:.3f} s"
    detail = _detail(event["data"])
    return f"{shown} [dim]{escape(detail)}[/]" if detail else shown


def _detail(data: dict[str, Any]) -> str:
    """What tells this event from others of its type."""
    told = (data.get(name) for name in ("reason", "template", "amount", "shipmentId"))
    return ", ".join(str(value) for value in told if value)
