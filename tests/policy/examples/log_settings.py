"""Log groups that services are told of by a setting."""

from collections.abc import Mapping
from typing import Any

from policy.guardrails.aws import LOG_GROUP
from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, arn, given

RULE = "log-group-declared"
NAME = "/shop"
GROUP = arn("logs", f"log-group:{NAME}:*")
VPN = "aws:ec2/vpnConnection:VpnConnection"
SETTINGS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("aws:amp/queryLoggingConfiguration:QueryLoggingConfiguration", {"destinations": [{"cloudwatchLogs": {"logGroupArn": GROUP}}]}),
    ("aws:amp/scraperLoggingConfiguration:ScraperLoggingConfiguration", {"loggingDestination": {"cloudwatchLogs": {"logGroupArn": GROUP}}}),
    ("aws:amp/workspace:Workspace", {"loggingConfiguration": {"logGroupArn": GROUP}}),
    ("aws:athena/workgroup:Workgroup", {"configuration": {"monitoringConfiguration": {"cloudWatchLoggingConfiguration": {"enabled": True, "logGroup": NAME}}}}),
    ("aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration", {"loggingConfig": {"cloudwatchConfig": {"logGroupName": NAME}}}),
    ("aws:cloudformation/cloudFormationType:CloudFormationType", {"loggingConfig": {"logGroupName": NAME}}),
    ("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", {"deliveryDestinationConfiguration": {"destinationResourceArn": GROUP}}),
    ("aws:cognito/logDeliveryConfiguration:LogDeliveryConfiguration", {"logConfigurations": [{"firehoseConfiguration": {}}, {"cloudWatchLogsConfiguration": {"logGroupArn": GROUP}}]}),
    ("aws:datasync/task:Task", {"cloudwatchLogGroupArn": GROUP}),
    ("aws:directoryservice/logSubscription:LogSubscription", {"logGroupName": NAME}),
    ("aws:ec2clientvpn/endpoint:Endpoint", {"connectionLogOptions": {"enabled": True, "cloudwatchLogGroup": NAME}}),
    ("aws:ecs/expressGatewayService:ExpressGatewayService", {"primaryContainer": {"awsLogsConfigurations": [{"logGroup": NAME}]}}),
    ("aws:ecs/service:Service", {"serviceConnectConfiguration": {"enabled": True, "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": NAME}}}}),
    ("aws:emrcontainers/jobTemplate:JobTemplate", {"jobTemplateData": {"configurationOverrides": {"monitoringConfiguration": {"cloudWatchMonitoringConfiguration": {"logGroupName": NAME}}}}}),
    ("aws:evidently/project:Project", {"dataDelivery": {"cloudwatchLogs": {"logGroup": NAME}}}),
    ("aws:fis/experimentTemplate:ExperimentTemplate", {"logConfiguration": {"cloudwatchLogsConfiguration": {"logGroupArn": GROUP}}}),
    ("aws:iot/topicRule:TopicRule", {"cloudwatchLogs": [{"logGroupName": NAME}]}),
    ("aws:ivschat/loggingConfiguration:LoggingConfiguration", {"destinationConfiguration": {"cloudwatchLogs": {"logGroupName": NAME}}}),
    ("aws:kinesis/analyticsApplication:AnalyticsApplication", {"cloudwatchLoggingOptions": {"logStreamArn": arn("logs", "log-group:/shop:log-stream:a")}}),
    ("aws:lambdamicrovms/microvm:Microvm", {"logging": {"cloudwatch": {"logGroup": NAME}}}),
    ("aws:msk/channel:Channel", {"loggingInfo": {"cloudwatchLogs": {"enabled": True, "logGroup": NAME}}}),
    ("aws:msk/replicator:Replicator", {"logDelivery": {"replicatorLogDelivery": {"cloudwatchLogs": {"enabled": True, "logGroup": NAME}}}}),
    ("aws:mskconnect/connector:Connector", {"logDelivery": {"workerLogDelivery": {"cloudwatchLogs": {"enabled": True, "logGroup": NAME}}}}),
    ("aws:networkfirewall/loggingConfiguration:LoggingConfiguration", {"loggingConfiguration": {"logDestinationConfigs": [{"logDestination": {"bucketName": "traffic"}}, {"logDestination": {"logGroup": NAME}}]}}),
    ("aws:opensearchingest/pipeline:Pipeline", {"logPublishingOptions": {"cloudwatchLogDestination": {"logGroup": NAME}}}),
    ("aws:pinpoint/smsvoicev2EventDestination:Smsvoicev2EventDestination", {"cloudwatchLogsDestination": {"logGroupArn": GROUP}}),
    ("aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig", {"destinationArn": GROUP}),
    ("aws:storagegateway/fileSystemAssociation:FileSystemAssociation", {"auditDestinationArn": GROUP}),
    ("aws:storagegateway/gateway:Gateway", {"cloudwatchLogGroupArn": GROUP}),
    ("aws:storagegateway/nfsFileShare:NfsFileShare", {"auditDestinationArn": GROUP}),
    ("aws:storagegateway/smbFileShare:SmbFileShare", {"auditDestinationArn": GROUP}),
    ("aws:verifiedaccess/instanceLoggingConfiguration:InstanceLoggingConfiguration", {"accessLogs": {"cloudwatchLogs": {"enabled": True, "logGroup": NAME}}}),
    ("aws:vpclattice/accessLogSubscription:AccessLogSubscription", {"destinationArn": GROUP}),
    *((VPN, {f"tunnel{number}LogOptions": {"cloudwatchLogOptions": {key: GROUP}}}) for number in (1, 2) for key in ("bgpLogGroupArn", "logGroupArn")),
)  # fmt: skip
"""What tells each type of its group."""

