"""`tail`: events as they happen."""

import argparse
import json
import math
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from ops.commands.command import count, on_stack, seconds
from ops.event import glance
from ops.stack import Stack
from ops.tail import EVERYTHING, arriving, tapped

if TYPE_CHECKING:
    from ops.commands.command import Commands


def add_to(commands: "Commands") -> None:
    """Make this command known to the parser."""
    tail = commands.add_parser("tail", help="show events as they happen, until Ctrl-C")
    tail.add_argument(
        "--pattern", type=_pattern, default=EVERYTHING, help="EventBridge pattern (default: all)"
    )
    tail.add_argument("--limit", type=count, default=sys.maxsize, help="events, then end")
    tail.add_argument("--seconds", type=seconds, default=math.inf, help="how long, then end")
    tail.set_defaults(run=on_stack(_tail))


def _pattern(text: str) -> dict[str, Any]:
    try:
        pattern = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON: {error}") from None
    if not isinstance(pattern, dict):
        raise argparse.ArgumentTypeError(
            f'{text!r} is no pattern; take a JSON object such as {{"source": ["orders"]}}'
        )
    return pattern


def _tail(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    try:
        with tapped(stack, options.pattern) as url:
            console.print(f"Listening on {stack.output('eventBusName')}.", highlight=False)
            for text in islice(arriving(stack, url, options.seconds), options.limit):
                event = glance(text)
                line = f"{event.time}  {event.type:<20}  {event.order_id}  {event.correlation_id}"
                console.print(escape(line), highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        console.print("Ended; the rule and the queue are removed.")
    return 0
