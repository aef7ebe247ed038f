"""Log groups that services name by themselves, by more than one property of what writes to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from .aws import CLUSTER, DB_CLUSTER, DB_INSTANCE, JOB_DEFINITION, TRANSFER_SERVER
from .naming import filled_in
from .resource import Resource, is_set, value_at, values_at

EXPORTS: Mapping[str, tuple[str, str, str]] = {
    DB_CLUSTER: ("rds/cluster", "clusterIdentifier", "enabledCloudwatchLogsExports"),
    DB_INSTANCE: ("rds/instance", "identifier", "enabledCloudwatchLogsExports"),
    "aws:docdb/cluster:Cluster": ("docdb", "clusterIdentifier", "enabledCloudwatchLogsExports"),
    "aws:neptune/cluster:Cluster": ("neptune", "clusterIdentifier", "enableCloudwatchLogsExports"),
    # It names logs only if they go to CloudWatch, and not to a bucket.
    "aws:redshift/logging:Logging": ("redshift/cluster", "clusterIdentifier", "logExports"),
    "aws:redshiftserverless/namespace:Namespace": ("redshift", "namespaceName", "logExports"),
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
_CONTAINERS = (
    ("containerProperties",),
    ("nodeProperties", "nodeRangeProperties", "*", "container"),
    ("ecsProperties", "taskProperties", "*", "containers", "*"),
    (
        "nodeProperties",
        "nodeRangeProperties",
        "*",
        "ecsProperties",
        "taskProperties",
        "*",
        "containers",
        "*",
    ),
)
"""Where the definition of a batch job says what runs."""
_MEASURED = ("performance",)
"""What the add-on for a Kubernetes cluster logs that keeps no logs of its containers."""
_JOBS: Mapping[str, str] = {
    "Processing": "ProcessingJobs",
    "Training": "TrainingJobs",
    "Transform": "TransformJobs",
    "Tuning": "TrainingJobs",
}
"""For each kind of step of a pipeline that runs a job: how its log group ends."""
_GLUE_WITH_A_PREFIX = 5
"""The version of Glue from which on the groups of a job can be told apart from those of others."""


def exports(database: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log that a database exports."""
    place, key, listed = EXPORTS[database.type]
    for log in database.get(listed, default=()):
        yield f"its {log} logs", filled_in(f"/aws/{place}/{{{key}}}/{log}", database), key


def airflow(environment: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log that an Airflow environment writes."""
    for setting, component in AIRFLOW.items():
        if environment.get("loggingConfiguration", setting, "enabled"):
            group = filled_in(f"airflow-{{name}}-{component}", environment)
            yield f"its {component} logs", group, "name"


def job(definition: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each container of a batch job."""
    for property_, *path in _CONTAINERS:
        for container in values_at(definition.json(property_), *path):
            log = value_at(container, "logConfiguration")
            if value_at(log, "logDriver", default="awslogs") == "awslogs":
                group = value_at(log, "options", "awslogs-group", default="/aws/batch/job")
                yield "its logs", group, property_


def add_on(addon: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log of the add-on that measures what runs in a Kubernetes cluster."""
    if addon.get("addonName") == "amazon-cloudwatch-observability":
        settings = addon.json("configurationValues")
        kept = value_at(settings, "containerLogs", "enabled", default=True)
        for log in ("application", "dataplane", "host", "performance") if kept else _MEASURED:
            group = filled_in(f"/aws/containerinsights/{{clusterName}}/{log}", addon)
            yield f"the {log} logs of its cluster", group, "clusterName"


def training(pipeline: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each kind of job that a pipeline of SageMaker runs."""
    definition = pipeline.json("pipelineDefinition")
    kinds = {value_at(step, "Type") for step in value_at(definition, "Steps", default=())}
    for group in sorted({_JOBS[kind] for kind in kinds & _JOBS.keys()}):
        yield "the logs of its jobs", f"/aws/sagemaker/{group}", "pipelineDefinition"


def insights(cluster: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of what a cluster measures of its containers."""
    for setting in cluster.get("settings", default=()):
        on = value_at(setting, "value") in {"enabled", "enhanced"}
        if on and value_at(setting, "name") == "containerInsights":
            group = filled_in("/aws/ecs/containerinsights/{name}/performance", cluster)
            yield "the measurements of its containers", group, "name"


def glue_job(job: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log of a job of Glue, unless it depends on how its logs are encrypted."""
    if is_set(job.props.get("securityConfiguration")):
        return
    property_ = "defaultArguments"
    arguments = job.get(property_)
    prefix = "/aws-glue/jobs"
    if job.get("command", "name", default="glueetl") == "pythonshell":
        prefix = "/aws-glue/python-jobs"
    elif _major(job.get("glueVersion", default="")) >= _GLUE_WITH_A_PREFIX:
        prefix = value_at(arguments, "--custom-logGroup-prefix", default=prefix)
    elif value_at(arguments, "--enable-continuous-cloudwatch-log") == "true":
        default = f"{prefix}/logs-v2"
        group = value_at(arguments, "--continuous-log-logGroup", default=default)
        yield "its continuous logs", group, property_
    for log in ("error", "output"):
        group = f"{prefix}/{log}" if isinstance(prefix, str) else ""
        yield f"its {log} logs", group, property_


def _major(version: str) -> int:
    major = version.partition(".")[0]
    return int(major) if major.isdigit() else 0


def crawler(resource: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of a crawler: all of them share one, unless they encrypt it."""
    if not is_set(resource.props.get("securityConfiguration")):
        yield "its logs", "/aws-glue/crawlers", "name"


def transfers(server: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of what a server logs with its role: all, or what its workflows do."""
    elsewhere = is_set(server.props.get("structuredLogDestinations"))
    if is_set(server.props.get("loggingRole")) and (
        not elsewhere or is_set(server.props.get("workflowDetails"))
    ):
        what = "the logs of its workflows" if elsewhere else "its transfers"
        yield what, filled_in("/aws/transfer/{id}", server), "loggingRole"


NAMED = {
    **dict.fromkeys(EXPORTS, exports),
    CLUSTER: insights,
    JOB_DEFINITION: job,
    TRANSFER_SERVER: transfers,
    "aws:eks/addon:Addon": add_on,
    "aws:glue/crawler:Crawler": crawler,
    "aws:glue/job:Job": glue_job,
    "aws:mwaa/environment:Environment": airflow,
    "aws:sagemaker/pipeline:Pipeline": training,
}
"""How each type names its log groups."""
