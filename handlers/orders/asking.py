"""Asks inventory over the bus what is in stock, and waits for the answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from events.catalogue import AvailabilityRequested
from events.envelope import Envelope, Metadata, rfc3339, wrap
from handlers.orders.answers import Answers, Stock

REPLY_TO = "orders"
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.25
GROWTH = 1.5


class UnansweredError(Exception):
    """Nobody answered in time; the same question may be answered later."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"inventory did not answer within {seconds:g} s; ask again later")


@dataclass(frozen=True)
class Clock:
    """Time, as one waits by it."""

    monotonic: Callable[[], float]
    """Seconds that pass evenly."""
    sleep: Callable[[float], None]


@dataclass(frozen=True)
class Line:
    """How a question reaches whom it is for, and how its answer comes back."""

    publish: Callable[[Envelope[Any]], None]
    answers: Answers
    clock: Clock
    patience_seconds: float
    """How long an answer is waited for."""


def ask(line: Line, product_id: str, quantity: int, metadata: Metadata) -> Stock:
    """What is in stock of a product; `UnansweredError` when that is not told in time."""
    deadline = line.clock.monotonic() + line.patience_seconds
    question = AvailabilityRequested(
        product_id=product_id,
        quantity=quantity,
        reply_to=REPLY_TO,
        answer_by=rfc3339(datetime.now(UTC) + timedelta(seconds=line.patience_seconds)),
    )
    envelope = wrap(question, metadata)
    line.publish(envelope)
    for pause in pauses():
        left = deadline - line.clock.monotonic()
        line.clock.sleep(max(0.0, min(pause, left)))
        answer = line.answers.to(envelope.id)
        if answer is not None:
            return answer
        if left <= pause:
            break
    raise UnansweredError(line.patience_seconds)


def pauses() -> Iterator[float]:
    """How long to wait before each look, in seconds: a prompt answer is seen soon, a late one costs few reads."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(pause * GROWTH, LONGEST_PAUSE_SECONDS)
