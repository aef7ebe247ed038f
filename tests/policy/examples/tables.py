"""What the tables of the pack hold, as AWS documents it: keys, callers, and what each target or integration takes."""

import json

from policy.guardrails.aws import (
    EVENT_BUS,
    EVENT_TARGET,
    FUNCTION,
    KINESIS,
    MACHINE,
    PERMISSION,
    PIPE,
    ROLE,
    ROLE_POLICY,
    SCHEDULE,
    TABLE,
    TOPIC,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, Given, allow, arn, document, given, role_policy

PROOF = "iam-grants-match-definition"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/orders"
ITS_ROLE = given(ROLE, "role", name="orders")
GLOBAL_KEYS = (
    *("CalledVia", "CalledViaFirst", "CalledViaLast", "ChatbotSourceArn", "CurrentTime"),
    *("Ec2InstanceSourcePrivateIPv4", "Ec2InstanceSourceVpc", "EpochTime", "FederatedProvider"),
    *("MultiFactorAuthAge", "MultiFactorAuthPresent", "PrincipalAccount", "PrincipalArn"),
    *("PrincipalIsAWSService", "PrincipalOrgID", "PrincipalOrgPaths", "PrincipalServiceName"),
    *("PrincipalServiceNamesList", "PrincipalTag/team", "PrincipalType", "referer"),
    *("RequestedRegion", "ResourceAccount", "ResourceOrgID", "ResourceOrgPaths"),
    *("SecureTransport", "SourceAccount", "SourceArn", "SourceIdentity", "SourceIp"),
    *(
        "SourceOrgID",
        "SourceOrgPaths",
        "SourceOwner",
        "SourceVpc",
        "SourceVpcArn",
        "SourceVpce",
        "TagKeys",
    ),
    *("TokenIssueTime", "UserAgent", "userid", "username", "ViaAWSService", "VpceAccount"),
    *("VpceOrgID", "VpceOrgPaths", "VpcSourceIp"),
)
CALLERS = ("cloudformation", "config", "events", "iot", "logs", "s3", "scheduler", "ses", "sns")
TARGETS = {
    arn("appsync", "apis/a"): "appsync:GraphQL on *",
    arn("batch", "job-queue/q"): "batch:SubmitJob on *",
    arn("codebuild", "project/p"): "codebuild:StartBuild on *",
    arn("codepipeline", "p"): "codepipeline:StartPipelineExecution on *",
    arn("events", "api-destination/d/1"): "events:InvokeApiDestination on *",
    arn("events", "event-bus/b"): "events:PutEvents on event-bus/b",
    arn("execute-api", "abc/prod/GET/"): "execute-api:Invoke on *",
    arn("firehose", "deliverystream/d"): "firehose:PutRecord on deliverystream/d",
    arn("glue", "workflow/w"): "glue:NotifyEvent on *",
    arn("kinesis", "stream/s"): "kinesis:PutRecord on stream/s",
    arn("lambda", "function:f"): "lambda:InvokeFunction on function:f",
    arn("redshift", "cluster:c"): "redshift-data:ExecuteStatement on *",
    arn("sagemaker", "pipeline/p"): "sagemaker:StartPipelineExecution on *",
    arn("sns", "t"): "sns:Publish on t",
    arn("sqs", "q"): "sqs:SendMessage on q",
    arn("ssm", "automation-definition/a"): "ssm:StartAutomationExecution on *",
    arn("ssm", "document/d"): "ssm:SendCommand on *",
    arn("states", "stateMachine:m"): "states:StartExecution on stateMachine:m",
}
INTEGRATIONS = {
    "dynamodb:deleteItem": ("TableName", "orders", "dynamodb:DeleteItem on table/orders"),
    "dynamodb:getItem": ("TableName", "orders", "dynamodb:GetItem on table/orders"),
    "dynamodb:putItem": ("TableName", "orders", "dynamodb:PutItem on table/orders"),
    "dynamodb:updateItem": ("TableName", "orders", "dynamodb:UpdateItem on table/orders"),
    "events:putEvents": ("Entries", [{"EventBusName": "b"}], "events:PutEvents on event-bus/b"),
    "lambda:invoke": ("FunctionName", "f", "lambda:InvokeFunction on function:f"),
    "sns:publish": ("TopicArn", arn("sns", "t"), "sns:Publish on t"),
    "sqs:sendMessage": ("QueueUrl", arn("sqs", "q"), "sqs:SendMessage on q"),
    "states:startExecution": ("StateMachineArn", "m", "states:StartExecution on stateMachine:m"),
}
ATHENA = (
    *("athena:GetDataCatalog", "athena:GetQueryExecution", "athena:StopQueryExecution"),
    *("glue:BatchGetPartition", "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartition"),
    *("glue:GetPartitions", "glue:GetTable", "glue:GetTables", "lakeformation:GetDataAccess"),
    *("s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"),
    *("s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:PutObject"),
)
REDSHIFT = (
    *("redshift:GetClusterCredentials", "redshift-data:BatchExecuteStatement"),
    *("redshift-serverless:GetCredentials", "secretsmanager:GetSecretValue"),
)
CRAWLER = (
    *("glue:BatchGetCrawlers", "glue:BatchStopJobRun", "glue:CancelMLTaskRun"),
    *("glue:DeleteCrawler", "glue:DescribeEntity", "glue:GetCrawler", "glue:ListCrawlers"),
    "glue:StopCrawler",
)
CLUSTER = ("elasticmapreduce:DescribeCluster", "elasticmapreduce:TerminateJobFlows")
ALONG = {
    "athena:startQueryExecution": ("athena:StartQueryExecution", *ATHENA),
    "elasticmapreduce:createCluster.sync": ("elasticmapreduce:RunJobFlow", *CLUSTER),
    "glue:startCrawler.sync": ("glue:StartCrawler", *CRAWLER),
    "s3:getObject": ("s3:GetObject", "s3:ListBucket"),
    "redshiftdata:executeStatement": ("redshift-data:ExecuteStatement", *REDSHIFT),
}
"""What some calls may come to, beside what they are called for."""
MANAGED = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
WAITS = {
    "batch:submitJob": (
        *("batch:SubmitJob on", "batch:DescribeJobs", "batch:TerminateJob"),
        *(f"{each} on rule/StepFunctionsGetEventsForBatchJobsRule" for each in MANAGED),
    ),
    "codebuild:startBuild": (
        *("codebuild:StartBuild on", "codebuild:BatchGetBuilds", "codebuild:StopBuild"),
        *(f"{each} on rule/StepFunctionsGetEventForCodeBuildStartBuildRule" for each in MANAGED),
    ),
    "glue:startJobRun": ("glue:StartJobRun", "glue:BatchStopJobRun", "glue:GetJobRun on"),
}
"""What it takes to start something and to wait for its end."""
READS_STREAM = (
    *("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator"),
    *("ListShards", "SubscribeToShard"),
)
KEY = allow(["kms:Decrypt", "kms:GenerateDataKey"], arn("kms", "key/1"))
TRACES = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")


def _machine(call: str, arguments: object = None, **more: object) -> Given:
    resource = f"arn:aws:states:::aws-sdk:{call}"
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True}
    definition = json.dumps({"StartAt": "Do", "States": {"Do": task}})
    return given(MACHINE, "saga", roleArn=ROLE_ARN, definition=definition, **more)


