"""`analytics`: what Athena answers to a query that is saved with the stack."""

import argparse
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from ops.analytics import DEADLINE_SECONDS, EVENTS_BY_TYPE, run_saved
from ops.commands.command import on_stack, seconds
from ops.stack import Stack

if TYPE_CHECKING:
    from ops.commands.command import Commands


def add_to(commands: "Commands") -> None:
    """Make this command known to the parser."""
    analytics = commands.add_parser("analytics", help="run a saved query over all events")
    analytics.add_argument(
        "query",
        nargs="?",
        default=EVENTS_BY_TYPE,
        help="name of a query in the stack's workgroup (default: %(default)s)",
    )
    analytics.add_argument(
        "--deadline",
        type=seconds,
        default=DEADLINE_SECONDS,
        help="seconds to wait for the answer (default: %(default)g)",
    )
    analytics.set_defaults(run=on_stack(_analytics))


def _analytics(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    answer = run_saved(stack, options.query, deadline_seconds=options.deadline)
    table = Table(*answer.columns, title=options.query)
    for row in answer.rows:
        table.add_row(*(value or "" for value in row))
    console.print(table if answer.rows else f"Nothing to show for {options.query!r} yet.")
    console.print(f"{answer.scanned_bytes:,} bytes were read.", highlight=False)
    return 0
