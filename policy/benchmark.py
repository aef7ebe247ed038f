"""How long the policy pack takes: to start, and for each of a thousand resources.

Run `python -m policy.benchmark`. It exits with 1 when a target is missed by more than the slack, which is generous
because machines differ; what counts is the time of a processor, not what a busy machine makes of it.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from pulumi.runtime.proto import analyzer_pb2 as proto
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from local.program import Declared

from .check import MODES, PACK, config_of, declared
from .copies import copies
from .guardrails.engine import configure, in_stack, seen
from .guardrails.resource import Resource, Stack
from .guardrails.rule import ResourceRule, Rule, StackRule
from .guardrails.rules import FAMILIES, RULES
from .guardrails.server import serving

STACK, RESOURCES, ROUNDS = "prod", 1_000, 2
START_SECONDS, RESOURCE_MS = 0.6, 1.5
SLACK = 2.0
"""A target counts as missed beyond so many times its value."""


@dataclass(frozen=True)
class Took:
    """How long something took."""

    processor: float
    """Seconds of a processor, ours and the server's, which do not depend on what else the machine does."""
    clock: float
    """Seconds by the clock."""


@dataclass(frozen=True)
class Measured:
    """What some rules take."""

    what: str
    rules: int
    alone: Took
    """In process: the rules themselves."""
    served: Took
    """Over gRPC: the engine asks about each resource, then about all of them together."""


class Asked:
    """The requests that an engine makes about a program."""

    def __init__(self, program: Sequence[Declared]) -> None:
        told = [seen(each) for each in program]
        self.each = [proto.AnalyzeRequest(**one) for one in told]
        self.stack = proto.AnalyzeStackRequest()
        self.stack.resources.extend(map(in_stack, program, told))


def main() -> int:
    """Measure, print what was measured, and return the exit code."""
    program = copies(declared(STACK, MODES[1]), RESOURCES, f"ordermesh-{STACK}")
    console = Console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("measured", total=len(FAMILIES) + 3)
        start = _best(lambda: _serve(lambda _: None))
        progress.advance(bar)
        measured = _families(program, start, lambda: progress.advance(bar))
    console.print(_table(measured))
    full = measured[0].served
    missed = [
        _verdict(console, "start", start, START_SECONDS, "s"),
        _verdict(
            console,
            "full pack over gRPC",
            Took(_each(full.processor), _each(full.clock)),
            RESOURCE_MS,
            "ms per resource",
        ),
    ]
    return 1 if any(missed) else 0


def _serve(ask: Callable[[Any], object]) -> None:
    """Start a server of the pack, ask it something, and stop it."""
    with serving(PACK) as pack:
        ask(pack)


def _families(program: Sequence[Declared], start: Took, done: Callable[[], None]) -> list[Measured]:
    """The full pack, no rule at all, and each family without the others."""
    asked = Asked(program)
    families: list[tuple[str, Sequence[Rule]]] = [("full pack", RULES), ("no rule at all", ())]
    families += [(_name(module), module.RULES) for module in FAMILIES]
    config = json.loads(config_of(STACK).read_text())
    found = list[Measured]()
    for name, members in families:
        alone = _best(partial(_judge, members, program))
        own = {rule.id for rule in members}
        off = set[str]() if name == "full pack" else {rule.id for rule in RULES} - own
        given = {**config, **dict.fromkeys(off, "disabled")}
        served = _best(lambda given=given: _serve(lambda pack: _ask(pack, given, asked)))
        # Each time with a new server, as the engine does; its start is not the rules' doing.
        served = Took(served.processor - start.processor, served.clock - start.clock)
        found.append(Measured(name, len(own), alone, served))
        done()
    return found


def _ask(pack: Any, given: dict[str, Any], asked: Asked) -> None:
    configure(pack, given)
    for request in asked.each:
        pack.Analyze(request)
    pack.AnalyzeStack(asked.stack)


def _name(family: ModuleType) -> str:
    return family.__name__.rsplit(".", 1)[-1]


def _judge(members: Sequence[Rule], program: Sequence[Declared]) -> None:
    """Let rules judge a program without a server, with their settings at the defaults."""
    resources = [
        Resource(
            type=each.type,
            name=each.name,
            urn=each.urn,
            props=each.inputs,
            depends_on=each.property_dependencies,
        )
        for each in program
    ]
    stack = Stack(resources)
    for rule in members:
        settings = rule.config()
        for each in stack.of(*sorted(rule.types)):
            if isinstance(rule, StackRule):
                list(rule.check(each, settings, stack))
            elif isinstance(rule, ResourceRule):
                list(rule.check(each, settings))


def _best(work: Callable[[], object]) -> Took:
    """The quicker one of each of some rounds."""
    rounds = [_timed(work) for _ in range(ROUNDS)]
    return Took(min(each.processor for each in rounds), min(each.clock for each in rounds))


def _timed(work: Callable[[], object]) -> Took:
    clock, processor = time.perf_counter(), _processor()
    work()
    return Took(_processor() - processor, time.perf_counter() - clock)


def _processor() -> float:
    """Seconds that this process has worked, and every process that it has started and that has ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _each(seconds: float) -> float:
    """Milliseconds for each resource."""
    return seconds * 1_000 / RESOURCES


def _table(measured: Sequence[Measured]) -> Table:
    table = Table(title=f"Milliseconds of a processor for each of {RESOURCES} resources")
    for heading in ("family", "rules", "in process", "over gRPC", "of which without rules"):
        table.add_column(heading, justify="left" if heading == "family" else "right")
    full, nothing, *_ = measured
    for each in measured:
        served = _each(each.served.processor)
        share = f"{nothing.served.processor / each.served.processor:.0%}"
        row = [str(each.rules), f"{_each(each.alone.processor):.3f}", f"{served:.3f}", share]
        table.add_row(each.what, *row, style="bold" if each is full else "")
    return table


def _verdict(console: Console, what: str, took: Took, target: float, unit: str) -> bool:
    """Print how a measurement compares with its target; whether it is missed by more than the slack."""
    found = took.processor
    missed = found > target * SLACK
    said = "[red]missed[/]" if missed else "met" if found <= target else "within the slack"
    console.print(
        f"{what}: {found:.2f} {unit} ({took.clock:.2f} by the clock); target {target:g}, {said}"
    )
    return missed


if __name__ == "__main__":
    sys.exit(main())
