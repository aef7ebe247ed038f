"""What the role of a state machine has to allow: what its tasks call, its log and its traces."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .. import asl
from ..aws import EVENT_BUS, FUNCTION, MACHINE, QUEUE, TABLE, TOPIC, name_in
from ..resource import Resource, Stack
from .need import Need, on, on_everything, unqualified

LOG_DELIVERY = (
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery"),
    *("logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy"),
    *("logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
)
TRACING = (
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    *("xray:GetSamplingRules", "xray:GetSamplingTargets"),
)
_INTEGRATION = re.compile(
    r"arn:[^:]+:states:::(?P<sdk>aws-sdk:)?(?P<service>[^:]+):(?P<operation>[^.:]+)(?P<sync>\.sync)?.*"
)
_CALLS: Mapping[str, tuple[str, str, str]] = {
    "lambda:invoke": ("lambda:InvokeFunction", FUNCTION, "FunctionName"),
    "dynamodb:getItem": ("dynamodb:GetItem", TABLE, "TableName"),
    "dynamodb:putItem": ("dynamodb:PutItem", TABLE, "TableName"),
    "dynamodb:updateItem": ("dynamodb:UpdateItem", TABLE, "TableName"),
    "dynamodb:deleteItem": ("dynamodb:DeleteItem", TABLE, "TableName"),
    "sqs:sendMessage": ("sqs:SendMessage", QUEUE, "QueueUrl"),
    "sns:publish": ("sns:Publish", TOPIC, "TopicArn"),
    "states:startExecution": ("states:StartExecution", MACHINE, "StateMachineArn"),
}
"""Integrations: the action, the type of what it is done to, and the argument that names it."""
_WAITING = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
"""How a machine learns that what it started has ended: by a rule that Step Functions manages."""
_ACTION_SERVICES = {"sfn": "states", "eventbridge": "events", "cloudwatchlogs": "logs"}
"""Services whose name in `aws-sdk` integrations is not the prefix of their actions."""


def needs(machine: Resource, _stack: Stack) -> Iterator[Need]:
    """What a state machine needs."""
    for state in asl.states(asl.definition(machine)):
        if state.is_task:
            yield from _task(state.raw)
        for access in ("ItemReader", "ResultWriter"):
            if access in state.raw:
                yield from _task(state.raw[access])
    if machine.get("loggingConfiguration", "level", default="OFF") != "OFF":
        yield from on_everything(*LOG_DELIVERY)
    if machine.get("tracingConfiguration", "enabled", default=False):
        yield from on_everything(*TRACING)
    if machine.get("encryptionConfiguration") is not None:
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            yield Need(action, "kms", ("key/*",))


def _task(raw: Mapping[str, Any]) -> Iterator[Need]:
    resource = raw.get("Resource", "")
    arguments = raw.get("Arguments") or raw.get("Parameters") or {}
    if function := name_in(resource, FUNCTION) if ":lambda:" in resource else "":
        yield from on(FUNCTION, function, "lambda:InvokeFunction")
    elif called := _INTEGRATION.fullmatch(resource):
        service, operation = called["service"], called["operation"]
        if called["sdk"] or f"{service}:{operation}" not in (*_CALLS, "events:putEvents"):
            yield _any(service, operation)
        elif service == "events":
            for entry in arguments.get("Entries", ()):
                yield from on(
                    EVENT_BUS, _name(entry, "EventBusName", EVENT_BUS), "events:PutEvents"
                )
        else:
            yield from _call(
                *_CALLS[f"{service}:{operation}"], arguments, waits=bool(called["sync"])
            )


def _call(
    action: str, type_: str, argument: str, arguments: Mapping[str, Any], *, waits: bool
) -> Iterator[Need]:
    name = _name(arguments, argument, type_)
    yield from on(type_, name, action)
    if waits:
        execution = (f"execution:{name or '*'}:*",)
        for waiting in ("states:DescribeExecution", "states:StopExecution"):
            yield Need(waiting, "states", execution)
        rule = ("rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",)
        yield from (Need(waiting, "events", rule) for waiting in _WAITING)


def _any(service: str, operation: str) -> Need:
    """A call whose arguments are not looked into: its action, on any resource of the service."""
    prefix = _ACTION_SERVICES.get(service, service)
    return Need(f"{prefix}:{operation[0].upper()}{operation[1:]}", prefix, ("*",))


def _name(arguments: Mapping[str, Any], argument: str, type_: str) -> str:
    """The name of what a task calls; empty if it is only known at run time."""
    value = arguments.get(argument, "")
    if not isinstance(value, str) or "{%" in value:
        return ""
    return unqualified(name_in(value, type_), type_)
