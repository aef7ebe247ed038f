import json

import pytest

from components.platform import Platform
from components.queue import FailureQueue, FailureQueueArgs, Queue, QueueArgs
from tests.programs import PLATFORM, declared_by, made, queue_url, statements

QUEUE, POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/shop-test-bus/shop-test-mails"
KEYED: Platform = {**PLATFORM, "key_arn": "arn:key"}
FAILURES: FailureQueueArgs = {"platform": PLATFORM, "kind": "delivery", "owner": "mails"}
QUEUE_ARGS: QueueArgs = {"platform": PLATFORM, "consumer_timeout_seconds": 7}


def arn(name: str) -> str:
    return f"arn:aws:sqs:eu-west-1:123456789012:shop-test-{name}"


def tls_only(name: str) -> dict[str, object]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": arn(name),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def events_only(name: str) -> dict[str, object]:
    return {
        "Sid": "EventsOnly",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn(name),
        "Condition": {"ArnEquals": {"aws:SourceArn": [RULE]}},
    }


def test_a_failure_queue_keeps_what_failed_as_long_as_sqs_can():
    program = declared_by(lambda: FailureQueue("lost", FAILURES))

    assert program.only(QUEUE).inputs == {
        "name": "shop-test-lost",
        "messageRetentionSeconds": 14 * 24 * 60 * 60,
        "sqsManagedSseEnabled": True,
        "tags": {"failures": "delivery", "owner": "mails"},
    }


