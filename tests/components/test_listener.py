import json
from typing import cast

import pulumi
import pytest

from components.bus import Bus
from components.link import Link
from components.listener import Listener, ListenerArgs
from tests.programs import PLATFORM, declared_by, policy_of, queue_url, statements

QUEUE, TARGET = "aws:sqs/queue:Queue", "aws:cloudwatch/eventTarget:EventTarget"
FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
ARN = "arn:aws:sqs:eu-west-1:123456789012:shop-test-mail-queue"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/shop-test-bus/shop-test-mail-route"
PATTERN = {"source": ["orders"], "detail-type": ["order.created"]}
BOOKS: Link = {
    "environment": {"BOOKS": "shop-test-books"},
    "actions": ["dynamodb:GetItem"],
    "resources": ["arn:books"],
}


def listening(**changed):
    def build() -> Listener:
        bus = Bus("bus", {"platform": PLATFORM})
        args = {
            "platform": PLATFORM,
            "bus": bus,
            "pattern": PATTERN,
            "code": pulumi.AssetArchive({}),
            "handler": "app.handler",
            **changed,
        }
        return Listener("mail", cast("ListenerArgs", args))

    return declared_by(build)


def test_events_reach_the_function_through_a_rule_and_a_queue():
    program = listening()

    rule = program.only("aws:cloudwatch/eventRule:EventRule").inputs
    assert json.loads(rule["eventPattern"]) == PATTERN
    assert (rule["name"], rule["eventBusName"]) == ("shop-test-mail-route", "shop-test-bus")
    assert program.only(TARGET).inputs["arn"] == ARN
    mapping = program.only(MAPPING).inputs
    assert (mapping["eventSourceArn"], mapping["functionName"]) == (ARN, "shop-test-mail")
    assert mapping["maximumBatchingWindowInSeconds"] == 0
    assert program.only(FUNCTION).inputs["handler"] == "app.handler"


def test_only_its_rule_may_fill_the_queue():
    policy = listening().named("aws:sqs/queuePolicy:QueuePolicy", "mail-queue-policy")

    [_, admitted] = statements(policy)
    assert admitted["Condition"] == {"ArnEquals": {"aws:SourceArn": [RULE]}}


def test_the_function_has_time_for_a_batch_and_the_queue_waits_for_it():
    program = listening()

    assert program.only(FUNCTION).inputs["timeout"] == 30
    assert program.named(QUEUE, "mail-queue").inputs["visibilityTimeoutSeconds"] == 180


def test_the_function_may_set_aside_what_it_cannot_parse():
    program = listening()

    variables = program.only(FUNCTION).inputs["environment"]["variables"]
    assert variables["DEAD_LETTER_QUEUE_URL"] == queue_url("shop-test-mail-queue-failures")
    assert variables["QUEUE_URL"] == queue_url("shop-test-mail-queue")
    allowed = policy_of(program, "mail-permissions")
    assert [(action, resource) for action, resource in allowed if action.startswith("sqs:")] == [
        ("sqs:ReceiveMessage", ARN),
        ("sqs:DeleteMessage", ARN),
        ("sqs:GetQueueAttributes", ARN),
        ("sqs:ChangeMessageVisibility", ARN),
        ("sqs:SendMessage", f"{ARN}-failures"),
    ]


def test_events_may_come_later_and_one_at_a_time():
    program = listening(delay_seconds=90, batch_size=1)

    assert program.named(QUEUE, "mail-queue").inputs["delaySeconds"] == 90
    assert program.only(MAPPING).inputs["batchSize"] == 1


def test_the_function_may_use_what_it_is_linked_to():
    program = listening(links=[BOOKS], environment={"RATE": "1"})

    variables = program.only(FUNCTION).inputs["environment"]["variables"]
    assert (variables["BOOKS"], variables["RATE"]) == ("shop-test-books", "1")
    assert ("dynamodb:GetItem", "arn:books") in policy_of(program, "mail-permissions")


def test_events_can_be_gathered():
    mapping = listening(window_seconds=20).only(MAPPING)

    assert mapping.inputs["maximumBatchingWindowInSeconds"] == 20


def test_nothing_is_delivered_or_consumed_before_both_ends_exist():
    program = listening()

    names = [(it.type, it.name) for it in program]
    queue, function = names.index((QUEUE, "mail-queue")), names.index((FUNCTION, "mail"))
    assert queue < names.index((TARGET, "mail-route-1"))
    assert max(queue, function) < names.index((MAPPING, "mail-consumer"))


def test_a_link_that_would_replace_the_address_of_the_queue_is_refused():
    link: Link = {**BOOKS, "environment": {"QUEUE_URL": "shop-test-books"}}

    with pytest.raises(
        ValueError, match=r"^function 'mail': the variable 'QUEUE_URL' is <.*Output"
    ):
        listening(links=[link])


def test_what_is_no_link_is_refused_before_anything_of_the_listener_is_declared():
    with pytest.raises(ValueError, match=r"^listener 'mail': 'BOOKS' is no link; links come from "):
        listening(links=["BOOKS"])
