import json
from typing import cast

import pulumi
import pytest

from components.function import Function, FunctionArgs
from components.link import Link
from components.platform import Platform
from tests.programs import ACCOUNT, PLATFORM, declared_by, made, policy_of

FUNCTION = "aws:lambda/function:Function"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
CODE = pulumi.AssetArchive({"app.py": pulumi.StringAsset("")})
ARGS: FunctionArgs = {"platform": PLATFORM, "code": CODE, "handler": "app.handler"}
LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/shop-test-charge:*"
BASICS = [
    ("logs:CreateLogStream", LOGS),
    ("logs:PutLogEvents", LOGS),
    ("xray:PutTraceSegments", "*"),
    ("xray:PutTelemetryRecords", "*"),
]
BOOKS: Link = {
    "environment": {"BOOKS": "shop-test-books"},
    "actions": ["dynamodb:GetItem"],
    "resources": ["arn:books"],
    "condition": {"StringEquals": {"dynamodb:Select": "COUNT"}},
}


def test_a_function_has_ten_seconds_and_no_links_unless_told():
    inputs = declared_by(lambda: Function("charge", ARGS)).only(FUNCTION).inputs

    assert inputs.pop("code").assets.keys() == {"app.py"}
    assert inputs == {
        "name": "shop-test-charge",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "handler": "app.handler",
        "role": f"arn:aws:iam::{ACCOUNT}:role/shop-test-charge-role",
        "memorySize": 192,
        "timeout": 10,
        "environment": {"variables": {"POWERTOOLS_SERVICE_NAME": "charge"}},
        "tracingConfig": {"mode": "Active"},
        "loggingConfig": {"logFormat": "JSON", "logGroup": "/aws/lambda/shop-test-charge"},
    }


def test_a_function_may_log_and_trace_and_nothing_else():
    program = declared_by(lambda: Function("charge", ARGS))

    assert policy_of(program, "charge-permissions") == BASICS
    assert program.only(ROLE_POLICY).inputs["name"] == "permissions"
    assert program.only(ROLE_POLICY).inputs["role"] == "shop-test-charge-role"


def test_a_function_that_is_not_traced_may_not_trace():
    platform: Platform = {**PLATFORM, "tracing": False}

    program = declared_by(lambda: Function("charge", {**ARGS, "platform": platform}))

    assert program.only(FUNCTION).inputs["tracingConfig"] == {"mode": "PassThrough"}
    assert policy_of(program, "charge-permissions") == BASICS[:2]


def test_the_role_of_a_function_is_assumed_by_lambda_only():
    role = declared_by(lambda: Function("charge", ARGS)).only("aws:iam/role:Role").inputs

    assert role["name"] == "shop-test-charge-role"
    [statement] = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "Condition" not in statement


def test_a_link_brings_address_and_permission_together():
    program = declared_by(lambda: Function("charge", {**ARGS, "links": [BOOKS]}))

    variables = program.only(FUNCTION).inputs["environment"]["variables"]
    assert variables == {"POWERTOOLS_SERVICE_NAME": "charge", "BOOKS": "shop-test-books"}
    assert policy_of(program, "charge-permissions") == [*BASICS, ("dynamodb:GetItem", "arn:books")]
    document = json.loads(program.only(ROLE_POLICY).inputs["policy"])
    assert document["Statement"][-1]["Condition"] == BOOKS.get("condition")


def test_a_function_is_made_after_its_permissions():
    program = declared_by(lambda: Function("charge", ARGS))

    assert program.only(ROLE_POLICY).urn in program.only(FUNCTION).dependencies


def test_further_variables_are_added_to_those_of_the_platform_and_of_links():
    platform: Platform = {**PLATFORM, "environment": {"STAGE": "test"}}
    args: FunctionArgs = {
        **ARGS,
        "platform": platform,
        "links": [BOOKS],
        "environment": {"RATE": "0.5"},
    }

    inputs = declared_by(lambda: Function("charge", args)).only(FUNCTION).inputs

    assert inputs["environment"]["variables"] == {
        "POWERTOOLS_SERVICE_NAME": "charge",
        "STAGE": "test",
        "BOOKS": "shop-test-books",
        "RATE": "0.5",
    }


LENT: Link = {**BOOKS, "environment": {"BOOKS": "shop-test-lent"}}


@pytest.mark.parametrize(
    ("more", "variable", "values"),
    [
        ({"links": [BOOKS, LENT]}, "BOOKS", ("shop-test-books", "shop-test-lent")),
        (
            {"links": [BOOKS], "environment": {"BOOKS": "0"}},
            "BOOKS",
            ("shop-test-books", "0"),
        ),
        (
            {"environment": {"POWERTOOLS_SERVICE_NAME": "shop"}},
            "POWERTOOLS_SERVICE_NAME",
            ("charge", "shop"),
        ),
    ],
    ids=["of two links", "of a link and the environment", "of its own"],
)
def test_a_variable_that_would_have_two_values_is_refused(more, variable, values):
    with pytest.raises(ValueError, match="variable") as refused:
        declared_by(lambda: Function("charge", cast("FunctionArgs", {**ARGS, **more})))

    assert str(refused.value) == (
        f"function 'charge': the variable {variable!r} is {values[0]!r} already, "
        f"so it cannot be {values[1]!r}; take another name for one of them"
    )


