"""`python -m local`: the program on an embedded AWS, for a demonstration or to stay up."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from local import daemon, demo
from local.cloud import CloudError
from local.deployment import Deployment, deploy
from local.emulator import FOLDER, EmulatorError
from local.scenarios import many
from ops import __main__ as ops

EXPECTED = (daemon.DaemonError, EmulatorError, CloudError, ValueError)
"""Errors whose message says all that a user needs."""


def main(given: Sequence[str]) -> int:
    """Run one command; its exit status."""
    arguments = _parser().parse_args(given)
    console = Console()
    try:
        return arguments.command(arguments, console)
    except EXPECTED as error:
        console.print(f"[red]{arguments.name} failed:[/] {escape(str(error))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        left = arguments.command is up and daemon.Running.read(arguments.state)
        told = f"it is up all the same, at {left.endpoint}" if left else "nothing was left running"
        console.print(f"[red]{arguments.name} was interrupted;[/] {told}", soft_wrap=True)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True, metavar="command")
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.add_argument("--state", type=Path, default=FOLDER, help="folder (default: %(default)s)")
        if command in (up, demonstrate):
            sub.add_argument(
                "--coordination",
                default="orchestrated",
                help="orchestrated or choreographed: how the saga is run (default: %(default)s)",
            )
        if command is demonstrate:
            sub.add_argument(
                "--orders",
                type=int,
                help="so many instead, something failing on one in ten (default: every path)",
            )
            sub.add_argument(
                "--seed", type=int, default=1, help="of --orders (default: %(default)s)"
            )
        sub.set_defaults(command=command)
    return parser


def up(arguments: argparse.Namespace, console: Console) -> int:
    """Start the embedded AWS, deploy the program, and leave both running."""
    with console.status("Deploying to an embedded AWS"):
        deployment = daemon.up(
            arguments.state, partial(deploy, coordination=arguments.coordination)
        )
    _show(console, deployment)
    ends = "python -m local down"
    if arguments.state != FOLDER:
        ends += f" --state {shlex.quote(str(arguments.state))}"
    console.print(f"Written to {arguments.state / daemon.OUTPUTS}; `{ends}` ends it.")
    return 0


def down(arguments: argparse.Namespace, console: Console) -> int:
    """End what `up` started."""
    ended = daemon.down(arguments.state)
    console.print("The embedded AWS has ended." if ended else "Nothing is running.")
    return 0


def resume(arguments: argparse.Namespace, _console: Console) -> int:
    """Let the sagas with parked work go on, on what `up` started."""
    return ops.main(["--outputs", str(arguments.state / daemon.OUTPUTS), "resume"])


def demonstrate(arguments: argparse.Namespace, console: Console) -> int:
    """Deploy, send orders down every path, and check that nothing is lost or charged twice."""
    if arguments.orders is None:
        return demo.run(console, arguments.coordination)
    if arguments.orders < 1:
        raise ValueError(f"--orders is {arguments.orders}; take 1 or more")
    return demo.run(console, arguments.coordination, many(arguments.orders, arguments.seed))


def _show(console: Console, deployment: Deployment) -> None:
    table = Table("output", Column("value", overflow="fold"), title="Outputs")
    for name, value in sorted(deployment.outputs.items()):
        shown = (
            [f"{key}: {text}" for key, text in value.items()]
            if isinstance(value, dict)
            else [value]
        )
        table.add_row(name, "\n".join(map(str, shown)))
    console.print(table)
    made = sum(declared.custom for declared in deployment.resources)
    console.print(f"{made} resources were deployed in {deployment.seconds:.1f} s.")
    for what in deployment.not_emulated:
        console.print(f"[yellow]declared, not emulated:[/] {what}")


COMMANDS = {"demo": demonstrate, "up": up, "down": down, "resume": resume}

if __name__ == "__main__":
    ops.clean_up_when_told_to_end()
    sys.exit(main(sys.argv[1:]))
