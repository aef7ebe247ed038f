"""Log groups that services name by themselves: of clusters, jobs, crawlers, proxies, and servers for transfers."""

from collections.abc import Mapping, Sequence
from typing import Any

from policy.guardrails.aws import CLUSTER, GRAPHQL_API, LOG_GROUP, TRANSFER_SERVER
from tests.policy.examples import Example, fails, passes
from tests.policy.given import UNKNOWN, arn, given

RULE = "log-group-declared"
JOB = "aws:glue/job:Job"
SHARED = ("/aws-glue/jobs/error", "/aws-glue/jobs/output")
PREFIX = {"--custom-logGroup-prefix": "/etl"}
CONTINUOUS = {"--enable-continuous-cloudwatch-log": "true"}
INSIGHTS = [{"name": "containerInsights", "value": "enabled"}]


def groups_of(type_: str, groups: Sequence[str], **inputs: Any) -> tuple[Example, Example]:
    declared = [given(LOG_GROUP, group, name=group, retentionInDays=30) for group in groups]
    producer = given(type_, **inputs)
    missing = [f"the group {group}, which the stack does not declare" for group in groups]
    return (
        passes(RULE, f"{type_} with {list(inputs.values())} and its groups", producer, *declared),
        fails(RULE, f"{type_} with {list(inputs.values())}, and no groups", missing, producer),
    )


AIRFLOW = "aws:mwaa/environment:Environment"
NAMED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    AIRFLOW: ("its Task logs", {"loggingConfiguration": {"taskLogs": {"enabled": True}}}),
    CLUSTER: ("the measurements of its containers", {"settings": INSIGHTS}),
    "aws:eks/cluster:Cluster": (
        "the logs of its control plane",
        {"enabledClusterLogTypes": ["api"]},
    ),
    "aws:rds/proxy:Proxy": ("its logs", {}),
    "aws:sagemaker/endpoint:Endpoint": ("the logs of its containers", {}),
}
"""What each type logs to a group that is named after it, and what makes it do so."""
SHOP = given("aws:ec2/vpc:Vpc", "shop")

