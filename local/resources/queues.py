"""SQS: queues and their policies."""

from local.resources.declaration import Aws, Declaration, Made

ATTRIBUTES = {
    "ContentBasedDeduplication": "contentBasedDeduplication",
    "DelaySeconds": "delaySeconds",
    "FifoQueue": "fifoQueue",
    "KmsDataKeyReusePeriodSeconds": "kmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId": "kmsMasterKeyId",
    "MaximumMessageSize": "maxMessageSize",
    "MessageRetentionPeriod": "messageRetentionSeconds",
    "Policy": "policy",
    "ReceiveMessageWaitTimeSeconds": "receiveWaitTimeSeconds",
    "RedriveAllowPolicy": "redriveAllowPolicy",
    "RedrivePolicy": "redrivePolicy",
    "SqsManagedSseEnabled": "sqsManagedSseEnabled",
    "VisibilityTimeout": "visibilityTimeoutSeconds",
}
"""What SQS calls what Pulumi calls otherwise."""


def queue(aws: Aws, declared: Declaration) -> Made:
    attributes = declared.renamed(**ATTRIBUTES)
    url = aws("sqs").create_queue(
        QueueName=declared.physical_name,
        Attributes={name: _text(value) for name, value in attributes.items()},
        tags=declared.get("tags", {}),
    )["QueueUrl"]
    account, name = url.split("/")[-2:]
    region = aws("sqs").meta.region_name
    return Made(url, {"arn": f"arn:aws:sqs:{region}:{account}:{name}", "url": url, "name": name})


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def queue_policy(aws: Aws, declared: Declaration) -> Made:
    return _attribute(aws, declared, "Policy", "policy")


def redrive_policy(aws: Aws, declared: Declaration) -> Made:
    return _attribute(aws, declared, "RedrivePolicy", "redrivePolicy")


def redrive_allow_policy(aws: Aws, declared: Declaration) -> Made:
    return _attribute(aws, declared, "RedriveAllowPolicy", "redriveAllowPolicy")


def _attribute(aws: Aws, declared: Declaration, attribute: str, key: str) -> Made:
    url = declared["queueUrl"]
    aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={attribute: declared[key]})
    return Made(url, {})


TYPES = {
    "aws:sqs/queue:Queue": queue,
    "aws:sqs/queuePolicy:QueuePolicy": queue_policy,
    "aws:sqs/redrivePolicy:RedrivePolicy": redrive_policy,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": redrive_allow_policy,
}
