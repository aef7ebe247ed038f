"""Resources that write logs, and the log groups that they write to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import log_defaults, log_names, log_settings
from .aws import (
    BUILD,
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    HTTP_STAGE,
    MACHINE,
    METHOD_SETTINGS,
    PIPE,
    REST_STAGE,
    TASK_DEFINITION,
    TRANSFER_SERVER,
    WEB_ACL_LOG,
)
from .naming import filled_in
from .resource import Resource, Unknown, value_at, values_at

_DELIVERED = ((), ("s3Configuration",), ("s3BackupConfiguration",))
"""Where a delivery stream says how it writes: to its destination, and to a bucket beside it."""
_ROUTES = frozenset({"cloudwatch", "cloudwatch_logs"})
"""How FireLens calls CloudWatch Logs."""
_INSIGHTS = ":layer:LambdaInsightsExtension"
"""The layer by which a function is measured."""
_NO_EXECUTION_LOGS = "turn execution logs off (loggingLevel OFF) and rely on access logs"
_GIVE_A_NAME = "give the resource a fixed name, or name its log group"
_HAS_AN_ID = "declare a LogGroup whose name has its id, and import it if AWS has made it first"


@dataclass(frozen=True)
class Log:
    """Where a resource writes one of its logs."""

    what: str
    """The log, as messages name it."""
    group: Any
    """Name or ARN of the group; may be unknown, and is empty when it depends on a name that AWS chooses."""
    property: str
    """The property that says so, whose dependencies lead to the group."""
    remedy: str = _GIVE_A_NAME


def destinations(resource: Resource) -> Iterator[Log]:
    """The logs that a resource writes to log groups."""
    return PRODUCERS[resource.type](resource)


def _function(function: Resource) -> Iterator[Log]:
    if any(
        _INSIGHTS in str(layer)
        for layer in values_at(function.props, "layers", "*")
        if not isinstance(layer, Unknown)
    ):
        yield Log("what Lambda Insights measures", "/aws/lambda-insights", "layers")
    group = function.get("loggingConfig", "logGroup")
    if group is not None:
        yield Log("its logs", group, "loggingConfig")
    else:
        yield Log("its logs", filled_in("/aws/lambda/{name}", function), "name")


def _machine(machine: Resource) -> Iterator[Log]:
    if machine.get("loggingConfiguration", "level", default="OFF") != "OFF":
        group = machine.get("loggingConfiguration", "logDestination", default="")
        yield Log("its execution logs", group, "loggingConfiguration", "set logDestination")


def _stage(stage: Resource) -> Iterator[Log]:
    group = stage.get("accessLogSettings", "destinationArn")
    if group is not None and not (isinstance(group, str) and ":deliverystream/" in group):
        yield Log("its access logs", group, "accessLogSettings")


def _http_stage(stage: Resource) -> Iterator[Log]:
    yield from _stage(stage)
    levels = [
        *values_at(stage.props, "defaultRouteSettings", "loggingLevel"),
        *values_at(stage.props, "routeSettings", "*", "loggingLevel"),
    ]
    if any(isinstance(level, Unknown) or level != "OFF" for level in levels):
        # Only an API of WebSockets can have such logs.
        group = filled_in("/aws/apigateway/{apiId}/{name}", stage)
        yield Log("its execution logs", group, "apiId", _NO_EXECUTION_LOGS)


def _method_settings(settings: Resource) -> Iterator[Log]:
    if settings.get("settings", "loggingLevel", default="OFF") != "OFF":
        group = filled_in("API-Gateway-Execution-Logs_{restApi}/{stageName}", settings)
        yield Log("its execution logs", group, "restApi", _NO_EXECUTION_LOGS)


def _task(task: Resource) -> Iterator[Log]:
    for container in task.json("containerDefinitions") or ():
        log = container.get("logConfiguration") or {}
        driver, options = log.get("logDriver"), log.get("options") or {}
        routed = driver == "awsfirelens" and options.get("Name") in _ROUTES
        if driver == "awslogs" or routed:
            group = options.get("log_group_name" if routed else "awslogs-group", "")
            what = f"the logs of container {container.get('name', '')}"
            remedy = f"set {'log_group_name' if routed else 'awslogs-group'}"
            yield Log(what, group, "containerDefinitions", remedy)


def _firehose(delivery: Resource) -> Iterator[Log]:
    for key, configuration in delivery.props.items():
        if key.endswith("Configuration"):
            for path in _DELIVERED:
                options = value_at(configuration, *path, "cloudwatchLoggingOptions")
                if value_at(options, "enabled"):
                    group = value_at(options, "logGroupName", default="")
                    yield Log("its error logs", group, key, "set logGroupName")


def _pipe(pipe: Resource) -> Iterator[Log]:
    group = pipe.get("logConfiguration", "cloudwatchLogsLogDestination", "logGroupArn")
    if group is not None:
        yield Log("its logs", group, "logConfiguration")


def _target(target: Resource) -> Iterator[Log]:
    arn = target.get("arn")
    if isinstance(arn, str) and ":log-group:" in arn:
        yield Log("the events it delivers", arn, "arn")


def _build(project: Resource) -> Iterator[Log]:
    if project.get("logsConfig", "cloudwatchLogs", "status") == "DISABLED":
        return
    group = project.get("logsConfig", "cloudwatchLogs", "groupName")
    if group is not None:
        yield Log("its build logs", group, "logsConfig")
    else:
        yield Log("its build logs", filled_in("/aws/codebuild/{name}", project), "name")


def _flow_log(flow: Resource) -> Iterator[Log]:
    if flow.get("logDestinationType", default="cloud-watch-logs") == "cloud-watch-logs":
        group = flow.get("logDestination", default="")
        yield Log("its flow logs", group, "logDestination", "set logDestination")


def _firewall(log: Resource) -> Iterator[Log]:
    for group in log.get("logDestinationConfigs", default=()):
        if not isinstance(group, str) or ":log-group:" in group:
            yield Log("the requests it sees", group, "logDestinationConfigs")


def _named(resource: Resource) -> Iterator[Log]:
    remedy = _HAS_AN_ID if resource.type in _BY_ID else _GIVE_A_NAME
    for naming in _NAMED:
        if resource.type in naming:
            for what, group, property_ in naming[resource.type](resource):
                yield Log(what, group, property_, remedy)


_NAMED: Sequence[Mapping[str, Callable[[Resource], Iterator[tuple[str, Any, str]]]]] = (
    log_settings.NAMED,
    log_defaults.NAMED,
    dict.fromkeys(log_names.NAMINGS, log_names.named),
)
_BY_ID = {TRANSFER_SERVER} | {
    type_ for type_, namings in log_names.NAMINGS.items() if any(each.by_id for each in namings)
}
"""Types whose groups have the id that AWS gives them."""


PRODUCERS: Mapping[str, Callable[[Resource], Iterator[Log]]] = {
    EVENT_TARGET: _target,
    FIREHOSE: _firehose,
    FLOW_LOG: _flow_log,
    FUNCTION: _function,
    HTTP_STAGE: _http_stage,
    MACHINE: _machine,
    METHOD_SETTINGS: _method_settings,
    PIPE: _pipe,
    REST_STAGE: _stage,
    TASK_DEFINITION: _task,
    WEB_ACL_LOG: _firewall,
    BUILD: _build,
    **{type_: _named for naming in _NAMED for type_ in naming},
}
"""What each type of resource logs."""
