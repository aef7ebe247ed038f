"""Where what fails goes: the queues and topics that resources name for their failures."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .aws import (
    EVENT_BUS,
    EVENT_TARGET,
    FUNCTION,
    INVOKE_CONFIG,
    MAPPING,
    PIPE,
    QUEUE,
    REDRIVE_POLICY,
    SCHEDULE,
    SUBSCRIPTION,
    TOPIC_RULE,
)
from .resource import Resource, Stack, Unknown, value_at

_AT: Mapping[str, Sequence[str]] = {
    EVENT_BUS: ("deadLetterConfig", "arn"),
    EVENT_TARGET: ("deadLetterConfig", "arn"),
    FUNCTION: ("deadLetterConfig", "targetArn"),
    INVOKE_CONFIG: ("destinationConfig", "onFailure", "destination"),
    MAPPING: ("destinationConfig", "onFailure", "destinationArn"),
    SCHEDULE: ("target", "deadLetterConfig", "arn"),
    TOPIC_RULE: ("errorAction", "sqs", "queueUrl"),
}
_REDRIVEN: Mapping[str, str] = {
    QUEUE: "redrivePolicy",
    REDRIVE_POLICY: "redrivePolicy",
    SUBSCRIPTION: "redrivePolicy",
}
_PIPE_SOURCES = ("dynamodbStreamParameters", "kinesisStreamParameters")


def failure_path(resource: Resource) -> tuple[str, Any]:
    """The property that says where a resource's failures go, and what it says; nothing if it says nothing.

    A redrive policy that is not known yet is what it says: where it comes from tells which queue it names.
    Raises `Unreadable` when one cannot be read.
    """
    if resource.type in _REDRIVEN:
        name = _REDRIVEN[resource.type]
        if isinstance(resource.props.get(name), Unknown):
            return name, resource.props[name]
        return name, value_at(resource.json(name), "deadLetterTargetArn")
    if resource.type == PIPE:
        path = ("sourceParameters", "", "deadLetterConfig", "arn")
        found = (resource.get(path[0], source, *path[2:]) for source in _PIPE_SOURCES)
        return path[0], next((arn for arn in found if arn is not None), None)
    path = _AT[resource.type]
    return path[0], resource.get(*path)


def keeps_order(arn: Any) -> bool:
    """Whether an ARN is that of a FIFO queue or topic, as far as it is known."""
    return isinstance(arn, str) and arn.endswith(".fifo")


@lru_cache(maxsize=8)
def failure_queues(stack: Stack) -> frozenset[str]:
    """URNs of the queues in which failures end."""
    sources = stack.of(*_AT, *_REDRIVEN, PIPE)
    return frozenset(queue.urn for source in sources for queue in _named(stack, source))


def _named(stack: Stack, resource: Resource) -> list[Resource]:
    property_, arn = failure_path(resource)
    return stack.named_by(resource, property_, arn, QUEUE) if arn is not None else []
