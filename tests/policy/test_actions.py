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
    *("sqs:ListQueues", "ec2:DescribeNetworkInterfaces", "ssmmessages:CreateControlChannel"),
)
ACCESS_LEVELS = {"Read", "List", "Write", "Tagging", PERMISSIONS}


def test_the_table_in_git_is_what_the_generator_writes():
    assert generate_actions.TABLE.read_text() == generate_actions.text()


def test_the_table_holds_every_service():
    assert len(services()) > 400
    assert {"appsync", "backup", "batch", "dynamodb", "iam", "sagemaker", "sqs"} <= services()


def test_every_action_can_be_read():
    actions = expand("*")

    assert {action.access for action in actions} <= ACCESS_LEVELS


def test_names_that_are_published_as_wildcards_are_names():
    last = {
        form.text.split(":", 5)[5]
        for action in expand("*")
        for form in action.formats
        if ":logs:" not in form.text
    }

    # Only the id of what is being made, or was begun by a call, is left open; and all buckets are listed at once.
    assert [name for name in sorted(last) if "*" in name.removesuffix("/*")] == ["*"]


def test_what_ec2_makes_has_any_id_and_what_it_makes_it_from_has_its_own():
    last = {
        form.text.split(":", 5)[5]
        for action in expand("ec2:RunInstances")
        for form in action.formats
    }

    assert last >= {"instance/*", "volume/*", "subnet/${SubnetId}", "image/${ImageId}"}
    assert last.isdisjoint({"instance/${InstanceId}", "volume/${VolumeId}", "subnet/*"})


def test_it_is_known_which_calls_hand_over_a_role():
    assert [action.passes_role for action in (*expand("ecs:RunTask"), *expand("ecs:StopTask"))] == [
        True,
        False,
    ]


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
    assert len(expand("*")) == len(expand("*:*")) > 20_000


def test_access_levels_tell_who_changes_permissions():
    assert [action.access for action in expand("sqs:AddPermission")] == [PERMISSIONS]
