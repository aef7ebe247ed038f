"""Run the policy pack over the program of each stack, as it is first previewed and as it is applied.

Run `python -m policy.check`, or `python -m policy.check prod` for one stack. It exits with 1 on a mandatory
violation, and when a rule could not run because a value was not known.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.program import declare

from .guardrails.engine import Report, Violation, configure, judge, rules
from .guardrails.server import serving

PACK = Path(__file__).resolve().parent
STACKS = ("dev", "prod")
MODES = {"first preview": True, "applied": False}


@dataclass(frozen=True)
class Checked:
    """A stack in one mode, and what the pack made of it."""

    stack: str
    mode: str
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


def check(stacks: Sequence[str]) -> Iterator[Checked]:
    """What the pack makes of the program of each stack in each mode."""
    for stack in stacks:
        for mode, preview in MODES.items():
            program = list(declare(stack, preview=preview))
            with serving(PACK) as pack:
                configure(pack, json.loads(config_of(stack).read_text()))
                yield Checked(stack, mode, len(program), len(rules(pack)), judge(pack, program))


def _table(checked: Sequence[Checked]) -> Table:
    table = Table(title="Policies")
    for heading in ("stack", "mode"):
        table.add_column(heading)
    for heading in ("resources", "rules", "mandatory", "advisory", "skipped: unknown"):
        table.add_column(heading, justify="right")
    for each in checked:
        report = each.report
        counts = (report.of("mandatory"), report.of("advisory"), report.skipped)
        row = [str(each.resources), str(each.rules), *(str(len(found)) for found in counts)]
        table.add_row(each.stack, each.mode, *row, style="" if each.passed else "red")
    return table


def _lines(checked: Sequence[Checked]) -> Iterator[str]:
    """Each violation once, with the stacks and modes in which it was found."""
    seen: dict[Violation, list[str]] = {}
    for each in checked:
        for violation in (*each.report.violations, *each.report.skipped):
            seen.setdefault(violation, []).append(f"{each.stack}, {each.mode}")
    for violation, where in seen.items():
        name = violation.urn.rsplit("::", 1)[-1] or "the stack"
        yield f"{violation.level} {violation.policy}: {name}: {violation.message} ({'; '.join(where)})"


def main(stacks: Sequence[str]) -> int:
    """Check the stacks, print what was found, and return the exit code."""
    console = Console(soft_wrap=True)
    if unknown := [stack for stack in stacks if not config_of(stack).exists()]:
        console.print(f"{unknown[0]!r} has no configuration of the pack; there is one for {STACKS}")
        return 2
    checked = list(check(stacks))
    for line in _lines(checked):
        console.print(line, markup=False, highlight=False)
    console.print(_table(checked))
    return 0 if all(each.passed for each in checked) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or STACKS))
