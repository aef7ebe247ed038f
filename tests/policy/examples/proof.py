"""Roles allow what the definitions of their users need: nothing is missing, nothing is left over."""

import json
from collections.abc import Mapping
from typing import Any

from policy.guardrails.aws import (
    BUCKET,
    EVENT_BUS,
    EVENT_TARGET,
    FIREHOSE,
    FUNCTION,
    INVOKE_CONFIG,
    KINESIS,
    MACHINE,
    MAPPING,
    PIPE,
    QUEUE,
    ROLE,
    ROLE_POLICY,
    SCHEDULE,
    TABLE,
    TOPIC,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, UNKNOWN, Given, allow, arn, document, given

RULE = "iam-grants-match-definition"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/orders"
ITS_ROLE = given(ROLE, "role", name="orders")
ORDERS = arn("lambda", "function:orders")
EXECUTIONS = arn("states", "execution:other:*")
MANAGED_RULE = arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
TEXTS = {"Effect": "Allow", "Action": "sns:Publish", "NotResource": "arn:aws:sns:*:*:*"}
INVOKE = allow("lambda:InvokeFunction", ORDERS)
BUCKET_ARN = "arn:aws:s3:::lake"
FIREHOSE_GRANTS = (
    allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], BUCKET_ARN),
    allow(["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], f"{BUCKET_ARN}/*"),
)
LOG_DELIVERY = allow(
    [
        *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery"),
        *("logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy"),
        *("logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
    ],
    "*",
)
STREAM = arn("dynamodb", "table/orders/stream/*")
POLLS = allow(
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], STREAM
)
ATTACHING = [
    *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"),
    *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", "ec2:DescribeSubnets"),
]
LOGS = allow(
    ["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", "log-group:/aws/lambda/orders:*")
)
DURABLE = {"executionTimeout": 3600}
RESUMING = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]


def _grants(*statements: Mapping[str, Any]) -> Given:
    return given(ROLE_POLICY, "policy", role="orders", policy=document(*statements))


def _task(resource: str, arguments: object = None, **more: object) -> dict[str, object]:
    return {"Type": "Task", "Resource": resource, "Arguments": arguments or {}, "End": True, **more}


def _machine(*tasks: dict[str, object], **more: object) -> Given:
    states = {f"State{number}": task for number, task in enumerate(tasks)}
    definition = json.dumps({"StartAt": "State0", "States": states})
    return given(MACHINE, "saga", roleArn=ROLE_ARN, definition=definition, **more)


def _states(service: str, operation: str) -> str:
    return f"arn:aws:states:::{service}:{operation}"


def _target(resource: str) -> Given:
    return given(EVENT_TARGET, "target", arn=resource, roleArn=ROLE_ARN)


def _function(**more: object) -> Given:
    return given(FUNCTION, "orders", name="orders", role=ROLE_ARN, **more)


def _firehose(**settings: object) -> Given:
    return given(
        FIREHOSE, extendedS3Configuration={"roleArn": ROLE_ARN, "bucketArn": BUCKET_ARN} | settings
    )


def _firehose_of(stream: Given) -> Given:
    inputs = {"kinesisSourceConfiguration": {"kinesisStreamArn": UNKNOWN}}
    made = given(FIREHOSE, **_firehose().inputs, **inputs)
    return made.taking("kinesisSourceConfiguration", stream)


def _elsewhere(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement on the same resource in another region."""
    return {**statement, "Resource": statement["Resource"].replace("eu-west-1", "us-east-1")}


def _through(function: object) -> Given:
    """A delivery stream that hands what it delivers to a function first."""
    parameter = {"parameterName": "LambdaArn", "parameterValue": function}
    return _firehose(processingConfiguration={"processors": [{"parameters": [parameter]}]})


CLICKS = given(KINESIS, "clicks", name="clicks")
READS = [
    *("kinesis:DescribeStream", "kinesis:GetRecords"),
    *("kinesis:GetShardIterator", "kinesis:ListShards"),
]
OTHERS = given(FUNCTION, "orders", name="orders")
DEAD = given(QUEUE, "dead", name="dead")
CALLS = _task(_states("lambda", "invoke"), {"FunctionName": ORDERS})
MAPPING_OF_TABLE = given(
    MAPPING,
    functionName="orders",
    eventSourceArn=UNKNOWN,
).taking("eventSourceArn", given(TABLE, "t"))
THE_TABLE = given(TABLE, "t", name="orders")

EXAMPLES = (
    passes(RULE, "a role that nothing uses", ITS_ROLE, _grants(INVOKE)),
    passes(RULE, "a policy that is not known yet is told by another rule", ITS_ROLE, _machine(CALLS), given(ROLE_POLICY, role="orders", policy=UNKNOWN)),
    # state machines
    passes(RULE, "a machine that calls a function", ITS_ROLE, _machine(CALLS), _grants(INVOKE)),
    passes(RULE, "by its name and alias", ITS_ROLE, _machine(_task(_states("lambda", "invoke"), {"FunctionName": "orders:live"})), _grants(INVOKE)),
    passes(RULE, "by the old way of naming it", ITS_ROLE, _machine(_task(ORDERS)), _grants(INVOKE)),
    passes(RULE, "one that is only known at run time", ITS_ROLE, _machine(_task(_states("lambda", "invoke"), {"FunctionName": "{% $f %}"})), _grants(INVOKE)),
    passes(RULE, "within a group", ITS_ROLE, _machine({"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": CALLS}}]}), _grants(INVOKE)),
    fails(RULE, "a function that it may not call", "does not allow lambda:InvokeFunction on function:orders, which saga needs", ITS_ROLE, _machine(CALLS)),
    fails(
        RULE,
        "another function than the one it calls",
        ["does not allow lambda:InvokeFunction", "function:users: is allowed, but the definition of saga does not need it; take it away"],
        ITS_ROLE,
        _machine(CALLS),
        _grants(allow("lambda:InvokeFunction", arn("lambda", "function:users"))),
    ),
    fails(RULE, "more than it needs", "dynamodb:PutItem on arn:aws:dynamodb", ITS_ROLE, _machine(CALLS), _grants(INVOKE, allow("dynamodb:PutItem", arn("dynamodb", "table/orders")))),
    fails(RULE, "everything", "statement 1: lambda:* on *: is allowed, but", ITS_ROLE, _machine(CALLS), _grants(allow("lambda:*", "*"))),
    passes(
        RULE,
        "all integrations that a saga uses",
        ITS_ROLE,
        _machine(
            _task(_states("dynamodb", "putItem"), {"TableName": "orders"}),
            _task(_states("dynamodb", "updateItem"), {"TableName": arn("dynamodb", "table/orders")}),
            _task(_states("sqs", "sendMessage.waitForTaskToken"), {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/inbox"}),
            _task(_states("sns", "publish"), {"TopicArn": arn("sns", "news")}),
            _task(_states("events", "putEvents"), {"Entries": [{"EventBusName": "bus"}]}),
            _task(_states("aws-sdk", "sfn:describeExecution")),
            _task(_states("glue", "startJobRun")),
        ),
        _grants(
            allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], arn("dynamodb", "table/orders")),
            allow("sqs:SendMessage", arn("sqs", "inbox")),
            allow("sns:Publish", arn("sns", "news")),
            allow("events:PutEvents", arn("events", "event-bus/bus")),
            allow("states:DescribeExecution", EXECUTIONS),
            allow("glue:StartJobRun", arn("glue", "job/clean")),
        ),
    ),
    fails(
        RULE,
        "an item of another table",
        ["does not allow dynamodb:PutItem on table/orders", "table/users: is allowed"],
        ITS_ROLE,
        _machine(_task(_states("dynamodb", "putItem"), {"TableName": "orders"})),
        _grants(allow("dynamodb:PutItem", arn("dynamodb", "table/users"))),
    ),
    passes(
        RULE,
        "a machine that waits for another",
        ITS_ROLE,
        _machine(_task(_states("states", "startExecution.sync:2"), {"StateMachineArn": arn("states", "stateMachine:other")})),
        _grants(
            allow("states:StartExecution", arn("states", "stateMachine:other")),
            allow(["states:DescribeExecution", "states:StopExecution"], EXECUTIONS),
            allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], MANAGED_RULE),
        ),
    ),
    fails(
        RULE,
        "a machine that does not wait, but may",
        ["states:DescribeExecution", "events:PutRule"],
        ITS_ROLE,
        _machine(_task(_states("states", "startExecution"), {"StateMachineArn": arn("states", "stateMachine:other")})),
        _grants(
            allow("states:StartExecution", arn("states", "stateMachine:other")),
            allow("states:DescribeExecution", EXECUTIONS),
            allow("events:PutRule", MANAGED_RULE),
        ),
    ),
    passes(
        RULE,
        "logs, traces and a key",
        ITS_ROLE,
        _machine(CALLS, loggingConfiguration={"level": "ALL"}, tracingConfiguration={"enabled": True}, encryptionConfiguration={"kmsKeyId": "k"}),
        _grants(
            INVOKE,
            LOG_DELIVERY,
            allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"], "*"),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], arn("kms", "key/1")),
        ),
    ),
    fails(RULE, "logs that it may not write", ["does not allow logs:CreateLogDelivery on *"] + ["does not allow logs:"] * 7, ITS_ROLE, _machine(CALLS, loggingConfiguration={"level": "ALL"}), _grants(INVOKE)),
    fails(RULE, "logs that it does not write", "logs:CreateLogDelivery, logs:GetLogDelivery", ITS_ROLE, _machine(CALLS), _grants(INVOKE, LOG_DELIVERY)),
    passes(RULE, "a text message", ITS_ROLE, _machine(_task(_states("sns", "publish"), {"PhoneNumber": "{% $n %}"})), _grants(TEXTS)),
    passes(RULE, "a text message, whose number is in the input", ITS_ROLE, _machine(_task(_states("aws-sdk", "sns:publish"), {"PhoneNumber.$": "$.n"})), _grants(TEXTS)),
    passes(RULE, "a text message that a schedule sends", ITS_ROLE, given(SCHEDULE, target={"arn": "arn:aws:scheduler:::aws-sdk:sns:publish", "roleArn": ROLE_ARN}), _grants(TEXTS)),
    passes(RULE, "a number that is asked about", ITS_ROLE, _machine(_task(_states("aws-sdk", "sns:checkIfPhoneNumberIsOptedOut"), {"PhoneNumber": "1"})), _grants(allow("sns:CheckIfPhoneNumberIsOptedOut", "*"))),
    fails(RULE, "a text message that it may not send", "does not allow sns:Publish on phone numbers, which saga needs", ITS_ROLE, _machine(_task(_states("sns", "publish"), {"PhoneNumber": "1"}))),
    fails(
        RULE,
        "a topic, when it may send text messages only",
        ["does not allow sns:Publish on news, which saga needs", "sns:Publish on all but arn:aws:sns:*:*:*: is allowed, but"],
        ITS_ROLE,
        _machine(_task(_states("sns", "publish"), {"TopicArn": arn("sns", "news")})),
        _grants(TEXTS),
    ),
    fails(
        RULE,
        "a text message, when it may publish to a topic only",
        ["does not allow sns:Publish on phone numbers", "sns:Publish on arn:aws:sns:eu-west-1:123456789012:news: is allowed, but"],
        ITS_ROLE,
        _machine(_task(_states("sns", "publish"), {"PhoneNumber": "1"})),
        _grants(allow("sns:Publish", arn("sns", "news"))),
    ),
    # targets, schedules, pipes
    passes(RULE, "a target that is a machine", ITS_ROLE, _target(arn("states", "stateMachine:saga")), _grants(allow("states:StartExecution", arn("states", "stateMachine:saga")))),
    passes(RULE, "a target that is a bus", ITS_ROLE, _target(arn("events", "event-bus/other")), _grants(allow("events:PutEvents", arn("events", "event-bus/other")))),
    passes(RULE, "a target that is a stream", ITS_ROLE, _target(arn("kinesis", "stream/clicks")), _grants(allow(["kinesis:PutRecord", "kinesis:PutRecords"], arn("kinesis", "stream/clicks")))),
    passes(
        RULE,
        "a target that has no ARN yet",
        ITS_ROLE,
        given(EVENT_TARGET, arn=UNKNOWN, roleArn=UNKNOWN).taking("arn", given(KINESIS, "s")).taking("roleArn", ITS_ROLE),
        given(KINESIS, "s", name="clicks"),
        _grants(allow("kinesis:PutRecord", arn("kinesis", "stream/clicks"))),
    ),
    fails(RULE, "a target that it may only list", ["does not allow states:StartExecution on stateMachine:saga, which target needs", "states:ListStateMachines"], ITS_ROLE, _target(arn("states", "stateMachine:saga")), _grants(allow("states:ListStateMachines", "*"))),
    passes(
        RULE,
        "a schedule with dead letters",
        ITS_ROLE,
        given(SCHEDULE, target={"arn": ORDERS, "roleArn": ROLE_ARN, "deadLetterConfig": {"arn": arn("sqs", "dead")}}),
        _grants(INVOKE, allow("sqs:SendMessage", arn("sqs", "dead"))),
    ),
    passes(
        RULE,
        "a pipe",
        ITS_ROLE,
        given(PIPE, roleArn=ROLE_ARN, source=arn("sqs", "inbox"), enrichment=ORDERS, target=arn("sns", "news")),
        _grants(
            INVOKE,
            allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn("sqs", "inbox")),
            allow("sns:Publish", arn("sns", "news")),
        ),
    ),
    fails(
        RULE,
        "a pipe that may not delete what it has read",
        "does not allow sqs:DeleteMessage on inbox, which it needs",
        ITS_ROLE,
        given(PIPE, roleArn=ROLE_ARN, source=arn("sqs", "inbox"), target=ORDERS),
        _grants(INVOKE, allow(["sqs:ReceiveMessage", "sqs:GetQueueAttributes"], arn("sqs", "inbox"))),
    ),
    # delivery streams
    passes(RULE, "a delivery stream", ITS_ROLE, _firehose(), _grants(*FIREHOSE_GRANTS)),
    passes(
        RULE,
        "a delivery stream that reads, transforms, converts and logs",
        ITS_ROLE,
        given(
            FIREHOSE,
            kinesisSourceConfiguration={"kinesisStreamArn": arn("kinesis", "stream/clicks")},
            extendedS3Configuration={
                "roleArn": ROLE_ARN,
                "bucketArn": UNKNOWN,
                "processingConfiguration": {"processors": [{"parameters": [{"parameterName": "LambdaArn", "parameterValue": f"{ORDERS}:live"}]}]},
                "dataFormatConversionConfiguration": {"enabled": True},
                "cloudwatchLoggingOptions": {"enabled": True, "logGroupName": "/firehose"},
            },
        ).taking("extendedS3Configuration", given(BUCKET, "lake"), ITS_ROLE),
        given(BUCKET, "lake", bucket="lake"),
        _grants(
            *FIREHOSE_GRANTS,
            allow(["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"], arn("kinesis", "stream/clicks")),
            allow(["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"], f"{ORDERS}:*"),
            allow(["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"], [arn("glue", "catalog"), arn("glue", "table/lake/orders")]),
            allow("logs:PutLogEvents", arn("logs", "log-group:/firehose:*")),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], arn("kms", "key/1")),
        ),
    ),
    fails(RULE, "a delivery stream that may not write", "does not allow s3:PutObject on lake/*", ITS_ROLE, _firehose(), _grants(FIREHOSE_GRANTS[0], allow(["s3:AbortMultipartUpload", "s3:GetObject"], f"{BUCKET_ARN}/*"))),
    fails(RULE, "a delivery stream that may delete", "s3:DeleteObject", ITS_ROLE, _firehose(), _grants(*FIREHOSE_GRANTS, allow("s3:DeleteObject", f"{BUCKET_ARN}/*"))),
    # functions
    passes(RULE, "a function may do more than AWS does for it", ITS_ROLE, _function(), _grants(LOGS, allow("dynamodb:GetItem", arn("dynamodb", "table/orders")))),
    passes(
        RULE,
        "a function that follows a table and keeps its failures",
        ITS_ROLE,
        _function(tracingConfig={"mode": "Active"}, deadLetterConfig={"targetArn": arn("sns", "dead")}),
        MAPPING_OF_TABLE,
        THE_TABLE,
        given(INVOKE_CONFIG, functionName="orders", destinationConfig={"onFailure": {"destination": arn("sqs", "dead")}}),
        _grants(
            LOGS,
            POLLS,
            allow(["dynamodb:ListStreams", "xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
            allow("sns:Publish", arn("sns", "dead")),
            allow("sqs:SendMessage", arn("sqs", "dead")),
        ),
    ),
    fails(RULE, "a function that cannot log", ["logs:CreateLogStream on log-group:/aws/lambda/orders:*", "logs:PutLogEvents"], ITS_ROLE, _function()),
    fails(RULE, "a function that logs elsewhere", ["logs:CreateLogStream on log-group:/orders:*", "logs:PutLogEvents"], ITS_ROLE, _function(loggingConfig={"logGroup": "/orders"}), _grants(LOGS)),
    *(
        passes(RULE, f"a durable function that may keep what it has done, in {executions}", ITS_ROLE, _function(durableConfig=DURABLE), _grants(LOGS, allow(RESUMING, arn("lambda", f"function:orders:{executions}"))))
        for executions in ("*", "$LATEST/durable-execution/*")
    ),
    fails(RULE, "a durable function that may not", [f"does not allow {action} on function:orders:*, which orders needs" for action in RESUMING], ITS_ROLE, _function(durableConfig=DURABLE), _grants(LOGS)),
    fails(RULE, "a function that cannot be traced", ["xray:PutTraceSegments on *", "xray:PutTelemetryRecords on *"], ITS_ROLE, _function(tracingConfig={"mode": "Active"}), _grants(LOGS)),
    fails(RULE, "a function that cannot keep its failures", "does not allow sqs:SendMessage on dead, which orders needs", ITS_ROLE, _function(deadLetterConfig={"targetArn": arn("sqs", "dead")}), _grants(LOGS)),
    fails(
        RULE,
        "a function whose failed calls cannot be kept",
        "does not allow sqs:SendMessage on dead, which orders needs",
        ITS_ROLE,
        _function(),
        given(INVOKE_CONFIG, functionName="orders", destinationConfig={"onFailure": {"destination": arn("sqs", "dead")}}),
        _grants(LOGS),
    ),
    fails(
        RULE,
        "a function whose failed batches cannot be kept",
        "does not allow sqs:SendMessage on dead, which orders needs",
        ITS_ROLE,
        _function(),
        given(MAPPING, functionName="orders", eventSourceArn=UNKNOWN, destinationConfig={"onFailure": {"destinationArn": arn("sqs", "dead")}}).taking("eventSourceArn", THE_TABLE),
        THE_TABLE,
        _grants(LOGS, POLLS, allow("dynamodb:ListStreams", "*")),
    ),
    fails(
        RULE,
        "a function that cannot read its stream",
        ["dynamodb:DescribeStream on table/orders/stream/*", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        ITS_ROLE,
        _function(),
        MAPPING_OF_TABLE,
        THE_TABLE,
        _grants(LOGS, allow("dynamodb:*", arn("dynamodb", "table/orders"))),
    ),
    fails(
        RULE,
        "a function that cannot read its queue",
        "does not allow sqs:GetQueueAttributes on inbox",
        ITS_ROLE,
        _function(),
        given(MAPPING, functionName="orders", eventSourceArn=arn("sqs", "inbox")),
        _grants(LOGS, allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], arn("sqs", "inbox*"))),
    ),
    passes(RULE, "a function whose log group is not known yet", ITS_ROLE, _function(loggingConfig={"logGroup": UNKNOWN}), _grants(LOGS)),
    passes(RULE, "what another function reads", ITS_ROLE, _function(), given(MAPPING, functionName="users", eventSourceArn=arn("sqs", "inbox")), _grants(LOGS)),
    passes(
        RULE,
        "a version of another function that takes its failures",
        ITS_ROLE,
        _function(),
        given(INVOKE_CONFIG, functionName="orders", destinationConfig={"onFailure": {"destination": arn("lambda", "function:rescue:live")}}),
        _grants(LOGS, allow("lambda:InvokeFunction", arn("lambda", "function:rescue"))),
    ),
    passes(RULE, "a function that Lambda may attach to its network", ITS_ROLE, _function(vpcConfig={"subnetIds": [UNKNOWN]}), _grants(LOGS, allow(ATTACHING, "*"))),
    passes(RULE, "a function that was taken out of its network", ITS_ROLE, _function(vpcConfig={"subnetIds": []}), _grants(LOGS)),
    fails(RULE, "a function that Lambda may not attach to its network", [f"does not allow {action} on *, which orders needs" for action in ATTACHING], ITS_ROLE, _function(vpcConfig={"subnetIds": ["subnet-1"]}), _grants(LOGS)),
    passes(RULE, "types that are delivered to", given(EVENT_BUS), given(TOPIC), given(QUEUE)),
    # what is not known yet, and what is switched off
    *(
        fails(RULE, f"what is known only after it is made: {what}", "does not allow sqs:SendMessage on dead, which orders needs", ITS_ROLE, DEAD, *using, _grants(LOGS))
        for what, using in (
            ("where a function's failures go", (_function(deadLetterConfig={"targetArn": UNKNOWN}).taking("deadLetterConfig", DEAD),)),
            ("where failed calls go", (_function(), given(INVOKE_CONFIG, functionName="orders", destinationConfig={"onFailure": {"destination": UNKNOWN}}).taking("destinationConfig", DEAD))),
            ("where successful calls go", (_function(), given(INVOKE_CONFIG, functionName="orders", destinationConfig={"onSuccess": {"destination": UNKNOWN}}).taking("destinationConfig", DEAD))),
        )
    ),
    passes(RULE, "a delivery stream that reads a stream that is not known yet", ITS_ROLE, CLICKS, _firehose_of(CLICKS), _grants(*FIREHOSE_GRANTS, allow(READS, arn("kinesis", "stream/clicks")))),
    fails(RULE, "a delivery stream that reads a stream that is not known yet, and may read another", ["does not allow kinesis:GetRecords on stream/clicks", "does not allow kinesis:GetShardIterator", "stream/other: is allowed, but"], ITS_ROLE, CLICKS, _firehose_of(CLICKS), _grants(*FIREHOSE_GRANTS, allow(READS, arn("kinesis", "stream/other")))),
    passes(RULE, "a delivery stream that sets who owns what it writes", ITS_ROLE, _firehose(), _grants(*FIREHOSE_GRANTS, allow("s3:PutObjectAcl", f"{BUCKET_ARN}/*"))),
    fails(RULE, "a delivery stream that may do so elsewhere", "s3:PutObjectAcl on arn:aws:s3:::other/*: is allowed, but", ITS_ROLE, _firehose(), _grants(*FIREHOSE_GRANTS, allow("s3:PutObjectAcl", "arn:aws:s3:::other/*"))),
    passes(RULE, "a delivery stream whose log is switched off, and that only adds lines", ITS_ROLE, _firehose(cloudwatchLoggingOptions={"enabled": False, "logGroupName": "/firehose"}, processingConfiguration={"processors": [{"type": "AppendDelimiterToRecord"}]}), _grants(*FIREHOSE_GRANTS)),
    passes(RULE, "a delivery stream through a function that is not known yet", ITS_ROLE, OTHERS, _through(UNKNOWN).taking("extendedS3Configuration", OTHERS), _grants(*FIREHOSE_GRANTS, INVOKE)),
    fails(RULE, "a delivery stream through a function that is not known yet, and may call another", ["does not allow lambda:InvokeFunction on function:orders", "function:users: is allowed, but"], ITS_ROLE, OTHERS, _through(UNKNOWN).taking("extendedS3Configuration", OTHERS), _grants(*FIREHOSE_GRANTS, allow("lambda:InvokeFunction", arn("lambda", "function:users")))),
    fails(RULE, "a delivery stream through a function, which may call that of another region", ["does not allow lambda:InvokeFunction on function:orders", "us-east-1:123456789012:function:orders: is allowed, but"], ITS_ROLE, _through(ORDERS), _grants(*FIREHOSE_GRANTS, allow("lambda:InvokeFunction", ORDERS.replace("eu-west-1", "us-east-1")))),
    fails(RULE, "a delivery stream that may look at other functions", "function:users: is allowed, but", ITS_ROLE, _through(ORDERS), _grants(*FIREHOSE_GRANTS, INVOKE, allow("lambda:GetFunctionConfiguration", arn("lambda", "function:users")))),
    passes(RULE, "a machine whose log is switched off", ITS_ROLE, _machine(CALLS, loggingConfiguration={"level": "OFF", "includeExecutionData": True}), _grants(INVOKE)),
    passes(RULE, "a machine whose tracing is switched off", ITS_ROLE, _machine(CALLS, tracingConfiguration={"enabled": False}), _grants(INVOKE)),
    fails(RULE, "by the old way of naming it, another function", ["does not allow lambda:InvokeFunction on function:orders", "function:users: is allowed, but"], ITS_ROLE, _machine(_task(ORDERS)), _grants(allow("lambda:InvokeFunction", arn("lambda", "function:users")))),
    *(
        fails(RULE, f"{what}, but in another region", [f"does not allow {action}", "us-east-1"], ITS_ROLE, *using, _grants(*statements))
        for what, action, using, statements in (
            ("by the old way of naming it", "lambda:InvokeFunction", (_machine(_task(ORDERS)),), (_elsewhere(INVOKE),)),
            ("a target", "states:StartExecution", (_target(arn("states", "stateMachine:saga")),), (_elsewhere(allow("states:StartExecution", arn("states", "stateMachine:saga"))),)),
            ("what a delivery stream reads", "kinesis:GetRecords", (given(FIREHOSE, **_firehose().inputs, kinesisSourceConfiguration={"kinesisStreamArn": arn("kinesis", "stream/clicks")}),), (*FIREHOSE_GRANTS, allow("kinesis:GetShardIterator", arn("kinesis", "stream/clicks")), _elsewhere(allow("kinesis:GetRecords", arn("kinesis", "stream/clicks"))))),
        )
    ),
    fails(RULE, "a stream, and what may write several records at once to another", "kinesis:PutRecords on arn:aws:kinesis:eu-west-1:123456789012:stream/other: is allowed, but", ITS_ROLE, _target(arn("kinesis", "stream/clicks")), _grants(allow("kinesis:PutRecord", arn("kinesis", "stream/clicks")), allow("kinesis:PutRecords", arn("kinesis", "stream/other")))),
    fails(RULE, "a stream, and the list of the shards of another", "kinesis:ListShards on arn:aws:kinesis:eu-west-1:123456789012:stream/other: is allowed, but", ITS_ROLE, CLICKS, _firehose_of(CLICKS), _grants(*FIREHOSE_GRANTS, allow(["kinesis:GetRecords", "kinesis:GetShardIterator"], arn("kinesis", "stream/clicks")), allow("kinesis:ListShards", arn("kinesis", "stream/other")))),
    fails(RULE, "a pipe whose dead letters are known only after they are made", "does not allow sqs:SendMessage on dead, which it needs", ITS_ROLE, DEAD, given(PIPE, roleArn=ROLE_ARN, source=arn("dynamodb", "table/orders/stream/1"), target=ORDERS, sourceParameters={"dynamodbStreamParameters": {"deadLetterConfig": {"arn": UNKNOWN}}}).taking("sourceParameters", DEAD), _grants(INVOKE, POLLS)),
)  # fmt: skip
