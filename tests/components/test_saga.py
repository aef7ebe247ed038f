import json

import pulumi
import pytest

from components.platform import Platform
from components.saga import Saga, SagaArgs
from components.saga_definition import resume_machine, state_machine
from components.saga_steps import Plan
from tests.programs import ACCOUNT, MADE_IN, PLATFORM, declared_by, made, policy_of
from tests.sagas import SETTLE, OutOfStock, function, step

MACHINE, ALARM = "aws:sfn/stateMachine:StateMachine", "aws:cloudwatch/metricAlarm:MetricAlarm"
STEPS = (step("Reserve", OutOfStock), step("Confirm", pivot=True), step("Ship", undo=False))
ARGS: SagaArgs = {"platform": PLATFORM, "steps": STEPS}
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-test-saga-parked"
GROUP = "/aws/vendedlogs/states/shop-test-saga"
MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop-test-saga"
LOGS = [
    (f"logs:{action}", "*")
    for action in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
]
TRACES = [
    (f"xray:{action}", "*")
    for action in (
        "PutTraceSegments",
        "PutTelemetryRecords",
        "GetSamplingRules",
        "GetSamplingTargets",
    )
]


def test_a_saga_and_what_resumes_it_are_compiled_from_its_steps():
    china: Platform = {**PLATFORM, "partition": "aws-cn"}
    args: SagaArgs = {
        "platform": china,
        "steps": list(STEPS),
        "settle_arn": SETTLE,
        "deadline_seconds": 7200,
    }
    plan = Plan(
        STEPS,
        "shop-test-saga-parked",
        settle=SETTLE,
        deadline_seconds=7200,
        partition="aws-cn",
    )

    program = declared_by(lambda: Saga("saga", args))

    saga, resume = (program.named(MACHINE, name).inputs for name in ("saga", "saga-resume"))
    assert json.loads(saga["definition"]) == state_machine(plan)
    assert json.loads(resume["definition"]) == resume_machine(plan)


def test_nobody_is_told_and_an_hour_must_suffice_unless_told():
    program = declared_by(lambda: Saga("saga", ARGS))

    definition = json.loads(program.named(MACHINE, "saga").inputs["definition"])
    assert definition["TimeoutSeconds"] == 3600
    assert "Settle" not in definition["States"]


def test_a_saga_that_does_not_fit_its_deadline_is_refused():
    with pytest.raises(ValueError, match=r"^the saga can take .* its deadline_seconds is 60: "):
        declared_by(lambda: Saga("saga", {**ARGS, "deadline_seconds": 60}))


def test_a_machine_logs_what_it_does_but_nobodys_data():
    program = declared_by(lambda: Saga("saga", ARGS))
    inputs = program.named(MACHINE, "saga").inputs

    assert inputs.pop("definition")
    assert inputs == {
        "name": "shop-test-saga",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/shop-test-saga-role",
        "loggingConfiguration": {
            "level": "ALL",
            "includeExecutionData": False,
            "logDestination": f"arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}:*",
        },
        "tracingConfiguration": {"enabled": True},
        "tags": {"idempotent": "true"},
    }


def test_the_logs_of_a_machine_expire():
    platform: Platform = {**PLATFORM, "key_arn": "arn:key"}
    program = declared_by(lambda: Saga("saga", {**ARGS, "platform": platform}))

    assert program.named("aws:cloudwatch/logGroup:LogGroup", "saga-logs").inputs == {
        "name": GROUP,
        "retentionInDays": 30,
        "kmsKeyId": "arn:key",
    }


def test_a_machine_may_call_its_functions_park_and_log():
    program = declared_by(lambda: Saga("saga", ARGS))

    assert policy_of(program, "saga-permissions") == [
        ("lambda:InvokeFunction", function("do-Reserve")),
        ("lambda:InvokeFunction", function("do-Confirm")),
        ("lambda:InvokeFunction", function("do-Ship")),
        ("lambda:InvokeFunction", function("undo-Confirm")),
        ("lambda:InvokeFunction", function("undo-Reserve")),
        ("dynamodb:PutItem", TABLE),
        *LOGS,
        *TRACES,
    ]


def test_what_resumes_a_saga_may_not_do_what_comes_before_the_pivot():
    allowed = policy_of(declared_by(lambda: Saga("saga", ARGS)), "saga-resume-permissions")

    assert {resource for action, resource in allowed if action == "lambda:InvokeFunction"} == {
        function("do-Ship"),
        function("undo-Confirm"),
        function("undo-Reserve"),
    }


