"""Where data is kept: tables, streams, databases, buckets, secrets."""

from policy.guardrails.aws import (
    BUCKET,
    DB_CLUSTER,
    DB_INSTANCE,
    FIREHOSE,
    KINESIS,
    SECRET,
    TABLE,
)
from policy.guardrails.rules.buckets import (
    ACCESS_BLOCK,
    BLOCKS,
    ENCRYPTION,
    LIFECYCLE,
    LOGGING,
    VERSIONING,
)
from policy.guardrails.rules.data import ROTATION
from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, Given, given

PROTECTED = {"pointInTimeRecovery": {"enabled": True}, "deletionProtectionEnabled": True}
DATABASE = {
    "storageEncrypted": True,
    "backupRetentionPeriod": 7,
    "deletionProtection": True,
    "enabledCloudwatchLogsExports": ["error"],
    "iamDatabaseAuthenticationEnabled": True,
}
LAKE = given(BUCKET, "lake", bucket="lake")
S3 = {"errorOutputPrefix": "errors/", "cloudwatchLoggingOptions": {"enabled": True}}


def _kept(type_: str, **inputs: object) -> Given:
    return Given(type_, "it", inputs, protect=True)


def _bucket_settings(*without: str, **changed: object) -> list[Given]:
    blocks = dict.fromkeys(BLOCKS, True) | changed
    settings = {
        ACCESS_BLOCK: blocks,
        ENCRYPTION: {"rules": [{}]},
        VERSIONING: {"versioningConfiguration": {"status": "Enabled"}},
        LIFECYCLE: {"rules": [{"id": "old", "status": "Enabled"}]},
        LOGGING: {"targetBucket": "logs"},
    }
    return [
        given(type_, bucket="lake", **inputs)
        for type_, inputs in settings.items()
        if type_ not in without
    ]


