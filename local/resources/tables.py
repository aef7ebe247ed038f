"""DynamoDB: tables."""

from typing import Any

from local.resources.declaration import Aws, Declaration, Made


def table(aws: Aws, declared: Declaration) -> Made:
    name = declared.physical_name
    found = aws("dynamodb").create_table(
        TableName=name,
        KeySchema=_keys(declared["hashKey"], declared.get("rangeKey")),
        AttributeDefinitions=[
            {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
            for attribute in declared["attributes"]
        ],
        BillingMode=declared.get("billingMode", "PROVISIONED"),
        Tags=declared.tags(),
        **_indexes(declared),
        **_throughput(declared),
        **_stream(declared),
        **_encryption(declared),
        **declared.capitalised("deletionProtectionEnabled", "tableClass"),
    )["TableDescription"]
    _expire(aws, name, declared.get("ttl", {}))
    _back_up(aws, name, declared.get("pointInTimeRecovery", {}))
    return Made(
        name,
        {
            "arn": found["TableArn"],
            "name": name,
            "streamArn": found.get("LatestStreamArn", ""),
            "streamLabel": found.get("LatestStreamLabel", ""),
        },
    )


def _keys(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else keys


def _indexes(declared: Declaration) -> dict[str, Any]:
    indexes = [
        {
            "IndexName": index["name"],
            "KeySchema": _index_keys(index),
            "Projection": _projection(index),
            **_throughput(index),
        }
        for index in declared.get("globalSecondaryIndexes", ())
    ]
    return {"GlobalSecondaryIndexes": indexes} if indexes else {}


def _index_keys(index: dict[str, Any]) -> list[dict[str, str]]:
    if "keySchemas" not in index:
        return _keys(index["hashKey"], index.get("rangeKey"))
    return [
        {"AttributeName": key["attributeName"], "KeyType": key["keyType"]}
        for key in index["keySchemas"]
    ]


def _projection(index: dict[str, Any]) -> dict[str, Any]:
    extra = index.get("nonKeyAttributes")
    projection = {"ProjectionType": index["projectionType"]}
    return projection | ({"NonKeyAttributes": extra} if extra else {})


def _throughput(declared: Any) -> dict[str, Any]:
    if not declared.get("readCapacity"):
        return {}
    return {
        "ProvisionedThroughput": {
            "ReadCapacityUnits": declared["readCapacity"],
            "WriteCapacityUnits": declared["writeCapacity"],
        }
    }


def _stream(declared: Declaration) -> dict[str, Any]:
    view = declared.get("streamViewType")
    if not declared.get("streamEnabled"):
        return {}
    return {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view}}


def _encryption(declared: Declaration) -> dict[str, Any]:
    encryption = declared.get("serverSideEncryption", {})
    if not encryption.get("enabled"):
        return {}
    key = encryption.get("kmsKeyArn")
    return {
        "SSESpecification": {
            "Enabled": True,
            "SSEType": "KMS",
            **({"KMSMasterKeyId": key} if key else {}),
        }
    }


def _expire(aws: Aws, name: str, ttl: dict[str, Any]) -> None:
    if ttl.get("enabled"):
        specification = {"Enabled": True, "AttributeName": ttl["attributeName"]}
        aws("dynamodb").update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def _back_up(aws: Aws, name: str, recovery: dict[str, Any]) -> None:
    if recovery.get("enabled"):
        aws("dynamodb").update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )


TYPES = {"aws:dynamodb/table:Table": table}
