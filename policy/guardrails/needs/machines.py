"""What the role of a state machine has to allow: what its tasks call, its log and its traces."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .. import asl
from ..aws import EVENT_BUS, FUNCTION, MACHINE, QUEUE, ROLE, TABLE, TOPIC, name_in
from ..resource import Resource, Stack, Unknown, is_set, value_at
from .calls import calling, managed_rule, running, waiting
from .need import Need, keys_of, on, on_everything, on_keys, place_of, unqualified
from .objects import in_bucket

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
    r"arn:[^:]+:states:::(aws-sdk:)?(?P<service>[^:]+):(?P<operation>[^.:]+)(?P<sync>\.sync)?.*"
)
_PHONE = re.compile(r"PhoneNumber(\.\$)?")
"""The argument that sends a message as a text, to no topic."""
_CALLS: Mapping[str, tuple[str, str, str]] = {
    "lambda:invoke": ("lambda:InvokeFunction", FUNCTION, "FunctionName"),
    "dynamodb:getItem": ("dynamodb:GetItem", TABLE, "TableName"),
    "dynamodb:putItem": ("dynamodb:PutItem", TABLE, "TableName"),
    "dynamodb:updateItem": ("dynamodb:UpdateItem", TABLE, "TableName"),
    "dynamodb:deleteItem": ("dynamodb:DeleteItem", TABLE, "TableName"),
    "events:putEvents": ("events:PutEvents", EVENT_BUS, "EventBusName"),
    "sqs:sendMessage": ("sqs:SendMessage", QUEUE, "QueueUrl"),
    "sns:publish": ("sns:Publish", TOPIC, "TopicArn"),
    "states:startExecution": ("states:StartExecution", MACHINE, "StateMachineArn"),
}
"""Integrations: the action, the type of what it is done to, and the argument that names it."""


def needs(machine: Resource, stack: Stack) -> Iterator[Need]:
    """What a state machine needs."""
    for state in asl.states(asl.definition(machine)):
        if state.is_task:
            yield from _task(state.raw, machine, stack)
        for access in ("ItemReader", "ResultWriter"):
            if access in state.raw:
                yield from _task(state.raw[access], machine, stack)
        if state.is_distributed:
            yield from _itself(machine)
    if machine.get("loggingConfiguration", "level", default="OFF") != "OFF":
        yield from on_everything(*LOG_DELIVERY)
    if machine.get("tracingConfiguration", "enabled"):
        yield from on_everything(*TRACING)
    if is_set(value_at(machine.get("encryptionConfiguration"), "kmsKeyId")):
        yield from on_keys(demanded=True)


def _itself(machine: Resource) -> Iterator[Need]:
    """A distributed Map starts its machine anew for each batch of items."""
    name = machine.get("name", default="")
    name = "" if isinstance(name, Unknown) else name
    yield from on(MACHINE, name, "states:StartExecution")
    executions = tuple(f"execution:{name or '*'}{mark}*" for mark in ":/")
    for action in ("states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"):
        yield Need(action, "states", executions, demanded=False)


def _task(raw: Mapping[str, Any], machine: Resource, stack: Stack) -> Iterator[Need]:
    resource = _text(raw, "Resource")
    if credentials := raw.get("Credentials"):
        # The other role does it.
        yield from _assuming(credentials)
    elif function := name_in(resource, FUNCTION):
        yield from on(FUNCTION, function, "lambda:InvokeFunction", place=place_of(resource))
    elif called := _INTEGRATION.fullmatch(resource):
        known = _CALLS.get(f"{called['service']}:{called['operation']}")
        arguments = _arguments(raw)
        if known == _CALLS["sns:publish"] and any(map(_PHONE.fullmatch, arguments)):
            yield Need("sns:Publish", "", ("phone numbers",))
        elif known:
            for each in _entries(arguments) if "events" in called["service"] else (arguments,):
                yield from _call(*known, each, stack, waits=bool(called["sync"]))
        elif called["service"] == "ecs" and called["operation"] == "runTask":
            task = _text(arguments, "TaskDefinition")
            yield from running(task, machine, "definition", stack)
            if called["sync"]:
                yield from waiting("ecs:RunTask")
        else:
            taken = calling(called["service"], called["operation"], waits=bool(called["sync"]))
            yield from in_bucket(taken, arguments)
            if called["service"] == "http":
                yield from _connection()


def _assuming(credentials: Any) -> Iterator[Need]:
    role = name_in(_text(credentials, "RoleArn"), ROLE) or "*"
    yield Need("sts:AssumeRole", "iam", (f"role/{role}", f"role/*/{role}"))


def _connection() -> Iterator[Need]:
    """What a connection takes: the secret that EventBridge keeps for it."""
    yield Need("events:RetrieveConnectionCredentials", "events", ("connection/*",))
    for action in ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"):
        yield Need(action, "secretsmanager", ("secret:events!connection/*",))


def _arguments(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments of a task; none if they are only known at run time."""
    found = raw.get("Arguments") or raw.get("Parameters")
    return found if isinstance(found, Mapping) else {}


def _entries(arguments: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The events that a task publishes; if they are only known at run time, one that says nothing."""
    found = arguments.get("Entries")
    entries = found if isinstance(found, Sequence) else []
    return [entry for entry in entries if isinstance(entry, Mapping)] or [{}]


def _call(
    action: str,
    type_: str,
    argument: str,
    arguments: Mapping[str, Any],
    stack: Stack,
    *,
    waits: bool,
) -> Iterator[Need]:
    text = _text(arguments, argument)
    name = unqualified(name_in(text, type_))
    yield from on(type_, name, action, place=place_of(text))
    yield from keys_of(stack, type_, name)
    if waits:
        execution = (f"execution:{name or '*'}:*",)
        for asked in ("states:DescribeExecution", "states:StopExecution"):
            yield Need(asked, "states", execution)
        yield from managed_rule("sForStepFunctionsExecutionRule")


def _text(arguments: Mapping[str, Any], argument: str) -> str:
    """An argument; empty if it is only known at run time."""
    value = arguments.get(argument, "") if isinstance(arguments, Mapping) else ""
    return value if isinstance(value, str) and "{%" not in value else ""
