import json
from typing import cast

import pytest

from components.consumer import (
    QueueConsumer,
    QueueConsumerArgs,
    StreamConsumer,
    StreamConsumerArgs,
)
from tests.programs import PLATFORM, declared_by

MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
QUEUE: QueueConsumerArgs = {
    "platform": PLATFORM,
    "queue_arn": "arn:queue",
    "queue_name": "mails",
    "function_name": "send",
}
STREAM: StreamConsumerArgs = {
    "platform": PLATFORM,
    "stream_arn": "arn:stream",
    "function_name": "publish",
    "filter": {"eventName": ["INSERT"]},
    "failures_arn": "arn:lost",
}


def test_a_queue_is_consumed_in_batches_of_which_only_failures_come_again():
    assert declared_by(lambda: QueueConsumer("mail", QUEUE)).only(MAPPING).inputs == {
        "eventSourceArn": "arn:queue",
        "functionName": "send",
        "batchSize": 10,
        "maximumBatchingWindowInSeconds": 5,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "scalingConfig": {"maximumConcurrency": 10},
    }


@pytest.mark.parametrize(("window", "concurrency"), [(0, 2), (300, 1000)])
def test_window_and_concurrency_can_be_chosen(window, concurrency):
    args: QueueConsumerArgs = {
        **QUEUE,
        "window_seconds": window,
        "maximum_concurrency": concurrency,
    }

    mapping = declared_by(lambda: QueueConsumer("mail", args)).only(MAPPING)

    assert mapping.inputs["maximumBatchingWindowInSeconds"] == window
    assert mapping.inputs["scalingConfig"] == {"maximumConcurrency": concurrency}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"window_seconds": -1}, "window_seconds is -1; Lambda takes 0 to 300"),
        ({"window_seconds": 301}, "window_seconds is 301; Lambda takes 0 to 300"),
        ({"batch_size": 0}, "batch_size is 0; Lambda takes 1 to 10"),
        ({"batch_size": 11}, "batch_size is 11; Lambda takes 1 to 10"),
        ({"maximum_concurrency": 1}, "maximum_concurrency is 1; Lambda takes 2 to 1000"),
        ({"maximum_concurrency": 1001}, "maximum_concurrency is 1001; Lambda takes 2 to 1000"),
    ],
)
def test_what_lambda_would_not_take_is_refused(changed, complaint):
    args = cast("QueueConsumerArgs", {**QUEUE, **changed})

    with pytest.raises(ValueError, match=f"^consumer 'mail': {complaint}$"):
        declared_by(lambda: QueueConsumer("mail", args))


def test_messages_that_wait_for_five_minutes_raise_an_alarm():
    alarm = declared_by(lambda: QueueConsumer("mail", QUEUE)).only(ALARM).inputs

    assert alarm["name"] == "shop-test-mail-stuck"
    assert (alarm["namespace"], alarm["metricName"]) == (
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
    )
    assert alarm["dimensions"] == {"QueueName": "mails"}
    assert (alarm["statistic"], alarm["threshold"]) == ("Maximum", 300)
    assert alarm["alarmDescription"] == (
        "mail: messages wait for 300 s and longer. The consumer is stopped, too slow or failing."
    )


def test_a_stream_is_followed_from_its_first_change_and_loses_none():
    mapping = declared_by(lambda: StreamConsumer("relay", STREAM)).only(MAPPING).inputs

    [wanted] = mapping.pop("filterCriteria")["filters"]
    assert json.loads(wanted["pattern"]) == {"eventName": ["INSERT"]}
    assert mapping == {
        "eventSourceArn": "arn:stream",
        "functionName": "publish",
        "startingPosition": "TRIM_HORIZON",
        "batchSize": 10,
        "maximumRetryAttempts": -1,
        "maximumRecordAgeInSeconds": -1,
        "bisectBatchOnFunctionError": True,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "destinationConfig": {"onFailure": {"destinationArn": "arn:lost"}},
    }


def test_changes_that_wait_for_five_minutes_raise_an_alarm():
    alarm = declared_by(lambda: StreamConsumer("relay", STREAM)).only(ALARM).inputs

    assert alarm["name"] == "shop-test-relay-stuck"
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Lambda", "IteratorAge")
    assert alarm["dimensions"] == {"FunctionName": "publish"}
    assert (alarm["statistic"], alarm["threshold"]) == ("Maximum", 300_000)
    assert alarm["alarmDescription"] == (
        "relay: changes wait for 300 s and longer. "
        "The function that follows the stream fails or is throttled."
    )
