"""The videos' table: rows by id, written on condition."""

import os
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

Write = dict[str, Any]


class ConditionFailedError(Exception):
    """Nothing was written, because a row is not as one of the writes demands."""


def video_key(video_id: str) -> str:
    """The key of a video's row."""
    return f"video#{video_id}"


def load(key: str) -> dict[str, Any]:
    """The row as last written; empty when there is none."""
    found = _dynamodb().get_item(TableName=_table(), Key=_key(key), ConsistentRead=True)
    read = TypeDeserializer().deserialize
    return {name: read(value) for name, value in found.get("Item", {}).items()}


def put(key: str, values: dict[str, Any], condition: str) -> Write:
    """A write that makes a row what is given."""
    write = TypeSerializer().serialize
    item = {name: write(value) for name, value in values.items()}
    return {
        "Put": {
            "TableName": _table(),
            "Item": {**item, **_key(key)},
            "ConditionExpression": condition,
        }
    }


def update(key: str, expression: str, condition: str = "", **values: object) -> Write:
    """A write that changes a row, or makes it; `:name` in the expressions stands for a value."""
    write = TypeSerializer().serialize
    change: Write = {"TableName": _table(), "Key": _key(key), "UpdateExpression": expression}
    if condition:
        change["ConditionExpression"] = condition
    if values:
        change["ExpressionAttributeValues"] = {
            f":{name}": write(value) for name, value in values.items()
        }
    return {"Update": change}


def transact(*writes: Write) -> None:
    """Make all writes, or none; `ConditionFailedError` when a condition does not hold."""
    try:
        _dynamodb().transact_write_items(TransactItems=writes)
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", ())
        if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
            raise ConditionFailedError from error
        raise


@cache
def _dynamodb() -> Any:
    return boto3.client("dynamodb")


def _table() -> str:
    return os.environ["VIDEOS_TABLE"]


def _key(key: str) -> dict[str, Any]:
    return {"id": {"S": key}}
