"""Asking a stack's events: queries that Athena runs over all that was ever published."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ops.stack import Stack

EVENTS_BY_TYPE = "events by type"
"""The saved query that counts each event once, however often it was delivered."""
DEADLINE_SECONDS = 120.0
POLL_SECONDS = 0.1
SUCCEEDED, STOPPED = "SUCCEEDED", {"FAILED", "CANCELLED"}
BATCH = 50
"""What Athena tells of at once, at most."""


class QueryError(ValueError):
    """Athena could not answer a query; the message has its reason."""


@dataclass(frozen=True)
class Answer:
    """What a query found."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    """Values as text, the way that Athena writes them; none where there is no value."""
    scanned_bytes: int
    """What was read for it, and is paid for."""


def saved_queries(stack: Stack) -> dict[str, str]:
    """Name and SQL of the queries that are kept in the stack's workgroup."""
    workgroup, athena = stack.output("athenaWorkgroupName"), stack.client("athena")
    pages = athena.get_paginator("list_named_queries").paginate(WorkGroup=workgroup)
    ids = [found for page in pages for found in page["NamedQueryIds"]]
    return {
        query["Name"]: query["QueryString"]
        for start in range(0, len(ids), BATCH)
        for query in athena.batch_get_named_query(NamedQueryIds=ids[start : start + BATCH])[
            "NamedQueries"
        ]
    }


def run_saved(stack: Stack, name: str, *, deadline_seconds: float = DEADLINE_SECONDS) -> Answer:
    """Run a saved query; `ValueError` when there is none of that name, and as `run`."""
    queries = saved_queries(stack)
    if name not in queries:
        raise ValueError(f"no query {name!r} is saved; there are {sorted(queries)}")
    return run(stack, queries[name], deadline_seconds=deadline_seconds)


def run(
    stack: Stack,
    sql: str,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> Answer:
    """Run a query in the stack's workgroup and read all that it answers.

    Raises `QueryError` when Athena gives it up, and `TimeoutError`, having stopped it, after the deadline.
    """
    athena = stack.client("athena")
    query = athena.start_query_execution(
        QueryString=sql,
        WorkGroup=stack.output("athenaWorkgroupName"),
        QueryExecutionContext={"Database": stack.output("analyticsDatabaseName")},
    )["QueryExecutionId"]
    ended = _ended(athena, query, deadline_seconds, pause)
    scanned = ended.get("Statistics", {}).get("DataScannedInBytes", 0)
    columns, rows = _results(athena, query)
    return Answer(columns, rows, scanned)


def events_by_type(stack: Stack) -> dict[str, int]:
    """Type of event to how many there were."""
    answer = run_saved(stack, EVENTS_BY_TYPE)
    return {type_ or "": int(count or 0) for type_, count in answer.rows}


def _ended(
    athena: Any, query: str, deadline_seconds: float, pause: Callable[[float], None]
) -> Mapping[str, Any]:
    deadline = time.monotonic() + deadline_seconds
    while True:
        found = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        state = found["Status"]["State"]
        if state == SUCCEEDED:
            return found
        if state in STOPPED:
            reason = found["Status"].get("StateChangeReason", "Athena gave no reason")
            raise QueryError(f"query {query} is {state}: {reason}")
        if time.monotonic() >= deadline:
            athena.stop_query_execution(QueryExecutionId=query)
            raise TimeoutError(
                f"query {query} was still {state} after {deadline_seconds:g} s and was stopped"
            )
        pause(POLL_SECONDS)


def _results(athena: Any, query: str) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
    """Names and values; the first row of the first page repeats the names."""
    pages = list(athena.get_paginator("get_query_results").paginate(QueryExecutionId=query))
    columns = tuple(
        column["Name"] for column in pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    )
    rows = [
        tuple(value.get("VarCharValue") for value in row["Data"])
        for page in pages
        for row in page["ResultSet"]["Rows"]
    ]
    return columns, tuple(rows[1:])
