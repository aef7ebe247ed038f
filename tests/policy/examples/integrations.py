"""What roles need for the services that machines, rules, schedules, pipes and delivery streams call."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from policy.guardrails.aws import (
    BUILD,
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    INVOKE_CONFIG,
    KINESIS,
    MACHINE,
    MANAGED_POLICY,
    PIPE,
    QUEUE,
    ROLE,
    ROLE_ATTACHMENT,
    ROLE_POLICY,
    SCHEDULE,
    TASK_DEFINITION,
)
from policy.guardrails.role_users import POLICY_ATTACHMENT
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, UNKNOWN, Given, allow, arn, document, given

RULE = "iam-grants-match-definition"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
ITS_ROLE = given(ROLE, "role", name="orders")
ORDERS, DEAD = arn("lambda", "function:orders"), arn("sqs", "dead")
INVOKE, KEEP = allow("lambda:InvokeFunction", ORDERS), allow("sqs:SendMessage", DEAD)
KEY = allow(["kms:Decrypt", "kms:GenerateDataKey"], arn("kms", "key/1"))
NEEDLESS = "is allowed, but the definition of"
TASK, CLUSTER = arn("ecs", "task-definition/clean"), arn("ecs", "cluster/c")
RUN = allow("ecs:RunTask", f"{TASK}:*")
MANAGED = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
POLLS = allow(["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"], arn("kinesis", "stream/clicks"))  # fmt: skip
QUEUE_POLLS = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn("sqs", "inbox"))  # fmt: skip
WRITES = (
    allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], "arn:aws:s3:::lake"),
    allow(["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], "arn:aws:s3:::lake/*"),
)  # fmt: skip
LOGS = allow(["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", "log-group:/aws/lambda/orders:*"))  # fmt: skip
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/logs"
A_POLICY = given(MANAGED_POLICY, "logs", name="logs", policy=document(LOGS))
A_FUNCTION = given(FUNCTION, "orders", name="orders", role=f"{ROLES}orders")
DEAD_LETTERS = given(QUEUE, "dead", name="dead")
A_STREAM = given(KINESIS, "clicks", name="clicks")
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def _grants(*statements: Mapping[str, Any], role: str = "orders") -> Given:
    return given(ROLE_POLICY, f"{role}-policy", role=role, policy=document(*statements))


def _pass(*roles: str) -> dict[str, object]:
    passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    return allow("iam:PassRole", [ROLES + role for role in roles], Condition=passed)


def _calls(service: str, operation: str, arguments: object = None, **more: object) -> Given:
    resource = f"arn:aws:states:::{service}:{operation}"
    return _machine(
        {"Type": "Task", "Resource": resource, "Arguments": arguments or {}, "End": True} | more
    )


def _machine(state: dict[str, object], **more: object) -> Given:
    definition = json.dumps({"StartAt": "Do", "States": {"Do": state}})
    return given(MACHINE, "saga", name="saga", roleArn=f"{ROLES}orders", definition=definition, **more)  # fmt: skip


def _target(resource: object, **more: object) -> Given:
    return given(EVENT_TARGET, "target", arn=resource, roleArn=f"{ROLES}orders", **more)


def _schedule(resource: object, **more: object) -> Given:
    target = {"arn": resource, "roleArn": f"{ROLES}orders", **more}
    return given(SCHEDULE, "schedule", target=target)


def _pipe(source: str, target: str, **more: object) -> Given:
    return given(PIPE, "pipe", roleArn=f"{ROLES}orders", source=source, target=target, **more)


def _task_with(**roles: object) -> Given:
    return given(TASK_DEFINITION, "clean", family="clean", **roles)


DISTRIBUTED = _machine(
    {
        "Type": "Map",
        "End": True,
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": "in"}},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED"},
            "StartAt": "Each",
            "States": {"Each": {"Type": "Task", "Resource": ORDERS, "End": True}},
        },
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "out"}},
    }
)  # fmt: skip
ITSELF = allow("states:StartExecution", arn("states", "stateMachine:saga"))
READS = allow("s3:ListBucket", "arn:aws:s3:::in")
RESULTS = allow(["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"], "arn:aws:s3:::out/*")  # fmt: skip
WAITS_FOR_TASK = (
    allow(["ecs:StopTask", "ecs:DescribeTasks"], arn("ecs", "task/c/*")),
    allow(MANAGED, arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")),
)
READS_STREAM = {"kinesisStreamArn": arn("kinesis", "stream/clicks"), "roleArn": f"{ROLES}reader"}
DELIVERS = {"roleArn": f"{ROLES}orders", "bucketArn": "arn:aws:s3:::lake"}
TWO_ROLES = given(FIREHOSE, "clicks", kinesisSourceConfiguration=READS_STREAM, extendedS3Configuration=DELIVERS)  # fmt: skip
READER = given(ROLE, "reader", name="reader")
KEEPS_FAILURES = {"kinesisStreamParameters": {"deadLetterConfig": {"arn": DEAD}}}

EXAMPLES = (
    # what a machine waits for
    passes(RULE, "a task that is waited for", ITS_ROLE, _calls("ecs", "runTask.sync", {"TaskDefinition": TASK}), _grants(RUN, _pass("t", "e"), *WAITS_FOR_TASK)),
    passes(RULE, "a task with the roles that it names", ITS_ROLE, _calls("ecs", "runTask", {"TaskDefinition": "clean"}), _task_with(taskRoleArn=f"{ROLES}t", executionRoleArn=f"{ROLES}e"), _grants(RUN, _pass("t", "e"))),
    fails(RULE, "a task without one of its roles", "does not allow iam:PassRole on role/e, which saga needs", ITS_ROLE, _calls("ecs", "runTask", {"TaskDefinition": "clean:3"}), _task_with(taskRoleArn=f"{ROLES}t", executionRoleArn=f"{ROLES}e"), _grants(RUN, _pass("t"))),
    fails(RULE, "a task and the role of another", f"iam:PassRole on {ROLES}admin: {NEEDLESS}", ITS_ROLE, _calls("ecs", "runTask", {"TaskDefinition": TASK}), _task_with(taskRoleArn=f"{ROLES}t"), _grants(RUN, _pass("t", "admin"))),
    fails(RULE, "a task that is not waited for", [f"ecs:StopTask, ecs:DescribeTasks on {arn('ecs', 'task/c/*')}: {NEEDLESS}", "events:PutTargets"], ITS_ROLE, _calls("ecs", "runTask", {"TaskDefinition": TASK}), _grants(RUN, *WAITS_FOR_TASK)),
    fails(RULE, "a task whose end is not heard of", ["ecs:DescribeTasks", "ecs:StopTask", *(f"does not allow {action} on rule/StepFunctionsGetEventsForECSTaskRule" for action in MANAGED)], ITS_ROLE, _calls("ecs", "runTask.sync", {"TaskDefinition": TASK}), _grants(RUN)),
    passes(RULE, "a job that is waited for", ITS_ROLE, _calls("glue", "startJobRun.sync"), _grants(allow(["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"], arn("glue", "job/clean")))),
    passes(RULE, "a build that is waited for", ITS_ROLE, _calls("codebuild", "startBuild.sync"), _grants(allow(["codebuild:StartBuild", "codebuild:StopBuild", "codebuild:BatchGetBuilds"], arn("codebuild", "project/p")), allow(MANAGED, arn("events", "rule/StepFunctionsGetEventForCodeBuildStartBuildRule")))),
    passes(RULE, "a training that is waited for", ITS_ROLE, _calls("sagemaker", "createTrainingJob.sync"), _grants(allow(["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"], arn("sagemaker", "training-job/t")), allow("iam:PassRole", f"{ROLES}train"), allow(MANAGED, arn("events", "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule")))),
    fails(RULE, "a training, and the deletion of a model", f"sagemaker:CreateModel on {arn('sagemaker', 'model/m')}: {NEEDLESS}", ITS_ROLE, _calls("sagemaker", "createTrainingJob.sync"), _grants(allow("sagemaker:CreateTrainingJob", arn("sagemaker", "training-job/t")), allow("sagemaker:CreateModel", arn("sagemaker", "model/m")))),
    passes(RULE, "a query of a lake", ITS_ROLE, _calls("athena", "startQueryExecution.sync"), _grants(allow(["athena:StartQueryExecution", "athena:GetQueryExecution", "athena:StopQueryExecution"], arn("athena", "workgroup/w")), allow(["glue:GetTable", "glue:GetDatabase"], [arn("glue", "catalog"), arn("glue", "database/d"), arn("glue", "table/d/t")]), *WRITES)),
    passes(RULE, "a task that may be tagged, whose role has no name yet", ITS_ROLE, _calls("ecs", "runTask", {"TaskDefinition": "clean"}), _task_with(taskRoleArn=UNKNOWN).taking("taskRoleArn", given(ROLE, "t")), given(ROLE, "t"), _grants(RUN, _pass("t-1"), allow("ecs:TagResource", arn("ecs", "task/c/*")))),
    passes(RULE, "a task that is only known at run time", ITS_ROLE, _calls("ecs", "runTask", {"TaskDefinition": "{% $task %}"}), _grants(RUN, _pass("t"))),
    fails(RULE, "a task whose name is only known later", "does not allow iam:PassRole on role/t, which saga needs", ITS_ROLE, _calls("ecs", "runTask", {"TaskDefinition": "{% $task %}"}).taking("definition", _task_with()), _task_with(taskRoleArn=f"{ROLES}t"), _grants(RUN)),
    passes(RULE, "what is running", ITS_ROLE, _calls("aws-sdk", "ecs:describeTasks"), _grants(allow("ecs:DescribeTasks", arn("ecs", "task/c/*")))),
    passes(RULE, "a job that is waited for by its own run", ITS_ROLE, _calls("glue", "startJobRun.sync"), _grants(allow(["glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"], arn("glue", "job/clean")))),
    fails(RULE, "a build, and the runs of jobs", f"glue:GetJobRuns on {arn('glue', 'job/clean')}: {NEEDLESS}", ITS_ROLE, _calls("codebuild", "startBuild.sync"), _grants(allow(["codebuild:StartBuild", "codebuild:StopBuild", "codebuild:BatchGetBuilds"], arn("codebuild", "project/p")), allow(MANAGED, arn("events", "rule/StepFunctionsGetEventForCodeBuildStartBuildRule")), allow("glue:GetJobRuns", arn("glue", "job/clean")))),
    fails(RULE, "a call, and a role that it hands over to nobody", f"iam:PassRole on {ROLES}admin: {NEEDLESS}", ITS_ROLE, _calls("aws-sdk", "rds:stopDBInstance"), _grants(allow("rds:StopDBInstance", arn("rds", "db:orders")), _pass("admin"))),
    passes(RULE, "what may be encrypted", ITS_ROLE, _calls("aws-sdk", "s3:getObject"), _grants(allow("s3:GetObject", "arn:aws:s3:::in/*"), KEY)),
    *(passes(RULE, f"an object of a bucket, by {resource}", ITS_ROLE, _calls("aws-sdk", "s3:getObject", {"Bucket": "in", "Key": "list.csv"}), _grants(allow("s3:GetObject", resource), KEY)) for resource in ("arn:aws:s3:::in/*", "arn:aws:s3:::in/list.csv")),
    fails(RULE, "an object of another bucket", ["does not allow s3:GetObject on in/*, which saga needs", f"s3:GetObject on arn:aws:s3:::out/*: {NEEDLESS}"], ITS_ROLE, _calls("aws-sdk", "s3:getObject", {"Bucket": "in", "Key": "list.csv"}), _grants(allow("s3:GetObject", "arn:aws:s3:::out/*"))),
    fails(RULE, "the list of another bucket", ["does not allow s3:ListBucket on in, which saga needs", f"s3:ListBucket on arn:aws:s3:::out: {NEEDLESS}"], ITS_ROLE, _calls("aws-sdk", "s3:listObjectsV2", {"Bucket": "in"}), _grants(allow("s3:ListBucket", "arn:aws:s3:::out"))),
    *(passes(RULE, f"an object of a bucket that the definition does not name, by {bucket}", ITS_ROLE, _calls("aws-sdk", "s3:getObject", {"Bucket": bucket, "Key": "a"}), _grants(allow("s3:GetObject", "arn:aws:s3:::out/*"))) for bucket in ("{% $bucket %}", arn("s3", "accesspoint/in"), 1)),
    passes(RULE, "an object that is copied from another bucket", ITS_ROLE, _calls("aws-sdk", "s3:copyObject", {"Bucket": "out", "Key": "a", "CopySource": "in/a"}), _grants(allow("s3:GetObject", "arn:aws:s3:::in/*"), allow("s3:PutObject", "arn:aws:s3:::out/*"))),
    fails(RULE, "what has no resource to encrypt", f"kms:Decrypt, kms:GenerateDataKey on {arn('kms', 'key/1')}: {NEEDLESS}", ITS_ROLE, _calls("aws-sdk", "cloudwatch:putMetricData"), _grants(allow("cloudwatch:PutMetricData", "*"), KEY)),
    # operations that are authorised under another name
    passes(RULE, "a transaction", ITS_ROLE, _calls("aws-sdk", "dynamodb:transactWriteItems"), _grants(allow("dynamodb:PutItem", arn("dynamodb", "table/orders")))),
    passes(RULE, "metrics, which know no resource", ITS_ROLE, _calls("aws-sdk", "cloudwatch:putMetricData"), _grants(allow("cloudwatch:PutMetricData", "*"))),
    passes(RULE, "mail", ITS_ROLE, _calls("aws-sdk", "sesv2:sendEmail"), _grants(allow("ses:SendEmail", arn("ses", "identity/example.com")))),
    passes(RULE, "a function through the SDK", ITS_ROLE, _calls("aws-sdk", "lambda:invoke"), _grants(INVOKE)),
    fails(RULE, "another function through the SDK", ["does not allow lambda:InvokeFunction on function:orders", "function:users: is allowed"], ITS_ROLE, _calls("aws-sdk", "lambda:invoke", {"FunctionName": ORDERS}), _grants(allow("lambda:InvokeFunction", arn("lambda", "function:users")))),
    fails(RULE, "a list of objects that it may not see", "does not allow s3:ListBucket on *, which saga needs", ITS_ROLE, _calls("aws-sdk", "s3:listObjectsV2")),
    passes(RULE, "an object that is read on behalf of the caller", ITS_ROLE, _calls("aws-sdk", "textract:startDocumentTextDetection"), _grants(allow("textract:StartDocumentTextDetection", "*"), allow("s3:GetObject", "arn:aws:s3:::in/*"))),
    fails(RULE, "an object that is deleted, too", f"s3:DeleteObject on arn:aws:s3:::in/*: {NEEDLESS}", ITS_ROLE, _calls("aws-sdk", "textract:startDocumentTextDetection"), _grants(allow("textract:StartDocumentTextDetection", "*"), allow("s3:DeleteObject", "arn:aws:s3:::in/*"))),
    passes(RULE, "an operation that nobody knows", ITS_ROLE, _calls("aws-sdk", "dynamodb:dreamOfItems"), _grants(allow("dynamodb:Scan", arn("dynamodb", "table/orders")))),
    fails(RULE, "an operation that nobody knows, and another service", f"s3:GetObject on arn:aws:s3:::in/*: {NEEDLESS}", ITS_ROLE, _calls("aws-sdk", "dynamodb:dreamOfItems"), _grants(allow("s3:GetObject", "arn:aws:s3:::in/*"))),
    passes(RULE, "a service that nobody knows", ITS_ROLE, _calls("aws-sdk", "dreams:have"), _grants(allow("s3:GetObject", "arn:aws:s3:::in/*"))),
    # what is only known at run time
    passes(RULE, "arguments that are computed", ITS_ROLE, _calls("lambda", "invoke", "{% $states.input %}"), _grants(INVOKE)),
    passes(RULE, "events that are computed", ITS_ROLE, _calls("events", "putEvents", {"Entries": "{% $events %}"}), _grants(allow("events:PutEvents", arn("events", "event-bus/bus")))),
    passes(RULE, "events that are taken from the input", ITS_ROLE, _calls("events", "putEvents", {"Entries.$": "$.events"}), _grants(allow("events:PutEvents", arn("events", "event-bus/bus")))),
    passes(RULE, "everything about events is computed", ITS_ROLE, _calls("events", "putEvents", "{% $states.input %}"), _grants(allow("events:PutEvents", arn("events", "event-bus/bus")))),
    fails(RULE, "events on another bus", ["does not allow events:PutEvents on event-bus/bus", "event-bus/other: is allowed"], ITS_ROLE, _calls("events", "putEvents", {"Entries": ["{% $event %}", {"EventBusName": "bus"}]}), _grants(allow("events:PutEvents", arn("events", "event-bus/other")))),
    fails(RULE, "another function, named in the old way", ["does not allow lambda:InvokeFunction on function:orders", "function:users: is allowed"], ITS_ROLE, _calls("lambda", "invoke", Parameters={"FunctionName": ORDERS}), _grants(allow("lambda:InvokeFunction", arn("lambda", "function:users")))),
    *(
        passes(RULE, f"a task of {which}", ITS_ROLE, _calls("aws-sdk", "s3:getObject", Credentials=credentials), _grants(allow("sts:AssumeRole", f"{ROLES}theirs")))
        for which, credentials in (("a role that is computed", {"RoleArn": "{% $role %}"}), ("credentials that are computed", "{% $credentials %}"))
    ),
    # maps, endpoints, other roles, keys, places
    passes(RULE, "a distributed map", ITS_ROLE, DISTRIBUTED, _grants(INVOKE, READS, RESULTS, ITSELF, allow(["states:DescribeExecution", "states:StopExecution"], arn("states", "execution:saga:*")))),
    passes(RULE, "a distributed map that is looked after", ITS_ROLE, DISTRIBUTED, _grants(INVOKE, READS, RESULTS, ITSELF, allow(["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"], [arn("states", "execution:saga:*"), arn("states", "execution:saga/Do:*")]))),
    passes(RULE, "a distributed map of a machine whose name is not known yet", ITS_ROLE, replace(DISTRIBUTED, inputs={**DISTRIBUTED.inputs, "name": UNKNOWN}), _grants(INVOKE, READS, RESULTS, ITSELF, allow("states:StopExecution", arn("states", "execution:saga:*")))),
    fails(RULE, "a distributed map that may stop others", f"states:StopExecution on {arn('states', 'execution:other:*')}: {NEEDLESS}", ITS_ROLE, DISTRIBUTED, _grants(INVOKE, READS, RESULTS, ITSELF, allow("states:StopExecution", arn("states", "execution:other:*")))),
    *(
        passes(RULE, f"a machine that waits for {which}", ITS_ROLE, _calls("states", "startExecution.sync:2", {"StateMachineArn": machine}), _grants(ITSELF, allow(["states:DescribeExecution", "states:StopExecution"], arn("states", "execution:saga:*")), allow(MANAGED, arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"))))
        for which, machine in (("another", arn("states", "stateMachine:saga:live")), ("one that is only known at run time", "{% $machine %}"))
    ),
    fails(RULE, "a machine that waits for another than it hears of", ["states:DescribeExecution on execution:saga:*", "states:StopExecution on execution:saga:*", *(NEEDLESS for _ in range(2))], ITS_ROLE, _calls("states", "startExecution.sync:2", {"StateMachineArn": "saga"}), _grants(ITSELF, allow("states:DescribeExecution", arn("states", "execution:other:*")), allow("states:StopExecution", arn("states", "execution:another:*")), allow(MANAGED, arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")))),
    fails(RULE, "a machine that cannot use its key", ["does not allow kms:Decrypt on key/*", "does not allow kms:GenerateDataKey on key/*"], ITS_ROLE, _machine({"Type": "Pass", "End": True}, encryptionConfiguration={"kmsKeyId": "k"})),
    fails(RULE, "a distributed map that may not start itself", "does not allow states:StartExecution on stateMachine:saga, which saga needs", ITS_ROLE, DISTRIBUTED, _grants(INVOKE, READS, RESULTS)),
    passes(
        RULE,
        "an endpoint",
        ITS_ROLE,
        _calls("http", "invoke"),
        _grants(
            allow("states:InvokeHTTPEndpoint", arn("states", "stateMachine:saga")),
            allow("events:RetrieveConnectionCredentials", arn("events", "connection/c/1")),
            allow(["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], arn("secretsmanager", "secret:events!connection/c/*")),
        ),
    ),
    passes(RULE, "a task of another role", ITS_ROLE, _calls("aws-sdk", "s3:getObject", Credentials={"RoleArn": "arn:aws:iam::999999999999:role/theirs"}), _grants(allow("sts:AssumeRole", "arn:aws:iam::999999999999:role/theirs"))),
    fails(RULE, "a task of another role than it may assume", ["does not allow sts:AssumeRole on role/theirs", "role/ours: is allowed"], ITS_ROLE, _calls("aws-sdk", "s3:getObject", Credentials={"RoleArn": "arn:aws:iam::999999999999:role/theirs"}), _grants(allow("sts:AssumeRole", f"{ROLES}ours"))),
    passes(RULE, "a queue that may have a key", ITS_ROLE, _calls("sqs", "sendMessage", {"QueueUrl": DEAD}), _grants(KEEP, KEY)),
    passes(RULE, "a queue with a key", ITS_ROLE, _calls("sqs", "sendMessage", {"QueueUrl": DEAD}), given(QUEUE, "dead", name="dead", kmsMasterKeyId="k"), _grants(KEEP, KEY)),
    fails(RULE, "a function and a key", f"kms:Decrypt, kms:GenerateDataKey on {arn('kms', 'key/1')}: {NEEDLESS}", ITS_ROLE, _target(ORDERS), _grants(INVOKE, KEY)),
    passes(RULE, "a schedule that delivers to a queue with a key", ITS_ROLE, _schedule(DEAD), _grants(KEEP, KEY)),
    passes(RULE, "a pipe from a queue with a key", ITS_ROLE, _pipe(arn("sqs", "inbox"), ORDERS), _grants(QUEUE_POLLS, INVOKE, KEY)),
    fails(RULE, "a queue without a key", f"kms:Decrypt, kms:GenerateDataKey on {arn('kms', 'key/1')}: {NEEDLESS}", ITS_ROLE, _calls("sqs", "sendMessage", {"QueueUrl": DEAD}), given(QUEUE, "dead", name="dead", sqsManagedSseEnabled=True), _grants(KEEP, KEY)),
    passes(RULE, "a machine that AWS encrypts", ITS_ROLE, _machine({"Type": "Pass", "End": True}, encryptionConfiguration={"type": "AWS_OWNED_KEY"})),
    fails(
        RULE,
        "a function of the same name elsewhere",
        ["does not allow lambda:InvokeFunction on function:orders", "us-east-1:999999999999:function:orders: is allowed"],
        ITS_ROLE,
        _calls("lambda", "invoke", {"FunctionName": ORDERS}),
        _grants(allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:999999999999:function:orders")),
    ),
    # rules, schedules, pipes
    passes(RULE, "a rule that runs a task", ITS_ROLE, _target(CLUSTER, ecsTarget={"taskDefinitionArn": f"{TASK}:1"}), _grants(RUN, _pass("t"))),
    fails(RULE, "a rule that may not run its task", ["does not allow ecs:RunTask on task-definition/clean:*, which target needs", "ecs:StopTask"], ITS_ROLE, _target(CLUSTER, ecsTarget={"taskDefinitionArn": TASK}), _grants(allow("ecs:StopTask", arn("ecs", "task/c/*")))),
    passes(RULE, "a rule that starts a build", ITS_ROLE, _target(arn("codebuild", "project/p")), _grants(allow("codebuild:StartBuild", arn("codebuild", "project/p")))),
    passes(RULE, "a rule that calls an API", ITS_ROLE, _target(arn("events", "api-destination/d/1")), _grants(allow("events:InvokeApiDestination", arn("events", "api-destination/d/*")))),
    fails(RULE, "a rule that may do more than submit", f"batch:TerminateJob on {arn('batch', 'job/*')}: {NEEDLESS}", ITS_ROLE, _target(arn("batch", "job-queue/q")), _grants(allow("batch:SubmitJob", [arn("batch", "job-queue/q"), arn("batch", "job-definition/j:1")]), allow("batch:TerminateJob", arn("batch", "job/*")))),
    passes(RULE, "a rule with a target of an unknown kind", ITS_ROLE, _target(arn("inspector", "target/1")), _grants(allow("inspector:StartAssessmentRun", "*"))),
    passes(RULE, "a rule that sends commands", ITS_ROLE, _target(arn("ssm", "document/d")), _grants(allow("ssm:SendCommand", [arn("ssm", "document/d"), arn("ec2", "instance/i")]))),
    passes(RULE, "a rule whose task has no ARN yet", ITS_ROLE, _target(CLUSTER, ecsTarget={"taskDefinitionArn": UNKNOWN}).taking("ecsTarget", _task_with()), _task_with(), _grants(RUN)),
    fails(RULE, "a rule that may run another task", ["does not allow ecs:RunTask on task-definition/clean:*", "task-definition/other:*: is allowed"], ITS_ROLE, _target(CLUSTER, ecsTarget={"taskDefinitionArn": UNKNOWN}).taking("ecsTarget", _task_with()), _task_with(), _grants(allow("ecs:RunTask", arn("ecs", "task-definition/other:*")))),
    passes(RULE, "a rule whose task has no name yet", ITS_ROLE, _target(CLUSTER, ecsTarget={"taskDefinitionArn": UNKNOWN}).taking("ecsTarget", given(TASK_DEFINITION, "clean")), given(TASK_DEFINITION, "clean", family=UNKNOWN), _grants(RUN)),
    passes(RULE, "a schedule that calls an operation", ITS_ROLE, _schedule("arn:aws:scheduler:::aws-sdk:rds:stopDBInstance"), _grants(allow("rds:StopDBInstance", arn("rds", "db:orders")))),
    fails(RULE, "a schedule that may delete what it stops", f"rds:DeleteDBInstance on {arn('rds', 'db:orders')}: {NEEDLESS}", ITS_ROLE, _schedule("arn:aws:scheduler:::aws-sdk:rds:stopDBInstance"), _grants(allow(["rds:StopDBInstance", "rds:DeleteDBInstance"], arn("rds", "db:orders")))),
    passes(RULE, "a schedule that runs a task", ITS_ROLE, _schedule(CLUSTER, ecsParameters={"taskDefinitionArn": UNKNOWN}).taking("target", _task_with()), _task_with(taskRoleArn=f"{ROLES}t"), _grants(RUN, _pass("t"))),
    passes(RULE, "a schedule whose target and dead letters have no ARN yet", ITS_ROLE, _schedule(UNKNOWN, deadLetterConfig={"arn": UNKNOWN}).taking("target", A_FUNCTION, DEAD_LETTERS), A_FUNCTION, DEAD_LETTERS, _grants(INVOKE, KEEP, LOGS)),
    passes(RULE, "a pipe of what has no ARN yet", ITS_ROLE, replace(_pipe("a", "b"), inputs={"roleArn": f"{ROLES}orders", "source": UNKNOWN, "enrichment": UNKNOWN, "target": UNKNOWN}).taking("source", A_STREAM).taking("enrichment", A_FUNCTION).taking("target", DEAD_LETTERS), A_STREAM, given(FUNCTION, "orders", name="orders"), DEAD_LETTERS, _grants(POLLS, INVOKE, KEEP)),
    passes(RULE, "a pipe that runs a task", ITS_ROLE, _pipe(arn("sqs", "inbox"), CLUSTER, targetParameters={"ecsTaskParameters": {"taskDefinitionArn": TASK}}), _grants(QUEUE_POLLS, RUN)),
    fails(RULE, "a pipe that may not run its task", "does not allow ecs:RunTask on task-definition/clean:*", ITS_ROLE, _pipe(arn("sqs", "inbox"), CLUSTER, targetParameters={"ecsTaskParameters": {"taskDefinitionArn": TASK}}), _grants(QUEUE_POLLS)),
    passes(RULE, "a pipe that filters by a queue", ITS_ROLE, _pipe(arn("sqs", "inbox"), ORDERS, sourceParameters={"filterCriteria": UNKNOWN}).taking("sourceParameters", DEAD_LETTERS), DEAD_LETTERS, _grants(QUEUE_POLLS, INVOKE)),
    passes(RULE, "a schedule that tells its function of a queue", ITS_ROLE, _schedule(ORDERS, input=UNKNOWN).taking("target", DEAD_LETTERS), DEAD_LETTERS, _grants(INVOKE)),
    passes(RULE, "a pipe from a broker outside AWS", ITS_ROLE, _pipe("smk://broker.example.com:9092", ORDERS), _grants(INVOKE, allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:broker-??????")))),
    passes(RULE, "a pipe that starts a machine", ITS_ROLE, _pipe(arn("sqs", "inbox"), arn("states", "stateMachine:price")), _grants(QUEUE_POLLS, allow("states:StartExecution", arn("states", "stateMachine:price")))),
    passes(RULE, "a pipe that finds its table", ITS_ROLE, _pipe(arn("dynamodb", "table/orders/stream/1"), ORDERS), _grants(INVOKE, allow(["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], arn("dynamodb", "table/orders/stream/*")), allow("dynamodb:ListStreams", "*"))),
    passes(RULE, "a pipe that keeps its failures", ITS_ROLE, _pipe(arn("kinesis", "stream/clicks"), ORDERS, sourceParameters=KEEPS_FAILURES), _grants(POLLS, INVOKE, KEEP)),
    fails(RULE, "a pipe that cannot keep its failures", "does not allow sqs:SendMessage on dead, which pipe needs", ITS_ROLE, _pipe(arn("kinesis", "stream/clicks"), ORDERS, sourceParameters=KEEPS_FAILURES), _grants(POLLS, INVOKE)),
    passes(RULE, "a pipe that asks a short machine", ITS_ROLE, _pipe(arn("sqs", "inbox"), ORDERS, enrichment=arn("states", "stateMachine:price")), _grants(QUEUE_POLLS, INVOKE, allow("states:StartSyncExecution", arn("states", "stateMachine:price")))),
    fails(RULE, "a pipe that may start the machine that it has to wait for", ["does not allow states:StartSyncExecution on stateMachine:price", f"states:StartExecution on {arn('states', 'stateMachine:price')}: {NEEDLESS}"], ITS_ROLE, _pipe(arn("sqs", "inbox"), arn("states", "stateMachine:price"), targetParameters={"stepFunctionStateMachineParameters": {"invocationType": "REQUEST_RESPONSE"}}), _grants(QUEUE_POLLS, allow("states:StartExecution", arn("states", "stateMachine:price")))),
    passes(RULE, "a pipe that writes many records at once", ITS_ROLE, _pipe(arn("sqs", "inbox"), arn("kinesis", "stream/clicks")), _grants(QUEUE_POLLS, allow("kinesis:PutRecords", arn("kinesis", "stream/clicks")))),
    passes(RULE, "a pipe that delivers many records at once", ITS_ROLE, _pipe(arn("sqs", "inbox"), arn("firehose", "deliverystream/d")), _grants(QUEUE_POLLS, allow("firehose:PutRecordBatch", arn("firehose", "deliverystream/d")))),
    passes(RULE, "a pipe from a broker", ITS_ROLE, _pipe(arn("mq", "broker:b:1"), ORDERS), _grants(INVOKE, allow("mq:DescribeBroker", arn("mq", "broker:b:1")), allow("ec2:DescribeSubnets", "*"), allow("kafka-cluster:Connect", arn("kafka", "cluster/c/1")), allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:broker-??????")))),
    passes(RULE, "a pipe to a log", ITS_ROLE, _pipe(arn("sqs", "inbox"), arn("logs", "log-group:/pipe")), _grants(QUEUE_POLLS, allow(["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", "log-group:/pipe:*")))),
    # delivery streams
    passes(RULE, "a delivery stream with a role that reads and one that writes", ITS_ROLE, READER, TWO_ROLES, _grants(*WRITES), _grants(POLLS, role="reader")),
    fails(RULE, "a reading role that may write", f"kinesis:PutRecord on {arn('kinesis', 'stream/clicks')}: {NEEDLESS}", ITS_ROLE, READER, TWO_ROLES, _grants(*WRITES), _grants(POLLS, allow("kinesis:PutRecord", arn("kinesis", "stream/clicks")), role="reader")),
    fails(RULE, "a reading role that may not read", ["does not allow kinesis:GetRecords on stream/clicks", "does not allow kinesis:GetShardIterator"], ITS_ROLE, READER, TWO_ROLES, _grants(*WRITES)),
    fails(RULE, "a copy that cannot be kept", ["s3:GetBucketLocation on copies"] + ["on copies"] * 5, ITS_ROLE, given(FIREHOSE, extendedS3Configuration={**DELIVERS, "s3BackupConfiguration": {"bucketArn": "arn:aws:s3:::copies"}}), _grants(*WRITES)),
    passes(RULE, "a delivery stream that may say whose its objects are, with a key", ITS_ROLE, given(FIREHOSE, extendedS3Configuration=DELIVERS), _grants(*WRITES, allow("s3:PutObjectAcl", "arn:aws:s3:::lake/*"), KEY)),
    *(
        fails(RULE, f"a delivery stream that cannot {what}", finds, ITS_ROLE, given(FIREHOSE, extendedS3Configuration=DELIVERS | settings), _grants(*WRITES))
        for what, finds, settings in (
            ("log", "does not allow logs:PutLogEvents on log-group:/firehose:*", {"cloudwatchLoggingOptions": {"enabled": True, "logGroupName": "/firehose"}}),
            ("transform", "does not allow lambda:InvokeFunction on function:orders", {"processingConfiguration": {"processors": [{"parameters": [{"parameterName": "LambdaArn", "parameterValue": ORDERS}, {"parameterName": "NumberOfRetries", "parameterValue": "3"}]}]}}),
            ("convert", ["does not allow glue:GetTable on *", "glue:GetTableVersion on", "glue:GetTableVersions"], {"dataFormatConversionConfiguration": {"inputFormatConfiguration": {}}}),
        )
    ),
    passes(RULE, "a delivery stream that logs somewhere, and converts no more", ITS_ROLE, given(FIREHOSE, extendedS3Configuration={**DELIVERS, "cloudwatchLoggingOptions": {"enabled": True}, "dataFormatConversionConfiguration": {"enabled": False}}), _grants(*WRITES, allow("logs:PutLogEvents", arn("logs", "log-group:/any:*")))),
    # flow logs and functions
    *(
        passes(RULE, f"a flow log that writes to {which}", ITS_ROLE, given(FLOW_LOG, iamRoleArn=f"{ROLES}orders", **settings), _grants(allow(["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], arn("logs", "log-group:vpc:*")), allow("logs:DescribeLogGroups", "*")))
        for which, settings in (
            ("a group", {"logDestination": arn("logs", "log-group:vpc")}),
            ("the streams of a group", {"logDestination": arn("logs", "log-group:vpc:*")}),
            ("a group that has no ARN yet", {"logDestination": UNKNOWN}),
            ("a group of another name", {}),
        )
    ),
    fails(RULE, "a flow log that writes to another group", [*("on log-group:vpc:*, which it needs" for _ in range(3)), NEEDLESS], ITS_ROLE, given(FLOW_LOG, iamRoleArn=f"{ROLES}orders", logDestination=arn("logs", "log-group:vpc")), _grants(allow(["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], arn("logs", "log-group:other:*")), allow("logs:DescribeLogGroups", "*"))),
    passes(RULE, "a function whose name AWS chooses", ITS_ROLE, given(FUNCTION, role=f"{ROLES}orders"), _grants(LOGS)),
    passes(RULE, "where another function keeps its failures", ITS_ROLE, A_FUNCTION, given(INVOKE_CONFIG, functionName="users", destinationConfig={"onFailure": {"destination": DEAD}}), _grants(LOGS)),
    fails(RULE, "where a function that has no name yet keeps its failures", "does not allow sqs:SendMessage on dead", ITS_ROLE, A_FUNCTION, given(INVOKE_CONFIG, functionName=UNKNOWN, destinationConfig={"onFailure": {"destination": DEAD}}).taking("functionName", A_FUNCTION), _grants(LOGS)),
    fails(RULE, "a function that cannot hand its results on", "does not allow sqs:SendMessage on dead", ITS_ROLE, A_FUNCTION, given(INVOKE_CONFIG, functionName="orders", destinationConfig={"onSuccess": {"destination": DEAD}}), _grants(LOGS)),
    passes(RULE, "a role of what no definition tells about", ITS_ROLE, given(BUILD, serviceRole=f"{ROLES}orders"), _grants(KEEP)),
    # where a role's policies come from
    passes(RULE, "a policy that the role itself attaches", given(ROLE, "role", name="orders", managedPolicyArns=[POLICY_ARN]), A_POLICY, A_FUNCTION),
    passes(RULE, "a policy that has no ARN yet", given(ROLE, "role", name="orders", managedPolicyArns=[UNKNOWN]).taking("managedPolicyArns", A_POLICY), A_POLICY, A_FUNCTION),
    passes(RULE, "a policy that is attached by its ARN", ITS_ROLE, A_POLICY, A_FUNCTION, given(ROLE_ATTACHMENT, role="orders", policyArn=POLICY_ARN)),
    passes(RULE, "a policy that is attached to several roles at once", ITS_ROLE, A_POLICY, A_FUNCTION, given(POLICY_ATTACHMENT, roles=["orders"], policyArn=UNKNOWN).taking("policyArn", A_POLICY)),
    passes(RULE, "a policy that is the only one attached", ITS_ROLE, A_POLICY, A_FUNCTION, given("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", roleName="orders", policyArns=[POLICY_ARN])),
    passes(RULE, "a policy that is declared elsewhere may allow what is missing", ITS_ROLE, A_FUNCTION, given(ROLE_ATTACHMENT, role="orders", policyArn=BASIC)),
    fails(RULE, "a policy that is declared elsewhere excuses nothing that is left over", f"sqs:SendMessage on {DEAD}: {NEEDLESS}", ITS_ROLE, _target(ORDERS), given(ROLE_ATTACHMENT, role="orders", policyArn=BASIC), _grants(KEEP)),
)  # fmt: skip
