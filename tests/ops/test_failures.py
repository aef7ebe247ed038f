import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.event import Glance, glance
from ops.failures import Failure, Reason, explain

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:work"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders:$LATEST"
DEEP = "[" * 100_000
"""More levels than any reader of JSON takes."""
TOLD = ("responsePayload", "DDBStreamBatchInfo")


def failure(body: Any = "{}", source: str | None = None, **attributes: str) -> Failure:
    text = body if isinstance(body, str) else json.dumps(body)
    return Failure("m-1", "r-1", text, attributes, datetime(2026, 1, 1, tzinfo=UTC), source)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            failure(
                ERROR_CODE="TIMEOUT",
                ERROR_MESSAGE="no answer",
                TARGET_ARN=QUEUE,
                EXHAUSTED_RETRY_CONDITION="MaximumRetryAttempts",
                RETRY_ATTEMPTS="185",
            ),
            Reason("TIMEOUT", "no answer (gave up at MaximumRetryAttempts, 185 retries)", QUEUE),
        ),
        (
            failure(ERROR_CODE="Unparsable", ERROR_MESSAGE="no JSON"),
            Reason("Unparsable", "no JSON", ""),
        ),
        (
            failure(
                {
                    "requestContext": {"condition": "RetriesExhausted", "functionArn": FUNCTION},
                    "requestPayload": {},
                    "responsePayload": {"errorType": "KeyError", "errorMessage": "'a'"},
                }
            ),
            Reason("RetriesExhausted", "KeyError: 'a'", FUNCTION),
        ),
        (
            failure(
                {
                    "requestContext": {"condition": "RecordAgeExceeded", "functionArn": FUNCTION},
                    "DDBStreamBatchInfo": {"batchSize": 3, "startSequenceNumber": "100"},
                }
            ),
            Reason("RecordAgeExceeded", "3 records from 100", FUNCTION),
        ),
        (
            failure("no JSON", source=QUEUE),
            Reason("ReceivesExhausted", "its consumer failed each time; see its log", QUEUE),
        ),
        (failure("[]"), Reason("Unknown", "nobody wrote down why", "")),
        (failure(DEEP), Reason("Unknown", "nobody wrote down why", "")),
        # What only looks as if Lambda had written it says nothing of why it failed either.
        *[
            (failure(body), Reason("Unknown", "nobody wrote down why", ""))
            for body in (
                {"requestContext": "no call"},
                {"requestContext": {}},
                {"requestContext": {"functionArn": 5}},
            )
        ],
        (
            failure(
                {"requestContext": {"condition": 5, "functionArn": "f"}, **dict.fromkeys(TOLD)}
            ),
            Reason("5", "", "f"),
        ),
    ],
)
def test_a_failure_is_explained_by_whoever_set_it_aside(found: Failure, reason: Reason):
    assert explain(found) == reason


def test_an_event_is_known_by_its_envelope():
    envelope = {
        "type": "order.created",
        "time": "2026-01-01T00:00:00.5Z",
        "data": {"orderId": "o-1"},
        "metadata": {"correlationId": "r-1"},
    }
    delivered = {"detail-type": "order.created", "time": "later", "detail": envelope}

    expected = Glance("2026-01-01T00:00:00.5Z", "order.created", "o-1", "r-1")
    assert glance(json.dumps(delivered)) == expected
    assert glance(json.dumps(envelope)) == expected


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", '{"detail": 3}', '{"detail": {"data": []}}', DEEP]
)
def test_whatever_is_broken_is_shown_as_unknown(text: str):
    assert glance(text) == Glance("?", "?", "?", "?")
