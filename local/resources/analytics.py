"""Kinesis, Firehose, Glue and Athena: streams into a bucket, and what queries them there."""

from typing import Any

from local.resources.declaration import Aws, Declaration, Made, pascal, respelled

SPELLED = {
    "EnforceWorkgroupConfiguration": "EnforceWorkGroupConfiguration",
    "KmsKeyArn": "KmsKey",
    "PublishCloudwatchMetricsEnabled": "PublishCloudWatchMetricsEnabled",
    "SerDeInfo": "SerdeInfo",
}
"""Names of Glue and Athena that Pulumi spells otherwise."""
FIREHOSE_SPELLED = {
    "BucketArn": "BucketARN",
    "CloudwatchLoggingOptions": "CloudWatchLoggingOptions",
    "KinesisStreamArn": "KinesisStreamARN",
    "RoleArn": "RoleARN",
}
INTO_BUCKET = "extended_s3"
BUFFERING = {"IntervalInSeconds": "BufferingInterval", "SizeInMBs": "BufferingSize"}


def stream(aws: Aws, declared: Declaration) -> Made:
    name, kinesis = declared.physical_name, aws("kinesis")
    mode = declared.get("streamModeDetails", {}).get("streamMode", "PROVISIONED")
    kinesis.create_stream(
        StreamName=name,
        StreamModeDetails={"StreamMode": mode},
        **declared.capitalised("shardCount"),
    )
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    hours = declared.get("retentionPeriod", 24)
    if hours > 24:  # noqa: PLR2004 (what a stream begins with)
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    if key := declared.get("kmsKeyId"):
        kinesis.start_stream_encryption(
            StreamName=name, EncryptionType=declared["encryptionType"], KeyId=key
        )
    if tags := declared.get("tags"):
        kinesis.add_tags_to_stream(StreamName=name, Tags=tags)
    arn = f"arn:aws:kinesis:{kinesis.meta.region_name}:000000000000:stream/{name}"
    return Made(arn, {"arn": arn, "name": name})


def delivery_stream(aws: Aws, declared: Declaration) -> Made:
    name = declared.physical_name
    if declared["destination"] != INTO_BUCKET:
        raise ValueError(
            f"destination is {declared['destination']!r}; {INTO_BUCKET!r} alone is emulated"
        )
    tags, firehose = declared.tags(), aws("firehose")
    arn = firehose.create_delivery_stream(
        DeliveryStreamName=name,
        **({"Tags": tags} if tags else {}),
        ExtendedS3DestinationConfiguration=_into_bucket(declared["extendedS3Configuration"]),
        **_source(declared),
    )["DeliveryStreamARN"]
    encryption = declared.get("serverSideEncryption", {})
    if encryption.get("enabled"):
        firehose.start_delivery_stream_encryption(
            DeliveryStreamName=name,
            DeliveryStreamEncryptionConfigurationInput=_encryption(encryption),
        )
    return Made(arn, {"arn": arn, "name": name})


def _encryption(declared: dict[str, Any]) -> dict[str, Any]:
    key = {"KeyARN": declared["keyArn"]} if "keyArn" in declared else {}
    return {"KeyType": declared["keyType"], **key}


def _into_bucket(configuration: dict[str, Any]) -> dict[str, Any]:
    request = respelled(pascal(configuration), FIREHOSE_SPELLED)
    hints = {hint: request.pop(name) for hint, name in BUFFERING.items() if name in request}
    return request | ({"BufferingHints": hints} if hints else {})


def _source(declared: Declaration) -> dict[str, Any]:
    source = declared.get("kinesisSourceConfiguration")
    if not source:
        return {}
    return {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": respelled(pascal(source), FIREHOSE_SPELLED),
    }


def database(aws: Aws, declared: Declaration) -> Made:
    name = declared.physical_name
    aws("glue").create_database(
        DatabaseInput={
            "Name": name,
            **declared.capitalised("description", "locationUri"),
            **declared.renamed(Parameters="parameters"),
        }
    )
    return Made(f"000000000000:{name}", {"arn": _glue(aws, f"database/{name}"), "name": name})


def table(aws: Aws, declared: Declaration) -> Made:
    name, database_name = declared.physical_name, declared["databaseName"]
    described = declared.capitalised(
        "description", "tableType", "partitionKeys", "storageDescriptor", "owner"
    )
    aws("glue").create_table(
        DatabaseName=database_name,
        TableInput={
            "Name": name,
            **respelled(described, SPELLED),
            **declared.renamed(Parameters="parameters"),
        },
    )
    return Made(
        f"000000000000:{database_name}:{name}",
        {"arn": _glue(aws, f"table/{database_name}/{name}"), "name": name},
    )


def _glue(aws: Aws, resource: str) -> str:
    return f"arn:aws:glue:{aws('glue').meta.region_name}:000000000000:{resource}"


def workgroup(aws: Aws, declared: Declaration) -> Made:
    # Whether a workgroup may be deleted with its queries matters when it is deleted.
    _ = declared.get("forceDestroy")
    name, athena = declared.physical_name, aws("athena")
    athena.create_work_group(
        Name=name,
        Configuration=respelled(pascal(declared.get("configuration", {})), SPELLED),
        Tags=declared.tags(),
        **declared.capitalised("description"),
    )
    arn = f"arn:aws:athena:{athena.meta.region_name}:000000000000:workgroup/{name}"
    return Made(name, {"arn": arn, "name": name})


def named_query(aws: Aws, declared: Declaration) -> Made:
    found = aws("athena").create_named_query(
        Name=declared.physical_name,
        **declared.renamed(Database="database", QueryString="query", WorkGroup="workgroup"),
        **declared.capitalised("description"),
    )
    return Made(found["NamedQueryId"], {"name": declared.physical_name})


TYPES = {
    "aws:kinesis/stream:Stream": stream,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": delivery_stream,
    "aws:glue/catalogDatabase:CatalogDatabase": database,
    "aws:glue/catalogTable:CatalogTable": table,
    "aws:athena/workgroup:Workgroup": workgroup,
    "aws:athena/namedQuery:NamedQuery": named_query,
}