EXAMPLES = (
    *(
        passes(RULE, f"{type_} of a name that comes from elsewhere, and a group of that name", SHOP, given(type_, name=UNKNOWN, **inputs).taking("name", SHOP), given(LOG_GROUP, name=UNKNOWN).taking("name", SHOP))
        for type_, (_, inputs) in NAMED.items()
    ),
    *(
        fails(RULE, f"{type_} of a name that AWS chooses", f"{what} go to a group that has no fixed name; give the resource a fixed name, or name its log group.", given(type_, **inputs))
        for type_, (what, inputs) in NAMED.items()
    ),
    *(
        fails(RULE, f"what Airflow logs of {component}", f"its {component} logs go to the group airflow-etl-{component}, which", given(AIRFLOW, name="etl", loggingConfiguration={setting: {"enabled": True}}))
        for setting, component in (
            ("dagProcessingLogs", "DAGProcessing"),
            ("schedulerLogs", "Scheduler"),
            ("taskLogs", "Task"),
            ("webserverLogs", "WebServer"),
            ("workerLogs", "Worker"),
        )
    ),
    fails(RULE, "a crawler", "its logs go to the group /aws-glue/crawlers, which", given("aws:glue/crawler:Crawler")),
    fails(RULE, "a job that logs as it goes", ["its continuous logs go to the group /aws-glue/jobs/logs-v2", "its error logs go to", "its output logs go to"], given(JOB, defaultArguments=CONTINUOUS)),
    fails(RULE, "a job of a version that nobody knows", ["its error logs go to the group /aws-glue/jobs/error", "its output logs go to"], given(JOB, glueVersion="next", defaultArguments=PREFIX)),
    *groups_of(CLUSTER, ["/aws/ecs/containerinsights/shop/performance"], name="shop", settings=[{"name": "containerInsights", "value": "enabled"}]),
    *groups_of(CLUSTER, ["/aws/ecs/containerinsights/all/performance"], name="all", settings=[{"name": "other", "value": "enabled"}, {"name": "containerInsights", "value": "enhanced"}]),
    passes(RULE, "a cluster that measures nothing", given(CLUSTER, name="shop", settings=[{"name": "containerInsights", "value": "disabled"}])),
    passes(RULE, "a cluster that has no name yet, and its group", given(CLUSTER, "c", name=UNKNOWN, settings=INSIGHTS), given(LOG_GROUP, name=UNKNOWN).taking("name", given(CLUSTER, "c"))),
    fails(RULE, "a cluster of a name that Pulumi chooses", "the measurements of its containers go to a group that has no fixed name; give the resource a fixed name", given(CLUSTER, settings=INSIGHTS)),
    fails(RULE, "a cluster that logs the commands in its tasks, too", ["the group /exec, which", "the group /aws/ecs/containerinsights/shop/performance, which"], given(CLUSTER, name="shop", settings=INSIGHTS, configuration={"executeCommandConfiguration": {"logConfiguration": {"cloudWatchLogGroupName": "/exec"}}})),
    # jobs of Glue
    *groups_of(JOB, SHARED),
    *groups_of(JOB, SHARED, glueVersion="5.0"),
    *groups_of(JOB, ["/etl/error", "/etl/output"], glueVersion="5.0", defaultArguments=PREFIX),
    *groups_of(JOB, SHARED, glueVersion="4.0", defaultArguments=PREFIX),
    *groups_of(JOB, ["/aws-glue/jobs/logs-v2", *SHARED], glueVersion="4.0", defaultArguments=CONTINUOUS),
    *groups_of(JOB, ["/etl", *SHARED], defaultArguments={**CONTINUOUS, "--continuous-log-logGroup": "/etl"}),
    *groups_of(JOB, SHARED, glueVersion="4.0", defaultArguments={"--enable-continuous-cloudwatch-log": "false"}),
    *groups_of(JOB, ["/aws-glue/python-jobs/error", "/aws-glue/python-jobs/output"], command={"name": "pythonshell"}, glueVersion="5.0"),
    passes(RULE, "a job of which the prefix is not known yet, and its groups", given(JOB, glueVersion="5.0", defaultArguments={"--custom-logGroup-prefix": UNKNOWN}).taking("defaultArguments", given(LOG_GROUP, "a")), *(given(LOG_GROUP, log, name=UNKNOWN).taking("name", given(LOG_GROUP, "a")) for log in "ab")),
    passes(RULE, "a job whose groups depend on how they are encrypted", given(JOB, securityConfiguration="sealed"), given("aws:glue/crawler:Crawler", securityConfiguration=UNKNOWN)),
    *groups_of("aws:glue/crawler:Crawler", ["/aws-glue/crawlers"], name="lake"),
    *groups_of("aws:rds/proxy:Proxy", ["/aws/rds/proxy/shop"], name="shop"),
    # servers for transfers
    passes(RULE, "a server that logs nothing", given(TRANSFER_SERVER)),
    passes(RULE, "a server with its group, before it has an id", given(TRANSFER_SERVER, "sftp", loggingRole="r"), given(LOG_GROUP, name=UNKNOWN).taking("name", given(TRANSFER_SERVER, "sftp"))),
    fails(RULE, "a server that makes its own group", "its transfers go to a group that has no fixed name; declare a LogGroup whose name has its id", given(TRANSFER_SERVER, loggingRole="r")),
    *groups_of(TRANSFER_SERVER, ["/aws/transfer/s-1"], id="s-1", loggingRole="r"),
    passes(RULE, "a server whose role is left over", given(TRANSFER_SERVER, loggingRole="r", structuredLogDestinations=[arn("logs", "log-group:/sftp")]), given(LOG_GROUP, name="/sftp")),
    fails(RULE, "a server with workflows, which log by themselves", "the logs of its workflows go to the group /aws/transfer/s-1, which", given(TRANSFER_SERVER, id="s-1", loggingRole="r", workflowDetails={"onUpload": {"executionRole": "r", "workflowId": "w"}}, structuredLogDestinations=[arn("logs", "log-group:/sftp")]), given(LOG_GROUP, name="/sftp")),
    fails(RULE, "the requests of a GraphQL API, which has no name", "declare a LogGroup whose name has its id", given(GRAPHQL_API, logConfig={"fieldLogLevel": "ERROR"})),
)  # fmt: skip
