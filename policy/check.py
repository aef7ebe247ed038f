"""Run the policy pack over the program of each stack, as it is first previewed and as it is applied.

Each is also judged with what a stack may choose, because the change that chooses it is no time to learn what is wrong.

Run `python -m policy.check`, or `python -m policy.check prod` for one stack. It exits with 1 on a mandatory
violation, and when a rule could not run because a value was not known.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub
from rich.console import Console
from rich.table import Table

from local.program import Declared, declare

from .guardrails.engine import Report, configure, judge, rules
from .guardrails.server import serving

PACK = Path(__file__).resolve().parent
STACKS = ("dev", "prod")
MODES = ("first preview", "applied")
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "vpc, waf": {"vpc": True, "waf": True},
    "choreographed": {"coordination": "choreographed"},
}
"""Settings that a stack is judged with besides its own, by what the table calls them."""


@dataclass(frozen=True)
class Checked:
    """A stack in one mode, and what the pack made of it."""

    stack: str
    mode: str
    options: str
    resources: int
    rules: int
    report: Report

    @property
    def passed(self) -> bool:
        """Whether nothing mandatory was violated and no rule was left out."""
        return not self.report.of("mandatory") and not self.report.skipped


def config_of(stack: str) -> Path:
    """The pack's configuration for a stack, as `--policy-pack-config` takes it."""
    return PACK / f"config.{stack}.json"


def declared(stack: str, mode: str, options: str = "") -> list[Declared]:
    """All that the program declares for a stack, with some of `OPTIONS`."""
    return list(declare(stack, preview=mode == MODES[0], **OPTIONS[options]))


def check(
    pack: AnalyzerStub, stack: str, mode: str, program: Sequence[Declared], options: str = ""
) -> Checked:
    """What a running pack, with the configuration for a stack, makes of a program."""
    configure(pack, json.loads(config_of(stack).read_text()))
    return Checked(stack, mode, options, len(program), len(rules(pack)), judge(pack, program))


def _checked(stack: str, mode: str, options: str) -> Checked:
    # A pack of its own each time: an exception that dev needs is no excuse for prod to have it.
    with serving(PACK) as pack:
        return check(pack, stack, mode, declared(stack, mode, options), options)


def _table(checked: Sequence[Checked]) -> Table:
    table = Table(title="Policies")
    for heading in ("stack", "mode", "with"):
        table.add_column(heading)
    for heading in ("resources", "rules", "mandatory", "advisory", "skipped: unknown"):
        table.add_column(heading, justify="right")
    for each in checked:
        report = each.report
        counts = (report.of("mandatory"), report.of("advisory"), report.skipped)
        row = [str(each.resources), str(each.rules), *(str(len(found)) for found in counts)]
        table.add_row(each.stack, each.mode, each.options, *row, style="" if each.passed else "red")
    return table


def _lines(checked: Sequence[Checked]) -> Iterator[str]:
    """Each thing that is wrong once, with the resources, stacks and modes in which it was found; what fails comes last."""
    found: dict[tuple[str, str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for each in checked:
        for violation in (*each.report.violations, *each.report.skipped):
            key = (violation.level, violation.policy, violation.message)
            names, where = found.setdefault(key, ({}, {}))
            names[violation.urn.rsplit("::", 1)[-1] or "the stack"] = None
            with_options = f" with {each.options}" if each.options else ""
            where[f"{each.stack} {each.mode}{with_options}"] = None
    for (level, policy, message), (names, where) in sorted(
        found.items(), key=lambda each: each[0][0] == "mandatory"
    ):
        yield f"{level} {policy}: {', '.join(names)}: {message} ({', '.join(where)})"


def main(stacks: Sequence[str]) -> int:
    """Check the stacks, print what was found, and return the exit code."""
    console = Console(soft_wrap=True)
    if unknown := [stack for stack in stacks if not config_of(stack).exists()]:
        console.print(f"{unknown[0]!r} has no configuration of the pack; there is one for {STACKS}")
        return 2
    checked = [
        _checked(stack, mode, options) for stack in stacks for options in OPTIONS for mode in MODES
    ]
    for line in _lines(checked):
        console.print(line, markup=False, highlight=False)
    console.print(_table(checked))
    return 0 if all(each.passed for each in checked) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or STACKS))
