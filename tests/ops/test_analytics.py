"""What is asked of Athena, and what is made of its answers."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.analytics import Answer, QueryError, events_by_type, run, run_saved, saved_queries
from ops.stack import Stack

REASON = "line 1:8: Column 'x' cannot be resolved"
OUTPUTS = {"athenaWorkgroupName": "group", "analyticsDatabaseName": "base"}


@pytest.fixture
def athena() -> Iterator[Stubber]:
    client = boto3.client(
        "athena", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def stack(athena: Stubber) -> Stack:
    return Stack(OUTPUTS, "eu-west-1", None, {"athena": athena.client})


def started(athena: Stubber, sql: str = "SELECT 1") -> None:
    asked = {
        "QueryString": sql,
        "WorkGroup": "group",
        "QueryExecutionContext": {"Database": "base"},
    }
    athena.add_response("start_query_execution", {"QueryExecutionId": "q-1"}, asked)


def in_state(athena: Stubber, state: str, **more: Any) -> None:
    status = {"State": state, **more}
    found = {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": 42}}}
    athena.add_response("get_query_execution", found, {"QueryExecutionId": "q-1"})


def page(athena: Stubber, *rows: list[str | None], token: str = "", asked: str = "") -> None:
    names = [{"Name": name, "Type": "varchar"} for name in ("type", "events")]
    found: dict[str, Any] = {
        "ResultSet": {
            "ResultSetMetadata": {"ColumnInfo": names},
            "Rows": [
                {"Data": [{} if it is None else {"VarCharValue": it} for it in row]} for row in rows
            ],
        }
    }
    request = {"QueryExecutionId": "q-1"} | ({"NextToken": asked} if asked else {})
    athena.add_response(
        "get_query_results", found | ({"NextToken": token} if token else {}), request
    )


def saved(athena: Stubber, **queries: str) -> None:
    ids = list(queries)
    athena.add_response("list_named_queries", {"NamedQueryIds": ids}, {"WorkGroup": "group"})
    found = [
        {"Name": name.replace("_", " "), "QueryString": sql, "Database": "base"}
        for name, sql in queries.items()
    ]
    if ids:
        athena.add_response(
            "batch_get_named_query", {"NamedQueries": found}, {"NamedQueryIds": ids}
        )


def test_a_query_is_waited_for_and_all_of_its_pages_are_read(athena: Stubber, stack: Stack):
    started(athena)
    in_state(athena, "QUEUED")
    in_state(athena, "RUNNING")
    in_state(athena, "SUCCEEDED")
    page(athena, ["type", "events"], ["order.created", "2"], token="more")
    page(athena, ["order.shipped", None], asked="more")
    pauses: list[float] = []

    answer = run(stack, "SELECT 1", pause=pauses.append)

    assert answer == Answer(
        ("type", "events"), (("order.created", "2"), ("order.shipped", None)), 42
    )
    assert len(pauses) == 2


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_athena_gives_up_is_told_of_with_its_reason(
    athena: Stubber, stack: Stack, state: str
):
    started(athena)
    in_state(athena, state, StateChangeReason=REASON)

    with pytest.raises(QueryError, match=f"^query q-1 is {state}: {REASON}$"):
        run(stack, "SELECT 1")


def test_a_query_is_stopped_at_its_deadline(athena: Stubber, stack: Stack):
    started(athena)
    in_state(athena, "RUNNING")
    athena.add_response("stop_query_execution", {}, {"QueryExecutionId": "q-1"})

    with pytest.raises(
        TimeoutError, match=r"^query q-1 was still RUNNING after 0 s and was stopped"
    ):
        run(stack, "SELECT 1", deadline_seconds=0)


def test_queries_that_are_saved_are_known_by_name(athena: Stubber, stack: Stack):
    saved(athena, first_one="SELECT 1", second="SELECT 2")

    assert saved_queries(stack) == {"first one": "SELECT 1", "second": "SELECT 2"}


def test_a_query_that_is_not_saved_is_named_with_those_that_are(athena: Stubber, stack: Stack):
    saved(athena, revenue="SELECT 1")

    with pytest.raises(ValueError, match=r"^no query 'losses' is saved; there are \['revenue'\]$"):
        run_saved(stack, "losses")


def test_events_are_counted_by_type(athena: Stubber, stack: Stack):
    saved(athena, events_by_type="SELECT type")
    started(athena, "SELECT type")
    in_state(athena, "SUCCEEDED")
    page(athena, ["type", "events"], ["order.created", "2"], ["order.shipped", "1"])

    assert events_by_type(stack) == {"order.created": 2, "order.shipped": 1}


def test_a_stack_without_analytics_has_nothing_to_ask():
    with pytest.raises(ValueError, match=r"^the stack has no output 'athenaWorkgroupName'"):
        events_by_type(Stack({}, "eu-west-1", None, {"athena": object()}))
