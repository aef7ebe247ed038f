"""Where resources name the roles that services assume for them."""

from collections.abc import Mapping, Sequence

from .aws import DB_INSTANCE, FIREHOSE, JOB_DEFINITION, TOPIC

_RULE_ACTIONS = (
    *("cloudwatchAlarms", "cloudwatchLogs", "cloudwatchMetrics", "dynamodbs", "dynamodbv2s"),
    *("elasticsearch", "firehoses", "iotAnalytics", "iotEvents", "kineses", "republishes", "s3"),
    *("sns", "sqs", "stepFunctions", "timestreams"),
)
_ERROR_ACTIONS = (
    *("cloudwatchAlarm", "cloudwatchLogs", "cloudwatchMetric", "dynamodb", "firehose", "kinesis"),
    *("republish", "s3", "sns", "sqs", "stepFunctions"),
)
_DELIVERED = (
    *("extendedS3", "httpEndpoint", "iceberg", "kinesisSource", "opensearch"),
    *("opensearchserverless", "redshift", "snowflake"),
)
_FEEDBACK = tuple(
    f"{protocol}{outcome}FeedbackRoleArn"
    for protocol in ("lambda", "sqs", "http", "firehose", "application")
    for outcome in ("Success", "Failure")
)
_TABLE: Mapping[str, Mapping[str, Sequence[str]]] = {
    "airflow": {"mwaa/environment:Environment": ("executionRoleArn",)},
    "amplify": {"amplify/app:App": ("iamServiceRoleArn", "computeRoleArn")},
    "apigateway": {
        "apigateway/account:Account": ("cloudwatchRoleArn",),
        "apigateway/authorizer:Authorizer": ("authorizerCredentials",),
        "apigateway/integration:Integration": ("credentials",),
        "apigatewayv2/authorizer:Authorizer": ("authorizerCredentialsArn",),
        "apigatewayv2/integration:Integration": ("credentialsArn",),
    },
    "application-autoscaling": {"appautoscaling/target:Target": ("roleArn",)},
    "appsync": {
        "appsync/dataSource:DataSource": ("serviceRoleArn",),
        "appsync/graphQLApi:GraphQLApi": ("logConfig.cloudwatchLogsRoleArn",),
    },
    "autoscaling": {"autoscaling/lifecycleHook:LifecycleHook": ("roleArn",)},
    "backup": {"backup/selection:Selection": ("iamRoleArn",)},
    "batch": {"batch/computeEnvironment:ComputeEnvironment": ("serviceRole",)},
    "bedrock": {
        "bedrock/agentAgent:AgentAgent": ("agentResourceRoleArn",),
        "bedrock/agentFlow:AgentFlow": ("executionRoleArn",),
        "bedrock/agentKnowledgeBase:AgentKnowledgeBase": ("roleArn",),
        "bedrock/customModel:CustomModel": ("roleArn",),
    },
    "bedrock-agentcore": {"bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime": ("roleArn",)},
    "build.apprunner": {
        "apprunner/service:Service": (
            "sourceConfiguration.authenticationConfiguration.accessRoleArn",
        )
    },
    "chatbot": {"chatbot/slackChannelConfiguration:SlackChannelConfiguration": ("iamRoleArn",)},
    "cloudformation": {"cloudformation/stack:Stack": ("iamRoleArn",)},
    "cloudtrail": {"cloudtrail/trail:Trail": ("cloudWatchLogsRoleArn",)},
    "codebuild": {"codebuild/project:Project": ("serviceRole",)},
    "codedeploy": {"codedeploy/deploymentGroup:DeploymentGroup": ("serviceRoleArn",)},
    "codepipeline": {"codepipeline/pipeline:Pipeline": ("roleArn",)},
    "cognito-idp": {"cognito/userPool:UserPool": ("smsConfiguration.snsCallerArn",)},
    "config": {"cfg/recorder:Recorder": ("roleArn",)},
    "credentials.iot": {"iot/roleAlias:RoleAlias": ("roleArn",)},
    "dax": {"dax/cluster:Cluster": ("iamRoleArn",)},
    "dlm": {"dlm/lifecyclePolicy:LifecyclePolicy": ("executionRoleArn",)},
    "dms": {
        "dms/endpoint:Endpoint": ("serviceAccessRole", "secretsManagerAccessRoleArn"),
        "dms/s3Endpoint:S3Endpoint": ("serviceAccessRoleArn",),
    },
    "ec2": {
        "eks/nodeGroup:NodeGroup": ("nodeRoleArn",),
        "iam/instanceProfile:InstanceProfile": ("role",),
    },
    "ecs-tasks": {
        JOB_DEFINITION.removeprefix("aws:"): (
            *("containerProperties.jobRoleArn", "containerProperties.executionRoleArn"),
        ),
        "ecs/taskDefinition:TaskDefinition": ("taskRoleArn", "executionRoleArn"),
    },
    "eks": {"eks/cluster:Cluster": ("roleArn",)},
    "eks-fargate-pods": {"eks/fargateProfile:FargateProfile": ("podExecutionRoleArn",)},
    "elasticmapreduce": {"emr/cluster:Cluster": ("serviceRole",)},
    "events": {
        "cloudwatch/eventRule:EventRule": ("roleArn",),
        "cloudwatch/eventTarget:EventTarget": ("roleArn",),
    },
    "firehose": {
        FIREHOSE.removeprefix("aws:"): tuple(f"{each}Configuration.roleArn" for each in _DELIVERED)
    },
    "fis": {"fis/experimentTemplate:ExperimentTemplate": ("roleArn",)},
    "glue": {
        "glue/crawler:Crawler": ("role",),
        "glue/devEndpoint:DevEndpoint": ("roleArn",),
        "glue/job:Job": ("roleArn",),
    },
    "grafana": {"grafana/workspace:Workspace": ("roleArn",)},
    "imagebuilder": {"imagebuilder/imagePipeline:ImagePipeline": ("executionRole",)},
    "iot": {
        "iot/topicRule:TopicRule": (
            *(f"{action}.*.roleArn" for action in _RULE_ACTIONS),
            *(f"errorAction.{action}.roleArn" for action in _ERROR_ACTIONS),
        )
    },
    "kafkaconnect": {"mskconnect/connector:Connector": ("serviceExecutionRoleArn",)},
    "kendra": {"kendra/index:Index": ("roleArn",), "kendra/dataSource:DataSource": ("roleArn",)},
    "kinesisanalytics": {"kinesisanalyticsv2/application:Application": ("serviceExecutionRole",)},
    "lakeformation": {"lakeformation/resource:Resource": ("roleArn",)},
    "lambda": {
        "lambda/function:Function": ("role",),
        "synthetics/canary:Canary": ("executionRoleArn",),
    },
    "logs": {
        "cloudwatch/logDestination:LogDestination": ("roleArn",),
        "cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": ("roleArn",),
    },
    "monitoring.rds": {
        DB_INSTANCE.removeprefix("aws:"): ("monitoringRoleArn",),
        "rds/cluster:Cluster": ("monitoringRoleArn",),
        "rds/clusterInstance:ClusterInstance": ("monitoringRoleArn",),
    },
    "osis-pipelines": {"opensearchingest/pipeline:Pipeline": ("pipelineRoleArn",)},
    "pipes": {"pipes/pipe:Pipe": ("roleArn",)},
    "pods.eks": {"eks/podIdentityAssociation:PodIdentityAssociation": ("roleArn",)},
    "rds": {
        "rds/clusterRoleAssociation:ClusterRoleAssociation": ("roleArn",),
        "rds/proxy:Proxy": ("roleArn",),
        "rds/roleAssociation:RoleAssociation": ("roleArn",),
    },
    "redshift": {
        "redshift/cluster:Cluster": ("iamRoles.*",),
        "redshiftserverless/namespace:Namespace": ("iamRoles.*",),
    },
    "s3": {"s3/bucketReplicationConfig:BucketReplicationConfig": ("role",)},
    "sagemaker": {
        "sagemaker/domain:Domain": ("defaultUserSettings.executionRole",),
        "sagemaker/featureGroup:FeatureGroup": ("roleArn",),
        "sagemaker/model:Model": ("executionRoleArn",),
        "sagemaker/notebookInstance:NotebookInstance": ("roleArn",),
        "sagemaker/pipeline:Pipeline": ("roleArn",),
    },
    "scheduler": {"scheduler/schedule:Schedule": ("target.roleArn",)},
    "sns": {TOPIC.removeprefix("aws:"): _FEEDBACK},
    "ssm": {"ssm/maintenanceWindowTask:MaintenanceWindowTask": ("serviceRoleArn",)},
    "states": {"sfn/stateMachine:StateMachine": ("roleArn",)},
    "streams.metrics.cloudwatch": {"cloudwatch/metricStream:MetricStream": ("roleArn",)},
    "tasks.apprunner": {
        "apprunner/service:Service": ("instanceConfiguration.instanceRoleArn",),
    },
    "transfer": {
        "transfer/server:Server": ("loggingRole",),
        "transfer/user:User": ("role",),
    },
    "vpc-flow-logs": {"ec2/flowLog:FlowLog": ("iamRoleArn",)},
}
"""For each service that assumes roles: the types that it does so for, and their properties with the roles."""


