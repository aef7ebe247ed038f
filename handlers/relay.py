"""The relay: takes events out of a table's stream and puts them on the bus, in order.

One call of PutEvents never holds two events about one thing, and after a failed entry nothing more
is sent: so no event can reach the bus while an earlier one about the same thing has not.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from handlers.clients import client
from handlers.logs import logger

MOST_ENTRIES = 10
"""Entries that one call of PutEvents takes."""
MOST_BYTES = 1024 * 1024
"""Bytes that the entries of one call may have together."""
TIME_BYTES = 14
"""What EventBridge counts for an entry's time."""


class _Headline(msgspec.Struct):
    """What the bus wants to know of an envelope."""

    source: str
    type: str
    time: str


@dataclass(frozen=True)
class Outgoing:
    """An event on its way from the stream to the bus."""

    sequence_number: str
    aggregate: str
    entry: dict[str, Any]
    size: int


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Publish the outbox items of a stream batch; the stream resumes at the first that failed."""
    bus = os.environ["BUS_NAME"]
    # Somebody's id may begin like the key of an outbox item: what holds no event is none.
    told = (record for record in event["Records"] if "event" in record["dynamodb"]["NewImage"])
    for batch in batches(_outgoing(record, bus) for record in told):
        failed = _publish(batch)
        if failed:
            return {"batchItemFailures": [{"itemIdentifier": failed.sequence_number}]}
    return {"batchItemFailures": []}


def batches(waiting: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Cut the events, in their order, into calls that PutEvents takes and that keep the order."""
    batch: list[Outgoing] = []
    for outgoing in waiting:
        full = len(batch) == MOST_ENTRIES
        heavy = sum(other.size for other in batch) + outgoing.size > MOST_BYTES
        if batch and (full or heavy or outgoing.aggregate in {other.aggregate for other in batch}):
            yield batch
            batch = []
        batch.append(outgoing)
    if batch:
        yield batch


def _outgoing(record: Mapping[str, Any], bus: str) -> Outgoing:
    item = record["dynamodb"]["NewImage"]
    detail = item["event"]["S"]
    headline = msgspec.json.decode(detail, type=_Headline)
    texts = (headline.source, headline.type, detail)
    return Outgoing(
        sequence_number=record["dynamodb"]["SequenceNumber"],
        aggregate=item["aggregate"]["S"],
        entry={
            "Time": headline.time,
            "Source": headline.source,
            "DetailType": headline.type,
            "Detail": detail,
            "EventBusName": bus,
        },
        size=TIME_BYTES + sum(len(text.encode()) for text in texts),
    )


def _publish(batch: list[Outgoing]) -> Outgoing | None:
    """Put one call's events on the bus; the first that the bus did not take, or None."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (see client)

    try:
        answer = client("events").put_events(Entries=[outgoing.entry for outgoing in batch])
    except (BotoCoreError, ClientError):
        logger().exception("the bus did not answer")
        return batch[0]
    for outgoing, result in zip(batch, answer["Entries"], strict=True):
        if "ErrorCode" in result:
            logger().error(
                "event not taken by the bus",
                aggregate=outgoing.aggregate,
                error=result["ErrorCode"],
                reason=result.get("ErrorMessage", ""),
            )
            return outgoing
    return None
