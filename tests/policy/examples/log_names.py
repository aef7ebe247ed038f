"""Log groups that services make under names of their own, and how resources switch them on, off, or elsewhere."""

import json
from collections.abc import Sequence

from policy.guardrails.aws import (
    BUILD,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    HTTP_API,
    HTTP_STAGE,
    JOB_DEFINITION,
    LOG_GROUP,
    MACHINE,
)
from policy.guardrails.aws import TASK_DEFINITION as TASKS
from tests.policy.examples import fails, passes
from tests.policy.examples.log_defaults import groups_of
from tests.policy.given import UNKNOWN, Given, arn, given

RULE = "log-group-declared"
ADD_ON = "aws:eks/addon:Addon"
AMPLIFY, BROKER, CANARY = (
    "aws:amplify/app:App",
    "aws:mq/broker:Broker",
    "aws:synthetics/canary:Canary",
)
EMR = "aws:emrserverless/application:Application"
IMAGE, IMAGES = "aws:imagebuilder/image:Image", "aws:imagebuilder/imagePipeline:ImagePipeline"
LUSTRE, WINDOWS = (
    "aws:fsx/lustreFileSystem:LustreFileSystem",
    "aws:fsx/windowsFileSystem:WindowsFileSystem",
)
OBSERVABILITY = {"addonName": "amazon-cloudwatch-observability", "clusterName": "shop"}
PIPELINE = "aws:sagemaker/pipeline:Pipeline"
TASK = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
INSIGHTS_LAYER = "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53"


def _command(**output: object) -> dict[str, object]:
    return {"runCommandParameters": {"cloudwatchConfig": output}}


def _routed(to: str, **more: str) -> str:
    log = {"logDriver": "awsfirelens", "options": {"Name": to, **more}}
    return json.dumps([{"name": "web", "logConfiguration": log}])


def _steps(*kinds: str) -> str:
    return json.dumps(
        {"Version": "2020-12-01", "Steps": [{"Name": each, "Type": each} for each in kinds]}
    )


def _audit(**more: str) -> dict[str, str]:
    return {"fileAccessAuditLogLevel": "SUCCESS_AND_FAILURE", **more}


def _named(*groups: str) -> Sequence[Given]:
    return [given(LOG_GROUP, group, name=group) for group in groups]


