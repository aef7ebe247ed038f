"""State as versioned rows: read, decide, write if nobody wrote in between, together with the events."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from events.envelope import Envelope, Event, Metadata, wrap
from handlers.logs import logger

ATTEMPTS = 10
"""How often a decision is made anew when others keep writing the same rows."""
PAUSE_SECONDS = 0.02
"""The longest pause before the second attempt is twice this; it doubles with each further one."""
LONGEST_PAUSE_SECONDS = 1.28
"""No pause is longer: with all of them, a call still ends within the ten seconds that a function has."""


class Row(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a table remembers under one key."""

    version: int = 0
    """Counts the writes; a row that was never written has version 0."""


RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True)
class Change(Generic[RowT]):
    """A decision: the row as it is from now on, and the events that this causes.

    A row equal to the one that was read is not written again.
    """

    row: RowT
    events: tuple[Event, ...] = ()


class OvertakenError(Exception):
    """Another call wrote the row, or is writing it, since it was read; or the table was too busy for both."""


class Rows(Protocol[RowT]):
    """Rows of one type, each with an outbox beside it."""

    def load(self, key: str) -> RowT | None:
        """The row as last written, or None."""
        ...

    def save(self, key: str, row: RowT, outbox: Sequence[Envelope[Any]]) -> None:
        """Write the row and its outbox, or neither.

        Raises `OvertakenError` unless the row stored has the version of the one given.
        """
        ...


def carry_out(
    rows: Rows[RowT],
    key: str,
    decide: Callable[[RowT | None], Change[RowT]],
    metadata: Metadata | None = None,
    *,
    known: RowT | None = None,
) -> RowT:
    """Decide on the row as it is and write the decision; the row as it is afterwards.

    `decide` is pure: it is asked again whenever a write was not to be had. The events that it causes
    get the metadata; a decision that causes none needs none. A row that its caller has just written, `known`,
    is read again only if somebody else wrote since, or if nothing is to be written, which is how that is found out.
    """
    row = known if known and decide(known).row != known else rows.load(key)
    for attempt in range(1, ATTEMPTS):
        try:
            return _attempt(rows, key, row, decide, metadata)
        except OvertakenError:
            longest = min(PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
            time.sleep(random.uniform(0, longest))  # noqa: S311 (no secret)
        row = rows.load(key)
    return _attempt(rows, key, row, decide, metadata)


def _attempt(
    rows: Rows[RowT],
    key: str,
    row: RowT | None,
    decide: Callable[[RowT | None], Change[RowT]],
    metadata: Metadata | None,
) -> RowT:
    change = decide(row)
    if change.row == row:
        return change.row
    rows.save(key, change.row, _outbox(change.events, metadata))
    for event in change.events:
        logger().info(event.name)
    return replace(change.row, version=change.row.version + 1)


def _outbox(events: tuple[Event, ...], metadata: Metadata | None) -> list[Envelope[Any]]:
    if events and metadata is None:
        raise ValueError(f"{[event.name for event in events]} cannot be told without metadata")
    return [wrap(event, metadata) for event in events if metadata]