def test_a_machine_that_is_not_traced_may_not_trace():
    platform: Platform = {**PLATFORM, "tracing": False}
    program = declared_by(lambda: Saga("saga", {**ARGS, "platform": platform}))

    assert program.named(MACHINE, "saga").inputs["tracingConfiguration"] == {"enabled": False}
    assert not set(policy_of(program, "saga-permissions")) & set(TRACES)


def test_the_role_of_a_machine_is_assumed_for_this_account_only():
    program = declared_by(lambda: Saga("saga", ARGS))
    role = program.named("aws:iam/role:Role", "saga-role").inputs

    assert role["name"] == "shop-test-saga-role"
    [statement] = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    policy = program.named("aws:iam/rolePolicy:RolePolicy", "saga-permissions").inputs
    assert (policy["name"], policy["role"]) == ("permissions", "shop-test-saga-role")


def test_a_machine_is_made_after_its_permissions_and_its_log_group():
    program = declared_by(lambda: Saga("saga", ARGS))

    needed = {
        program.named("aws:iam/rolePolicy:RolePolicy", "saga-permissions").urn,
        program.named("aws:cloudwatch/logGroup:LogGroup", "saga-logs").urn,
    }
    assert needed <= set(program.named(MACHINE, "saga").dependencies)


def test_parked_work_waits_in_a_table_by_execution_and_step():
    table = declared_by(lambda: Saga("saga", ARGS)).only("aws:dynamodb/table:Table").inputs

    assert table["name"] == "shop-test-saga-parked"
    assert (table["hashKey"], table["rangeKey"]) == ("execution", "step")


def test_parked_work_raises_an_alarm():
    alarm = declared_by(lambda: Saga("saga", ARGS)).named(ALARM, "saga-parked-work").inputs

    assert (alarm["namespace"], alarm["metricName"]) == (
        "AWS/DynamoDB",
        "SuccessfulRequestLatency",
    )
    assert alarm["statistic"] == "SampleCount"
    assert alarm["dimensions"] == {"TableName": "shop-test-saga-parked", "Operation": "PutItem"}
    assert alarm["alarmDescription"] == ("saga: work was parked. Mend the cause, then resume it.")


@pytest.mark.parametrize(
    ("name", "metric", "description"),
    [
        (
            "saga-failed",
            "ExecutionsFailed",
            (
                "saga: a saga was undone after a failure, or work is parked. Find the cause in its "
                "execution history, mend it, then resume what is parked."
            ),
        ),
        (
            "saga-timedout",
            "ExecutionsTimedOut",
            "saga: a saga ran into its deadline. Find out what it did, and resume or undo it.",
        ),
        (
            "saga-aborted",
            "ExecutionsAborted",
            "saga: a saga was stopped by hand. Find out what it did, and resume or undo it.",
        ),
        (
            "saga-throttled",
            "ExecutionThrottled",
            "saga: state transitions are throttled. Raise the account's quota.",
        ),
    ],
)
def test_a_saga_that_does_not_end_well_raises_an_alarm(name, metric, description):
    alarm = declared_by(lambda: Saga("saga", ARGS)).named(ALARM, name).inputs

    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/States", metric)
    assert alarm["dimensions"] == {"StateMachineArn": MACHINE_ARN}
    assert alarm["alarmDescription"] == description


def test_what_resumes_a_saga_raises_alarms_too():
    alarm = declared_by(lambda: Saga("saga", ARGS)).named(ALARM, "saga-resume-failed").inputs

    assert alarm["dimensions"] == {"StateMachineArn": f"{MACHINE_ARN}-resume"}


def test_a_saga_says_where_it_is():
    def build() -> Saga:
        saga = Saga("saga", ARGS)
        pulumi.export("saga", saga.machine_arn)
        pulumi.export("resume", saga.resume_arn)
        pulumi.export("parked", saga.parked_table_name)
        return saga

    saga, program = made(build)

    assert saga.static_arn == MACHINE_ARN
    assert program.outputs == {
        "saga": f"arn:aws:states:{MADE_IN}:stateMachine:shop-test-saga",
        "resume": f"arn:aws:states:{MADE_IN}:stateMachine:shop-test-saga-resume",
        "parked": "shop-test-saga-parked",
    }
