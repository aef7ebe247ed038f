"""The journal's table: events by what they are about, in order of time."""

import os
from functools import cache
from typing import Any, Protocol

import msgspec

from events.envelope import Envelope, encode
from handlers.clients import client
from handlers.journal.domain import Recorded, aggregate_of, position
from handlers.table import to_item


class Journal(Protocol):
    """All events."""

    def record(self, envelope: Envelope[Any]) -> None:
        """Keep an event; nothing happens if it is kept already."""
        ...

    def of(self, aggregate: str) -> list[Recorded]:
        """All events about one thing, by time."""
        ...


class JournalTable:
    """The journal in DynamoDB."""

    def __init__(self, name: str) -> None:
        self._name = name

    def record(self, envelope: Envelope[Any]) -> None:
        """Keep an event; nothing happens if it is kept already."""
        dynamodb = client("dynamodb")
        item = {
            "aggregate": aggregate_of(envelope.data),
            "position": position(envelope),
            "id": envelope.id,
            "type": envelope.type,
            "correlationId": envelope.metadata.correlation_id,
            "event": encode(envelope),
        }
        try:
            dynamodb.put_item(
                TableName=self._name,
                Item=to_item(item),
                # The key holds the event's id, so this is: unless this very event is there.
                ConditionExpression="attribute_not_exists(#id)",
                ExpressionAttributeNames={"#id": "id"},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return

    def of(self, aggregate: str) -> list[Recorded]:
        """All events about one thing, by time."""
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self._name,
                KeyConditionExpression="#aggregate = :aggregate",
                ExpressionAttributeNames={"#aggregate": "aggregate"},
                ExpressionAttributeValues={":aggregate": {"S": aggregate}},
                ConsistentRead=True,
            )
        )
        return [
            msgspec.json.decode(item["event"]["S"], type=Recorded)
            for page in pages
            for item in page["Items"]
        ]


@cache
def journal() -> JournalTable:
    """The table that the environment names."""
    return JournalTable(os.environ["JOURNAL_TABLE"])
