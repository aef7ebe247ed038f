import functools
import json
import re
from typing import Any, cast

import pytest

from components.bucket import Bucket
from components.delivery_stream import DeliveryStream, DeliveryStreamArgs
from components.platform import Platform
from components.stream import Stream, StreamArgs
from local.program import Program
from tests.programs import ACCOUNT, MADE_IN, PLATFORM, declared_by, made, policy_of

DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
STREAM = "aws:kinesis/stream:Stream"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOG_GROUP, LOG_STREAM = "aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/logStream:LogStream"
ROLE = "aws:iam/role:Role"
GROUP = "/aws/kinesisfirehose/shop-test-copy"
BUCKET_ARN = "arn:aws:s3:::shop-test-data-123456789012-eu-west-1"
STREAM_ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/shop-test-peaks"
ENCRYPTED: Platform = {**PLATFORM, "key_arn": "arn:aws:kms:eu-west-1:123456789012:key/k"}
RETAINED: Platform = {**PLATFORM, "retain_data": True}


def build(platform: Platform = PLATFORM, *, streamed: bool = False, **more: Any) -> DeliveryStream:
    given = {
        "platform": platform,
        "bucket": Bucket("data", {"platform": platform, "expiry": {}}),
        "prefix": "events/",
        "error_prefix": "errors/",
        **more,
    }
    if streamed:
        given["source"] = Stream("peaks", {"platform": platform})
    return DeliveryStream("copy", cast("DeliveryStreamArgs", given))


def destination(program: Program) -> dict[str, Any]:
    return program.only(DELIVERY).inputs["extendedS3Configuration"]


def test_records_become_lines_of_compressed_objects():
    program = declared_by(build)

    assert destination(program) == {
        "bucketArn": "arn:aws:s3:::shop-test-data-123456789012-eu-west-1",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/shop-test-copy-role",
        "prefix": "events/",
        "errorOutputPrefix": "errors/",
        "bufferingInterval": 300,
        "bufferingSize": 64,
        "compressionFormat": "GZIP",
        "processingConfiguration": {
            "enabled": True,
            "processors": [{"type": "AppendDelimiterToRecord"}],
        },
        "cloudwatchLoggingOptions": {
            "enabled": True,
            "logGroupName": GROUP,
            "logStreamName": "delivery",
        },
    }


def test_its_log_is_kept_as_long_as_all_others():
    program = declared_by(build)

    assert program.only(LOG_GROUP).inputs == {"name": GROUP, "retentionInDays": 30}
    assert program.only(LOG_STREAM).inputs == {"name": "delivery", "logGroupName": GROUP}


WRITING = {
    *((f"s3:{it}", BUCKET_ARN) for it in ("GetBucketLocation", "ListBucket")),
    ("s3:ListBucketMultipartUploads", BUCKET_ARN),
    *((f"s3:{it}", f"{BUCKET_ARN}/*") for it in ("AbortMultipartUpload", "GetObject", "PutObject")),
    ("logs:PutLogEvents", f"arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}:*"),
}
READING = {
    (f"kinesis:{it}", STREAM_ARN)
    for it in ("DescribeStream", "GetRecords", "GetShardIterator", "ListShards")
}


@pytest.mark.parametrize(("streamed", "may"), [(False, WRITING), (True, WRITING | READING)])
def test_its_role_may_do_what_it_uses_and_nothing_else(streamed, may):
    program = declared_by(lambda: build(streamed=streamed))

    assert set(policy_of(program, "copy-permissions")) == may
    trust = json.loads(program.only(ROLE).inputs["assumeRolePolicy"])["Statement"]
    assert [it["Principal"] for it in trust] == [{"Service": "firehose.amazonaws.com"}]
    permissions = program.named("aws:iam/rolePolicy:RolePolicy", "copy-permissions")
    assert permissions.urn in program.only(DELIVERY).dependencies


def test_what_is_put_to_it_directly_is_encrypted_by_it():
    delivery, program = made(build)

    inputs = program.only(DELIVERY).inputs
    assert inputs["serverSideEncryption"] == {"enabled": True, "keyType": "AWS_OWNED_CMK"}
    assert "kinesisSourceConfiguration" not in inputs
    assert delivery.entrance_arn == (
        "arn:aws:firehose:eu-west-1:123456789012:deliverystream/shop-test-copy"
    )


