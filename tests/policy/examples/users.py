"""Whatever has a role: the service that has to assume it, and where one role may be for all of a kind."""

import json
from typing import Any

from policy.guardrails.aws import (
    BUILD,
    DB_INSTANCE,
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    JOB_DEFINITION,
    MACHINE,
    PIPE,
    ROLE,
    SCHEDULE,
    TASK_DEFINITION,
    TOPIC,
    TRAIL,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, Given, given

API_INTEGRATION = "aws:apigateway/integration:Integration"
HTTP_INTEGRATION = "aws:apigatewayv2/integration:Integration"
DATA_SOURCE = "aws:appsync/dataSource:DataSource"
GRAPHQL = "aws:appsync/graphQLApi:GraphQLApi"
BACKUP, SERVER = "aws:backup/selection:Selection", "aws:transfer/server:Server"
IOT = "aws:iot/topicRule:TopicRule"
ENDS = (
    *("extendedS3", "httpEndpoint", "iceberg", "kinesisSource", "opensearch", "redshift"),
    *("opensearchserverless", "snowflake"),
)
FEEDBACK = tuple(
    f"{protocol}{outcome}FeedbackRoleArn"
    for protocol in ("application", "firehose", "http", "lambda", "sqs")
    for outcome in ("Failure", "Success")
)


def _arn(role: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def _job(role: str) -> dict[str, Any]:
    return {"containerProperties": json.dumps({role: _arn("orders")})}


ITS = _arn("orders")
USERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("apigateway", "aws:apigateway/account:Account", {"cloudwatchRoleArn": ITS}),
    ("apigateway", API_INTEGRATION, {"credentials": ITS}),
    ("apigateway", HTTP_INTEGRATION, {"credentialsArn": ITS}),
    ("appsync", DATA_SOURCE, {"serviceRoleArn": ITS}),
    ("appsync", GRAPHQL, {"logConfig": {"cloudwatchLogsRoleArn": ITS}}),
    ("backup", BACKUP, {"iamRoleArn": ITS}),
    ("cloudtrail", TRAIL, {"cloudWatchLogsRoleArn": ITS}),
    ("codebuild", BUILD, {"serviceRole": ITS}),
    ("codepipeline", "aws:codepipeline/pipeline:Pipeline", {"roleArn": ITS}),
    ("ec2", "aws:iam/instanceProfile:InstanceProfile", {"role": "orders"}),
    ("ecs-tasks", JOB_DEFINITION, _job("executionRoleArn")),
    ("ecs-tasks", JOB_DEFINITION, _job("jobRoleArn")),
    ("ecs-tasks", TASK_DEFINITION, {"executionRoleArn": ITS}),
    ("ecs-tasks", TASK_DEFINITION, {"taskRoleArn": ITS}),
    ("events", EVENT_TARGET, {"roleArn": ITS}),
    *(("firehose", FIREHOSE, {f"{end}Configuration": {"roleArn": ITS}}) for end in ENDS),
    ("glue", "aws:glue/crawler:Crawler", {"role": ITS}),
    ("glue", "aws:glue/job:Job", {"roleArn": ITS}),
    ("iot", IOT, {"kineses": [{"roleArn": ITS}]}),
    ("iot", IOT, {"sqs": [{"roleArn": ITS}]}),
    (
        "kinesisanalytics",
        "aws:kinesisanalyticsv2/application:Application",
        {"serviceExecutionRole": ITS},
    ),
    ("lambda", FUNCTION, {"role": ITS}),
    ("logs", "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", {"roleArn": ITS}),
    ("monitoring.rds", DB_INSTANCE, {"monitoringRoleArn": ITS}),
    ("pipes", PIPE, {"roleArn": ITS}),
    ("s3", "aws:s3/bucketReplicationConfig:BucketReplicationConfig", {"role": ITS}),
    ("sagemaker", "aws:sagemaker/model:Model", {"executionRoleArn": ITS}),
    ("scheduler", SCHEDULE, {"target": {"roleArn": ITS}}),
    *(("sns", TOPIC, {feedback: ITS}) for feedback in FEEDBACK),
    ("states", MACHINE, {"roleArn": ITS}),
    ("transfer", SERVER, {"loggingRole": ITS}),
    ("vpc-flow-logs", FLOW_LOG, {"iamRoleArn": ITS}),
)
FOR_ALL: tuple[tuple[str, dict[str, Any]], ...] = (
    (DB_INSTANCE, {"monitoringRoleArn": _arn("0")}),
    (
        JOB_DEFINITION,
        {"containerProperties": json.dumps({"executionRoleArn": _arn("1"), "image": "x"})},
    ),
    (TASK_DEFINITION, {"executionRoleArn": _arn("2")}),
    (API_INTEGRATION, {"credentials": _arn("3")}),
    (HTTP_INTEGRATION, {"credentialsArn": _arn("4")}),
    (DATA_SOURCE, {"serviceRoleArn": _arn("5")}),
    (GRAPHQL, {"logConfig": {"cloudwatchLogsRoleArn": _arn("6")}}),
    (BACKUP, {"iamRoleArn": _arn("7")}),
    (SERVER, {"loggingRole": _arn("8")}),
)


def _roles() -> list[Given]:
    return [given(ROLE, name, name=name) for name in map(str, range(len(FOR_ALL)))]


EXAMPLES = (
    fails(
        "iam-trust-fits-user",
        "whatever has a role that nobody can assume",
        [
            f"is the role of user{number}, which nobody can assume for it; let {service}.amazonaws.com"
            for number, (service, *_) in enumerate(USERS)
        ],
        given(ROLE, "role", name="orders"),
        *(given(type_, f"user{number}", **at) for number, (_, type_, at) in enumerate(USERS)),
    ),
    passes(
        "iam-role-not-shared",
        "whatever takes one role for all of a kind",
        *_roles(),
        *(given(type_, f"{type_}{each}", **at) for type_, at in FOR_ALL for each in "ab"),
    ),
)
