"""Answers what other services ask inventory over the bus."""

from collections.abc import Callable
from datetime import UTC, datetime

from events.catalogue import AvailabilityAnswered, AvailabilityRequested
from events.envelope import UnparsableEventError, wrap
from handlers.batch import Delivery, consumer
from handlers.inventory.store import stock
from handlers.logs import logger
from handlers.publishing import publish


@consumer(AvailabilityRequested)
def handler(delivery: Delivery) -> None:
    """Entry point: answer a question, unless nobody waits for the answer any more."""
    question = delivery.envelope.data
    if datetime.now(UTC) >= _moment(question.answer_by):
        # From a queue that was held up, or redriven: an answer would only be stored.
        logger().warning("nobody waits for this answer any more", answer_by=question.answer_by)
        return
    publish(wrap(answer(question, stock().available), delivery.envelope.causes()))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UnparsableEventError(
            f"answerBy is {text!r}; it must be a time with its zone (RFC 3339)"
        )
    return found


def answer(
    question: AvailabilityRequested, available: Callable[[str], int]
) -> AvailabilityAnswered:
    """What there is of the product, at this moment: nothing is set aside."""
    in_stock = available(question.product_id)
    return AvailabilityAnswered(
        product_id=question.product_id,
        sufficient=in_stock >= question.quantity,
        in_stock=in_stock,
        reply_to=question.reply_to,
    )
