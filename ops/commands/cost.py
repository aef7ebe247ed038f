"""`cost`: what a stack costs, by what it declares; nothing has to be deployed for that."""

import argparse
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from ops.idle import Cost, monthly, unpriced
from ops.per_order import CALL_SECONDS, emails, per_million
from ops.prices import AS_OF, Price

if TYPE_CHECKING:
    from ops.commands.command import Commands


COORDINATIONS = ("orchestrated", "choreographed")


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
    declared = {
        coordination: declare(options.stack, coordination=coordination).declared
        for coordination in COORDINATIONS
    }
    idle = {name: monthly(resources) for name, resources in declared.items()}
    busy = {name: per_million(resources) for name, resources in declared.items()}
    console.print(_table(f"{options.stack}, a month without orders", idle))
    console.print(_table(f"{options.stack}, a million orders", busy))
    console.print(
        f"List prices of us-east-1 in {AS_OF}, with calls of {CALL_SECONDS} s. E-mail comes on top: "
        f"{emails().usd:,.2f} USD for a million orders if every customer leaves an address.\n"
        "Not in it: transfer, storage, traces, requests to customer keys, the free tier.",
        highlight=False,
    )
    everything = [resource for resources in declared.values() for resource in resources]
    if unknown := unpriced(everything):
        console.print(f"Without a price here: {', '.join(unknown)}.", highlight=False)
    return 0


def _table(title: str, costs: Mapping[str, Sequence[Cost]]) -> Table:
    """Both ways to coordinate side by side, what is dearest in either of them first."""
    table = Table(title=title, show_footer=True)
    table.add_column("what", footer="total")
    for name, found in costs.items():
        table.add_column(name, justify="right")
        total = sum((cost.usd for cost in found), Decimal())
        table.add_column("USD", justify="right", footer=f"{total:,.2f}")
    dearest = {cost.price: cost.usd for found in costs.values() for cost in found}
    for found in costs.values():
        for cost in found:
            dearest[cost.price] = max(dearest[cost.price], cost.usd)
    for price in sorted(dearest, key=lambda price: dearest[price], reverse=True):
        table.add_row(
            price.unit, *(cell for found in costs.values() for cell in _cells(price, found))
        )
    return table


def _cells(price: Price, costs: Sequence[Cost]) -> tuple[str, str]:
    for cost in costs:
        if cost.price == price:
            return f"{cost.quantity:,.0f}", f"{cost.usd:,.2f}"
    return "", ""