def _by_type() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for service, types in _TABLE.items():
        for type_, properties in types.items():
            found.setdefault(f"aws:{type_}", {}).update(dict.fromkeys(properties, service))
    return found


ROLES_AT = _by_type()
"""For each type that takes roles: the properties with them, and the service that assumes each."""
FOR_ALL = frozenset(
    {
        (DB_INSTANCE, "monitoringRoleArn"),
        (JOB_DEFINITION, "containerProperties.executionRoleArn"),
        *((TOPIC, property_) for property_ in _FEEDBACK),
        ("aws:apigateway/authorizer:Authorizer", "authorizerCredentials"),
        ("aws:apigateway/integration:Integration", "credentials"),
        ("aws:apigatewayv2/authorizer:Authorizer", "authorizerCredentialsArn"),
        ("aws:apigatewayv2/integration:Integration", "credentialsArn"),
        ("aws:appautoscaling/target:Target", "roleArn"),
        ("aws:appsync/dataSource:DataSource", "serviceRoleArn"),
        ("aws:appsync/graphQLApi:GraphQLApi", "logConfig.cloudwatchLogsRoleArn"),
        ("aws:backup/selection:Selection", "iamRoleArn"),
        ("aws:batch/computeEnvironment:ComputeEnvironment", "serviceRole"),
        ("aws:dms/endpoint:Endpoint", "secretsManagerAccessRoleArn"),
        ("aws:dms/endpoint:Endpoint", "serviceAccessRole"),
        ("aws:dms/s3Endpoint:S3Endpoint", "serviceAccessRoleArn"),
        ("aws:ecs/taskDefinition:TaskDefinition", "executionRoleArn"),
        ("aws:eks/fargateProfile:FargateProfile", "podExecutionRoleArn"),
        ("aws:eks/nodeGroup:NodeGroup", "nodeRoleArn"),
        ("aws:lakeformation/resource:Resource", "roleArn"),
        ("aws:rds/cluster:Cluster", "monitoringRoleArn"),
        ("aws:rds/clusterInstance:ClusterInstance", "monitoringRoleArn"),
        ("aws:transfer/server:Server", "loggingRole"),
        ("aws:transfer/user:User", "role"),
    }
)
"""Properties in which AWS takes one role for all resources of the type: no code of theirs runs with it."""
