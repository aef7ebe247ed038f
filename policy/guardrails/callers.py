"""What calls functions without waiting for them, so that nobody but AWS hears of a failure."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from .aws import (
    BUCKET_NOTIFICATION,
    EVENT_TARGET,
    FUNCTION,
    PERMISSION,
    SCHEDULE,
    SUBSCRIPTION,
)
from .iam.principals import service_name
from .resource import Resource, Stack, value_at

_SERVICES = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "events",
        "sns",
        "s3",
        "scheduler",
        "ses",
        "iot",
        "logs",
        "config",
        "cloudformation",
    )
)
"""Services that call functions without waiting for them."""


@lru_cache(maxsize=8)
def asynchronous_callers(stack: Stack) -> Mapping[str, list[str]]:
    """The names of what calls a function without waiting, by the function's URN."""
    found: dict[str, list[str]] = {}
    for type_, values in _CALLERS.items():
        for caller in stack.of(type_):
            for property_, value in values(caller):
                for function in stack.named_by(caller, property_, value, FUNCTION):
                    found.setdefault(function.urn, []).append(caller.name)
    return found


def _target(target: Resource) -> Iterator[tuple[str, Any]]:
    yield "arn", target.get("arn")


def _subscription(subscription: Resource) -> Iterator[tuple[str, Any]]:
    if subscription.get("protocol") == "lambda":
        yield "endpoint", subscription.get("endpoint")


def _notification(notification: Resource) -> Iterator[tuple[str, Any]]:
    for each in notification.get("lambdaFunctions", default=()):
        yield "lambdaFunctions", value_at(each, "lambdaFunctionArn")


def _schedule(schedule: Resource) -> Iterator[tuple[str, Any]]:
    yield "target", schedule.get("target", "arn")


def _permission(permission: Resource) -> Iterator[tuple[str, Any]]:
    if service_name(permission.get("principal", default="")) in _SERVICES:
        yield "function", permission.get("function")


_CALLERS: Mapping[str, Callable[[Resource], Iterator[tuple[str, Any]]]] = {
    BUCKET_NOTIFICATION: _notification,
    EVENT_TARGET: _target,
    PERMISSION: _permission,
    SCHEDULE: _schedule,
    SUBSCRIPTION: _subscription,
}
"""For each type of caller, the properties and values that name what it calls."""
