"""Analytics as a whole, in both forms: what it is made of and that nothing waits for it."""

import json
import re
from typing import Any

import pytest

from components.bucket import Bucket
from components.bus import Bus
from components.lake import Lake
from components.services.analytics import QUERIES, Analytics
from events.catalogue import CATALOGUE
from events.columns import columns
from events.routing import matched
from local.program import Program, declare
from tests.programs import MADE_IN, PLATFORM, declared_by

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
STREAM = "aws:kinesis/stream:Stream"
TABLE, DATABASE = "aws:glue/catalogTable:CatalogTable", "aws:glue/catalogDatabase:CatalogDatabase"
WORKGROUP, QUERY = "aws:athena/workgroup:Workgroup", "aws:athena/namedQuery:NamedQuery"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
BUCKET = "shop-test-analytics-data-123456789012-eu-west-1"
ACCOUNT = "eu-west-1:123456789012"
KEY = f"arn:aws:kms:{MADE_IN}:key/data"


def analytics(buffer: str) -> Program:
    return declared_by(
        lambda: Analytics(PLATFORM, Bus("bus", {"platform": PLATFORM}), buffer, buffer_seconds=60)
    )


@pytest.mark.parametrize(
    ("buffer", "entrance", "streams"),
    [
        ("direct", f"arn:aws:firehose:{ACCOUNT}:deliverystream/shop-test-analytics-delivery", 0),
        ("kinesis", f"arn:aws:kinesis:{ACCOUNT}:stream/shop-test-analytics-buffer", 1),
    ],
)
def test_every_event_is_handed_over_by_a_route_with_a_failure_queue_of_its_own(
    buffer, entrance, streams
):
    program = analytics(buffer)

    target = program.only(TARGET).inputs
    assert (target["arn"], target["inputPath"]) == (entrance, "$.detail")
    assert target["deadLetterConfig"]["arn"].endswith(":shop-test-analytics-route-undelivered")
    assert matched(json.loads(program.only(RULE).inputs["eventPattern"]), CATALOGUE) == CATALOGUE
    assert len(program.of(STREAM)) == streams
    assert ("kinesisSourceConfiguration" in program.only(DELIVERY).inputs) == bool(streams)


@pytest.mark.parametrize("buffer", ["direct", "kinesis"])
def test_whatever_takes_events_vouches_for_taking_them_twice(buffer):
    program = analytics(buffer)

    for taker in (*program.of(DELIVERY), *program.of(STREAM)):
        assert taker.inputs["tags"] == {"idempotent": "true"}


def test_another_buffer_is_refused_with_those_there_are():
    expected = "analytics: buffer is 'sqs'; take one of ['direct', 'kinesis']"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        analytics("sqs")


def test_objects_lie_where_the_table_looks_for_the_partition_of_their_day():
    program = analytics("direct")

    destination = program.only(DELIVERY).inputs["extendedS3Configuration"]
    parameters = program.only(TABLE).inputs["parameters"]
    written = f"s3://{BUCKET}/{destination['prefix']}"
    assert destination["bufferingInterval"] == 60
    assert destination["errorOutputPrefix"] == "errors/"
    assert (
        written.replace("!{timestamp:yyyy-MM-dd}", "${day}")
        == (parameters["storage.location.template"])
    )
    assert {key: parameters[f"projection.day.{key}"] for key in ("type", "format", "range")} == {
        "type": "date",
        "format": "yyyy-MM-dd",
        "range": "2025-01-01,NOW",
    }
    assert parameters["projection.enabled"] == "true"
    assert program.only(TABLE).inputs["partitionKeys"] == [{"name": "day", "type": "date"}]


def test_the_tables_columns_are_those_of_the_catalogue():
    program = analytics("direct")

    described = program.only(TABLE).inputs["storageDescriptor"]
    assert [(it["name"], it["type"]) for it in described["columns"]] == columns(CATALOGUE)
    assert described["location"] == f"s3://{BUCKET}/events/"
    assert described["serDeInfo"] == {
        "serializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "parameters": {"case.insensitive": "TRUE", "ignore.malformed.json": "TRUE"},
    }
    assert program.only(DATABASE).inputs["name"] == "shop_test_analytics"


def test_nobody_can_ask_for_more_than_the_workgroup_lets_them():
    assert analytics("direct").only(WORKGROUP).inputs["configuration"] == {
        "enforceWorkgroupConfiguration": True,
        "publishCloudwatchMetricsEnabled": True,
        "bytesScannedCutoffPerQuery": 10 * 1024**3,
        "resultConfiguration": {
            "outputLocation": f"s3://{BUCKET}/results/",
            "expectedBucketOwner": "123456789012",
            "encryptionConfiguration": {"encryptionOption": "SSE_S3"},
        },
    }


def test_queries_are_saved_with_the_workgroup():
    saved = {it.inputs["name"]: it.inputs for it in analytics("direct").of(QUERY)}

    assert saved.keys() == QUERIES.keys()
    for name, query in QUERIES.items():
        assert saved[name]["query"] == query["sql"]
        assert saved[name]["workgroup"] == "shop-test-analytics"
        assert saved[name]["database"] == "shop_test_analytics"


@pytest.mark.parametrize(("megabytes", "accepted"), [(9, False), (10, True)])
def test_a_query_may_read_ten_megabytes_at_least(megabytes, accepted):
    def build() -> Lake:
        bucket = Bucket("data", {"platform": PLATFORM, "expiry": {}})
        return Lake(
            "lake",
            {
                "platform": PLATFORM,
                "bucket": bucket,
                "table": "rows",
                "columns": [{"name": "id", "type": "string"}],
                "since": "2026-01-31",
                "scan_limit_mb": megabytes,
            },
        )

    if accepted:
        configuration = declared_by(build).only(WORKGROUP).inputs["configuration"]
        assert configuration["bytesScannedCutoffPerQuery"] == 10_485_760
    else:
        expected = "lake 'lake': scan_limit_mb is 9; Athena takes 10 or more"
        with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
            declared_by(build)


@pytest.mark.parametrize(("stack", "streams"), [("local", 0), ("dev", 0), ("prod", 1)])
def test_only_prod_has_a_stream_in_front(stack, streams):
    assert len(declare(stack).of(STREAM)) == streams


def _interval(stack: str) -> Any:
    delivery = declare(stack).only(DELIVERY)
    return delivery.inputs["extendedS3Configuration"]["bufferingInterval"]


def test_events_can_be_asked_for_at_once_on_the_local_stack_only():
    assert [_interval(stack) for stack in ("local", "dev", "prod")] == [1, 300, 300]


def test_in_prod_what_is_analysed_is_encrypted_with_the_stacks_key():
    program = declare("prod")

    [rule] = program.named(ENCRYPTION, "analytics-data-encryption").inputs["rules"]
    results = program.only(WORKGROUP).inputs["configuration"]["resultConfiguration"]
    assert program.only(STREAM).inputs["kmsKeyId"] == KEY
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == KEY
    assert results["encryptionConfiguration"] == {
        "encryptionOption": "SSE_KMS",
        "kmsKeyArn": KEY,
    }
