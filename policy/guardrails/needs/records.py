"""What the roles of delivery streams and flow logs have to allow."""

from collections.abc import Iterator

from ..aws import BUCKET, FUNCTION
from ..resource import Resource, Stack, value_at
from .deliveries import polling
from .need import Need, name_of, on, on_everything, on_keys, place_of

BUCKET_ACTIONS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
OBJECT_ACTIONS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")


def of_source(delivery: Resource, stack: Stack) -> Iterator[Need]:
    """What a delivery stream needs in order to read a stream."""
    property_ = "kinesisSourceConfiguration"
    source = delivery.get(property_, "kinesisStreamArn")
    yield from polling(delivery, property_, source, stack)


def of_firehose(delivery: Resource, stack: Stack) -> Iterator[Need]:
    """What a delivery stream needs in order to transform, and to write to its buckets."""
    if delivery.get("kinesisSourceConfiguration", "roleArn") is None:
        yield from of_source(delivery, stack)
    property_ = "extendedS3Configuration"
    settings = delivery.get(property_)
    for written in (settings, value_at(settings, "s3BackupConfiguration")):
        if bucket := name_of(stack, delivery, property_, value_at(written, "bucketArn"), BUCKET):
            yield from on(BUCKET, bucket, *BUCKET_ACTIONS)
            yield from on(BUCKET, bucket, *OBJECT_ACTIONS, below="/*")
            yield from on(BUCKET, bucket, "s3:PutObjectAcl", below="/*", demanded=False)
        if value_at(written, "cloudwatchLoggingOptions", "enabled"):
            group = value_at(written, "cloudwatchLoggingOptions", "logGroupName", default="*")
            yield Need("logs:PutLogEvents", "logs", (f"log-group:{group}:*",))
    for processor in value_at(settings, "processingConfiguration", "processors", default=()):
        for parameter in value_at(processor, "parameters", default=()):
            if value_at(parameter, "parameterName") == "LambdaArn":
                arn = value_at(parameter, "parameterValue")
                name, place = name_of(stack, delivery, property_, arn, FUNCTION), place_of(arn)
                yield from on(FUNCTION, name, "lambda:InvokeFunction", place=place)
                yield from on(FUNCTION, name, "lambda:GetFunctionConfiguration", demanded=False)
    conversion = value_at(settings, "dataFormatConversionConfiguration")
    if conversion is not None and value_at(conversion, "enabled", default=True):
        for action in ("glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"):
            yield Need(action, "glue", ("*",))
    yield from on_keys()


def of_flow_log(flows: Resource, _stack: Stack) -> Iterator[Need]:
    """What a flow log needs in order to write to its log group."""
    group = flows.get("logDestination", default="*")
    # An ARN that is not known yet could be that of any group; with or without the final `:*` it means the same.
    found = group.split(":log-group:")[-1].removesuffix(":*") if isinstance(group, str) else "*"
    for action in ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"):
        yield Need(action, "logs", (f"log-group:{found}:*",))
    yield from on_everything("logs:DescribeLogGroups")
