"""`python -m ops`: the operator's commands, on any stack by its outputs."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from events.catalogue import CATALOGUE, LONGEST_REASON
from ops import journal, products
from ops.commands import analytics, cost, failures, replay, tail
from ops.commands.command import on_stack, seconds
from ops.lineage import lineage, trees
from ops.parked import parked
from ops.resume import Resumed, discard, resume
from ops.stack import Stack

OUTPUTS = Path(".local/outputs.json")


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when all went well, 1 when work is left, 2 for a mistake in the call."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        return options.run(options, console)
    except (ValueError, TimeoutError, BotoCoreError, ClientError) as error:
        told = f"[red]error:[/] {escape(str(error))}"
        Console(stderr=True).print(told, highlight=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        Console(stderr=True).print("Interrupted.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    parser.add_argument(
        "--outputs",
        type=Path,
        default=OUTPUTS,
        help=f"what `pulumi stack output --json` printed, or `make up` wrote (default: {OUTPUTS})",
    )
    parser.add_argument("--region", default="us-east-1", help="AWS region (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("parked", help="show the work that waits for an operator")
    listing.set_defaults(run=on_stack(_parked))
    resuming = commands.add_parser("resume", help="let the sagas with parked work go on")
    resuming.add_argument(
        "--deadline", type=seconds, default=300, help="seconds to wait for them (default: 300)"
    )
    resuming.set_defaults(run=on_stack(_resume))
    discarding = commands.add_parser(
        "discard", help="give up for good what a saga has parked and nobody can ever resume"
    )
    discarding.add_argument("execution", help="name or ARN, as `parked` shows it")
    discarding.add_argument("--reason", type=_reason, required=True, help="why; it is kept")
    discarding.add_argument(
        "--force", action="store_true", help="also what can be resumed once its cause is mended"
    )
    discarding.set_defaults(run=on_stack(_discard))
    tracing = commands.add_parser("lineage", help="show what came of an order's request")
    tracing.add_argument("id", help="order id, or correlation id")
    tracing.set_defaults(run=on_stack(_lineage))
    happening = commands.add_parser("events", help="list what happened, by type and time")
    happening.add_argument("type", help="type of event, such as order.cancelled")
    happening.add_argument(
        "--since", default="1970-01-01", help="moment, such as 2026-01-31T08:00Z"
    )
    happening.add_argument(
        "--until", default="9999-01-01", help="moment; what happened then or later is left out"
    )
    happening.set_defaults(run=on_stack(_events))
    stocking = commands.add_parser("stock", help="write prices and stock from a JSON list")
    stocking.add_argument("file", type=Path, help="[{productId, name, price, available}, …]")
    stocking.set_defaults(run=on_stack(_stock))
    for group in (failures, cost, tail, replay, analytics):
        group.add_to(commands)
    return parser


def _parked(stack: Stack, _options: argparse.Namespace, console: Console) -> int:
    table = Table(*_whole("since", "step", "way", "error", "execution"), title="Parked work")
    works = parked(stack)
    for work in works:
        name = work.execution.rpartition(":")[2]
        table.add_row(work.parked_at, work.step, work.direction, work.error, name)
    console.print(table if works else "Nothing is parked.")
    return 1 if works else 0


def _resume(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    def tell(resumed: Resumed) -> None:
        mark = "[green]done[/]" if resumed.succeeded else "[red]parked again[/]"
        steps = ", ".join(resumed.steps)
        console.print(f"{mark} {resumed.execution.rpartition(':')[2]}: {steps}. {resumed.detail}")

    results = resume(stack, deadline_seconds=options.deadline, done=tell)
    if not results:
        console.print("Nothing is parked.")
    return 0 if all(result.succeeded for result in results) else 1


def _reason(text: str) -> str:
    if not 1 <= len(text.strip()) <= LONGEST_REASON:
        raise argparse.ArgumentTypeError(f"take 1 to {LONGEST_REASON} characters")
    return text.strip()


def _discard(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    given_up = discard(stack, options.execution, options.reason, force=options.force)
    steps = ", ".join(work.step for work in given_up)
    console.print(f"{options.execution}: {steps} given up for good.", highlight=False)
    return 0


def _lineage(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    for tree in trees(lineage(stack, options.id)):
        console.print(tree)
    return 0


def _events(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    found = journal.of_type(
        stack,
        options.type,
        since=journal.moment(options.since),
        until=journal.moment(options.until),
    )
    known = sorted(event.name for event in CATALOGUE)
    # One that the catalogue no longer has may have happened all the same.
    if not found and options.type not in known:
        raise ValueError(f"no event is called {options.type!r}; events are {known}")
    table = Table(*_whole("time", "event", "caused by", "correlation"), title=options.type)
    for event in found:
        metadata = event["metadata"]
        table.add_row(
            event["time"], event["id"], metadata["causationId"], metadata["correlationId"]
        )
    console.print(table if found else f"No {options.type} happened.")
    return 0


def _whole(*headings: str) -> list[Column]:
    """Columns that nothing is cut off in: what they show is what the next command takes."""
    return [Column(heading, overflow="fold") for heading in headings]


def _stock(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    written = products.put(stack, products.read(options.file))
    console.print(f"{written} products written.")
    return 0


def clean_up_when_told_to_end() -> None:
    """Let a terminal that closes, or `kill`, end a command as Ctrl-C does: what it made or holds is given back."""
    for told in (signal.SIGTERM, signal.SIGHUP):
        # Whoever ignores one, as `nohup` does, still does.
        if signal.getsignal(told) is signal.SIG_DFL:
            signal.signal(told, signal.default_int_handler)


if __name__ == "__main__":
    clean_up_when_told_to_end()
    sys.exit(main(sys.argv[1:]))
