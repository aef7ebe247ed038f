"""Log groups that services make under names that only depend on a property of what writes to them, or on nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from .aws import GRAPHQL_API
from .naming import Naming
from .resource import Resource

_TRAINING = Naming("what its containers log", ("/aws/sagemaker/TrainingJobs",))
_CHAT = Naming("what happens in its channel", ("/aws/chatbot/{configurationName}",), "loggingLevel")
NAMINGS: Mapping[str, tuple[Naming, ...]] = {
    GRAPHQL_API: (Naming("its requests", ("/aws/appsync/apis/{id}",), "logConfig"),),
    "aws:amplify/app:App": (Naming("the logs of its server", ("/aws/amplify/{id}",), "platform"),),
    "aws:apprunner/service:Service": (
        Naming(
            "its logs",
            tuple(
                f"/aws/apprunner/{{serviceName}}/{{serviceId}}/{log}"
                for log in ("application", "service")
            ),
        ),
    ),
    "aws:appsync/api:Api": (
        Naming("its requests", ("/aws/appsync/apis/{apiId}",), "eventConfig.logConfig"),
    ),
    "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime": (
        Naming("its logs", ("/aws/bedrock-agentcore/runtimes/{agentRuntimeId}-DEFAULT",)),
    ),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": (_CHAT,),
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": (_CHAT,),
    "aws:cloudhsmv2/cluster:Cluster": (Naming("its audit logs", ("/aws/cloudhsm/{clusterId}",)),),
    "aws:cloudwatch/internetMonitor:InternetMonitor": (
        Naming(
            "its measurements",
            tuple(
                f"/aws/internet-monitor/{{monitorName}}/by{part}"
                for part in ("City", "Country", "Metro", "Subdivision")
            ),
        ),
    ),
    "aws:codepipeline/pipeline:Pipeline": (
        Naming(
            "what its commands print", ("/aws/codepipeline/{name}",), "stages.*.actions.*.commands"
        ),
    ),
    "aws:dms/replicationInstance:ReplicationInstance": (
        Naming("the logs of its tasks", ("dms-tasks-{replicationInstanceId}",)),
    ),
    "aws:eks/cluster:Cluster": (
        Naming(
            "the logs of its control plane", ("/aws/eks/{name}/cluster",), "enabledClusterLogTypes"
        ),
    ),
    "aws:emrserverless/application:Application": (
        Naming(
            "the logs of its jobs",
            ("/aws/emr-serverless",),
            "monitoringConfiguration.cloudwatchLoggingConfiguration.enabled",
            "monitoringConfiguration.cloudwatchLoggingConfiguration.logGroupName",
        ),
    ),
    "aws:fsx/lustreFileSystem:LustreFileSystem": (
        Naming(
            "its events",
            ("/aws/fsx/lustre",),
            "logConfiguration.level",
            "logConfiguration.destination",
        ),
    ),
    "aws:fsx/windowsFileSystem:WindowsFileSystem": (
        Naming(
            "who opens its files",
            ("/aws/fsx/windows",),
            "auditLogConfiguration.fileAccessAuditLogLevel",
            "auditLogConfiguration.auditLogDestination",
        ),
        Naming(
            "who opens its shares",
            ("/aws/fsx/windows",),
            "auditLogConfiguration.fileShareAccessAuditLogLevel",
            "auditLogConfiguration.auditLogDestination",
        ),
    ),
    "aws:imagebuilder/image:Image": (
        # By default it is named after the recipe, of which only the ARN is told.
        Naming(
            "the logs of its build",
            ("/aws/imagebuilder/{recipe}",),
            told="loggingConfiguration.logGroupName",
        ),
    ),
    "aws:imagebuilder/imagePipeline:ImagePipeline": (
        Naming(
            "the logs of its builds",
            ("/aws/imagebuilder/{recipe}",),
            told="loggingConfiguration.imageLogGroupName",
        ),
        Naming(
            "its own logs",
            ("/aws/imagebuilder/pipeline/{name}",),
            told="loggingConfiguration.pipelineLogGroupName",
        ),
    ),
    "aws:iot/loggingOptions:LoggingOptions": (
        Naming("what things do", ("AWSIotLogsV2",), "defaultLogLevel"),
    ),
    "aws:kendra/index:Index": (Naming("the logs of its sources", ("/aws/kendra/{id}",)),),
    "aws:medialive/channel:Channel": (Naming("its logs", ("ElementalMediaLive",), "logLevel"),),
    "aws:mq/broker:Broker": (
        Naming("its general logs", ("/aws/amazonmq/broker/{id}/general",), "logs.general"),
        Naming("its audit logs", ("/aws/amazonmq/broker/{id}/audit",), "logs.audit"),
    ),
    "aws:rds/proxy:Proxy": (Naming("its logs", ("/aws/rds/proxy/{name}",)),),
    "aws:sagemaker/domain:Domain": (
        Naming("the logs of its applications", ("/aws/sagemaker/studio",)),
    ),
    "aws:sagemaker/endpoint:Endpoint": (
        Naming("the logs of its containers", ("/aws/sagemaker/Endpoints/{name}",)),
    ),
    "aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob": (_TRAINING,),
    "aws:sagemaker/labelingJob:LabelingJob": (
        Naming("its logs", ("/aws/sagemaker/LabelingJobs",)),
    ),
    "aws:sagemaker/notebookInstance:NotebookInstance": (
        Naming("its logs", ("/aws/sagemaker/NotebookInstances",)),
    ),
    "aws:sagemaker/trainingJob:TrainingJob": (_TRAINING,),
    "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask": (
        Naming(
            "what its commands print",
            ("/aws/ssm/{taskArn}",),
            "taskInvocationParameters.runCommandParameters.cloudwatchConfig.cloudwatchOutputEnabled",
            "taskInvocationParameters.runCommandParameters.cloudwatchConfig.cloudwatchLogGroupName",
        ),
    ),
    "aws:synthetics/canary:Canary": (
        # AWS adds an id to the name of its function.
        Naming("the logs of its function", ("/aws/lambda/cwsyn-{name}-{functionId}",)),
    ),
    "aws:transfer/connector:Connector": (
        Naming("its transfers", ("/aws/transfer/{connectorId}",), "loggingRole"),
    ),
}
"""The logs of each type."""


def named(resource: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each log that a resource writes to a group of a name that AWS chooses."""
    for naming in NAMINGS[resource.type]:
        yield from naming.of(resource)
