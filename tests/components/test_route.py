import json
import re
from typing import cast

import pytest

from components.route import Route, RouteArgs
from tests.programs import ACCOUNT, PLATFORM, declared_by, made, policy_of, statements

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
ROLE, PERMISSION = "aws:iam/role:Role", "aws:lambda/permission:Permission"
QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
RULE_ARN = "arn:aws:events:eu-west-1:123456789012:rule/shop-test-bus/shop-test-mails"
FAILURES = "arn:aws:sqs:eu-west-1:123456789012:shop-test-mails-undelivered"
PATTERN = {"source": ["orders"], "detail-type": ["order.created"]}


def target(service: str) -> str:
    return f"arn:aws:{service}:eu-west-1:123456789012:there"


def args(*services: str) -> RouteArgs:
    return {
        "platform": PLATFORM,
        "bus": "bus",
        "bus_name": "shop-test-bus",
        "pattern": PATTERN,
        "targets": [{"arn": target(service)} for service in services],
    }


def test_a_rule_waits_for_its_pattern_on_its_bus():
    route, program = made(lambda: Route("mails", args("sqs")))
    inputs = program.only(RULE).inputs

    assert json.loads(inputs.pop("eventPattern")) == PATTERN
    assert inputs == {"name": "shop-test-mails", "eventBusName": "shop-test-bus"}
    assert (route.physical_name, route.static_arn) == ("shop-test-mails", RULE_ARN)


def test_an_event_is_delivered_for_a_day_then_kept():
    program = declared_by(lambda: Route("mails", args("sqs")))

    assert program.only(TARGET).inputs == {
        "rule": "shop-test-mails",
        "eventBusName": "shop-test-bus",
        "targetId": "mails-1",
        "arn": target("sqs"),
        "retryPolicy": {"maximumRetryAttempts": 185, "maximumEventAgeInSeconds": 86_400},
        "deadLetterConfig": {"arn": FAILURES},
    }
    assert program.only(QUEUE).inputs["tags"] == {"failures": "delivery", "owner": "mails"}
    assert program.only(QUEUE).urn in program.only(TARGET).dependencies


def test_only_this_rule_may_put_events_into_its_failure_queue():
    policy = declared_by(lambda: Route("mails", args("sqs"))).only(QUEUE_POLICY)

    [_, admitted] = statements(policy)
    assert admitted["Resource"] == FAILURES
    assert admitted["Condition"] == {"ArnEquals": {"aws:SourceArn": [RULE_ARN]}}


def test_a_target_may_get_a_part_of_the_event():
    given = args("sqs")
    given["targets"] = [{"arn": target("sqs"), "input_path": "$.detail"}]

    program = declared_by(lambda: Route("mails", given))

    assert program.only(TARGET).inputs["inputPath"] == "$.detail"


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 60), (185, 86_400)])
def test_how_long_delivery_is_tried_can_be_chosen(attempts, seconds):
    given: RouteArgs = {**args("sqs"), "retry_attempts": attempts, "retry_seconds": seconds}

    program = declared_by(lambda: Route("mails", given))

    assert program.only(TARGET).inputs["retryPolicy"] == {
        "maximumRetryAttempts": attempts,
        "maximumEventAgeInSeconds": seconds,
    }


@pytest.mark.parametrize(
    ("service", "action"),
    [
        ("states", "states:StartExecution"),
        ("firehose", "firehose:PutRecord"),
        ("kinesis", "kinesis:PutRecord"),
        ("events", "events:PutEvents"),
    ],
)
def test_a_target_that_needs_a_role_gets_one_that_may_do_just_that(service, action):
    program = declared_by(lambda: Route("mails", args(service)))

    assert (
        program.only(TARGET).inputs["roleArn"]
        == f"arn:aws:iam::{ACCOUNT}:role/shop-test-mails-1-role"
    )
    assert policy_of(program, "mails-1-permissions") == [(action, target(service))]
    policy = program.named("aws:iam/rolePolicy:RolePolicy", "mails-1-permissions").inputs
    assert (policy["name"], policy["role"]) == ("permissions", "shop-test-mails-1-role")
    role = program.only(ROLE).inputs
    assert role["name"] == "shop-test-mails-1-role"
    [statement] = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


