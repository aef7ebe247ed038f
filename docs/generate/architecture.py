"""`docs/architecture.md`: the declared program as a picture and as tables."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docs.generate.markdown import GENERATED, block, code, table
from docs.generate.system import Part, System

HEAD = f"""{GENERATED}

# Architecture

What the program declares for the stack `dev`: every service with its functions and tables, every route from the bus, every
queue, and the saga. Failure queues and what only an operator starts are in the tables below. What each event says is in
[events.md](events.md), how the saga ends in [saga.md](saga.md). Dotted: the stream of a service's table, from which a relay
takes the events that were committed with a change.
"""
API, BUS = Part("", "api", "REST API"), Part("", "bus", "event bus")
SHAPES = {
    "bus": "{{{{{}}}}}",
    "function": "[{}]",
    "queue": "[/{}/]",
    "state machine": "{{{{{}}}}}",
    "table": "[({})]",
}
ANY_SHAPE = "([{}])"


@dataclass(frozen=True, order=True)
class Arrow:
    """Something goes from one part to another."""

    source: Part
    target: Part
    line: str = "-->"


def architecture_page(system: System) -> str:
    """The whole page."""
    drawn = block("mermaid", "\n".join(_drawing(system)))
    return "\n\n".join((HEAD.rstrip(), drawn, *_tables(system))) + "\n"


def _drawing(system: System) -> Iterator[str]:
    arrows = sorted(set(_arrows(system)))
    shown = sorted({part for arrow in arrows for part in (arrow.source, arrow.target)})
    yield "flowchart LR"
    for owner in sorted({part.owner for part in shown}):
        nodes = [_node(part) for part in shown if part.owner == owner]
        yield from _boxed(owner, nodes) if owner else (f"    {node}" for node in nodes)
    yield from (f"    {_id(one.source)} {one.line} {_id(one.target)}" for one in arrows)


def _boxed(owner: str, nodes: Iterable[str]) -> Iterator[str]:
    yield f"    subgraph {owner}"
    yield from (f"        {node}" for node in nodes)
    yield "    end"


def _arrows(system: System) -> Iterator[Arrow]:
    yield from (Arrow(API, part) for part in system.entrances())
    consumers = {one.consumer for one in system.deliveries}
    for user, used in system.uses():
        # A machine that no event starts is an operator's; it is in the table of parts.
        if user.kind != "state machine" or user in consumers:
            yield Arrow(user, used)
    for source, relay in system.outboxes():
        yield Arrow(source, relay, "-. stream .->")
        yield Arrow(relay, BUS)
    for one in system.deliveries:
        events = "<br/>".join(sorted(event.name for event in one.events))
        yield Arrow(BUS, one.target, f'-- "{events}" -->')
        if one.consumer != one.target:
            yield Arrow(one.target, one.consumer)


def _tables(system: System) -> Iterator[str]:
    yield "## Components"
    yield table(
        ("Component", "Functions", "Tables", "State machines", "Failure queues"),
        (
            (
                owner,
                code(_named(system.parts, owner, "function")),
                code(_named(system.parts, owner, "table")),
                code(_named(system.parts, owner, "state machine")),
                code(_named(system.failure_queues, owner, "queue")),
            )
            for owner in system.owners()
        ),
    )
    yield "## Routes"
    yield table(
        ("Route", "Events", "Target", "Consumer"),
        (
            (
                f"`{one.route}`",
                code(sorted(event.name for event in one.events)),
                f"{one.target.kind} `{one.target.name}`",
                f"{one.consumer.kind} `{one.consumer.name}`",
            )
            for one in system.deliveries
        ),
    )


def _named(parts: Iterable[Part], owner: str, kind: str) -> list[str]:
    return [part.name for part in parts if (part.owner, part.kind) == (owner, kind)]


def _node(part: Part) -> str:
    return _id(part) + SHAPES.get(part.kind, ANY_SHAPE).format(part.name)


def _id(part: Part) -> str:
    # Mermaid reads a dash in an id as the beginning of an arrow.
    return re.sub(r"\W", "_", f"{part.kind}_{part.name}")