def test_two_links_may_lead_to_one_place():
    counting: Link = {**BOOKS, "actions": ["dynamodb:Scan"]}

    program = declared_by(lambda: Function("charge", {**ARGS, "links": [BOOKS, counting]}))

    variables = program.only(FUNCTION).inputs["environment"]["variables"]
    assert variables["BOOKS"] == "shop-test-books"


@pytest.mark.parametrize(
    ("links", "complaint"),
    [
        (["BOOKS"], "'BOOKS' is no link; links come from table.allowing(...) and its like"),
        ("BOOKS", "links is 'BOOKS'; take a list, such as [table.allowing(...)]"),
        (BOOKS, f"links is {BOOKS}; take a list, such as [table.allowing(...)]"),
        (5, "links is 5; take a list, such as [table.allowing(...)]"),
    ],
    ids=["a name", "a text", "a link alone", "a number"],
)
def test_what_is_no_list_of_links_is_refused(links, complaint):
    with pytest.raises(ValueError, match="link") as refused:
        declared_by(lambda: Function("charge", cast("FunctionArgs", {**ARGS, "links": links})))

    assert str(refused.value) == f"function 'charge': {complaint}"


def test_a_function_stands_on_the_layers_of_the_platform():
    platform: Platform = {**PLATFORM, "layers": ["arn:layer"]}

    inputs = (
        declared_by(lambda: Function("charge", {**ARGS, "platform": platform}))
        .only(FUNCTION)
        .inputs
    )

    assert inputs["layers"] == ["arn:layer"]


def test_the_logs_of_a_function_expire():
    platform: Platform = {**PLATFORM, "key_arn": "arn:key"}

    group = declared_by(lambda: Function("charge", {**ARGS, "platform": platform})).only(
        "aws:cloudwatch/logGroup:LogGroup"
    )

    assert group.inputs == {
        "name": "/aws/lambda/shop-test-charge",
        "retentionInDays": 30,
        "kmsKeyId": "arn:key",
    }


@pytest.mark.parametrize("seconds", [1, 900])
def test_a_function_may_take_as_long_as_lambda_lets_it(seconds):
    function, program = made(lambda: Function("charge", {**ARGS, "timeout_seconds": seconds}))

    assert program.only(FUNCTION).inputs["timeout"] == function.timeout_seconds == seconds


@pytest.mark.parametrize("seconds", [0, 901])
def test_a_timeout_that_lambda_does_not_take_is_refused(seconds):
    with pytest.raises(
        ValueError,
        match=f"^function 'charge': timeout_seconds is {seconds}; Lambda takes 1 to 900$",
    ):
        declared_by(lambda: Function("charge", {**ARGS, "timeout_seconds": seconds}))


def test_a_function_that_callers_wait_for_needs_no_failure_queue():
    function, program = made(lambda: Function("charge", ARGS))

    assert function.failures is None
    assert program.of(CONFIG) == []


def test_an_asynchronous_call_is_tried_three_times_then_kept():
    program = declared_by(lambda: Function("charge", {**ARGS, "asynchronous": True}))
    queue = "arn:aws:sqs:eu-west-1:123456789012:shop-test-charge-failures"

    assert program.only(CONFIG).inputs == {
        "functionName": "shop-test-charge",
        "maximumRetryAttempts": 2,
        "destinationConfig": {"onFailure": {"destination": queue}},
    }
    assert policy_of(program, "charge-permissions") == [*BASICS, ("sqs:SendMessage", queue)]
    assert program.only("aws:sqs/queue:Queue").inputs["tags"] == {
        "failures": "processing",
        "owner": "charge",
    }
    assert program.only("aws:sqs/queue:Queue").urn in program.only(CONFIG).dependencies


@pytest.mark.parametrize(
    ("metric", "happened"),
    [
        ("Errors", "calls fail: see the log group and the saga or queue behind it"),
        ("Throttles", "calls are throttled: raise the account's concurrency or lower the load"),
    ],
)
def test_calls_that_fail_or_are_throttled_raise_an_alarm(metric, happened):
    program = declared_by(lambda: Function("charge", ARGS))

    alarm = program.named("aws:cloudwatch/metricAlarm:MetricAlarm", f"charge-{metric.lower()}")
    assert (alarm.inputs["namespace"], alarm.inputs["metricName"]) == ("AWS/Lambda", metric)
    assert alarm.inputs["dimensions"] == {"FunctionName": "shop-test-charge"}
    assert alarm.inputs["alarmDescription"] == f"charge: {happened}."


def test_a_function_says_where_it_is_before_it_exists():
    function, _ = made(lambda: Function("charge", ARGS))

    assert function.physical_name == "shop-test-charge"
    assert function.static_arn == (
        "arn:aws:lambda:eu-west-1:123456789012:function:shop-test-charge"
    )
