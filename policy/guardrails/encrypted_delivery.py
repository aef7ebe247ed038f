"""Whether services can deliver to an encrypted queue or topic, or would fail to use its key."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from .aws import (
    ALARM,
    BUCKET_NOTIFICATION,
    EVENT_TARGET,
    KEY_POLICY,
    KMS_KEY,
    QUEUE,
    SUBSCRIPTION,
    TOPIC,
)
from .finding import Finding
from .iam.actions import expand
from .iam.documents import Document
from .iam.principals import service_name
from .needs.need import KEY_USE
from .policies import Kind, held, judgeable
from .resource import Resource, Stack, value_at


def undelivered(stack: Stack, destination: Resource, key: Any) -> Iterator[Finding]:
    """What services could not deliver to a destination because of its key."""
    senders = _senders(stack).get(destination.urn, {})
    if not senders:
        return
    if isinstance(key, str) and key.rpartition(":")[2].startswith("alias/aws/"):
        for service, name in senders.items():
            wrong = (
                f"is encrypted with {key}, which {service} cannot use, so {name} delivers nothing"
            )
            yield Finding(wrong, "use a customer key whose policy admits the service")
        return
    for declared in stack.named_by(destination, "kmsMasterKeyId", key, KMS_KEY):
        holding = _holding(declared, stack)
        documents = [found for each in holding for found in judgeable(each, Kind.RESOURCE)]
        # A policy that cannot be judged is reported by iam-document-known; without one, a key is for its account only.
        unjudged = any(list(held(each)) for each in holding) and not documents
        for service, name in senders.items():
            if not unjudged and not any(_admits(document, service) for document in documents):
                wrong = f"is encrypted with {declared.name}, which does not admit {service}, so {name} delivers nothing"
                yield Finding(
                    wrong,
                    f"allow kms:GenerateDataKey* and kms:Decrypt to {service} in the key's policy",
                )


def _holding(key: Resource, stack: Stack) -> list[Resource]:
    """The resources that may hold the policy of a key: itself, or one of its own."""
    separate = (
        policy
        for policy in stack.of(KEY_POLICY)
        if key in stack.named_by(policy, "keyId", policy.get("keyId"), KMS_KEY)
    )
    return [key, *separate]


def _admits(document: Document, service: str) -> bool:
    allowed = {
        found.name
        for statement in document.allowing()
        if any(service_name(name) == service for _, name in statement.principals)
        for action in statement.actions
        for found in expand(action)
    }
    return allowed.issuperset(KEY_USE)


@lru_cache(maxsize=8)
def _senders(stack: Stack) -> Mapping[str, Mapping[str, str]]:
    """For each queue and topic, the services that deliver to it, each with a resource that makes it do so."""
    found: dict[str, dict[str, str]] = {}
    for type_, (service, values) in _DELIVERIES.items():
        for sender in stack.of(type_):
            for property_, value in values(sender):
                for destination in stack.named_by(sender, property_, value, QUEUE, TOPIC):
                    found.setdefault(destination.urn, {}).setdefault(service, sender.name)
    return found


def _actions_of(alarm: Resource) -> Iterator[tuple[str, Any]]:
    for property_ in ("alarmActions", "okActions", "insufficientDataActions"):
        for arn in alarm.get(property_, default=()):
            yield property_, arn


def _target(target: Resource) -> Iterator[tuple[str, Any]]:
    yield "arn", target.get("arn")
    yield "deadLetterConfig", target.get("deadLetterConfig", "arn")


def _subscription(subscription: Resource) -> Iterator[tuple[str, Any]]:
    if subscription.get("protocol") == "sqs":
        yield "endpoint", subscription.get("endpoint")


def _notification(notification: Resource) -> Iterator[tuple[str, Any]]:
    for property_, key in (("queues", "queueArn"), ("topics", "topicArn")):
        for each in notification.get(property_, default=()):
            yield property_, value_at(each, key)


_DELIVERIES: Mapping[str, tuple[str, Callable[[Resource], Iterator[tuple[str, Any]]]]] = {
    ALARM: ("cloudwatch.amazonaws.com", _actions_of),
    BUCKET_NOTIFICATION: ("s3.amazonaws.com", _notification),
    EVENT_TARGET: ("events.amazonaws.com", _target),
    SUBSCRIPTION: ("sns.amazonaws.com", _subscription),
}
"""For each type that makes a service deliver, the service, and the properties that say where to."""
