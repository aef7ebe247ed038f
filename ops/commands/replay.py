"""`replay`: archived events again, for one rule."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from ops.commands.command import on_stack
from ops.replay import COMPLETED, Replay, check, follow, rule_arn, start
from ops.stack import Stack

if TYPE_CHECKING:
    from ops.commands.command import Commands


def add_to(commands: "Commands") -> None:
    """Make this command known to the parser."""
    replay = commands.add_parser("replay", help="give one rule the archived events of a time again")
    replay.add_argument("--from", dest="since", type=moment, required=True, help="time with zone")
    replay.add_argument(
        "--to",
        dest="until",
        type=moment,
        help="time with zone (default: now; the archive is some minutes late)",
    )
    replay.add_argument("--rule", required=True, help="name, the stack's prefix may be left out")
    replay.add_argument(
        "--force", action="store_true", help="also when its targets are not known to be idempotent"
    )
    replay.set_defaults(run=on_stack(_replay))


def moment(text: str) -> datetime:
    """A time with its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time with a zone; take one such as 2026-01-31T12:00:00Z"
        )
    return found


def _replay(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    rule = rule_arn(stack, options.rule)
    if not options.force:
        check(stack, rule)
    name = start(stack, rule, options.since, options.until or datetime.now(UTC))
    try:
        with console.status(f"replaying to {rule}") as status:

            def tell(found: Replay) -> None:
                status.update(f"{found.state.lower()}, reached {found.reached or 'nothing yet'}")

            ended = follow(stack, name, tell)
    except KeyboardInterrupt:
        console.print(f"It goes on without us: aws events cancel-replay --replay-name {name}")
        return 1
    console.print(f"{name}: {ended.state} {escape(ended.reason)}".rstrip(), highlight=False)
    return 0 if ended.state == COMPLETED else 1
