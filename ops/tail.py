"""Tail: a bus's events as they happen, through a rule and a queue that go away again."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from ops.stack import Stack

EVERYTHING: Mapping[str, Any] = {"source": [{"prefix": ""}]}
"""The pattern that every event matches."""
KEPT_SECONDS = 300
"""How long an event waits for us; no longer, should we die before we remove the queue."""
POLL_SECONDS = 20
"""SQS's longest."""


@contextmanager
def tapped(stack: Stack, pattern: Mapping[str, Any] = EVERYTHING) -> Iterator[str]:
    """URL of a queue that gets a copy of each matching event; all that was made is removed at the end.

    Nothing that is deployed is touched, so that no consumer notices.
    """
    bus, name = stack.output("eventBusName"), f"tail-{uuid.uuid4().hex[:12]}"
    sqs, events = stack.client("sqs"), stack.client("events")
    with ExitStack() as made:
        retention = {"MessageRetentionPeriod": str(KEPT_SECONDS)}
        url = sqs.create_queue(QueueName=name, Attributes=retention)["QueueUrl"]
        made.callback(sqs.delete_queue, QueueUrl=url)
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        queue = found["Attributes"]["QueueArn"]
        rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(dict(pattern)))
        made.callback(events.delete_rule, Name=name, EventBusName=bus)
        sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": json.dumps(_admitting(rule["RuleArn"], queue))}
        )
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "tail", "Arn": queue}])
        made.callback(events.remove_targets, Rule=name, EventBusName=bus, Ids=["tail"])
        yield url


def arriving(stack: Stack, url: str, seconds: float) -> Iterator[str]:
    """The events that reach a queue within so many seconds, as EventBridge hands them over."""
    sqs, deadline = stack.client("sqs"), time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=max(1, int(min(POLL_SECONDS, left))),
        )
        for message in answer.get("Messages", ()):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]


def _admitting(rule: str, queue: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
