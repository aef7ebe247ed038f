"""Log groups, and what writes to them."""

import json

from policy.guardrails.aws import (
    BUILD,
    FIREHOSE,
    FUNCTION,
    LOG_GROUP,
    MACHINE,
    METHOD_SETTINGS,
    REST_API,
)
from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, Given, arn, given

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""As the API reference of CloudWatch Logs lists them, for PutRetentionPolicy."""
GROUP = given(LOG_GROUP, "logs", name="/aws/lambda/orders", retentionInDays=14)
OTHER = given(LOG_GROUP, "logs", name="/aws/lambda/payments", retentionInDays=14)
TASK = "aws:ecs/taskDefinition:TaskDefinition"


def _group(days: object) -> Given:
    return given(LOG_GROUP, retentionInDays=days)


def _named(name: str) -> Given:
    return given(LOG_GROUP, "logs", name=name)


def _task(*containers: object) -> Given:
    return given(TASK, containerDefinitions=json.dumps(containers))


def _container(group: str) -> dict[str, object]:
    options = {"awslogs-group": group}
    return {"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": options}}


def _machine(**logging: object) -> Given:
    return given(MACHINE, loggingConfiguration=logging)


def _firehose(**options: object) -> Given:
    return given(FIREHOSE, extendedS3Configuration={"cloudwatchLoggingOptions": options})


THE_API = given(REST_API, "api", name="orders")
STAGE_SETTINGS = given(
    METHOD_SETTINGS, restApi=UNKNOWN, stageName="v1", settings={"loggingLevel": "ERROR"}
).taking("restApi", THE_API)

EXAMPLES = (
    passes("log-retention", "two weeks", _group(14)),
    passes(
        "log-retention",
        "a year for auditors",
        given(LOG_GROUP, name="/audit/orders", retentionInDays=400),
        audit=["/audit/*"],
        maximum=30,
    ),
    fails(
        "log-retention",
        "three months for auditors",
        "keeps its logs for 90 days; set retentionInDays to one of [365, 400",
        given(LOG_GROUP, name="/audit/orders", retentionInDays=90),
        audit=["/audit/*"],
    ),
    passes(
        "log-retention",
        "ten years for auditors",
        given(LOG_GROUP, name="/audit/orders", retentionInDays=3653),
        audit=["/audit/*"],
    ),
    passes(
        "log-retention",
        "three months for nobody in particular",
        given(LOG_GROUP, name="/orders", retentionInDays=90),
        audit=["/audit/*"],
    ),
    *(passes("log-retention", f"{days} days", _group(days)) for days in RETENTION_DAYS),
    passes("log-retention", "the limits of the environment", _group(90), minimum=90, maximum=90),
    fails(
        "log-retention",
        "nothing is stated",
        "keeps its logs for ever; set retentionInDays",
        given(LOG_GROUP),
    ),
    fails("log-retention", "zero means for ever", "keeps its logs for ever", _group(0)),
    fails(
        "log-retention",
        "too short",
        "for 14 days; set retentionInDays to one of [90",
        _group(14),
        minimum=90,
    ),
    fails("log-retention", "too long", "for 731 days", _group(731), maximum=400),
    passes("log-retention", "a number that is written as a text", _group("14")),
    fails(
        "log-group-declared",
        "a group of that name in another region",
        "its logs go to the group /aws/lambda/orders, which",
        given(FUNCTION, name="orders", region="us-east-1"),
        given(LOG_GROUP, name="/aws/lambda/orders", region="eu-west-1"),
    ),
    passes(
        "log-group-declared",
        "a group in the same region",
        given(FUNCTION, name="orders", region="us-east-1"),
        given(LOG_GROUP, name="/aws/lambda/orders", region="us-east-1"),
    ),
    fails("log-retention", "a text that is for ever", "keeps its logs for ever", _group("0")),
    fails(
        "log-retention", "a text that is no number", "keeps its logs for a year", _group("a year")
    ),
    fails("log-retention", "a number that AWS does not know", "for 15 days", _group(15)),
    fails("log-retention", "half a day more", "for 30.5 days", _group(30.5)),
    fails(
        "log-retention",
        "a number that the configuration does not know",
        "to one of [30]",
        _group(14),
        allowed=[30],
    ),
    passes("log-group-declared", "a function's own group", given(FUNCTION, name="orders"), GROUP),
    passes(
        "log-group-declared",
        "a group that the function names",
        given(FUNCTION, loggingConfig={"logGroup": "/aws/lambda/orders"}),
        GROUP,
    ),
    passes(
        "log-group-declared",
        "a group whose name is not known yet",
        given(FUNCTION, loggingConfig={"logGroup": UNKNOWN}).taking("loggingConfig", GROUP),
        GROUP,
    ),
    fails(
        "log-group-declared",
        "another group",
        "its logs go to the group /aws/lambda/orders, which the stack does not declare",
        given(FUNCTION, name="orders"),
        OTHER,
    ),
    fails(
        "log-group-declared",
        "a group that the function names and nobody declares",
        "its logs go to the group /aws/lambda/users, which the stack does not declare",
        given(FUNCTION, name="orders", loggingConfig={"logGroup": "/aws/lambda/users"}),
        GROUP,
    ),
    fails(
        "log-group-declared",
        "a function whose name AWS chooses",
        "go to a group that has no fixed name; give the resource a fixed name",
        given(FUNCTION),
        GROUP,
    ),
    passes(
        "log-group-declared", "a machine that logs nothing", _machine(level="OFF"), given(MACHINE)
    ),
    passes(
        "log-group-declared",
        "a machine's group",
        _machine(
            level="ALL", logDestination=arn("logs", "log-group:/aws/vendedlogs/states/saga:*")
        ),
        _named("/aws/vendedlogs/states/saga"),
    ),
    fails(
        "log-group-declared",
        "a machine's group is missing",
        "its execution logs go to the group arn:aws:logs",
        _machine(level="ERROR", logDestination=arn("logs", "log-group:saga:*")),
        GROUP,
    ),
    fails(
        "log-group-declared", "a machine names none", "set logDestination", _machine(level="ALL")
    ),
    passes(
        "log-group-declared",
        "an API's access logs",
        given(
            "aws:apigateway/stage:Stage",
            accessLogSettings={"destinationArn": arn("logs", "log-group:/api")},
        ),
        given("aws:apigatewayv2/stage:Stage"),
        _named("/api"),
    ),
    fails(
        "log-group-declared",
        "an HTTP API's access logs",
        "its access logs go to",
        given(
            "aws:apigatewayv2/stage:Stage",
            accessLogSettings={"destinationArn": arn("logs", "log-group:/api")},
        ),
    ),
    passes(
        "log-group-declared",
        "execution logs are off, or their group is there",
        given("aws:apigateway/methodSettings:MethodSettings", settings={"loggingLevel": "OFF"}),
        given(
            "aws:apigateway/methodSettings:MethodSettings",
            "on",
            restApi="abc",
            stageName="v1",
            settings={"loggingLevel": "ERROR"},
        ),
        _named("API-Gateway-Execution-Logs_abc/v1"),
    ),
    fails(
        "log-group-declared",
        "execution logs of an API that has no id yet",
        "turn execution logs off",
        given(
            "aws:apigateway/methodSettings:MethodSettings",
            restApi=UNKNOWN,
            stageName="v1",
            settings={"loggingLevel": "ERROR"},
        ),
    ),
    passes("log-group-declared", "a task", _task(_container("/ecs/app"), {}), _named("/ecs/app")),
    fails(
        "log-group-declared",
        "a task without its group",
        "the logs of container app go",
        _task(_container("/ecs/app")),
    ),
    fails(
        "log-group-declared", "a task that names none", "set awslogs-group", _task(_container(""))
    ),
    passes(
        "log-group-declared",
        "a delivery stream",
        _firehose(enabled=True, logGroupName="/firehose"),
        given(FIREHOSE, "silent", extendedS3Configuration={"bucketArn": "arn:aws:s3:::b"}),
        _named("/firehose"),
    ),
    fails(
        "log-group-declared",
        "a delivery stream without its group",
        "the group /firehose",
        _firehose(enabled=True, logGroupName="/firehose"),
    ),
    passes(
        "log-group-declared",
        "a database",
        given("aws:rds/instance:Instance", identifier="db", enabledCloudwatchLogsExports=["error"]),
        given("aws:rds/cluster:Cluster", clusterIdentifier="db"),
        _named("/aws/rds/instance/db/error"),
    ),
    fails(
        "log-group-declared",
        "one of two logs of a cluster",
        "its audit logs go to the group /aws/rds/cluster/db/audit",
        given(
            "aws:rds/cluster:Cluster",
            clusterIdentifier="db",
            enabledCloudwatchLogsExports=["error", "audit"],
        ),
        _named("/aws/rds/cluster/db/error"),
    ),
    fails(
        "log-group-declared",
        "a database whose name AWS chooses",
        "its error logs go to a group that has no fixed name",
        given("aws:rds/instance:Instance", enabledCloudwatchLogsExports=["error"]),
    ),
    fails(
        "log-group-declared",
        "a pipe",
        "its logs",
        given(
            "aws:pipes/pipe:Pipe",
            logConfiguration={
                "cloudwatchLogsLogDestination": {"logGroupArn": arn("logs", "log-group:pipe")}
            },
        ),
    ),
    fails(
        "log-group-declared",
        "a rule that delivers to a group",
        "the events it delivers go to the group arn:aws:logs",
        given("aws:cloudwatch/eventTarget:EventTarget", arn=arn("logs", "log-group:events")),
        given("aws:cloudwatch/eventTarget:EventTarget", "queue", arn=arn("sqs", "orders")),
    ),
    fails(
        "log-group-declared",
        "a build, and one that logs nothing",
        "the group /aws/codebuild/image",
        given("aws:codebuild/project:Project", name="image"),
        given(
            "aws:codebuild/project:Project",
            "silent",
            logsConfig={"cloudwatchLogs": {"status": "DISABLED"}},
        ),
    ),
    fails(
        "log-group-declared",
        "flow logs, but not those in a bucket",
        "its flow logs go to the group arn:aws:logs",
        given("aws:ec2/flowLog:FlowLog", logDestination=arn("logs", "log-group:vpc")),
        given("aws:ec2/flowLog:FlowLog", "bucket", logDestinationType="s3"),
    ),
    passes(
        "log-group-declared",
        "requests that a delivery stream takes",
        given(
            "aws:apigateway/stage:Stage",
            accessLogSettings={
                "destinationArn": arn("firehose", "deliverystream/amazon-apigateway-x")
            },
        ),
    ),
    passes(
        "log-group-declared",
        "a group that takes its name from a function without one",
        given(FUNCTION, "orders"),
        given(LOG_GROUP, "logs", name=UNKNOWN).taking("name", given(FUNCTION, "orders")),
    ),
    passes(
        "log-group-declared",
        "a group that takes its name from an API",
        THE_API,
        STAGE_SETTINGS,
        given(LOG_GROUP, "logs", name=UNKNOWN).taking("name", THE_API),
    ),
    fails(
        "log-group-declared",
        "a group that takes a part of its name from a function",
        "its logs go to the group /aws/lambda/orders, which the stack does not declare",
        given(FUNCTION, "orders", name="orders"),
        OTHER.taking("name", given(FUNCTION, "orders")),
    ),
    fails(
        "log-group-declared",
        "a group that takes its name from another function",
        "go to a group that has no fixed name",
        given(FUNCTION, "orders"),
        given(LOG_GROUP, "logs", name=UNKNOWN).taking("name", given(FUNCTION, "users")),
    ),
    passes(
        "log-group-declared",
        "a container without options",
        _task(
            {
                "name": "app",
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/app"}},
            },
            {"name": "router", "logConfiguration": None},
        ),
        _named("/app"),
    ),
    *(
        fails(
            "log-group-declared",
            f"the group of {type_}",
            f"go to the group {group}, which the stack does not declare",
            given(type_, **inputs),
        )
        for type_, group, inputs in (
            (
                "aws:ecs/cluster:Cluster",
                "/exec",
                {
                    "configuration": {
                        "executeCommandConfiguration": {
                            "logConfiguration": {"cloudWatchLogGroupName": "/exec"}
                        }
                    }
                },
            ),
            (
                "aws:cloudtrail/trail:Trail",
                arn("logs", "log-group:trail:*"),
                {"cloudWatchLogsGroupArn": arn("logs", "log-group:trail:*")},
            ),
            (
                "aws:opensearch/domain:Domain",
                arn("logs", "log-group:search"),
                {
                    "logPublishingOptions": [
                        {
                            "logType": "AUDIT_LOGS",
                            "cloudwatchLogGroupArn": arn("logs", "log-group:search"),
                        }
                    ]
                },
            ),
            (
                "aws:elasticache/replicationGroup:ReplicationGroup",
                "/cache",
                {
                    "logDeliveryConfigurations": [
                        {
                            "destination": "/cache",
                            "destinationType": "cloudwatch-logs",
                            "logType": "slow-log",
                        },
                        {
                            "destination": "stream",
                            "destinationType": "kinesis-firehose",
                            "logType": "engine-log",
                        },
                    ]
                },
            ),
            (
                "aws:msk/cluster:Cluster",
                "/kafka",
                {
                    "loggingInfo": {
                        "brokerLogs": {"cloudwatchLogs": {"enabled": True, "logGroup": "/kafka"}}
                    }
                },
            ),
            (
                "aws:route53/queryLog:QueryLog",
                arn("logs", "log-group:zone"),
                {"cloudwatchLogGroupArn": arn("logs", "log-group:zone")},
            ),
            (
                "aws:elasticsearch/domain:Domain",
                "/search",
                {
                    "logPublishingOptions": [
                        {"logType": "AUDIT_LOGS", "cloudwatchLogGroupArn": "/search"}
                    ]
                },
            ),
            (
                "aws:kinesisanalyticsv2/application:Application",
                "/flink",
                {"cloudwatchLoggingOptions": {"logStreamArn": "/flink"}},
            ),
            (
                "aws:eks/cluster:Cluster",
                "/aws/eks/orders/cluster",
                {"name": "orders", "enabledClusterLogTypes": ["api"]},
            ),
            (
                "aws:docdb/cluster:Cluster",
                "/aws/docdb/orders/audit",
                {"clusterIdentifier": "orders", "enabledCloudwatchLogsExports": ["audit"]},
            ),
            (
                "aws:neptune/cluster:Cluster",
                "/aws/neptune/orders/audit",
                {"clusterIdentifier": "orders", "enableCloudwatchLogsExports": ["audit"]},
            ),
            (
                "aws:batch/jobDefinition:JobDefinition",
                "/aws/batch/job",
                {"containerProperties": json.dumps({"image": "x"})},
            ),
            (
                "aws:batch/jobDefinition:JobDefinition",
                "/jobs",
                {
                    "containerProperties": json.dumps(
                        {
                            "logConfiguration": {
                                "logDriver": "awslogs",
                                "options": {"awslogs-group": "/jobs"},
                            }
                        }
                    )
                },
            ),
            (
                FIREHOSE,
                "/copies",
                {
                    "extendedS3Configuration": {
                        "s3BackupConfiguration": {
                            "cloudwatchLoggingOptions": {"enabled": True, "logGroupName": "/copies"}
                        }
                    }
                },
            ),
            (
                FIREHOSE,
                "/errors",
                {
                    "httpEndpointConfiguration": {
                        "s3Configuration": {
                            "cloudwatchLoggingOptions": {"enabled": True, "logGroupName": "/errors"}
                        }
                    }
                },
            ),
        )
    ),
    passes(
        "log-group-declared",
        "settings that name no group",
        given("aws:ecs/cluster:Cluster"),
        given("aws:opensearch/domain:Domain", logPublishingOptions=[]),
        given("aws:eks/cluster:Cluster", name="orders"),
        given("aws:batch/jobDefinition:JobDefinition", type="multinode"),
        given(
            "aws:batch/jobDefinition:JobDefinition",
            "splunk",
            containerProperties=json.dumps({"logConfiguration": {"logDriver": "splunk"}}),
        ),
        given("aws:appsync/graphQLApi:GraphQLApi"),
        given(METHOD_SETTINGS, settings={"metricsEnabled": True}),
        given("aws:pipes/pipe:Pipe"),
        given("aws:ecs/taskDefinition:TaskDefinition"),
        given(FIREHOSE, name=UNKNOWN),
    ),
    *(
        passes("log-group-declared", f"the group {group}", resource, _named(group))
        for group, resource in (
            ("/aws/codebuild/image", given(BUILD, name="image")),
            ("/build", given(BUILD, logsConfig={"cloudwatchLogs": {"groupName": "/build"}})),
        )
    ),
    *(
        fails("log-group-declared", shows, "go to a group that has no fixed name", resource)
        for shows, resource in (
            (
                "execution logs of a stage that has no name yet",
                given(
                    METHOD_SETTINGS,
                    restApi="abc",
                    stageName=UNKNOWN,
                    settings={"loggingLevel": "INFO"},
                ),
            ),
            (
                "a task that does not say where it logs",
                _task({"name": "app", "logConfiguration": {"logDriver": "awslogs"}}),
            ),
            (
                "a control plane whose name AWS chooses",
                given("aws:eks/cluster:Cluster", enabledClusterLogTypes=["api"]),
            ),
        )
    ),
    passes(
        "log-group-declared",
        "a group that a trail names, once it is known",
        given("aws:cloudtrail/trail:Trail", cloudWatchLogsGroupArn=UNKNOWN).taking(
            "cloudWatchLogsGroupArn", _named("/trail")
        ),
        _named("/trail"),
    ),
    fails(
        "log-group-declared",
        "the requests of a GraphQL API, which has no id yet",
        "its requests go to a group that has no fixed name",
        given("aws:appsync/graphQLApi:GraphQLApi", logConfig={"fieldLogLevel": "ERROR"}),
    ),
)
