"""The action table is what its generator writes, and it knows what the judge relies on."""

import pytest

from policy import generate_actions
from policy.guardrails.iam.actions import PERMISSIONS, expand, services

WILDCARD_ONLY = (
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules"),
    *("xray:GetSamplingTargets", "logs:CreateLogDelivery", "logs:GetLogDelivery"),
    *("logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries"),
    *("logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
    *("cloudwatch:PutMetricData", "states:SendTaskSuccess", "states:SendTaskFailure"),
    *("states:SendTaskHeartbeat", "ecr:GetAuthorizationToken", "kinesis:ListStreams"),
    *("dynamodb:ListStreams", "sqs:ListQueues", "ec2:DescribeNetworkInterfaces"),
    "ssmmessages:CreateControlChannel",
)


def test_the_table_in_git_is_what_the_generator_writes():
    assert generate_actions.TABLE.read_text() == generate_actions.text()


def test_the_table_holds_the_services_that_stacks_on_aws_use():
    assert len(services()) >= 32
    assert {"dynamodb", "events", "iam", "lambda", "logs", "sqs", "states"} <= services()


@pytest.mark.parametrize("name", WILDCARD_ONLY)
def test_actions_that_know_no_resource_have_no_format(name):
    [action] = expand(name)

    assert action.formats == ()


def test_an_action_is_found_in_any_case():
    assert expand("SQS:sendmessage") == expand("sqs:SendMessage")


@pytest.mark.parametrize("pattern", ["sqs", "sqs:", "sqs:Nothing", "nothing:*", ""])
def test_what_is_no_action_stands_for_none(pattern):
    assert expand(pattern) == ()


def test_a_pattern_stands_for_the_actions_that_it_matches():
    assert [action.name for action in expand("sqs:*Message")] == [
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ]


def test_every_action_of_every_service_is_more_than_any_service():
    assert len(expand("*")) == len(expand("*:*")) > 4000


def test_access_levels_tell_who_changes_permissions():
    assert [action.access for action in expand("sqs:AddPermission")] == [PERMISSIONS]