@pytest.mark.parametrize("service", ["lambda", "sqs", "sns"])
def test_a_target_with_a_policy_of_its_own_gets_no_role(service):
    program = declared_by(lambda: Route("mails", args(service)))

    assert "roleArn" not in program.only(TARGET).inputs
    assert program.of(ROLE) == []


def test_a_function_lets_this_rule_call_it():
    program = declared_by(lambda: Route("mails", args("lambda")))

    assert program.only(PERMISSION).inputs == {
        "action": "lambda:InvokeFunction",
        "function": target("lambda"),
        "principal": "events.amazonaws.com",
        "sourceArn": "arn:aws:mock:::mails",
    }


def test_no_other_target_needs_a_permission():
    program = declared_by(lambda: Route("mails", args("sqs", "sns", "states")))

    assert program.of(PERMISSION) == []


def test_five_targets_can_be_reached():
    program = declared_by(lambda: Route("mails", args("sqs", "sns", "lambda", "states", "events")))

    assert sorted(it.inputs["targetId"] for it in program.of(TARGET)) == [
        f"mails-{number}" for number in range(1, 6)
    ]
    assert {it.inputs["deadLetterConfig"]["arn"] for it in program.of(TARGET)} == {FAILURES}


def test_an_event_that_is_lost_even_to_the_failure_queue_raises_an_alarm():
    alarm = declared_by(lambda: Route("mails", args("sqs"))).named(
        "aws:cloudwatch/metricAlarm:MetricAlarm", "mails-lost"
    )

    assert alarm.inputs["namespace"] == "AWS/Events"
    assert alarm.inputs["metricName"] == "InvocationsFailedToBeSentToDlq"
    assert alarm.inputs["dimensions"] == {
        "EventBusName": "shop-test-bus",
        "RuleName": "shop-test-mails",
    }
    assert alarm.inputs["alarmDescription"] == (
        "mails: an event could reach neither its target nor mails-undelivered. "
        "Replay it from the bus's archive."
    )


@pytest.mark.parametrize("count", [0, 6])
def test_a_rule_takes_one_to_five_targets(count):
    with pytest.raises(
        ValueError, match=f"^route 'mails' has {count} targets; a rule takes 1 to 5$"
    ):
        declared_by(lambda: Route("mails", args(*["sqs"] * count)))


@pytest.mark.parametrize("arn", ["", "orders", "arn:aws:s3:::bucket", "arn:aws:sqs:queue"])
def test_what_is_no_target_is_refused(arn):
    allowed = ["events", "firehose", "kinesis", "lambda", "sns", "sqs", "states"]
    expected = f"route 'mails': {arn!r} is no target we deliver to; take an ARN of {allowed}"
    given = args("sqs")
    given["targets"] = [{"arn": target("sqs")}, {"arn": arn}]

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        declared_by(lambda: Route("mails", given))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"retry_attempts": -1}, "retry_attempts is -1; EventBridge takes 0 to 185"),
        ({"retry_attempts": 186}, "retry_attempts is 186; EventBridge takes 0 to 185"),
        ({"retry_seconds": 59}, "retry_seconds is 59; EventBridge takes 60 to 86400"),
        ({"retry_seconds": 86_401}, "retry_seconds is 86401; EventBridge takes 60 to 86400"),
    ],
)
def test_what_eventbridge_would_not_take_is_refused(changed, complaint):
    given = cast("RouteArgs", {**args("sqs"), **changed})

    with pytest.raises(ValueError, match=f"^route 'mails': {complaint}$"):
        declared_by(lambda: Route("mails", given))
