"""Rules on what queues and topics cannot deliver: it is kept, for longer than the rest, and somebody is told."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta

from ..aws import ALARM, QUEUE, REDRIVE_ALLOW_POLICY, REDRIVE_POLICY, SUBSCRIPTION
from ..failure_paths import failure_path, failure_queues, keeps_order
from ..finding import Finding
from ..resource import Resource, Stack, is_set, value_at
from ..rule import HIGH, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

RETENTION_SECONDS = 345_600
"""How long SQS keeps a message unless told otherwise: four days."""
WAITING_METRICS = frozenset({"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"})
_QUEUES_OF = re.compile(r"QueueName\s*=\s*'([^']+)'")
"""How a query of Metrics Insights names a queue."""
READ_BY_PEOPLE = frozenset({"email", "email-json", "sms"})
"""Protocols whose undelivered messages nobody would deliver again."""


class RedriveConfig(Config, frozen=True, kw_only=True):
    """How often a message may be received before it is set aside."""

    minimum: Annotated[int, Meta(ge=1, description="Fewest receives.")] = 3
    maximum: Annotated[int, Meta(ge=1, description="Most receives.")] = 10


def _has_dlq(queue: Resource, config: RedriveConfig, stack: Stack) -> Iterator[Finding]:
    if queue.urn in failure_queues(stack):
        return
    redrive = _redrive(queue, stack)
    if not redrive:
        wrong = "hands out a message that cannot be processed until it expires"
        yield Finding(wrong, "set redrivePolicy to a dead-letter queue")
        return
    holder, policy = redrive
    receives = int(value_at(policy, "maxReceiveCount", default=0))
    if not config.minimum <= receives <= config.maximum:
        limits = f"{config.minimum} to {config.maximum}"
        yield Finding(f"sets a message aside after {receives} receives", f"take {limits}")
    target = value_at(policy, "deadLetterTargetArn")
    found = stack.named_by(holder, "redrivePolicy", target, QUEUE)
    if not found:
        wrong = f"sets messages aside in {target}, which the stack does not declare"
        yield Finding(wrong, "declare the dead-letter queue")
    for dead in found:
        if bool(dead.get("fifoQueue")) != bool(queue.get("fifoQueue")):
            wrong = f"sets messages aside in {dead.name}, which is a queue of the other kind"
            yield Finding(wrong, "take a FIFO queue for a FIFO queue, a standard one for others")
        yield from _keeps(queue, dead, stack)


def _redrive(queue: Resource, stack: Stack) -> tuple[Resource, object] | None:
    """The resource that holds a queue's redrive policy, and the policy."""
    if is_set(queue.get("redrivePolicy")):
        return queue, queue.json("redrivePolicy")
    for policy in stack.of(REDRIVE_POLICY):
        if queue in stack.named_by(policy, "queueUrl", policy.get("queueUrl"), QUEUE):
            return policy, policy.json("redrivePolicy")
    return None


def _keeps(queue: Resource, dead: Resource, stack: Stack) -> Iterator[Finding]:
    kept, source = (
        each.get("messageRetentionSeconds", default=RETENTION_SECONDS) for each in (dead, queue)
    )
    if kept < source:
        # SQS counts a message's age from when it was first sent, wherever it is moved to.
        wrong = f"keeps messages for {source:.0f} s, but {dead.name} for only {kept:.0f} s"
        yield Finding(wrong, f"set messageRetentionSeconds of {dead.name} to {source:.0f} or more")
    if not _admits_only(dead, queue, stack):
        wrong = f"sets messages aside in {dead.name}, which any queue of the account may use"
        yield Finding(wrong, f"declare a RedriveAllowPolicy that names {queue.name}")


def _admits_only(dead: Resource, queue: Resource, stack: Stack) -> bool:
    """Whether a dead-letter queue takes from queues that it names, and from this one among them."""
    return any(
        queue in stack.named_by(holder, "redriveAllowPolicy", source, QUEUE)
        for holder, policy in _allow_policies(dead, stack)
        for source in value_at(policy, "sourceQueueArns", default=())
    )


