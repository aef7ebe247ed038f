"""Log groups that services are told of by a setting, or that they name after themselves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .aws import CLUSTER, DB_CLUSTER, DB_INSTANCE, JOB_DEFINITION, TRAIL
from .iam.arns import is_arn
from .resource import Resource, value_at, values_at

_ENGINE = "its engine's logs"
_DELIVERIES = "the logs that it delivers"
SETTINGS: Mapping[str, Sequence[str]] = {
    CLUSTER: (
        "the commands that are executed in its tasks",
        "configuration.executeCommandConfiguration.logConfiguration.cloudWatchLogGroupName",
    ),
    TRAIL: ("its events", "cloudWatchLogsGroupArn"),
    "aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration": (
        "the calls of models",
        "loggingConfig.cloudwatchConfig.logGroupName",
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": (
        _DELIVERIES,
        "deliveryDestinationConfiguration.destinationResourceArn",
    ),
    "aws:cognito/logDeliveryConfiguration:LogDeliveryConfiguration": (
        "the logs of its users",
        "logConfigurations.*.cloudWatchLogsConfiguration.logGroupArn",
    ),
    "aws:datasync/task:Task": ("its transfers", "cloudwatchLogGroupArn"),
    "aws:ec2clientvpn/endpoint:Endpoint": (
        "its connections",
        "connectionLogOptions.cloudwatchLogGroup",
    ),
    "aws:elasticsearch/domain:Domain": (_ENGINE, "logPublishingOptions.*.cloudwatchLogGroupArn"),
    "aws:iot/topicRule:TopicRule": (
        "the messages that it logs",
        "cloudwatchLogs.*.logGroupName",
        "errorAction.cloudwatchLogs.logGroupName",
    ),
    "aws:kinesisanalyticsv2/application:Application": (
        "its logs",
        "cloudwatchLoggingOptions.logStreamArn",
    ),
    "aws:msk/cluster:Cluster": (
        "the logs of its brokers",
        "loggingInfo.brokerLogs.cloudwatchLogs.logGroup",
    ),
    "aws:mskconnect/connector:Connector": (
        "the logs of its workers",
        "logDelivery.workerLogDelivery.cloudwatchLogs.logGroup",
    ),
    "aws:networkfirewall/loggingConfiguration:LoggingConfiguration": (
        "the traffic that it judges",
        "loggingConfiguration.logDestinationConfigs.*.logDestination.logGroup",
    ),
    "aws:opensearch/domain:Domain": (_ENGINE, "logPublishingOptions.*.cloudwatchLogGroupArn"),
    "aws:opensearchingest/pipeline:Pipeline": (
        "its logs",
        "logPublishingOptions.cloudwatchLogDestination.logGroup",
    ),
    "aws:route53/queryLog:QueryLog": ("the queries of its zone", "cloudwatchLogGroupArn"),
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": (
        "the queries of its networks",
        "destinationArn",
    ),
    "aws:transfer/server:Server": ("its transfers", "structuredLogDestinations.*"),
    "aws:vpclattice/accessLogSubscription:AccessLogSubscription": (
        "the requests it sees",
        "destinationArn",
    ),
}
"""For each type with settings: the log, and where its groups are named; `*` stands for each of a list."""
EXPORTS: Mapping[str, tuple[str, str, str]] = {
    DB_CLUSTER: ("rds/cluster", "clusterIdentifier", "enabledCloudwatchLogsExports"),
    DB_INSTANCE: ("rds/instance", "identifier", "enabledCloudwatchLogsExports"),
    "aws:docdb/cluster:Cluster": ("docdb", "clusterIdentifier", "enabledCloudwatchLogsExports"),
    "aws:neptune/cluster:Cluster": ("neptune", "clusterIdentifier", "enableCloudwatchLogsExports"),
}
"""For each type that exports logs: where the groups are, what they are named after, and the list of logs."""
AIRFLOW: Mapping[str, str] = {
    "dagProcessingLogs": "DAGProcessing",
    "schedulerLogs": "Scheduler",
    "taskLogs": "Task",
    "webserverLogs": "WebServer",
    "workerLogs": "Worker",
}
"""For each setting of an Airflow environment: how its log group ends."""


def settings(resource: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each setting that names a log group."""
    what, *paths = SETTINGS[resource.type]
    for path in (each.split(".") for each in paths):
        for group in values_at(resource.props, *path):
            # Some deliver to a bucket or a stream instead.
            if not isinstance(group, str) or not is_arn(group) or ":logs:" in group:
                yield what, group, path[0]


def exports(database: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log that a database exports."""
    place, key, listed = EXPORTS[database.type]
    identifier = database.get(key)
    for log in database.get(listed, default=()):
        group = f"/aws/{place}/{identifier}/{log}" if isinstance(identifier, str) else ""
        yield f"its {log} logs", group, key


def cache(cluster: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log that a cache delivers."""
    property_ = "logDeliveryConfigurations"
    for delivery in cluster.get(property_, default=()):
        if value_at(delivery, "destinationType") == "cloudwatch-logs":
            yield (
                f"its {value_at(delivery, 'logType')}",
                value_at(delivery, "destination"),
                property_,
            )


def control_plane(cluster: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of a Kubernetes cluster."""
    if cluster.get("enabledClusterLogTypes", default=()):
        name = cluster.get("name")
        group = f"/aws/eks/{name}/cluster" if isinstance(name, str) else ""
        yield "the logs of its control plane", group, "name"


def api_fields(api: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of a GraphQL API, whose group has the id that AWS gives to the API."""
    if api.get("logConfig") is not None:
        id_ = api.props.get("id")
        group = f"/aws/appsync/apis/{id_}" if isinstance(id_, str) else ""
        yield "its requests", group, "logConfig"


def endpoint(model_endpoint: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of an endpoint of SageMaker."""
    name = model_endpoint.get("name")
    group = f"/aws/sagemaker/Endpoints/{name}" if isinstance(name, str) else ""
    yield "the logs of its containers", group, "name"


def airflow(environment: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log that an Airflow environment writes."""
    name = environment.get("name")
    for setting, component in AIRFLOW.items():
        if environment.get("loggingConfiguration", setting, "enabled", default=False):
            group = f"airflow-{name}-{component}" if isinstance(name, str) else ""
            yield f"its {component} logs", group, "name"


def job(definition: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of a batch job."""
    container = definition.json("containerProperties", default=None)
    if container is not None:
        log = container.get("logConfiguration") or {}
        if log.get("logDriver", "awslogs") == "awslogs":
            group = (log.get("options") or {}).get("awslogs-group", "/aws/batch/job")
            yield "its logs", group, "containerProperties"


NAMED = {
    **dict.fromkeys(SETTINGS, settings),
    **dict.fromkeys(EXPORTS, exports),
    JOB_DEFINITION: job,
    "aws:appsync/graphQLApi:GraphQLApi": api_fields,
    "aws:eks/cluster:Cluster": control_plane,
    "aws:elasticache/cluster:Cluster": cache,
    "aws:elasticache/replicationGroup:ReplicationGroup": cache,
    "aws:mwaa/environment:Environment": airflow,
    "aws:sagemaker/endpoint:Endpoint": endpoint,
}
"""How each type names its log groups."""
