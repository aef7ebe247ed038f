"""What customers are told, and how it is told only once."""

from enum import StrEnum

from msgspec.structs import replace

from events.envelope import Event
from handlers.rows import Change, Row


class Status(StrEnum):
    CLAIMED = "CLAIMED"
    """A worker is telling the customer, or died doing so."""
    SENT = "SENT"


class Notice(Row, frozen=True, kw_only=True):
    """What became of telling the customer about one event."""

    status: Status
    claimed_by: str
    """The message, or the saga's execution, whose worker is at it; another copy of the event is another message."""
    claimed_until: int
    """When that worker is dead for certain, in milliseconds of Unix time."""
    told: tuple[str, ...] = ()
    """Channels that are done."""
    refused: tuple[str, ...] = ()
    """Those of them that will never take a message for the customer's address."""


class StillClaimedError(Exception):
    """The message came back while its first worker may still be at it."""


def claim(
    notice: Notice | None, *, by: str, now: int, until: int, alone: bool = False
) -> Change[Notice]:
    """Make telling the customer this worker's task, unless it is done or another's.

    Another copy's live claim is respected: that copy stays in the queue until it has succeeded. But a
    message that meets its own claim must not be taken for done, for then no copy might be left; only
    who is `alone` under its name may take that claim over.
    """
    if notice is None:
        return Change(Notice(status=Status.CLAIMED, claimed_by=by, claimed_until=until))
    if notice.status is Status.SENT:
        return Change(notice)
    if notice.claimed_until <= now or (alone and notice.claimed_by == by):
        return Change(replace(notice, claimed_by=by, claimed_until=until))
    if notice.claimed_by == by:
        raise StillClaimedError(f"{by} is being worked on until {until}")
    return Change(notice)


def is_claimed(notice: Notice, *, by: str) -> bool:
    """Whether telling the customer is the task of this message's worker."""
    return notice.status is Status.CLAIMED and notice.claimed_by == by


def note(notice: Notice | None, *, channel: str, by: str, refused: bool = False) -> Change[Notice]:
    """Remember that one channel is done, or can never be, so that nobody repeats it."""
    mine = _mine(notice, by)
    if channel in mine.told:
        # The write of this had an answer that was lost, so that it was made again.
        return Change(mine)
    never = (*mine.refused, channel) if refused else mine.refused
    return Change(replace(mine, told=(*mine.told, channel), refused=never))


def finish(notice: Notice | None, *, by: str, sent: Event) -> Change[Notice]:
    """Remember that all channels are done."""
    return Change(replace(_mine(notice, by), status=Status.SENT), (sent,))


def give_up(notice: Notice | None, *, by: str) -> Change[Notice]:
    """Let the next delivery of any copy go on from here at once."""
    return Change(replace(_mine(notice, by), claimed_until=0))


def _mine(notice: Notice | None, by: str) -> Notice:
    if notice is None or not is_claimed(notice, by=by):
        raise StillClaimedError(f"another worker has taken over from {by}")
    return notice
