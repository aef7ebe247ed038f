"""Rules on where data is kept: encrypted, restorable, and not deleted by mistake."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import BUCKET, DB_CLUSTER, DB_INSTANCE, KINESIS, SECRET, TABLE
from ..finding import Finding
from ..resource import Resource, Stack, is_set
from ..rule import ADVISORY, CRITICAL, HIGH, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
SERVICE_PROTECTION = {
    DB_CLUSTER: "deletionProtection",
    DB_INSTANCE: "deletionProtection",
    TABLE: "deletionProtectionEnabled",
    "aws:cognito/userPool:UserPool": "deletionProtection",
}
"""The property by which a service itself refuses to delete; Cognito's is a text, the others are booleans."""
IAM_ENGINES = ("aurora", "mariadb", "mysql", "postgres")
"""How the names of the engines begin that know IAM; others know only passwords."""
STATEFUL = frozenset(
    {BUCKET, KINESIS, SECRET, *SERVICE_PROTECTION}
    | {"aws:efs/fileSystem:FileSystem", "aws:opensearch/domain:Domain"}
)


class KeyConfig(Config, frozen=True, kw_only=True):
    """Whose key is asked for."""

    customer_key: Annotated[
        bool, Meta(description="Whether a customer key is asked for, instead of one that AWS owns.")
    ] = False


class DatabaseConfig(Config, frozen=True, kw_only=True):
    """What is asked of a relational database."""

    backup_days: Annotated[int, Meta(ge=1, description="Shortest retention of backups.")] = 7
    deletion_protection: Annotated[bool, Meta(description="Whether deletion must be refused.")] = (
        True
    )
    multi_az: Annotated[bool, Meta(description="Whether an instance must have a standby.")] = False


def _table(table: Resource, config: KeyConfig) -> Iterator[Finding]:
    if not table.get("pointInTimeRecovery", "enabled"):
        yield Finding("cannot be restored to a point in time", "enable pointInTimeRecovery")
    if not table.get("deletionProtectionEnabled") and not table.protect:
        yield Finding("may be deleted", "set deletionProtectionEnabled")
    if config.customer_key and not is_set(table.get("serverSideEncryption", "kmsKeyArn")):
        yield Finding(
            "is encrypted with a key of AWS's own", "set kmsKeyArn of serverSideEncryption"
        )


def _database(database: Resource, config: DatabaseConfig) -> Iterator[Finding]:
    days = database.get("backupRetentionPeriod", default=1)
    engine = database.props.get("engine")
    passwords_only = isinstance(engine, str) and not engine.startswith(IAM_ENGINES)
    checks = (
        (
            database.get("storageEncrypted"),
            "is not encrypted",
            "set storageEncrypted",
        ),
        (
            days >= config.backup_days,
            f"keeps backups for {days:.0f} days",
            f"set backupRetentionPeriod to {config.backup_days} or more",
        ),
        (
            not config.deletion_protection or database.get("deletionProtection"),
            "may be deleted",
            "set deletionProtection",
        ),
        (
            is_set(database.get("enabledCloudwatchLogsExports")),
            "keeps its logs to itself",
            "set enabledCloudwatchLogsExports, and declare their groups",
        ),
        (
            passwords_only or database.get("iamDatabaseAuthenticationEnabled"),
            "knows only passwords",
            "set iamDatabaseAuthenticationEnabled",
        ),
    )
    yield from (Finding(wrong, instead) for good, wrong, instead in checks if not good)
    if database.type == DB_INSTANCE:
        yield from _instance(database, config)


def _instance(instance: Resource, config: DatabaseConfig) -> Iterator[Finding]:
    if instance.get("publiclyAccessible"):
        yield Finding("can be reached from the internet", "set publiclyAccessible to false")
    if not instance.get("autoMinorVersionUpgrade", default=True):
        yield Finding("is not patched", "set autoMinorVersionUpgrade")
    if config.multi_az and not instance.get("multiAz"):
        yield Finding("has no standby", "set multiAz")


def _secret(secret: Resource, config: KeyConfig, stack: Stack) -> Iterator[Finding]:
    rotated = any(
        secret in stack.named_by(rotation, "secretId", rotation.get("secretId"), SECRET)
        for rotation in stack.of(ROTATION)
    )
    if not rotated:
        yield Finding("is never changed", "declare a SecretRotation of it")
    if config.customer_key and not is_set(secret.get("kmsKeyId")):
        yield Finding("is encrypted with a key of AWS's own", "set kmsKeyId")


def _stateful(resource: Resource, _config: Config) -> Iterator[Finding]:
    protection = SERVICE_PROTECTION.get(resource.type, "")
    kept = resource.get(protection)
    if resource.type == BUCKET:
        # S3 deletes no bucket that holds something, unless Pulumi is told to empty it first.
        kept = not resource.get("forceDestroy")
    if not resource.protect and kept not in {True, "ACTIVE"}:
        instead = f"set {protection}" if protection else "declare it with the option protect"
        yield Finding("would be deleted with all that it holds", instead)


RULES = (
    ResourceRule(
        id="dynamodb-protected",
        level=MANDATORY,
        severity=HIGH,
        reference="FSBP DynamoDB.2",
        demand="Every table can be restored and is not deleted by mistake.",
        remedy="Enable point-in-time recovery and deletion protection.",
        types=frozenset({TABLE}),
        config=KeyConfig,
        check=_table,
    ),
    ResourceRule(
        id="rds-protected",
        level=MANDATORY,
        severity=CRITICAL,
        reference="FSBP RDS.2",
        demand="Every database is encrypted, backed up, private, patched and logged.",
        remedy="Set the properties that the message names.",
        types=frozenset({DB_CLUSTER, DB_INSTANCE}),
        config=DatabaseConfig,
        check=_database,
    ),
    StackRule(
        id="secrets-rotated",
        level=ADVISORY,
        severity=MEDIUM,
        reference="FSBP SecretsManager.1",
        demand="Every secret changes by itself.",
        remedy="Declare its rotation.",
        types=frozenset({SECRET}),
        config=KeyConfig,
        check=_secret,
    ),
    ResourceRule(
        id="stateful-protected",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL09-BP02",
        demand="What holds data is not deleted by mistake.",
        remedy="Use the deletion protection of the service, or the option protect.",
        types=STATEFUL,
        check=_stateful,
    ),
)
