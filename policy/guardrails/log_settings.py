"""Log groups that services are told of by a setting."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .aws import CLUSTER, SERVICE, TRAIL, TRANSFER_SERVER
from .naming import may_be_group
from .resource import Resource, Unknown, value_at, values_at

_ENGINE = "its engine's logs"
_DELIVERIES = "the logs that it delivers"
_MONITORING = "monitoringConfiguration.cloudWatchMonitoringConfiguration"
SETTINGS: Mapping[str, Sequence[str]] = {
    CLUSTER: (
        "the commands that are executed in its tasks",
        "configuration.executeCommandConfiguration.logConfiguration.cloudWatchLogGroupName",
    ),
    TRAIL: ("its events", "cloudWatchLogsGroupArn"),
    "aws:amp/queryLoggingConfiguration:QueryLoggingConfiguration": (
        "the queries of its workspace",
        "destinations.*.cloudwatchLogs.logGroupArn",
    ),
    "aws:amp/scraperLoggingConfiguration:ScraperLoggingConfiguration": (
        "the logs of its scraper",
        "loggingDestination.cloudwatchLogs.logGroupArn",
    ),
    "aws:amp/workspace:Workspace": ("its logs", "loggingConfiguration.logGroupArn"),
    "aws:athena/workgroup:Workgroup": (
        "the logs of its sessions",
        "configuration.monitoringConfiguration.cloudWatchLoggingConfiguration.logGroup",
    ),
    "aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration": (
        "the calls of models",
        "loggingConfig.cloudwatchConfig.logGroupName",
    ),
    "aws:cloudformation/cloudFormationType:CloudFormationType": (
        "the logs of its handlers",
        "loggingConfig.logGroupName",
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
    "aws:directoryservice/logSubscription:LogSubscription": (
        "the logs of its directory",
        "logGroupName",
    ),
    "aws:ec2/vpnConnection:VpnConnection": (
        "the logs of its tunnels",
        *(
            f"tunnel{number}LogOptions.cloudwatchLogOptions.{group}"
            for number in (1, 2)
            for group in ("bgpLogGroupArn", "logGroupArn")
        ),
    ),
    "aws:ec2clientvpn/endpoint:Endpoint": (
        "its connections",
        "connectionLogOptions.cloudwatchLogGroup",
    ),
    "aws:ecs/expressGatewayService:ExpressGatewayService": (
        "the logs of its container",
        "primaryContainer.awsLogsConfigurations.*.logGroup",
    ),
    "aws:elasticsearch/domain:Domain": (_ENGINE, "logPublishingOptions.*.cloudwatchLogGroupArn"),
    "aws:emrcontainers/jobTemplate:JobTemplate": (
        "the logs of its jobs",
        f"jobTemplateData.configurationOverrides.{_MONITORING}.logGroupName",
    ),
    "aws:evidently/project:Project": ("its evaluations", "dataDelivery.cloudwatchLogs.logGroup"),
    "aws:fis/experimentTemplate:ExperimentTemplate": (
        "its experiments",
        "logConfiguration.cloudwatchLogsConfiguration.logGroupArn",
    ),
    "aws:iot/topicRule:TopicRule": (
        "the messages that it logs",
        "cloudwatchLogs.*.logGroupName",
        "errorAction.cloudwatchLogs.logGroupName",
    ),
    "aws:ivschat/loggingConfiguration:LoggingConfiguration": (
        "the messages of its rooms",
        "destinationConfiguration.cloudwatchLogs.logGroupName",
    ),
    "aws:kinesis/analyticsApplication:AnalyticsApplication": (
        "its logs",
        "cloudwatchLoggingOptions.logStreamArn",
    ),
    "aws:kinesisanalyticsv2/application:Application": (
        "its logs",
        "cloudwatchLoggingOptions.logStreamArn",
    ),
    "aws:lambdamicrovms/microvm:Microvm": ("its logs", "logging.cloudwatch.logGroup"),
    "aws:msk/channel:Channel": ("its logs", "loggingInfo.cloudwatchLogs.logGroup"),
    "aws:msk/cluster:Cluster": (
        "the logs of its brokers",
        "loggingInfo.brokerLogs.cloudwatchLogs.logGroup",
    ),
    "aws:msk/replicator:Replicator": (
        "its logs",
        "logDelivery.replicatorLogDelivery.cloudwatchLogs.logGroup",
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
    "aws:pinpoint/smsvoicev2EventDestination:Smsvoicev2EventDestination": (
        "its messages",
        "cloudwatchLogsDestination.logGroupArn",
    ),
    "aws:route53/queryLog:QueryLog": ("the queries of its zone", "cloudwatchLogGroupArn"),
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": (
        "the queries of its networks",
        "destinationArn",
    ),
    **dict.fromkeys(
        (
            "aws:storagegateway/fileSystemAssociation:FileSystemAssociation",
            "aws:storagegateway/nfsFileShare:NfsFileShare",
            "aws:storagegateway/smbFileShare:SmbFileShare",
        ),
        ("who opens its files", "auditDestinationArn"),
    ),
    "aws:storagegateway/gateway:Gateway": ("its health", "cloudwatchLogGroupArn"),
    SERVICE: (
        "the logs of its proxy",
        "serviceConnectConfiguration.logConfiguration.options.awslogs-group",
    ),
    TRANSFER_SERVER: ("its transfers", "structuredLogDestinations.*"),
    "aws:verifiedaccess/instanceLoggingConfiguration:InstanceLoggingConfiguration": (
        "the requests it sees",
        "accessLogs.cloudwatchLogs.logGroup",
    ),
    "aws:vpclattice/accessLogSubscription:AccessLogSubscription": (
        "the requests it sees",
        "destinationArn",
    ),
}
"""For each type with settings: the log, and where its groups are named; `*` stands for each of a list."""


def settings(resource: Resource) -> Iterator[tuple[str, Any, str]]:
    """The log, group and property of each setting that names a log group."""
    what, *paths = SETTINGS[resource.type]
    for path in (each.split(".") for each in paths):
        *above, name = path
        for setting in values_at(resource.props, *above):
            # What is switched off may name a group that is not there yet, or no longer.
            if isinstance(setting, Unknown) or value_at(setting, "enabled") is not False:
                for group in filter(may_be_group, values_at(setting, name)):
                    yield what, group, path[0]


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


NAMED = {
    **dict.fromkeys(SETTINGS, settings),
    "aws:elasticache/cluster:Cluster": cache,
    "aws:elasticache/replicationGroup:ReplicationGroup": cache,
}
"""How each type is told of its log groups."""