def test_a_failure_queue_tells_an_operator_about_its_first_message():
    alarm = declared_by(lambda: FailureQueue("lost", FAILURES)).only(
        "aws:cloudwatch/metricAlarm:MetricAlarm"
    )

    assert alarm.inputs["name"] == "shop-test-lost-depth"
    assert alarm.inputs["namespace"] == "AWS/SQS"
    assert alarm.inputs["metricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm.inputs["dimensions"] == {"QueueName": "shop-test-lost"}
    assert alarm.inputs["statistic"] == "Maximum"
    assert alarm.inputs["threshold"] == 1
    assert alarm.inputs["alarmDescription"] == (
        "mails: delivery failures wait in lost. Find the cause, mend it, then redrive the queue."
    )


def test_a_failure_queue_takes_nothing_in_the_clear_and_admits_nobody_by_itself():
    policy = declared_by(lambda: FailureQueue("lost", FAILURES)).only(POLICY)

    assert policy.inputs["queueUrl"] == queue_url("shop-test-lost")
    assert json.loads(policy.inputs["policy"])["Version"] == "2012-10-17"
    assert statements(policy) == [tls_only("lost")]


def test_a_failure_queue_admits_the_rules_that_it_is_for():
    policy = declared_by(lambda: FailureQueue("lost", {**FAILURES, "senders": [RULE]})).only(POLICY)

    assert statements(policy) == [tls_only("lost"), events_only("lost")]


def test_a_failure_queue_says_where_it_is_before_it_exists():
    queue, _ = made(lambda: FailureQueue("lost", FAILURES))

    assert (queue.name, queue.physical_name) == ("lost", "shop-test-lost")
    assert queue.static_arn == arn("lost")


def test_code_that_sends_to_a_failure_queue_is_told_where_it_is():
    queue, _ = made(lambda: FailureQueue("lost", FAILURES))

    link = queue.sending("LOST_URL")
    assert link["environment"] == {"LOST_URL": queue.queue_url}
    assert (link["actions"], link["resources"]) == (["sqs:SendMessage"], [arn("lost")])


def test_a_service_that_sends_to_a_failure_queue_needs_no_address():
    queue, _ = made(lambda: FailureQueue("lost", FAILURES))

    assert queue.sending() == {
        "environment": {},
        "actions": ["sqs:SendMessage"],
        "resources": [arn("lost")],
    }


def test_a_queue_gives_its_consumer_time_and_five_attempts():
    program = declared_by(lambda: Queue("mails", QUEUE_ARGS))
    inputs = program.named(QUEUE, "mails").inputs

    assert json.loads(inputs.pop("redrivePolicy")) == {
        "deadLetterTargetArn": arn("mails-failures"),
        "maxReceiveCount": 5,
    }
    assert inputs == {
        "name": "shop-test-mails",
        "visibilityTimeoutSeconds": 42,
        "messageRetentionSeconds": 4 * 24 * 60 * 60,
        "receiveWaitTimeSeconds": 20,
        "sqsManagedSseEnabled": True,
    }


def test_messages_may_wait_before_the_consumer_gets_them():
    program = declared_by(lambda: Queue("mails", {**QUEUE_ARGS, "delay_seconds": 900}))

    assert program.named(QUEUE, "mails").inputs["delaySeconds"] == 900
    assert "delaySeconds" not in program.named(QUEUE, "mails-failures").inputs


@pytest.mark.parametrize("delay", [-1, 901])
def test_a_delay_that_sqs_does_not_know_is_refused(delay):
    with pytest.raises(
        ValueError, match=f"queue 'mails': delay_seconds is {delay}; SQS takes 0 to 900"
    ):
        declared_by(lambda: Queue("mails", {**QUEUE_ARGS, "delay_seconds": delay}))


def test_what_a_consumer_cannot_process_ends_in_a_failure_queue_of_its_own():
    program = declared_by(lambda: Queue("mails", QUEUE_ARGS))

    assert program.named(QUEUE, "mails-failures").inputs["tags"] == {
        "failures": "processing",
        "owner": "mails",
    }
    redrive = program.only("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy").inputs
    assert redrive["queueUrl"] == queue_url("shop-test-mails-failures")
    assert json.loads(redrive["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [arn("mails")],
    }


def test_a_queue_is_made_after_the_queue_that_it_gives_up_to():
    program = declared_by(lambda: Queue("mails", QUEUE_ARGS))

    assert program.named(QUEUE, "mails-failures").urn in program.named(QUEUE, "mails").dependencies


def test_a_queue_admits_the_rules_that_it_is_for_and_nobody_else():
    program = declared_by(lambda: Queue("mails", {**QUEUE_ARGS, "senders": [RULE]}))

    policy = program.named(POLICY, "mails-policy")
    assert policy.inputs["queueUrl"] == queue_url("shop-test-mails")
    assert statements(policy) == [tls_only("mails"), events_only("mails")]
    assert statements(program.named(POLICY, "mails-failures-policy")) == [
        tls_only("mails-failures")
    ]


def test_with_a_customer_key_queues_are_encrypted_with_it():
    program = declared_by(lambda: Queue("mails", {**QUEUE_ARGS, "platform": KEYED}))

    for queue in program.of(QUEUE):
        assert queue.inputs["kmsMasterKeyId"] == "arn:key"
        assert "sqsManagedSseEnabled" not in queue.inputs


def test_a_consumer_of_a_queue_may_receive_and_delete():
    queue, _ = made(lambda: Queue("mails", QUEUE_ARGS))

    assert queue.physical_name == "shop-test-mails"
    assert queue.receiving() == {
        "environment": {},
        "actions": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "resources": [arn("mails")],
    }


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_consumer_that_has_no_time_is_refused(seconds):
    with pytest.raises(
        ValueError,
        match=f"^queue 'mails': consumer_timeout_seconds is {seconds}; it must be 1 or more$",
    ):
        declared_by(lambda: Queue("mails", {**QUEUE_ARGS, "consumer_timeout_seconds": seconds}))


def test_a_consumer_may_have_one_second():
    program = declared_by(lambda: Queue("mails", {**QUEUE_ARGS, "consumer_timeout_seconds": 1}))

    assert program.named(QUEUE, "mails").inputs["visibilityTimeoutSeconds"] == 6