EXAMPLES = (
    *(passes(RULE, f"{type_} with the group in {list(inputs.values())}", given(type_, **inputs), given(LOG_GROUP, name=NAME)) for type_, inputs in SETTINGS),
    *(fails(RULE, f"{type_} with another group than that in {list(inputs.values())}", f"{NAME}", given(type_, **inputs), given(LOG_GROUP, name="/other")) for type_, inputs in SETTINGS),
    fails(
        RULE,
        "a domain with a group that is declared, and one that is not",
        "its engine's logs go to the group arn:aws:logs:eu-west-1:123456789012:log-group:/slow:*, which",
        given("aws:opensearch/domain:Domain", logPublishingOptions=[{"cloudwatchLogGroupArn": GROUP}, {"cloudwatchLogGroupArn": arn("logs", "log-group:/slow:*")}]),
        given(LOG_GROUP, name=NAME),
    ),
    *(
        example
        for cache in ("aws:elasticache/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup")
        for example in (
            fails(RULE, f"the slow commands of {cache}", "its slow-log go to the group /slow, which", given(cache, logDeliveryConfigurations=[{"logType": log, "destinationType": "cloudwatch-logs", "destination": group} for log, group in (("engine-log", NAME), ("slow-log", "/slow"))]), given(LOG_GROUP, name=NAME)),
            passes(RULE, f"{cache} that logs nothing", given(cache)),
        )
    ),
    *(
        passes(RULE, f"logs that {type_} does not write", given(type_, **inputs))
        for type_, inputs in (
            ("aws:opensearch/domain:Domain", {"logPublishingOptions": [{"cloudwatchLogGroupArn": GROUP, "enabled": False}]}),
            ("aws:msk/cluster:Cluster", {"loggingInfo": {"brokerLogs": {"cloudwatchLogs": {"enabled": False, "logGroup": NAME}}}}),
        )
    ),
    passes(RULE, "settings that are not known yet", given("aws:msk/cluster:Cluster", loggingInfo=UNKNOWN).taking("loggingInfo", given(LOG_GROUP, "group")), given(LOG_GROUP, "group")),
    fails(RULE, "logs that are switched on, as far as it is known", "go to the group /shop, which", given("aws:msk/cluster:Cluster", loggingInfo={"brokerLogs": {"cloudwatchLogs": {"enabled": UNKNOWN, "logGroup": NAME}}})),
    passes(RULE, "files that are audited in a stream", given("aws:storagegateway/smbFileShare:SmbFileShare", auditDestinationArn=arn("firehose", "deliverystream/audit"))),
)  # fmt: skip
