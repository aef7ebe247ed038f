"""`queues`, `show` and `redrive`: failure queues, what is in them and back to work with it."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Column, Table

from ops.commands.command import count, on_stack, rate
from ops.event import glance
from ops.failures import LOOKED_AT, depth, explain, find, find_all, peek
from ops.redrive import Options, Step, redrive
from ops.stack import Stack

if TYPE_CHECKING:
    from ops.commands.command import Commands


def add_to(commands: "Commands") -> None:
    """Make these commands known to the parser."""
    queues = commands.add_parser("queues", help="show what waits in the failure queues")
    queues.set_defaults(run=on_stack(_queues))
    show = commands.add_parser("show", help="show why the messages of a failure queue failed")
    show.add_argument(
        "queue", metavar="QUEUE", help="name of a failure queue, as `queues` shows it"
    )
    show.add_argument("--limit", type=count, default=10, help="messages (default: %(default)s)")
    show.set_defaults(run=on_stack(_show))
    again = commands.add_parser("redrive", help="hand what failed to whom it was for")
    again.add_argument(
        "queue", metavar="QUEUE", help="name of a failure queue, as `queues` shows it"
    )
    again.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    again.add_argument(
        "--rate", type=rate, default=10.0, help="messages in a second, at most (default: 10/s)"
    )
    again.add_argument(
        "--limit", type=count, default=sys.maxsize, help="messages, at most (default: all)"
    )
    again.add_argument(
        "--force", action="store_true", help="also to targets that are not known to be idempotent"
    )
    again.set_defaults(run=on_stack(_redrive))


def _queues(stack: Stack, _options: argparse.Namespace, console: Console) -> int:
    # A queue's name is what `show` and `redrive` take, so it is never cut off.
    queue, kind = Column("queue", no_wrap=True), Column("kind", no_wrap=True)
    owner = Column("owner", overflow="fold")
    table = Table(queue, kind, owner, "messages", "oldest", title="Failure queues")
    waiting = 0
    for queue in find_all(stack):
        messages = depth(stack, queue)
        waiting += messages
        found = peek(stack, queue) if messages else []
        # Beyond what was looked at there may be an older one.
        at_least = ">= " if messages > LOOKED_AT else ""
        oldest = at_least + _age(found[0].sent) if found else ""
        style = "red" if messages else None
        table.add_row(queue.name, queue.kind, queue.owner, str(messages), oldest, style=style)
    console.print(table)
    return 1 if waiting else 0


def _age(since: datetime) -> str:
    return str(timedelta(seconds=int((datetime.now(UTC) - since).total_seconds())))


def _show(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    queue = find(stack, options.queue)
    found = peek(stack, queue, options.limit)
    for failure in found:
        reason, event = explain(failure), glance(failure.body)
        console.print(f"[bold]{escape(event.type)}[/] {escape(failure.message_id)}", soft_wrap=True)
        for label, value in (
            ("first sent", f"{failure.sent:%Y-%m-%d %H:%M:%S} UTC, {_age(failure.sent)} ago"),
            ("order", event.order_id),
            ("correlation", event.correlation_id),
            ("error", f"{reason.code}: {reason.message}"),
            ("at", reason.at),
            ("rule", failure.attributes.get("RULE_ARN", "")),
        ):
            if value:
                console.print(f"  {label:<12}{escape(value)}", soft_wrap=True, highlight=False)
    shown = f"{len(found)} of {depth(stack, queue)} messages in {queue.name}"
    console.print(f"{shown} ({queue.kind} failures of {queue.owner}).", highlight=False)
    return 1 if found else 0


def _redrive(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    queue = find(stack, options.queue)
    total = min(options.limit, depth(stack, queue))
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task(f"redriving {queue.name}", total=total)

        def tell(step: Step) -> None:
            progress.advance(bar)
            console.print(_told(step, dry_run=options.dry_run), soft_wrap=True, highlight=False)

        wanted = Options(options.limit, options.rate, force=options.force, dry_run=options.dry_run)
        outcome = redrive(stack, queue, wanted, tell)
    left = depth(stack, queue)
    verdict = "Interrupted: " if outcome.interrupted else ""
    console.print(
        f"{verdict}{outcome.redriven} redriven, {outcome.kept} refused; {left} wait in {queue.name}.",
        highlight=False,
    )
    return 1 if outcome.interrupted or outcome.kept else 0


def _told(step: Step, *, dry_run: bool) -> str:
    event = glance(step.failure.body)
    what = f"{escape(event.type)} of {escape(event.order_id)}"
    if step.refused is not None:
        return f"[red]kept[/] {what}: {escape(step.refused)}"
    verb = "would hand over" if dry_run else "[green]handed over[/]"
    return f"{verb} {what} to {escape(step.target)}"
