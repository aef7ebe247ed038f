"""What Lambda itself does with a function's role; what its code does is not known here."""

from collections.abc import Iterator

from ..aws import FUNCTION, INVOKE_CONFIG, MAPPING
from ..failure_paths import failure_path
from ..resource import Resource, Stack, is_set, value_at
from .deliveries import delivering, polling
from .need import Need, on_everything

TRACING = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
ATTACHING = (
    *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"),
    *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", "ec2:DescribeSubnets"),
)
"""What a function in a network needs; Lambda asks for these on everything."""
RESUMING = ("lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState")
"""What a durable function needs of its own executions, which are below its versions."""


def needs(function: Resource, stack: Stack) -> Iterator[Need]:
    """What Lambda needs in order to run a function, to feed it, and to keep its failures."""
    yield from _running(function)
    yield from _failures(function, stack)
    for config in stack.of(INVOKE_CONFIG):
        if _is_for(config, function, stack):
            yield from _outcomes(config, stack)
    for mapping in stack.of(MAPPING):
        if _is_for(mapping, function, stack):
            yield from polling(mapping, "eventSourceArn", mapping.get("eventSourceArn"), stack)
            yield from _failures(mapping, stack)


def _running(function: Resource) -> Iterator[Need]:
    """What Lambda needs in order to run a function alone."""
    if function.get("tracingConfig", "mode") == "Active":
        yield from on_everything(*TRACING)
    if is_set(value_at(function.props.get("vpcConfig"), "subnetIds")):
        yield from on_everything(*ATTACHING)
    group = function.get("loggingConfig", "logGroup")
    name = function.get("name", default="*")
    if group is None or isinstance(group, str):
        streams = (f"log-group:{group or f'/aws/lambda/{name}'}:*",)
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield Need(action, "logs", streams)
    if is_set(function.props.get("durableConfig")):
        for action in RESUMING:
            yield Need(action, "lambda", (f"function:{name}:*",))


def _failures(resource: Resource, stack: Stack) -> Iterator[Need]:
    property_, arn = failure_path(resource)
    yield from delivering(resource, property_, arn, stack)


def _outcomes(config: Resource, stack: Stack) -> Iterator[Need]:
    """What it takes to tell of every call that nobody waits for how it ended."""
    yield from _failures(config, stack)
    arn = config.get("destinationConfig", "onSuccess", "destination")
    yield from delivering(config, "destinationConfig", arn, stack)


def _is_for(resource: Resource, function: Resource, stack: Stack) -> bool:
    return function in stack.named_by(
        resource, "functionName", resource.get("functionName"), FUNCTION
    )