LOGGED_JOB = {"image": "shop"}
TO_SPLUNK = {"image": "shop", "logConfiguration": {"logDriver": "splunk"}}
TO_JOBS = {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/jobs"}}}
ECS = {"taskProperties": [{"containers": [LOGGED_JOB, TO_JOBS]}]}

ELSEWHERE = given("aws:ec2/vpc:Vpc", "shop")

EXAMPLES = (
    *groups_of("aws:apprunner/service:Service", ["/aws/apprunner/shop/1/application", "/aws/apprunner/shop/1/service"], serviceName="shop", serviceId="1"),
    *groups_of("aws:appsync/api:Api", ["/aws/appsync/apis/1"], apiId="1", eventConfig={"logConfig": {"logLevel": "ERROR"}}),
    *groups_of("aws:appsync/graphQLApi:GraphQLApi", ["/aws/appsync/apis/1"], id="1", logConfig={"fieldLogLevel": "ERROR"}),
    *groups_of("aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime", ["/aws/bedrock-agentcore/runtimes/shop-1-DEFAULT"], agentRuntimeId="shop-1"),
    *groups_of("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", ["/aws/chatbot/shop"], configurationName="shop", loggingLevel="ERROR"),
    *groups_of("aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration", ["/aws/chatbot/shop"], configurationName="shop", loggingLevel="INFO"),
    *groups_of("aws:cloudhsmv2/cluster:Cluster", ["/aws/cloudhsm/cluster-1"], clusterId="cluster-1"),
    *groups_of("aws:cloudwatch/internetMonitor:InternetMonitor", [f"/aws/internet-monitor/shop/by{part}" for part in ("City", "Country", "Metro", "Subdivision")], monitorName="shop"),
    *groups_of("aws:codepipeline/pipeline:Pipeline", ["/aws/codepipeline/shop"], name="shop", stages=[{"actions": [{"provider": "S3"}]}, {"actions": [{"provider": "Commands", "commands": ["make"]}]}]),
    *groups_of("aws:dms/replicationInstance:ReplicationInstance", ["dms-tasks-shop"], replicationInstanceId="shop"),
    *groups_of("aws:eks/cluster:Cluster", ["/aws/eks/shop/cluster"], name="shop", enabledClusterLogTypes=["api"]),
    *groups_of(ADD_ON, [f"/aws/containerinsights/shop/{log}" for log in ("application", "dataplane", "host", "performance")], **OBSERVABILITY),
    *groups_of(ADD_ON, ["/aws/containerinsights/shop/performance"], **OBSERVABILITY, configurationValues='{"containerLogs": {"enabled": false}}'),
    *groups_of(EMR, ["/aws/emr-serverless"], monitoringConfiguration={"cloudwatchLoggingConfiguration": {"enabled": True}}),
    *groups_of(EMR, ["/jobs"], monitoringConfiguration={"cloudwatchLoggingConfiguration": {"enabled": True, "logGroupName": "/jobs"}}),
    *groups_of(LUSTRE, ["/aws/fsx/lustre"], logConfiguration={"level": "WARN_ERROR"}),
    *groups_of(LUSTRE, ["/aws/fsx/lake"], logConfiguration={"level": "WARN_ERROR", "destination": "/aws/fsx/lake"}),
    *groups_of(WINDOWS, ["/aws/fsx/windows"], auditLogConfiguration=_audit()),
    *groups_of(WINDOWS, ["/aws/fsx/windows"], auditLogConfiguration={"fileShareAccessAuditLogLevel": "FAILURE_ONLY"}),
    *groups_of(WINDOWS, ["/aws/fsx/shares"], auditLogConfiguration=_audit(auditLogDestination="/aws/fsx/shares")),
    *groups_of(WINDOWS, ["/aws/fsx/shares"], auditLogConfiguration={"fileShareAccessAuditLogLevel": "FAILURE_ONLY", "auditLogDestination": "/aws/fsx/shares"}),
    passes(RULE, "files that are audited in a stream, and nowhere else", given(WINDOWS, auditLogConfiguration=_audit(auditLogDestination=arn("firehose", "deliverystream/aws-fsx-audit")))),
    *groups_of(IMAGE, ["/images"], loggingConfiguration={"logGroupName": "/images"}),
    *groups_of(IMAGES, ["/images", "/aws/imagebuilder/pipeline/web"], name="web", loggingConfiguration={"imageLogGroupName": "/images"}),
    *groups_of(IMAGES, ["/images", "/pipelines"], name="web", loggingConfiguration={"imageLogGroupName": "/images", "pipelineLogGroupName": "/pipelines"}),
    *groups_of("aws:iot/loggingOptions:LoggingOptions", ["AWSIotLogsV2"], defaultLogLevel="WARN"),
    *groups_of("aws:kendra/index:Index", ["/aws/kendra/1"], id="1"),
    *groups_of("aws:medialive/channel:Channel", ["ElementalMediaLive"], logLevel="ERROR"),
    *groups_of(BROKER, ["/aws/amazonmq/broker/b-1/general", "/aws/amazonmq/broker/b-1/audit"], id="b-1", logs={"general": True, "audit": "true"}),
    *groups_of("aws:redshift/logging:Logging", ["/aws/redshift/cluster/shop/userlog"], clusterIdentifier="shop", logExports=["userlog"]),
    *groups_of("aws:redshiftserverless/namespace:Namespace", ["/aws/redshift/shop/connectionlog"], namespaceName="shop", logExports=["connectionlog"]),
    *groups_of("aws:sagemaker/domain:Domain", ["/aws/sagemaker/studio"], domainName="shop"),
    *groups_of("aws:sagemaker/endpoint:Endpoint", ["/aws/sagemaker/Endpoints/shop"], name="shop"),
    *groups_of("aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob", ["/aws/sagemaker/TrainingJobs"], name="shop"),
    *groups_of("aws:sagemaker/labelingJob:LabelingJob", ["/aws/sagemaker/LabelingJobs"], labelingJobName="shop"),
    *groups_of("aws:sagemaker/notebookInstance:NotebookInstance", ["/aws/sagemaker/NotebookInstances"], name="shop"),
    *groups_of("aws:sagemaker/trainingJob:TrainingJob", ["/aws/sagemaker/TrainingJobs"], trainingJobName="shop"),
    *groups_of(PIPELINE, ["/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs"], pipelineDefinition=_steps("Training", "Tuning", "Condition", "Processing", "Transform")),
    *groups_of(PIPELINE, ["/aws/sagemaker/TrainingJobs"], pipelineDefinition=_steps("Training")),
    *groups_of(PIPELINE, ["/aws/sagemaker/TrainingJobs"], pipelineDefinition=_steps("Tuning")),
    *groups_of(TASK, ["/aws/ssm/AWS-RunShellScript"], taskArn="AWS-RunShellScript", taskInvocationParameters=_command(cloudwatchOutputEnabled=True)),
    *groups_of(TASK, ["/commands"], taskArn="AWS-RunShellScript", taskInvocationParameters=_command(cloudwatchOutputEnabled=True, cloudwatchLogGroupName="/commands")),
    *groups_of("aws:transfer/connector:Connector", ["/aws/transfer/c-1"], connectorId="c-1", loggingRole="r"),
    *groups_of(AMPLIFY, ["/aws/amplify/1"], id="1", platform="WEB_COMPUTE"),
    *groups_of(HTTP_STAGE, ["/aws/apigateway/1/live"], apiId="1", name="live", defaultRouteSettings={"loggingLevel": "ERROR"}),
    *groups_of(HTTP_STAGE, ["/aws/apigateway/1/live"], apiId="1", name="live", defaultRouteSettings={"loggingLevel": "OFF"}, routeSettings=[{"routeKey": "a", "loggingLevel": "OFF"}, {"routeKey": "b", "loggingLevel": "INFO"}]),
    # jobs of more than one container
    *groups_of(JOB_DEFINITION, ["/aws/batch/job", "/jobs"], ecsProperties=json.dumps(ECS)),
    *groups_of(JOB_DEFINITION, ["/jobs", "/aws/batch/job"], nodeProperties=json.dumps({"nodeRangeProperties": [{"container": TO_JOBS}, {"container": LOGGED_JOB}]})),
    *groups_of(JOB_DEFINITION, ["/aws/batch/job", "/jobs"], nodeProperties=json.dumps({"nodeRangeProperties": [{"ecsProperties": ECS}]})),
    passes(RULE, "jobs that log elsewhere", *(given(JOB_DEFINITION, **{key: json.dumps(value)}) for key, value in (("ecsProperties", {"taskProperties": [{"containers": [TO_SPLUNK]}]}), ("nodeProperties", {"nodeRangeProperties": [{"container": TO_SPLUNK}]})))),
    # functions that are measured
    *(fails(RULE, f"a function that is measured, with {len(layers)} layers", "what Lambda Insights measures go to the group /aws/lambda-insights, which", given(FUNCTION, name="shop", layers=layers), *_named("/aws/lambda/shop")) for layers in ([INSIGHTS_LAYER], [arn("lambda", "layer:shop:1"), INSIGHTS_LAYER])),
    passes(RULE, "a function that is measured, with its groups", given(FUNCTION, name="shop", layers=[INSIGHTS_LAYER]), *_named("/aws/lambda/shop", "/aws/lambda-insights")),
    passes(RULE, "a function with layers of its own", given(FUNCTION, name="shop", layers=[UNKNOWN, arn("lambda", "layer:shop:1")]), *_named("/aws/lambda/shop")),
    # switched off
    passes(
        RULE,
        "what logs nothing",
        given(AMPLIFY, name="files", platform="WEB"),
        given(AMPLIFY, name="files"),
        given(BROKER, logs={"general": False, "audit": "false"}),
        given("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", configurationName="shop", loggingLevel="NONE"),
        given("aws:iot/loggingOptions:LoggingOptions", defaultLogLevel="DISABLED"),
        given("aws:medialive/channel:Channel", logLevel="DISABLED"),
        given(LUSTRE, logConfiguration={"level": "DISABLED"}),
        given(WINDOWS, auditLogConfiguration={"fileAccessAuditLogLevel": "DISABLED"}),
        given(EMR, monitoringConfiguration={"cloudwatchLoggingConfiguration": {"enabled": False, "logGroupName": "/jobs"}}),
        given(HTTP_STAGE, apiId="1", name="live", defaultRouteSettings={"loggingLevel": "OFF"}),
        given(HTTP_STAGE, apiId="1", name="live", defaultRouteSettings={"throttlingRateLimit": 5}),
        given("aws:codepipeline/pipeline:Pipeline", name="shop", stages=[{"actions": [{"provider": "S3"}]}]),
        given(TASK, taskArn="AWS-RunShellScript", taskInvocationParameters=_command()),
        given("aws:appsync/api:Api", name="shop", eventConfig={}),
        given("aws:transfer/connector:Connector"),
        given(ADD_ON, addonName="vpc-cni", clusterName="shop"),
        given(PIPELINE, pipelineDefinition=_steps("Condition", "Lambda")),
        given(PIPELINE, pipelineDefinitionS3Location={"bucket": "shop", "objectKey": "pipeline.json"}),
    ),
    # what AWS names by an id, or after something else
    *(
        fails(RULE, f"{type_} that makes its own group", "declare a LogGroup whose name has its id, and import it if AWS has made it first.", given(type_, **inputs))
        for type_, inputs in (
            (AMPLIFY, {"name": "shop", "platform": UNKNOWN}),
            (BROKER, {"logs": {"general": True}}),
            (CANARY, {"name": "shop"}),
            ("aws:kendra/index:Index", {"name": "shop"}),
        )
    ),
    *(passes(RULE, f"{type_} with the group that has its id", given(type_, **inputs), given(LOG_GROUP, name=UNKNOWN).taking("name", given(type_))) for type_, inputs in ((CANARY, {"name": "shop"}), (BROKER, {"logs": {"audit": UNKNOWN}}), (AMPLIFY, {"platform": "WEB_COMPUTE"}))),
    fails(RULE, "an image that names no group", "the logs of its build go to a group that has no fixed name; give the resource a fixed name, or name its log group.", given(IMAGE)),
    fails(RULE, "a pipeline that names the group of its own logs only", "the logs of its builds go to a group that has no fixed name", given(IMAGES, name="web", loggingConfiguration={"pipelineLogGroupName": "/pipelines"}), *_named("/pipelines")),
    passes(RULE, "an image whose group has no name yet", given(IMAGE, loggingConfiguration={"logGroupName": UNKNOWN}).taking("loggingConfiguration", *_named("/images")), *_named("/images")),
    fails(RULE, "a stage whose API has no id yet", "its execution logs go to a group that has no fixed name; turn execution logs off (loggingLevel OFF)", given(HTTP_STAGE, apiId=UNKNOWN, name="live", defaultRouteSettings={"loggingLevel": UNKNOWN})),
    passes(RULE, "an add-on of a cluster that has no name yet, and its group", given("aws:eks/cluster:Cluster"), given(ADD_ON, addonName="amazon-cloudwatch-observability", clusterName=UNKNOWN, configurationValues={"containerLogs": {"enabled": False}}).taking("clusterName", given("aws:eks/cluster:Cluster")), given(LOG_GROUP, name=UNKNOWN).taking("name", given("aws:eks/cluster:Cluster"))),
    fails(RULE, "the words of a job", "its logs go to the group /aws/batch/job, which", given(JOB_DEFINITION, containerProperties=json.dumps(LOGGED_JOB))),
    *groups_of(TASKS, ["/web"], containerDefinitions=_routed("cloudwatch", log_group_name="/web")),
    *groups_of(TASKS, ["/web"], containerDefinitions=_routed("cloudwatch_logs", log_group_name="/web")),
    passes(RULE, "containers whose logs are routed elsewhere", given(TASKS, containerDefinitions=_routed("datadog", log_group_name="/web"))),
    fails(RULE, "containers whose logs are routed to no group", "the logs of container web go to a group that has no fixed name; set log_group_name.", given(TASKS, containerDefinitions=_routed("cloudwatch"))),
    fails(RULE, "a delivery stream that names no group", "go to a group that has no fixed name; set logGroupName.", given(FIREHOSE, extendedS3Configuration={"cloudwatchLoggingOptions": {"enabled": True}})),
    *groups_of(BUILD, ["/build"], name="shop", logsConfig={"cloudwatchLogs": {"groupName": "/build"}}),
    fails(RULE, "a flow log that names no group", "go to a group that has no fixed name; set logDestination.", given(FLOW_LOG, trafficType="ALL")),
    fails(RULE, "a machine that names no group", "go to a group that has no fixed name; set logDestination.", given(MACHINE, loggingConfiguration={"level": "ERROR"})),
    passes(RULE, "a stage whose API has no id yet, and a group that is named after it", given(HTTP_API, "api", protocolType="WEBSOCKET"), given(HTTP_STAGE, apiId=UNKNOWN, name="live", defaultRouteSettings={"loggingLevel": "ERROR"}).taking("apiId", given(HTTP_API, "api")), given(LOG_GROUP, name=UNKNOWN).taking("name", given(HTTP_API, "api"))),
    fails(RULE, "the words of a message about files", ["who opens its files go to the group /aws/fsx/windows, which", "who opens its shares go to"], given(WINDOWS, auditLogConfiguration=_audit(fileShareAccessAuditLogLevel="FAILURE_ONLY"))),
    fails(RULE, "the words of a message about a pipeline", ["the logs of its builds go to a group", "its own logs go to the group /aws/imagebuilder/pipeline/web, which"], given(IMAGES, name="web")),
    fails(RULE, "the words of a message", "its audit logs go to the group /aws/amazonmq/broker/b-1/audit, which", given(BROKER, id="b-1", logs={"audit": True})),
    passes(RULE, "a group of an image that is not known yet", given(IMAGE, loggingConfiguration={"logGroupName": UNKNOWN}).taking("loggingConfiguration", given(LOG_GROUP, "images", name="/images")), given(LOG_GROUP, "images", name="/images")),
    fails(
        RULE,
        "a second group, which nothing declares, after one that gets its name elsewhere",
        "its error logs go to the group /other, which the stack does not declare",
        given(FIREHOSE, **{f"{end}Configuration": {"cloudwatchLoggingOptions": {"enabled": True, "logGroupName": name}} for end, name in (("extendedS3", UNKNOWN), ("redshift", "/other"))}).taking("extendedS3Configuration", ELSEWHERE),
        given(LOG_GROUP, name=UNKNOWN).taking("name", ELSEWHERE),
        ELSEWHERE,
    ),
    passes(RULE, "a delivery stream whose log is switched off", given(FIREHOSE, extendedS3Configuration={"cloudwatchLoggingOptions": {"enabled": False, "logGroupName": "/x"}})),
    passes(RULE, "a function of a name that AWS chose, and a group of that name", given(FUNCTION, "orders"), given(LOG_GROUP, name="/aws/lambda/orders-1a2b").taking("name", given(FUNCTION, "orders"))),
    fails(RULE, "a pipe that logs to a group of another stack", "its logs go to the group arn:aws:logs:eu-west-1:123456789012:log-group:/pipes, which", given("aws:pipes/pipe:Pipe", logConfiguration={"level": "ERROR", "cloudwatchLogsLogDestination": {"logGroupArn": arn("logs", "log-group:/pipes")}})),
    passes(RULE, "a pipe that logs elsewhere", given("aws:pipes/pipe:Pipe", logConfiguration={"level": "ERROR", "s3LogDestination": {"bucketName": "logs"}})),
    passes(RULE, "a web ACL that does not say where it logs, and a route that says how much comes", given("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", resourceArn="x"), given(HTTP_STAGE, routeSettings=[{"routeKey": "GET /", "throttlingRateLimit": 5}])),
    passes(RULE, "an Airflow whose logs are switched off", given("aws:mwaa/environment:Environment", name="etl", loggingConfiguration={"taskLogs": {"enabled": False, "logLevel": "INFO"}})),
)  # fmt: skip
