"""Type tokens of the AWS provider, and how ARNs and other texts name resources of these types."""

import re
from collections.abc import Mapping, Sequence

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BUCKET = "aws:s3/bucket:Bucket"
EVENT_BUS = "aws:cloudwatch/eventBus:EventBus"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
FIREHOSE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
FUNCTION = "aws:lambda/function:Function"
KINESIS = "aws:kinesis/stream:Stream"
KMS_KEY = "aws:kms/key:Key"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
MACHINE = "aws:sfn/stateMachine:StateMachine"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
METHOD_SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
PIPE = "aws:pipes/pipe:Pipe"
QUEUE = "aws:sqs/queue:Queue"
REST_API = "aws:apigateway/restApi:RestApi"
REST_STAGE = "aws:apigateway/stage:Stage"
HTTP_STAGE = "aws:apigatewayv2/stage:Stage"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
TABLE = "aws:dynamodb/table:Table"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
TOPIC = "aws:sns/topic:Topic"

_ARN_RESOURCES: Mapping[str, str] = {
    BUCKET: r"([^/]+).*",
    EVENT_BUS: r"event-bus/(.+)",
    EVENT_RULE: r"rule/(?:.+/)?([^/]+)",
    FIREHOSE: r"deliverystream/(.+)",
    FUNCTION: r"function:([^:]+).*",
    KINESIS: r"stream/([^/]+).*",
    LOG_GROUP: r"log-group:([^:]+).*",
    MACHINE: r"stateMachine:([^:]+).*",
    QUEUE: r"(.+)",
    ROLE: r"role/(?:.+/)?([^/]+)",
    TABLE: r"table/([^/]+).*",
    TOPIC: r"([^:]+).*",
}
_SERVICES: Mapping[str, str] = {
    BUCKET: "s3",
    EVENT_BUS: "events",
    EVENT_RULE: "events",
    FIREHOSE: "firehose",
    FUNCTION: "lambda",
    KINESIS: "kinesis",
    LOG_GROUP: "logs",
    MACHINE: "states",
    QUEUE: "sqs",
    ROLE: "iam",
    TABLE: "dynamodb",
    TOPIC: "sns",
}
_QUEUE_URL = re.compile(r"https://[^/]+/\d+/(?P<name>[^/]+)")


def name_in(text: str, type_: str) -> str:
    """The name of a resource of a type, out of its ARN, its URL or the name itself; empty if it is of another type."""
    if url := _QUEUE_URL.fullmatch(text):
        return url["name"] if type_ == QUEUE else ""
    if not text.startswith("arn:"):
        return text
    parts: Sequence[str] = text.split(":", 5)
    if len(parts) < 6 or parts[2] != _SERVICES.get(type_):  # noqa: PLR2004 (an ARN's parts)
        return ""
    found = re.fullmatch(_ARN_RESOURCES[type_], parts[5])
    return found[1] if found else ""
