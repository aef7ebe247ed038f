import json
import re

import pytest

from components.bucket import Bucket, BucketArgs
from components.platform import Platform
from tests.programs import PLATFORM, declared_by, made, statements

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
NAME = "shop-test-data-123456789012-eu-west-1"
ARN = f"arn:aws:s3:::{NAME}"
RETAINED: Platform = {**PLATFORM, "retain_data": True}
ENCRYPTED: Platform = {**PLATFORM, "key_arn": "arn:aws:kms:eu-west-1:123456789012:key/k"}


def args(platform: Platform = PLATFORM, **expiry: int) -> BucketArgs:
    return {"platform": platform, "expiry": expiry}


def test_a_bucket_has_a_name_that_no_other_account_or_region_takes():
    bucket, program = made(lambda: Bucket("data", args()))

    assert program.only(BUCKET).inputs == {"bucket": NAME, "forceDestroy": True}
    assert (bucket.physical_name, bucket.static_arn) == (NAME, ARN)


def test_a_name_that_s3_would_refuse_is_refused_first():
    longest = declared_by(lambda: Bucket("d" * 30, args())).only(BUCKET).inputs["bucket"]

    assert len(longest) == 63
    with pytest.raises(ValueError, match=r"^the name 'shop-test-d{31}-.*' has 64 .*; S3 takes 63:"):
        declared_by(lambda: Bucket("d" * 31, args()))


def test_nobody_else_sees_into_it():
    program = declared_by(lambda: Bucket("data", args()))

    assert program.only(BLOCK).inputs == {
        "bucket": "data-id",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    [closed] = statements(program.only(POLICY))
    assert (closed["Effect"], closed["Principal"], closed["Action"]) == ("Deny", "*", "s3:*")
    assert closed["Resource"] == [ARN, f"{ARN}/*"]
    assert closed["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert program.only(BLOCK).urn in program.only(POLICY).dependencies


def test_without_a_key_of_its_own_a_stack_encrypts_with_s3s():
    [rule] = declared_by(lambda: Bucket("data", args())).only(ENCRYPTION).inputs["rules"]

    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}


def test_with_a_key_of_its_own_a_stack_encrypts_with_that():
    [rule] = declared_by(lambda: Bucket("data", args(ENCRYPTED))).only(ENCRYPTION).inputs["rules"]

    assert rule == {
        "applyServerSideEncryptionByDefault": {
            "sseAlgorithm": "aws:kms",
            "kmsMasterKeyId": ENCRYPTED.get("key_arn"),
        },
        "bucketKeyEnabled": True,
    }


def test_objects_expire_by_what_their_keys_begin_with():
    given: BucketArgs = {"platform": PLATFORM, "expiry": {"results/": 7, "": 90}}

    leftovers, *rules = declared_by(lambda: Bucket("data", given)).only(LIFECYCLE).inputs["rules"]

    assert leftovers["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert leftovers["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert [
        (it["id"], it["status"], it["filter"]["prefix"], it["expiration"]["days"]) for it in rules
    ] == [
        ("expire results/", "Enabled", "results/", 7),
        ("expire everything", "Enabled", "", 90),
    ]


def test_an_object_is_kept_for_a_day_at_least():
    given: BucketArgs = {"platform": PLATFORM, "expiry": {"results/": 0}}
    expected = "'results/' would be kept for 0 days; S3 takes 1 or more"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        declared_by(lambda: Bucket("data", given))


def test_data_to_retain_is_not_deleted_with_its_bucket_and_can_be_brought_back():
    program = declared_by(lambda: Bucket("data", args(RETAINED)))

    assert program.only(BUCKET).inputs["forceDestroy"] is False
    assert program.only(VERSIONING).inputs["versioningConfiguration"] == {"status": "Enabled"}


def test_other_data_has_one_version_and_no_access_log():
    program = declared_by(lambda: Bucket("data", args()))

    assert program.of(VERSIONING) == []
    assert program.of(LOGGING) == []


def test_requests_are_logged_to_another_bucket():
    given: BucketArgs = {**args(), "access_logs": "shop-test-logs"}

    assert declared_by(lambda: Bucket("data", given)).only(LOGGING).inputs == {
        "bucket": "data-id",
        "targetBucket": "shop-test-logs",
        "targetPrefix": "data/",
    }


def test_a_bucket_for_logs_admits_those_of_its_buckets_and_no_others():
    given: BucketArgs = {**args(ENCRYPTED), "logs_of": ["data"]}

    program = declared_by(lambda: Bucket("logs", given))

    _, admitted = json.loads(program.only(POLICY).inputs["policy"])["Statement"]
    assert admitted == {
        "Sid": "AccessLogsOnly",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::shop-test-logs-123456789012-eu-west-1/*",
        "Condition": {
            "ArnEquals": {"aws:SourceArn": [ARN]},
            "StringEquals": {"aws:SourceAccount": "123456789012"},
        },
    }
    # S3's log delivery has no use for a customer key.
    [rule] = program.only(ENCRYPTION).inputs["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