def _allow_policies(dead: Resource, stack: Stack) -> Iterator[tuple[Resource, Any]]:
    """The redrive-allow policies of a dead-letter queue, each with the resource that holds it."""
    separate = (
        policy
        for policy in stack.of(REDRIVE_ALLOW_POLICY)
        if dead in stack.named_by(policy, "queueUrl", policy.get("queueUrl"), QUEUE)
    )
    for holder in (dead, *separate):
        if is_set(holder.props.get("redriveAllowPolicy")):
            yield holder, holder.json("redriveAllowPolicy")


def _dlq_alarmed(queue: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if queue.urn in failure_queues(stack) and queue.urn not in _alarmed(stack):
        metrics = " or ".join(sorted(WAITING_METRICS))
        wrong = "holds failures that nobody is told of"
        yield Finding(wrong, f"declare a MetricAlarm on its {metrics}, with alarmActions")


@lru_cache(maxsize=8)
def _alarmed(stack: Stack) -> frozenset[str]:
    """URNs of the queues whose messages an alarm tells somebody of."""
    return frozenset(
        queue.urn
        for alarm in stack.of(ALARM)
        if alarm.get("alarmActions") and alarm.get("actionsEnabled", default=True)
        # Below a threshold is when nothing waits.
        if "GreaterThan" in alarm.get("comparisonOperator", default="")
        for name in _watched(alarm)
        for queue in stack.named_by(alarm, "dimensions", name, QUEUE)
    )


def _watched(alarm: Resource) -> Iterator[Any]:
    """The names of the queues whose waiting messages an alarm looks at, alone, in an expression or in a query."""
    queries = alarm.get("metricQueries", default=())
    for metric in (alarm.props, *(value_at(query, "metric") for query in queries)):
        if (
            value_at(metric, "namespace") == "AWS/SQS"
            and value_at(metric, "metricName") in WAITING_METRICS
        ):
            yield value_at(metric, "dimensions", "QueueName")
    for query in queries:
        expression = value_at(query, "expression", default="")
        if any(f"({metric})" in expression for metric in WAITING_METRICS):
            yield from _QUEUES_OF.findall(expression)


def _subscription(subscription: Resource, _config: Config) -> Iterator[Finding]:
    protocol = subscription.get("protocol", default="")
    if protocol == "http":
        yield Finding("sends messages over the network in the clear", "use https")
    _, kept_in = failure_path(subscription)
    if protocol not in READ_BY_PEOPLE and kept_in is None:
        wrong = "drops messages that cannot be delivered"
        yield Finding(wrong, "set redrivePolicy to a dead-letter queue")
    elif (
        keeps_order(subscription.get("topic"))
        and isinstance(kept_in, str)
        and not keeps_order(kept_in)
    ):
        wrong = "sets aside the messages of a FIFO topic in a queue that keeps no order"
        yield Finding(
            wrong, "set redrivePolicy to a FIFO queue, as SNS takes no other for such a topic"
        )


RULES = (
    StackRule(
        id="sqs-has-dlq",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL05-BP03",
        demand="Every queue sets aside what cannot be processed, and that is kept for longer.",
        remedy="Give the queue a dead-letter queue that keeps messages longer and admits only it.",
        types=frozenset({QUEUE}),
        config=RedriveConfig,
        check=_has_dlq,
    ),
    StackRule(
        id="dlq-alarmed",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL06-BP03",
        demand="Somebody is told of every queue in which failures end.",
        remedy="Declare an alarm on the messages in it.",
        types=frozenset({QUEUE}),
        check=_dlq_alarmed,
    ),
    ResourceRule(
        id="sns-subscription-dlq",
        level=MANDATORY,
        severity=MEDIUM,
        reference="WA REL05-BP03",
        demand="Every subscription keeps what could not be delivered.",
        remedy="Give the subscription a redrive policy.",
        types=frozenset({SUBSCRIPTION}),
        check=_subscription,
    ),
)
