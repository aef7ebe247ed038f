"""Type tokens of the AWS provider, and how ARNs and other texts name resources of these types."""

import re
from collections.abc import Mapping

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ALIAS = "aws:lambda/alias:Alias"
ARCHIVE = "aws:cloudwatch/eventArchive:EventArchive"
BUILD = "aws:codebuild/project:Project"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
CLUSTER = "aws:ecs/cluster:Cluster"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DB_CLUSTER = "aws:rds/cluster:Cluster"
DB_INSTANCE = "aws:rds/instance:Instance"
DEFAULT_SECURITY_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
EVENT_BUS = "aws:cloudwatch/eventBus:EventBus"
EVENT_BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
EVENT_PERMISSION = "aws:cloudwatch/eventPermission:EventPermission"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
FIREHOSE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
FUNCTION = "aws:lambda/function:Function"
FUNCTION_POLICY = "aws:lambda/resourcePolicy:ResourcePolicy"
FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
GRAPHQL_API = "aws:appsync/graphQLApi:GraphQLApi"
HTTP_API = "aws:apigatewayv2/api:Api"
HTTP_ROUTE = "aws:apigatewayv2/route:Route"
HTTP_STAGE = "aws:apigatewayv2/stage:Stage"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
JOB_DEFINITION = "aws:batch/jobDefinition:JobDefinition"
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
KINESIS = "aws:kinesis/stream:Stream"
KMS_KEY = "aws:kms/key:Key"
LAYER_PERMISSION = "aws:lambda/layerVersionPermission:LayerVersionPermission"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
MACHINE = "aws:sfn/stateMachine:StateMachine"
MANAGED_POLICY = "aws:iam/policy:Policy"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
METHOD = "aws:apigateway/method:Method"
METHOD_SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
PERMISSION = "aws:lambda/permission:Permission"
PIPE = "aws:pipes/pipe:Pipe"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE_ALLOW_POLICY = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
REDRIVE_POLICY = "aws:sqs/redrivePolicy:RedrivePolicy"
REST_API = "aws:apigateway/restApi:RestApi"
REST_STAGE = "aws:apigateway/stage:Stage"
ROLE = "aws:iam/role:Role"
ROLE_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SCHEDULE = "aws:scheduler/schedule:Schedule"
SECRET = "aws:secretsmanager/secret:Secret"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
SERVICE = "aws:ecs/service:Service"
SUBNET = "aws:ec2/subnet:Subnet"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
TABLE = "aws:dynamodb/table:Table"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
TOPIC_RULE = "aws:iot/topicRule:TopicRule"
TRAIL = "aws:cloudtrail/trail:Trail"
TRANSFER_SERVER = "aws:transfer/server:Server"
VPC = "aws:ec2/vpc:Vpc"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
WEB_ACL_LOG = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"

TWINS: Mapping[str, str] = {
    f"aws:s3/b{name}V2:B{name}V2": f"aws:s3/b{name}:B{name}"
    for name in (
        *("ucket", "ucketLifecycleConfiguration", "ucketLogging", "ucketVersioning"),
        "ucketServerSideEncryptionConfiguration",
    )
} | {
    "aws:alb/targetGroupAttachment:TargetGroupAttachment": "aws:lb/targetGroupAttachment:TargetGroupAttachment"
}
"""Types that the provider still has under a second token, and their own."""

_ARNS: Mapping[str, tuple[str, str, str]] = {
    BUCKET: ("s3", "", "/"),
    EVENT_BUS: ("events", "event-bus/", ":"),
    FIREHOSE: ("firehose", "deliverystream/", ":"),
    FUNCTION: ("lambda", "function:", ":"),
    KINESIS: ("kinesis", "stream/", "/"),
    KMS_KEY: ("kms", "key/", ":"),
    LOG_GROUP: ("logs", "log-group:", ":"),
    MACHINE: ("states", "stateMachine:", ":"),
    QUEUE: ("sqs", "", ":"),
    TABLE: ("dynamodb", "table/", "/"),
    TASK_DEFINITION: ("ecs", "task-definition/", ":"),
    TOPIC: ("sns", "", ":"),
}
"""For each type: its service, what comes before the name in an ARN, and what ends the name."""
_LAST: Mapping[str, tuple[str, str]] = {
    EVENT_RULE: ("events", "rule/"),
    MANAGED_POLICY: ("iam", "policy/"),
    ROLE: ("iam", "role/"),
}
"""Types whose ARN has a path before the name: their service, and what comes before the path."""
_PARTS = 6
_QUEUE_URL = re.compile(r"https://(sqs\.(?P<region>[^./]+)\.)?[^/]+/\d+/(?P<name>[^/]+)")


def type_of(token: str) -> str:
    """The type of a resource, under whichever token it is declared."""
    return TWINS.get(token, token)


def name_in(text: str, type_: str) -> str:
    """The name of a resource of a type, out of its ARN, its URL or the name itself; empty if it is of another type."""
    if url := _QUEUE_URL.fullmatch(text):
        return url["name"] if type_ == QUEUE else ""
    parts = text.split(":", _PARTS - 1)
    if parts[0] != "arn":
        return text
    service, before, ends = _ARNS.get(type_) or (*_LAST.get(type_, ("", "")), "")
    if len(parts) < _PARTS or parts[2] != service or not parts[5].startswith(before):
        return ""
    name = parts[5].removeprefix(before)
    return name.partition(ends)[0] if ends else name.rpartition("/")[2]


def region_in(text: str) -> str:
    """The region that an ARN or the URL of a queue names; empty if it names none."""
    if url := _QUEUE_URL.fullmatch(text):
        return url["region"] or ""
    return text.split(":")[3] if text.startswith("arn:") and text.count(":") >= _PARTS - 1 else ""


def is_of_another_type(text: str, type_: str) -> bool:
    """Whether a text is the ARN or URL of something else than a type whose ARNs are known here."""
    known = type_ in _ARNS or type_ in _LAST
    return known and text != "" and name_in(text, type_) == ""


def address(type_: str, name: str) -> tuple[str, str]:
    """The service, and the last part of the ARN, of a resource of a type and name."""
    service, before, *_ = _ARNS.get(type_) or _LAST[type_]
    return service, before + name


def arn_of(type_: str, name: str, region: str, account: str) -> str:
    """The ARN that a resource of a type and name has; empty when the name does not say it."""
    if type_ == ROLE:
        return f"arn:aws:iam::{account}:role/{name}"
    if type_ not in _ARNS:
        return ""
    service, resource = address(type_, name)
    place = ":" if service == "s3" else f"{region}:{account}"
    return f"arn:aws:{service}:{place}:{resource}"
