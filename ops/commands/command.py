"""What all commands share: how one gets its stack, and arguments that are checked as they are read."""

import argparse
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console

from ops.stack import Stack

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse has no public name for it)

Command = Callable[[argparse.Namespace, Console], int]


def on_stack(command: Callable[[Stack, argparse.Namespace, Console], int]) -> Command:
    """A command that works on the stack whose outputs were named."""

    def run(options: argparse.Namespace, console: Console) -> int:
        return command(Stack.read(options.outputs, options.region), options, console)

    return run


def count(text: str) -> int:
    """A whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def rate(text: str) -> float:
    """So many a second: `5`, `0.5` or `5/s`."""
    return _above_zero(text.removesuffix("/s"), text, "rate")


def seconds(text: str) -> float:
    """A duration."""
    return _above_zero(text, text, "duration")


def _above_zero(number: str, text: str, what: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no {what}; take a number above 0")
    return value
