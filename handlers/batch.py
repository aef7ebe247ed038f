"""A function that consumes events from an SQS queue, each message on its own."""

import functools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from events.envelope import REDRIVEN, Envelope, Event, UnparsableEventError, parse
from handlers import faults
from handlers.clients import client
from handlers.logs import logger

PAUSES_SECONDS = (5, 20, 80, 320)
"""After the first failure of a message, the second, and so on: seven minutes in all for an outage to pass.

After the fifth it goes to the failure queue at once.
"""
LONGEST_MESSAGE = 1000
"""Characters of an error's message that a dead letter carries along."""


@dataclass(frozen=True)
class Delivery:
    """One copy of an event, as it came out of the queue."""

    envelope: Envelope[Any]
    message_id: str
    """Tells this copy from others of the same event; the same when the copy is received again."""
    seconds_left: Callable[[], float]
    """How long the function may still run."""
    attempt: int = 0
    """How often this copy was received before."""
    redriven: bool = False
    """Whether an operator has taken it out of the failure queue."""


def consumer(*expected: type[Event]) -> Callable[[Callable[[Delivery], None]], Callable[..., Any]]:
    """Make a consumer of these events: it gets a `Delivery`; what it raises brings the message back.

    A message that can never be read, by its form or by what the consumer finds in it, goes to the dead-letter queue
    at once, with the reason.
    """

    def decorate(consume: Callable[[Delivery], None]) -> Callable[..., Any]:
        @functools.wraps(consume)
        def entry(event: dict[str, Any], context: Any) -> Any:
            def handle(record: SQSRecord) -> None:
                try:
                    envelope = _read(record.body, expected)
                    with logger().append_context_keys(**_keys(envelope)), _coming_back(record):
                        _consume(consume, _delivery(record, envelope, seconds_left))
                except UnparsableEventError as error:
                    _bury(record, error)

            def seconds_left() -> float:
                return context.get_remaining_time_in_millis() / 1000

            return process_partial_response(event, handle, _processor(), context)

        return entry

    return decorate


def _consume(consume: Callable[[Delivery], None], delivery: Delivery) -> None:
    """Let the consumer work, with the fault that is wanted of it, by the name of its function."""
    faults.around(
        os.environ.get("POWERTOOLS_SERVICE_NAME", ""),
        delivery.envelope.metadata.faults,
        lambda: consume(delivery),
        attempt=delivery.attempt,
        resumed=delivery.redriven,
    )


def _delivery(
    record: SQSRecord, envelope: Envelope[Any], seconds_left: Callable[[], float]
) -> Delivery:
    return Delivery(
        envelope,
        record.message_id,
        seconds_left,
        attempt=_receives(record) - 1,
        redriven=REDRIVEN in record.message_attributes,
    )


def _receives(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count)


def _keys(envelope: Envelope[Any]) -> dict[str, str]:
    """What every line of the log says while an event is worked on."""
    return {
        "correlation_id": envelope.metadata.correlation_id,
        f"{envelope.data.aggregate}_id": envelope.data.aggregate_id,
        "event": envelope.type,
    }


@contextmanager
def _coming_back(record: SQSRecord) -> Iterator[None]:
    """What fails here comes back with its message, unless it will never be better."""
    try:
        yield
    except UnparsableEventError:
        raise
    except Exception:
        logger().exception("message failed, it will come back")
        _put_off(record)
        raise


def _put_off(record: SQSRecord) -> None:
    """Let a failed message come back after a pause that grows, rather than after the queue's long timeout."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (see client)

    receives = _receives(record)
    pause = PAUSES_SECONDS[receives - 1] if receives <= len(PAUSES_SECONDS) else 0
    try:
        client("sqs").change_message_visibility(
            QueueUrl=os.environ["QUEUE_URL"],
            ReceiptHandle=record.receipt_handle,
            # Half of it at random, so that what failed together does not come back together.
            VisibilityTimeout=round(random.uniform(pause / 2, pause)),  # noqa: S311 (no secret)
        )
    except (BotoCoreError, ClientError):
        # It comes back after the queue's timeout then; its own failure is what has to be reported.
        logger().exception("message could not be put off")


def _processor() -> BatchProcessor:
    # Failed messages are reported one by one even if all of them failed: the function itself works.
    return BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def _read(body: str, expected: tuple[type[Event], ...]) -> Envelope[Any]:
    """The envelope inside EventBridge's event inside the message."""
    try:
        delivered = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnparsableEventError(f"the message is no JSON: {error}") from error
    if not isinstance(delivered, dict) or not isinstance(delivered.get("detail"), dict):
        raise UnparsableEventError("the message is no event of EventBridge: it has no detail")
    return parse(delivered["detail"], *expected)


def _bury(record: SQSRecord, error: UnparsableEventError) -> None:
    """Move a message to the dead-letter queue; it stays where it is if that fails."""
    reason = str(error)[:LONGEST_MESSAGE]
    attributes = {"ERROR_CODE": "Unparsable", "ERROR_MESSAGE": reason}
    client("sqs").send_message(
        QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"],
        MessageBody=record.body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )
    logger().error("unparsable message", message_id=record.message_id, reason=reason)
