"""What calls functions without waiting for them, and on which part of a function nobody but AWS hears of a failure."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from .aws import (
    ALARM,
    BUCKET_NOTIFICATION,
    COMPOSITE_ALARM,
    EVENT_TARGET,
    FUNCTION,
    INVOKE_CONFIG,
    PERMISSION,
    SCHEDULE,
    SUBSCRIPTION,
    TOPIC_RULE,
)
from .failure_paths import failure_path, keeps_order
from .function_permissions import ANY, functions_meant, functions_of
from .iam.principals import service_name
from .resource import Resource, Stack, UnknownValue, values_at
from .service_callers import CALLERS

_CALLING: Mapping[str, Sequence[str]] = {
    **{
        type_: CALLERS[type_].at
        for type_ in (
            *(ALARM, BUCKET_NOTIFICATION, COMPOSITE_ALARM, EVENT_TARGET, SUBSCRIPTION, TOPIC_RULE),
            *("aws:cfg/organizationCustomRule:OrganizationCustomRule", "aws:cfg/rule:Rule"),
            "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
            "aws:codecommit/trigger:Trigger",
            "aws:ses/receiptRule:ReceiptRule",
        )
    },
    # How one function ended may be told to another, which is called like all others.
    INVOKE_CONFIG: tuple(
        f"destinationConfig.on{how}.destination" for how in ("Failure", "Success")
    ),
    SCHEDULE: ("target.arn",),
}
"""For each type that calls without waiting: where its properties name functions; `*` stands for each of a list."""
_SERVICES = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        *("cloudformation", "codecommit", "config", "events", "iot", "lambda.alarms.cloudwatch"),
        *("logs", "s3", "scheduler", "ses", "sns"),
    )
)
"""Services that call functions without waiting for them."""


def unheard(function: Resource, stack: Stack) -> list[str]:
    """The names of what calls a function without waiting, on a part of it whose failures go nowhere."""
    kept = _kept(stack).get(function.urn, set())
    return sorted(
        {
            caller
            for caller, on in _callers(stack).get(function.urn, ())
            # What is said of a function is not said of its aliases, nor the other way round.
            if not (kept if on == ANY else kept & {on, ANY})
        }
    )


@lru_cache(maxsize=8)
def _callers(stack: Stack) -> Mapping[str, list[tuple[str, str]]]:
    """What calls each function without waiting, by the function's URN: its name, and the alias or version that it calls."""
    found: dict[str, list[tuple[str, str]]] = {}
    for type_, paths in _CALLING.items():
        for caller in stack.of(type_):
            for path in paths:
                for function, on in _called(caller, path.split("."), stack):
                    found.setdefault(function.urn, []).append((caller.name, on))
    for permission in stack.of(PERMISSION):
        if service_name(permission.get("principal", default="")) in _SERVICES:
            for function, on in functions_of(permission, "function", stack):
                found.setdefault(function.urn, []).append((permission.name, on))
    return found


def _called(caller: Resource, path: Sequence[str], stack: Stack) -> Iterator[tuple[Resource, str]]:
    for value in values_at(caller.props, *path):
        try:
            yield from functions_meant(caller, path[0], value, stack)
        except UnknownValue:
            # What comes from nowhere here is no function of this stack.
            continue


@lru_cache(maxsize=8)
def _kept(stack: Stack) -> Mapping[str, set[str]]:
    """The aliases and versions whose failures go somewhere, by the function's URN."""
    found = {each.urn: {ANY} for each in stack.of(FUNCTION) if _keeps(each)}
    for config in stack.of(INVOKE_CONFIG):
        if _keeps(config):
            for function, on in functions_of(config, "functionName", stack):
                found.setdefault(function.urn, set()).add(on)
    return found


def _keeps(resource: Resource) -> bool:
    """Whether Lambda can deliver failures to where it is told to: it sends to no FIFO queue or topic."""
    _, arn = failure_path(resource)
    return arn is not None and not keeps_order(arn)