def test_with_a_key_of_its_own_a_stack_encrypts_with_that():
    program = declared_by(lambda: build(ENCRYPTED))

    assert program.only(DELIVERY).inputs["serverSideEncryption"] == {
        "enabled": True,
        "keyType": "CUSTOMER_MANAGED_CMK",
        "keyArn": ENCRYPTED.get("key_arn"),
    }
    assert program.only(LOG_GROUP).inputs["kmsKeyId"] == ENCRYPTED.get("key_arn")


def test_what_it_reads_from_a_stream_is_encrypted_there():
    delivery, program = made(lambda: build(streamed=True))

    inputs = program.only(DELIVERY).inputs
    assert inputs["kinesisSourceConfiguration"] == {
        "kinesisStreamArn": f"arn:aws:kinesis:{MADE_IN}:stream/shop-test-peaks",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/shop-test-copy-role",
    }
    assert "serverSideEncryption" not in inputs
    assert delivery.entrance_arn == STREAM_ARN


def test_somebody_is_woken_when_records_wait_a_quarter_of_an_hour_longer_than_they_have_to():
    inputs = declared_by(lambda: build(buffer_seconds=60)).only(ALARM).inputs

    assert (inputs["namespace"], inputs["metricName"]) == (
        "AWS/Firehose",
        "DeliveryToS3.DataFreshness",
    )
    assert inputs["dimensions"] == {"DeliveryStreamName": "shop-test-copy"}
    assert (inputs["statistic"], inputs["threshold"]) == ("Maximum", 960)


@pytest.mark.parametrize("idempotent", [False, True])
def test_it_says_that_its_reader_is_idempotent_only_when_told(idempotent):
    program = declared_by(lambda: build(idempotent=idempotent))

    expected = {"idempotent": "true"} if idempotent else None
    assert program.only(DELIVERY).inputs.get("tags") == expected


@pytest.mark.parametrize(
    ("key", "property_", "good", "bad", "allowed"),
    [
        ("buffer_seconds", "bufferingInterval", (0, 900), (-1, 901), "0 to 900"),
        ("buffer_mb", "bufferingSize", (1, 128), (0, 129), "1 to 128"),
    ],
)
def test_records_are_gathered_as_long_as_firehose_offers(key, property_, good, bad, allowed):
    for value in good:
        program = declared_by(functools.partial(build, **{key: value}))
        assert destination(program)[property_] == value
    for value in bad:
        expected = f"delivery stream 'copy': {key} is {value}; Firehose takes {allowed}"
        with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
            declared_by(functools.partial(build, **{key: value}))


def stream(**more: Any) -> Program:
    given = cast("StreamArgs", {"platform": PLATFORM, **more})
    return declared_by(lambda: Stream("peaks", given))


def test_a_stream_grows_with_its_load_and_is_encrypted():
    assert stream().only(STREAM).inputs == {
        "name": "shop-test-peaks",
        "streamModeDetails": {"streamMode": "ON_DEMAND"},
        "retentionPeriod": 24,
        "encryptionType": "KMS",
        "kmsKeyId": "alias/aws/kinesis",
    }


def test_a_stream_is_encrypted_with_the_stacks_own_key_and_kept_if_data_is():
    inputs = stream(platform=ENCRYPTED).only(STREAM).inputs

    assert inputs["kmsKeyId"] == ENCRYPTED.get("key_arn")
    assert stream(platform=RETAINED).only(STREAM).protect
    assert not stream().only(STREAM).protect


def test_somebody_is_woken_when_a_reader_falls_behind():
    inputs = stream().only(ALARM).inputs

    assert inputs["metricName"] == "GetRecords.IteratorAgeMilliseconds"
    assert inputs["dimensions"] == {"StreamName": "shop-test-peaks"}
    assert (inputs["statistic"], inputs["threshold"]) == ("Maximum", 900_000)


@pytest.mark.parametrize("hours", [23, 8_761])
def test_a_stream_keeps_records_as_long_as_kinesis_offers(hours):
    expected = f"stream 'peaks': retention_hours is {hours}; Kinesis takes 24 to 8760"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        stream(retention_hours=hours)