def _target(resource: str) -> Given:
    return given(EVENT_TARGET, "target", arn=resource, roleArn=ROLE_ARN)


def _grants(*statements: dict[str, object]) -> Given:
    return given(ROLE_POLICY, role="orders", policy=document(*statements))


ENCRYPTED = (
    (EVENT_BUS, "kmsKeyIdentifier", _target(arn("events", "event-bus/orders"))),
    (KINESIS, "kmsKeyId", _target(arn("kinesis", "stream/orders"))),
    (TABLE, "serverSideEncryption", _machine("dynamodb:getItem", {"TableName": "orders"})),
    (TOPIC, "kmsMasterKeyId", _target(arn("sns", "orders"))),
)
USES = (
    allow("events:PutEvents", arn("events", "event-bus/orders")),
    allow("kinesis:PutRecord", arn("kinesis", "stream/orders")),
    allow("dynamodb:GetItem", arn("dynamodb", "table/orders")),
    allow("sns:Publish", arn("sns", "orders")),
)

STREAM, PRICE = arn("firehose", "deliverystream/d"), arn("states", "stateMachine:price")
MORE = (
    (_target(STREAM), ["firehose:PutRecord", "firehose:PutRecordBatch"], STREAM),
    (_target(PRICE), ["states:StartExecution", "states:StartSyncExecution"], PRICE),
    (
        given(
            SCHEDULE,
            target={"arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "roleArn": ROLE_ARN},
        ),
        ["ecs:RunTask", "ecs:TagResource"],
        "*",
    ),
)
"""What is delivered to, and further actions that some services use."""

EXAMPLES = (
    passes(
        "iam-known-condition-key",
        "the keys that requests to every service have",
        role_policy(
            allow(
                "sqs:SendMessage",
                "*",
                Condition={
                    "StringEquals": {
                        **{f"aws:{key}": "x" for key in GLOBAL_KEYS},
                        "ec2:RoleDelivery": "2.0",
                        "ec2:SourceInstanceARN": "x",
                        "lambda:SourceFunctionArn": "x",
                    }
                },
            )
        ),
    ),
    fails(
        "lambda-async-failure-path",
        "every service that does not wait",
        f"is called by {', '.join(CALLERS)} without waiting",
        given(FUNCTION, "orders", name="orders"),
        *(
            given(PERMISSION, each, function="orders", principal=f"{each}.amazonaws.com")
            for each in CALLERS
        ),
    ),
    fails(
        PROOF,
        "every kind of target",
        [f"does not allow {needed}, which target" for needed in TARGETS.values()],
        ITS_ROLE,
        *map(_target, TARGETS),
    ),
    fails(
        PROOF,
        "a target that is a warehouse without a cluster",
        "does not allow redshift-data:ExecuteStatement on *",
        ITS_ROLE,
        _target(arn("redshift-serverless", "workgroup/w")),
    ),
    fails(
        PROOF,
        "every integration",
        [f"does not allow {needed}, which" for _, _, needed in INTEGRATIONS.values()],
        ITS_ROLE,
        *(_machine(call, {argument: value}) for call, (argument, value, _) in INTEGRATIONS.items()),
    ),
    *(
        passes(
            PROOF,
            f"all that {call} may come to",
            ITS_ROLE,
            _machine(call),
            _grants(allow(actions, "*")),
        )
        for call, actions in ALONG.items()
    ),
    *(
        fails(
            PROOF,
            f"waiting for {call}",
            [f"does not allow {each}" for each in needed],
            ITS_ROLE,
            _machine(f"{call}.sync"),
        )
        for call, needed in WAITS.items()
    ),
    *(
        passes(
            PROOF,
            f"what {user.type} may use {', '.join(actions)} for",
            ITS_ROLE,
            user,
            _grants(allow(actions, resource)),
        )
        for user, actions, resource in MORE
    ),
    passes(
        PROOF,
        "all that it may take to read a stream",
        ITS_ROLE,
        given(
            PIPE,
            roleArn=ROLE_ARN,
            source=arn("kinesis", "stream/clicks"),
            target=arn("sqs", "inbox"),
        ),
        _grants(
            allow([f"kinesis:{each}" for each in READS_STREAM], arn("kinesis", "stream/clicks")),
            allow("kinesis:ListStreams", "*"),
            allow("sqs:SendMessage", arn("sqs", "inbox")),
        ),
    ),
    *(
        passes(
            PROOF,
            f"the {key} of what is used",
            ITS_ROLE,
            user,
            given(
                type_, name="orders", **{key: "k" if key.startswith("kms") else {"enabled": True}}
            ),
            _grants(use, KEY),
        )
        for (type_, key, user), use in zip(ENCRYPTED, USES, strict=True)
    ),
    fails(
        PROOF,
        "a machine that cannot be traced",
        [f"does not allow xray:{action} on *" for action in TRACES],
        ITS_ROLE,
        given(
            MACHINE,
            roleArn=ROLE_ARN,
            definition=json.dumps({"StartAt": "Do", "States": {"Do": {"Type": "Succeed"}}}),
            tracingConfiguration={"enabled": True},
        ),
    ),
)
