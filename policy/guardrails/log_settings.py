"""Log groups that services are told of by a setting, or that they name after themselves."""

from collections.abc import Iterator, Mapping
from typing import Any

from .aws import CLUSTER, DB_CLUSTER, DB_INSTANCE, JOB_DEFINITION, TRAIL
from .resource import Resource, Unknown, value_at

_ENGINE = "its engine's logs"
SETTINGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    CLUSTER: (
        "the commands that are executed in its tasks",
        (
            *("configuration", "executeCommandConfiguration", "logConfiguration"),
            "cloudWatchLogGroupName",
        ),
    ),
    TRAIL: ("its events", ("cloudWatchLogsGroupArn",)),
    "aws:elasticsearch/domain:Domain": (
        _ENGINE,
        ("logPublishingOptions", "*", "cloudwatchLogGroupArn"),
    ),
    "aws:kinesisanalyticsv2/application:Application": (
        "its logs",
        ("cloudwatchLoggingOptions", "logStreamArn"),
    ),
    "aws:msk/cluster:Cluster": (
        "the logs of its brokers",
        ("loggingInfo", "brokerLogs", "cloudwatchLogs", "logGroup"),
    ),
    "aws:opensearch/domain:Domain": (
        _ENGINE,
        ("logPublishingOptions", "*", "cloudwatchLogGroupArn"),
    ),
    "aws:route53/queryLog:QueryLog": ("the queries of its zone", ("cloudwatchLogGroupArn",)),
}
"""For each type with a setting: the log, and where its group is named; `*` stands for each of a list."""
EXPORTS: Mapping[str, tuple[str, str, str]] = {
    DB_CLUSTER: ("rds/cluster", "clusterIdentifier", "enabledCloudwatchLogsExports"),
    DB_INSTANCE: ("rds/instance", "identifier", "enabledCloudwatchLogsExports"),
    "aws:docdb/cluster:Cluster": ("docdb", "clusterIdentifier", "enabledCloudwatchLogsExports"),
    "aws:neptune/cluster:Cluster": ("neptune", "clusterIdentifier", "enableCloudwatchLogsExports"),
}
"""For each type that exports logs: where the groups are, what they are named after, and the list of logs."""


def settings(resource: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each setting that names a log group."""
    what, path = SETTINGS[resource.type]
    for group in _values(resource.props, path):
        yield what, group, path[0]


def _values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    end = path.index("*") if "*" in path else len(path)
    found = value_at(value, *path[:end])
    if isinstance(found, Unknown) or (found and end == len(path)):
        yield found
    elif found:
        yield from (group for each in found for group in _values(each, path[end + 1 :]))


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
}
"""How each type names its log groups."""