EXAMPLES = (
    passes("dynamodb-protected", "restorable and kept", given(TABLE, **PROTECTED)),
    passes("dynamodb-protected", "kept by Pulumi", _kept(TABLE, pointInTimeRecovery={"enabled": True})),
    passes("dynamodb-protected", "with a key that is not known yet", given(TABLE, serverSideEncryption={"kmsKeyArn": UNKNOWN}, **PROTECTED), customerKey=True),
    fails("dynamodb-protected", "neither", ["cannot be restored to a point in time", "may be deleted"], given(TABLE)),
    fails("dynamodb-protected", "a key of AWS's own", "is encrypted with a key of AWS's own", given(TABLE, **PROTECTED), customerKey=True),
    passes("kinesis-encrypted", "with KMS", given(KINESIS, encryptionType="KMS", kmsKeyId="alias/aws/kinesis")),
    passes("kinesis-encrypted", "long enough", given(KINESIS, encryptionType="KMS", kmsKeyId="k", retentionPeriod=48), minimumHours=48),
    fails("kinesis-encrypted", "a key that is not used", "is not encrypted", given(KINESIS, kmsKeyId="k")),
    fails("kinesis-encrypted", "not at all", "is not encrypted; set encryptionType to KMS, and kmsKeyId.", given(KINESIS)),
    fails("kinesis-encrypted", "no key", "is not encrypted", given(KINESIS, encryptionType="KMS")),
    fails("kinesis-encrypted", "too short", "keeps records for 24 hours; set retentionPeriod to 48", given(KINESIS, encryptionType="KMS", kmsKeyId="k"), minimumHours=48),
    passes("firehose-safe", "encrypted, with errors apart", given(FIREHOSE, serverSideEncryption={"enabled": True}, extendedS3Configuration=S3)),
    passes("firehose-safe", "one that reads a stream is encrypted there", given(FIREHOSE, kinesisSourceConfiguration={"roleArn": "r"}, extendedS3Configuration=S3)),
    passes("firehose-safe", "one that delivers elsewhere", given(FIREHOSE, serverSideEncryption={"enabled": True})),
    fails("firehose-safe", "nothing is said", "does not encrypt what it holds; enable serverSideEncryption.", given(FIREHOSE)),
    fails(
        "firehose-safe",
        "errors among the rest, and unheard of",
        ["mixes what it could not deliver with what it delivered; set errorOutputPrefix.", "tells nobody of its errors; enable cloudwatchLoggingOptions."],
        given(FIREHOSE, serverSideEncryption={"enabled": True}, extendedS3Configuration={"bucketArn": "b"}),
    ),
    passes("rds-protected", "an instance, and a cluster", given(DB_INSTANCE, **DATABASE), given(DB_CLUSTER, **DATABASE)),
    passes("rds-protected", "the configuration asks for less", given(DB_INSTANCE, **DATABASE | {"deletionProtection": False}), deletionProtection=False),
    fails(
        "rds-protected",
        "AWS's defaults",
        ["is not encrypted", "keeps backups for 1 days; set backupRetentionPeriod to 7", "may be deleted", "keeps its logs to itself", "knows only passwords"],
        given(DB_CLUSTER),
    ),
    fails("rds-protected", "public", "can be reached from the internet", given(DB_INSTANCE, publiclyAccessible=True, **DATABASE)),
    fails("rds-protected", "not patched", "is not patched", given(DB_INSTANCE, autoMinorVersionUpgrade=False, **DATABASE)),
    fails("rds-protected", "the configuration asks for more", "has no standby", given(DB_INSTANCE, **DATABASE), multiAz=True),
    passes("rds-protected", "a standby, and a cluster, which has its own way of standing by", given(DB_INSTANCE, multiAz=True, **DATABASE), given(DB_CLUSTER, **DATABASE), multiAz=True),
    passes("secrets-rotated", "rotated, with a key of one's own", given(SECRET, name="key", kmsKeyId="k"), given(ROTATION, secretId="key"), customerKey=True),
    passes("secrets-rotated", "rotated", given(SECRET, "key", name="key"), given(ROTATION, secretId=UNKNOWN).taking("secretId", given(SECRET, "key"))),
    fails("secrets-rotated", "never", "is never changed", given(SECRET, "key", name="key"), given(ROTATION, secretId="other")),
    fails("secrets-rotated", "a key of AWS's own", ["is never changed", "is encrypted with a key"], given(SECRET), customerKey=True),
    passes("stateful-protected", "a table", given(TABLE, deletionProtectionEnabled=True)),
    passes("stateful-protected", "a stream that Pulumi keeps", _kept(KINESIS)),
    passes("stateful-protected", "a bucket that has to be empty", given(BUCKET)),
    passes("stateful-protected", "users", given("aws:cognito/userPool:UserPool", deletionProtection="ACTIVE")),
    fails("stateful-protected", "a table", "would be deleted with all that it holds; set deletionProtectionEnabled", given(TABLE)),
    fails("stateful-protected", "users", "set deletionProtection", given("aws:cognito/userPool:UserPool", deletionProtection="INACTIVE")),
    fails("stateful-protected", "a file system", "declare it with the option protect", given("aws:efs/fileSystem:FileSystem")),
    fails("stateful-protected", "a bucket that Pulumi empties", "declare it with the option protect", given(BUCKET, forceDestroy=True)),
    # buckets
    passes("s3-protected", "all settings", LAKE, *_bucket_settings()),
    passes("s3-protected", "all settings of a bucket that has no name yet", LAKE, *(Given(each.type, each.name, {**each.inputs, "bucket": UNKNOWN}).taking("bucket", LAKE) for each in _bucket_settings())),
    passes("s3-protected", "a bucket for the logs of others", LAKE, *_bucket_settings(LOGGING), given(LOGGING, bucket="other", targetBucket="lake")),
    passes("s3-protected", "the configuration asks for less", LAKE, *_bucket_settings(VERSIONING, LIFECYCLE, LOGGING), versioning=False, lifecycle=False, accessLog=False),
    fails("s3-protected", "no access block", "may become public; declare a BucketPublicAccessBlock", LAKE, *_bucket_settings(ACCESS_BLOCK)),
    fails("s3-protected", "half an access block", "may become public", LAKE, *_bucket_settings(blockPublicPolicy=False)),
    fails("s3-protected", "an access block that leaves something out", "may become public", LAKE, *_bucket_settings(ACCESS_BLOCK), given(ACCESS_BLOCK, bucket="lake", **dict.fromkeys(BLOCKS[1:], True))),
    fails("s3-protected", "no encryption", "does not say how it is encrypted", LAKE, *_bucket_settings(ENCRYPTION)),
    fails("s3-protected", "no versions", "forgets what is overwritten", LAKE, *_bucket_settings(VERSIONING)),
    fails("s3-protected", "versions no longer", "forgets", LAKE, *_bucket_settings(VERSIONING), given(VERSIONING, bucket="lake", versioningConfiguration={"status": "Suspended"})),
    fails("s3-protected", "an end that is switched off", "keeps everything for ever; declare a BucketLifecycleConfiguration of it with a rule that is Enabled", LAKE, *_bucket_settings(LIFECYCLE), given(LIFECYCLE, bucket="lake", rules=[{"id": "old", "status": "Disabled"}])),
    fails("s3-protected", "an end that is switched off in the bucket itself", "keeps everything for ever", given(BUCKET, "lake", bucket="lake", lifecycleRules=[{"enabled": False}]), *_bucket_settings(LIFECYCLE)),
    fails("s3-protected", "no end", "keeps everything for ever", LAKE, *_bucket_settings(LIFECYCLE)),
    fails("s3-protected", "no log", "does not log who uses it", LAKE, *_bucket_settings(LOGGING)),
    fails("s3-protected", "the settings of another bucket", ["public", "encrypted", "forgets", "for ever", "log"], given(BUCKET, bucket="other"), *_bucket_settings()),
    passes("firehose-safe", "one that reads a topic of Kafka is encrypted there", given(FIREHOSE, mskSourceConfiguration={"topicName": "t"}, extendedS3Configuration=S3)),
    passes("rds-protected", "an engine that knows only passwords", given(DB_INSTANCE, engine="sqlserver-se", **DATABASE | {"iamDatabaseAuthenticationEnabled": False})),
    fails("rds-protected", "engines that know IAM", ["knows only passwords"] * 4, *(given(DB_INSTANCE, engine, engine=engine, **DATABASE | {"iamDatabaseAuthenticationEnabled": False}) for engine in ("aurora-mysql", "mariadb", "mysql", "postgres"))),
    passes(
        "s3-protected",
        "settings of the bucket's own",
        given(BUCKET, "lake", bucket="lake", serverSideEncryptionConfiguration={"rule": {}}, versioning={"enabled": True}, lifecycleRules=[{"enabled": True}], logging={"targetBucket": "logs"}),
        *_bucket_settings(ENCRYPTION, VERSIONING, LIFECYCLE, LOGGING),
    ),
    fails("s3-protected", "versions that are off in the bucket itself", "forgets", given(BUCKET, "lake", bucket="lake", versioning={"enabled": False}), *_bucket_settings(VERSIONING)),
    fails("dynamodb-protected", "what is said to be off", ["cannot be restored to a point in time", "may be deleted"], given(TABLE, pointInTimeRecovery={"enabled": False}, deletionProtectionEnabled=False)),
    fails("dynamodb-protected", "encryption with no key of one's own", "is encrypted with a key of AWS's own", given(TABLE, serverSideEncryption={"enabled": True}, **PROTECTED), customerKey=True),
    fails("rds-protected", "what is said to be off", ["is not encrypted", "may be deleted", "knows only passwords"], given(DB_CLUSTER, **DATABASE | dict.fromkeys(("storageEncrypted", "deletionProtection", "iamDatabaseAuthenticationEnabled"), False))),
    passes("rds-protected", "what is said to be off where that is right", given(DB_INSTANCE, publiclyAccessible=False, autoMinorVersionUpgrade=True, **DATABASE)),
    passes("stateful-protected", "a bucket of some name that has to be empty", given(BUCKET, bucket="lake")),
    fails("firehose-safe", "what is said to be off", ["does not encrypt what it holds", "tells nobody of its errors"], given(FIREHOSE, serverSideEncryption={"enabled": False}, extendedS3Configuration=S3 | {"cloudwatchLoggingOptions": {"enabled": False}})),
    passes("s3-protected", "an end that is the second rule", LAKE, *_bucket_settings(LIFECYCLE), given(LIFECYCLE, bucket="lake", rules=[{"status": "Disabled"}, {"status": "Enabled"}])),
    passes("s3-protected", "an end that is the bucket's own second rule", given(BUCKET, "lake", bucket="lake", lifecycleRules=[{"enabled": False}, {"enabled": True}]), *_bucket_settings(LIFECYCLE)),
)  # fmt: skip
