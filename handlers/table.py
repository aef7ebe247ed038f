"""Versioned rows in a DynamoDB table, with the outbox in the same table."""

import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic

import msgspec

from events.envelope import Envelope, encode
from handlers.clients import client
from handlers.rows import OvertakenError, RowT

OUTBOX_DAYS = 7
"""How long an event stays in the outbox: far longer than the stream needs, and long enough to look at."""
CONDITION_FAILED = "ConditionalCheckFailed"
PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Why a transaction is cancelled that can be made a moment later; the SDK makes only single writes again."""


class Table(Generic[RowT]):
    """Rows of one type; those with events are written in one transaction with their outbox."""

    def __init__(self, name: str, key: str, row_type: type[RowT], prefix: str = "") -> None:
        self.name = name
        self._key = key
        self._prefix = prefix
        self._row_type = row_type

    def load(self, key: str) -> RowT | None:
        """The row as last written, or None."""
        found = client("dynamodb").get_item(
            TableName=self.name, Key=self._key_of(key), ConsistentRead=True
        )
        return self.read(found["Item"]) if "Item" in found else None

    def save(self, key: str, row: RowT, outbox: Sequence[Envelope[Any]]) -> None:
        """Write the row and its outbox, or neither; `OvertakenError` if that was not to be had now."""
        self.commit([self.update(key, row), *map(self.publication, outbox)])

    def read(self, item: Mapping[str, Any]) -> RowT:
        """The row that an item holds."""
        return msgspec.convert(from_item(item), self._row_type)

    def commit(self, writes: Sequence[Mapping[str, Any]]) -> None:
        """Make all writes, or none; the first is the row's, whose condition guards them all."""
        dynamodb = client("dynamodb")
        try:
            if len(writes) == 1:
                dynamodb.update_item(**writes[0]["Update"])
            else:
                dynamodb.transact_write_items(TransactItems=writes)
        except dynamodb.exceptions.TransactionCanceledException as error:
            codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
            if codes[0] == CONDITION_FAILED or PASSING.intersection(codes):
                raise OvertakenError(f"{self.name}: {codes}") from error
            raise
        except (
            dynamodb.exceptions.ConditionalCheckFailedException,
            dynamodb.exceptions.TransactionConflictException,
        ) as error:
            raise OvertakenError(f"{self.name}: {error}") from error

    def update(self, key: str, row: RowT) -> dict[str, Any]:
        """The write of a row, on condition that it is still of the version that was read."""
        values = msgspec.to_builtins(row) | {"version": row.version + 1}
        values.pop(self._key, None)
        fields = [name for name in row.__struct_encode_fields__ if name != self._key]
        gone = [name for name in fields if name not in values]
        assigned = to_item({f":{name}": value for name, value in values.items()})
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        if gone:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in gone)
        names = {f"#{name}": name for name in [*values, *gone]}
        if row.version:
            condition = "#version = :read"
            assigned[":read"] = {"N": str(row.version)}
        else:
            condition = "attribute_not_exists(#key)"
            names["#key"] = self._key
        return {
            "Update": {
                "TableName": self.name,
                "Key": self._key_of(key),
                "UpdateExpression": expression,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": assigned,
            }
        }

    def publication(self, envelope: Envelope[Any]) -> dict[str, Any]:
        """The write that puts an event into the outbox, from where the stream takes it to the bus."""
        item = {
            self._key: f"outbox#{envelope.id}",
            "event": encode(envelope),
            "aggregate": envelope.data.aggregate_id,
            "expiresAt": int(time.time()) + OUTBOX_DAYS * 86_400,
        }
        return {"Put": {"TableName": self.name, "Item": to_item(item)}}

    def _key_of(self, key: str) -> dict[str, Any]:
        return {self._key: {"S": self._prefix + key}}


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as DynamoDB's typed attributes."""
    serializer, _ = _codec()
    return {name: serializer.serialize(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's typed attributes as plain values."""
    _, deserializer = _codec()
    return {name: deserializer.deserialize(value) for name, value in item.items()}


@cache
def _codec() -> tuple[Any, Any]:
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer  # noqa: PLC0415 (see client)

    class IntegerDeserializer(TypeDeserializer):
        """Reads numbers as int: rows hold no others, for money is text."""

        def _deserialize_n(self, value: str) -> Any:
            return int(value)

    return TypeSerializer(), IntegerDeserializer()
