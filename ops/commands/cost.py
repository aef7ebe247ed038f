"""`cost`: what a stack costs, by what it declares; nothing has to be deployed for that."""

import argparse
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from ops.idle import Cost, monthly, unpriced
from ops.per_order import CALL_SECONDS, emails, per_million
from ops.prices import AS_OF

if TYPE_CHECKING:
    from ops.commands.command import Commands


def add_to(commands: "Commands") -> None:
    """Make this command known to the parser."""
    cost = commands.add_parser("cost", help="price what a stack declares, idle and by orders")
    cost.add_argument("--stack", default="prod", help="of Pulumi.STACK.yaml (default: %(default)s)")
    cost.set_defaults(run=_cost)


def _cost(options: argparse.Namespace, console: Console) -> int:
    # Running the program takes pulumi and its provider, which no other command needs.
    from local.program import ROOT, declare  # noqa: PLC0415

    stacks = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
    if options.stack not in stacks:
        raise ValueError(f"there is no stack {options.stack!r}; there are {stacks}")
    declared = declare(options.stack).declared
    console.print(_table(f"{options.stack}, a month without orders", monthly(declared)))
    console.print(_table(f"{options.stack}, a million orders", per_million(declared)))
    console.print(
        f"List prices of us-east-1 in {AS_OF}, with calls of {CALL_SECONDS} s. E-mail comes on top: "
        f"{emails().usd:,.2f} USD for a million orders if every customer leaves an address.\n"
        "Not in it: transfer, storage, traces, requests to customer keys, the free tier.",
        highlight=False,
    )
    if unknown := unpriced(declared):
        console.print(f"Without a price here: {', '.join(unknown)}.", highlight=False)
    return 0


def _table(title: str, costs: Sequence[Cost]) -> Table:
    total = sum((cost.usd for cost in costs), Decimal())
    table = Table(title=title, show_footer=True)
    table.add_column("what", footer="total")
    table.add_column("quantity", justify="right")
    table.add_column("USD", justify="right", footer=f"{total:,.2f}")
    table.add_column("share", justify="right")
    for cost in costs:
        share = f"{cost.usd / total:.0%}"
        table.add_row(cost.price.unit, f"{cost.quantity:,.0f}", f"{cost.usd:,.2f}", share)
    return table
