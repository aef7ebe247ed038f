"""The journal of a stack: every event that its services published, by what it is about, type or request."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from events.envelope import rfc3339
from ops.stack import Stack

BY_TYPE, BY_CORRELATION = "byType", "byCorrelation"

Event = dict[str, Any]
"""An event as it was published: an envelope."""


def moment(text: str) -> str:
    """A moment as events have it: RFC 3339 in UTC, with milliseconds; `ValueError` if the text is none."""
    try:
        found = datetime.fromisoformat(text)
        return rfc3339(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        # One at either end of time may have no equal in UTC.
        raise ValueError(
            f"{text!r} is no moment; write one as RFC 3339 has it, such as 2026-01-31T08:00:00Z"
        ) from None


def of_order(stack: Stack, order_id: str) -> list[Event]:
    """All events about an order, by time."""
    return _query(stack, "aggregate", f"order#{order_id}")


def of_request(stack: Stack, correlation_id: str) -> list[Event]:
    """All events that came of one request, by time."""
    return _query(stack, "correlationId", correlation_id, index=BY_CORRELATION)


def of_type(stack: Stack, type_: str, *, since: str = "0", until: str = "9") -> list[Event]:
    """All events of a type, from one `moment` to before another, by time."""
    return _query(stack, "type", type_, index=BY_TYPE, between=(since, until))


def all_events(stack: Stack) -> list[Event]:
    """Every event in the journal, in no order."""
    pages = stack.client("dynamodb").get_paginator("scan")
    return list(
        _events(pages.paginate(TableName=stack.output("journalTableName"), ConsistentRead=True))
    )


def _query(
    stack: Stack,
    key: str,
    value: str,
    *,
    index: str | None = None,
    between: tuple[str, str] | None = None,
) -> list[Event]:
    asked: dict[str, Any] = {
        "TableName": stack.output("journalTableName"),
        "KeyConditionExpression": "#key = :key",
        "ExpressionAttributeNames": {"#key": key},
        "ExpressionAttributeValues": {":key": {"S": value}},
    }
    # An index follows its table within moments, and can be asked for no more than that.
    asked |= {"IndexName": index} if index else {"ConsistentRead": True}
    if between:
        since, until = between
        asked["KeyConditionExpression"] += " AND #position BETWEEN :since AND :until"
        asked["ExpressionAttributeNames"]["#position"] = "position"
        asked["ExpressionAttributeValues"] |= {":since": {"S": since}, ":until": {"S": until}}
    return list(_events(stack.client("dynamodb").get_paginator("query").paginate(**asked)))


def _events(pages: Any) -> Iterator[Event]:
    for page in pages:
        for item in page["Items"]:
            yield json.loads(item["event"]["S"])
