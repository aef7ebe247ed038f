"""Event source mappings of DynamoDB streams, each going on by itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb, lambda_svc

from local.adaptations.pollers import may_poll
from local.adaptations.seam import Seams

SEAMS = Seams()

Mapping = dict[str, Any]
StreamRecord = dict[str, Any]


@dataclass
class Trouble:
    """What a mapping remembers about the batch that it cannot get past."""

    size: int
    """Records that the next attempt takes."""
    attempts: int = 0


_troubles: dict[str, Trouble] = {}


@SEAMS.replaces(lambda_svc, "_poll_dynamodb_streams")
def follow_streams(original: Callable[[], bool]) -> bool:  # noqa: ARG001 (replaced altogether)
    """Mappings of streams neither wait for each other nor get past a record that their function reports as failed.

    Of AWS's settings, these are honoured: filters, ReportBatchItemFailures, bisecting, maximum attempts,
    maximum record age, and the failure destination.
    """
    handed = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        with responses.request_scope(account, region):
            if _ready(mapping):
                lambda_svc._dispatch_esm_batch(mapping["UUID"], _next_batch, mapping)
                handed = True
    return handed


def _ready(mapping: Mapping) -> bool:
    uuid, stream = mapping["UUID"], mapping["EventSourceArn"]
    if ":dynamodb:" not in stream or not mapping["Enabled"] or lambda_svc._esm_inflight.get(uuid):
        return False
    if lambda_svc._esm_backoff_until.get(uuid, 0) > time.time():
        return False
    table = dynamodb._tables.get(_table(mapping)) or {}
    waiting = table.get("LatestStreamArn") == stream and bool(_records(mapping, 1))
    return waiting and may_poll(mapping)


def _table(mapping: Mapping) -> str:
    return mapping["EventSourceArn"].split(":table/")[1].split("/")[0]


def _records(mapping: Mapping, size: int) -> list[StreamRecord]:
    return dynamodb.stream_records_since(_table(mapping), _position(mapping), size)


def _position(mapping: Mapping) -> int:
    # What has expired since the last batch is gone, and the stream begins later.
    horizon = dynamodb.stream_start_position(_table(mapping))
    return max(lambda_svc._dynamodb_stream_positions[mapping["UUID"]], horizon)


def _advance(mapping: Mapping, records: int) -> None:
    lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = _position(mapping) + records


def _next_batch(mapping: Mapping) -> None:
    function, _ = lambda_svc._get_func_record_for_qualifier(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    if function is None:
        return
    trouble = _troubles.get(mapping["UUID"])
    batch = _records(mapping, trouble.size if trouble else mapping["BatchSize"])
    matching = lambda_svc._apply_filter_criteria(batch, mapping)
    if not matching:
        _advance(mapping, len(batch))
        return
    result = lambda_svc._execute_function(function, {"Records": matching})
    done = _processed(batch, result, mapping)
    if done:
        _troubles.pop(mapping["UUID"], None)
        _advance(mapping, done)
    if done < len(batch):
        _retry_or_give_up(mapping, function, batch[done:], result)


def _processed(batch: list[StreamRecord], result: dict[str, Any], mapping: Mapping) -> int:
    """How many records of a batch are done: those before the first that failed."""
    if result.get("error"):
        return 0
    answer = result.get("body")
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not failures or "ReportBatchItemFailures" not in mapping["FunctionResponseTypes"]:
        return len(batch)
    numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
    failed = [failure.get("itemIdentifier") for failure in failures]
    # An identifier that AWS does not know fails the whole batch.
    return min(numbers.index(number) if number in numbers else 0 for number in failed)


def _retry_or_give_up(
    mapping: Mapping, function: dict[str, Any], failed: list[StreamRecord], result: dict[str, Any]
) -> None:
    trouble = _troubles.setdefault(mapping["UUID"], Trouble(size=len(failed)))
    bisect = mapping.get("BisectBatchOnFunctionError") and result.get("error") and len(failed) > 1
    trouble.size = len(failed) // 2 if bisect else len(failed)
    trouble.attempts += not bisect
    condition = _given_up(mapping, failed, trouble)
    if condition is None:
        lambda_svc._esm_backoff_until[mapping["UUID"]] = (
            time.time() + lambda_svc._ESM_BACKOFF_SECONDS
        )
        return
    lambda_svc._send_ddb_stream_failure_record(
        mapping, function, failed, mapping["EventSourceArn"], result, condition
    )
    del _troubles[mapping["UUID"]]
    _advance(mapping, len(failed))


def _given_up(mapping: Mapping, failed: list[StreamRecord], trouble: Trouble) -> str | None:
    """The condition by which AWS names why it drops a batch; none while it goes on trying."""
    attempts = mapping.get("MaximumRetryAttempts", -1)
    if 0 <= attempts < trouble.attempts:
        return "RetryAttemptsExhausted"
    age = mapping.get("MaximumRecordAgeInSeconds", -1)
    if 0 < age < time.time() - failed[0]["dynamodb"]["ApproximateCreationDateTime"]:
        return "MaxRecordAgeExceeded"
    return None
