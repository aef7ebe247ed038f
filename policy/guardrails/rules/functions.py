"""Rules on Lambda functions: what runs, who may call them, and what becomes of their failures."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import FUNCTION, FUNCTION_URL, KINESIS, MAPPING, PERMISSION, QUEUE, REDRIVE_POLICY, TABLE
from ..callers import asynchronous_callers
from ..failure_paths import failure_path, functions_with_failure_path
from ..finding import Finding
from ..iam.conditions import identifies
from ..iam.principals import service_name
from ..resource import Resource, Stack, is_set
from ..rule import ADVISORY, CRITICAL, HIGH, LOW, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

VISIBILITY_PER_TIMEOUT = 6
"""AWS's guidance: time for a batch to fail, be throttled and be tried again before others see it."""
TIMEOUT_SECONDS, VISIBILITY_SECONDS = 3, 30
"""AWS's defaults for a function and for a queue."""
PARTIAL = "ReportBatchItemFailures"


class RuntimeConfig(Config, frozen=True, kw_only=True):
    """Which runtimes may be used."""

    runtimes: Annotated[
        tuple[str, ...], Meta(description="Runtimes that AWS still patches, and will for a while.")
    ] = (
        *("python3.11", "python3.12", "python3.13", "python3.14"),
        *("nodejs22.x", "nodejs24.x", "java17", "java21", "java25"),
        *("dotnet10", "ruby3.3", "ruby3.4", "provided.al2023"),
    )


def _runtime(function: Resource, config: RuntimeConfig) -> Iterator[Finding]:
    if function.get("packageType") == "Image":
        return
    runtime = function.get("runtime", default="")
    if runtime not in config.runtimes:
        yield Finding(f"has the runtime {runtime!r}", f"use one of {', '.join(config.runtimes)}")


def _tracing(function: Resource, _config: Config) -> Iterator[Finding]:
    mode = function.get("tracingConfig", "mode", default="PassThrough")
    if mode != "Active":
        yield Finding(f"has the tracing mode {mode!r}", 'set tracingConfig to {"mode": "Active"}')


def _async_failure_path(function: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    callers = asynchronous_callers(stack).get(function.urn)
    if callers and function.urn not in functions_with_failure_path(stack):
        yield Finding(
            f"is called by {', '.join(sorted(set(callers)))} without waiting, and drops what fails",
            "declare a FunctionEventInvokeConfig with an onFailure destination, or a deadLetterConfig",
        )


def _mapping(mapping: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    arn = mapping.get("eventSourceArn")
    queues = stack.named_by(mapping, "eventSourceArn", arn, QUEUE)
    streams = stack.named_by(mapping, "eventSourceArn", arn, TABLE, KINESIS) or _is_stream(arn)
    # Brokers, and databases of documents, know of whole batches only.
    by_item = queues or streams or (isinstance(arn, str) and ":sqs:" in arn)
    if by_item and PARTIAL not in mapping.get("functionResponseTypes", default=()):
        wrong = "hands a whole batch back when one message of it fails"
        yield Finding(wrong, f"set functionResponseTypes to ['{PARTIAL}']")
    for queue in queues:
        yield from _queue_of(mapping, queue, stack)
    if streams:
        if not mapping.get("bisectBatchOnFunctionError", default=False):
            wrong = "lets one bad record stop all that come after it"
            yield Finding(wrong, "set bisectBatchOnFunctionError")
        if failure_path(mapping)[1] is None:
            wrong = "drops records that its function cannot process"
            yield Finding(wrong, "set an onFailure destination in destinationConfig")


def _is_stream(arn: object) -> bool:
    return isinstance(arn, str) and (":kinesis:" in arn or "/stream/" in arn)


def _queue_of(mapping: Resource, queue: Resource, stack: Stack) -> Iterator[Finding]:
    visibility = queue.get("visibilityTimeoutSeconds", default=VISIBILITY_SECONDS)
    window = mapping.get("maximumBatchingWindowInSeconds", default=0)
    name = mapping.get("functionName")
    for function in stack.named_by(mapping, "functionName", name, FUNCTION):
        timeout = function.get("timeout", default=TIMEOUT_SECONDS)
        needed = VISIBILITY_PER_TIMEOUT * timeout + window
        if visibility < needed:
            yield Finding(
                f"reads {queue.name}, whose messages come back after {visibility:.0f} s while "
                f"{function.name} may still work on them",
                f"set visibilityTimeoutSeconds of the queue to {needed:.0f} or more: "
                f"{VISIBILITY_PER_TIMEOUT} times the function's timeout, and the batching window",
            )
    if not _redriven(queue, stack):
        wrong = f"reads {queue.name}, which hands out a bad message until it expires"
        yield Finding(wrong, "give the queue a redrivePolicy")


def _redriven(queue: Resource, stack: Stack) -> bool:
    return is_set(queue.get("redrivePolicy")) or any(
        queue in stack.named_by(policy, "queueUrl", policy.get("queueUrl"), QUEUE)
        for policy in stack.of(REDRIVE_POLICY)
    )


def _concurrency(mapping: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    arn = mapping.get("eventSourceArn")
    if not stack.named_by(mapping, "eventSourceArn", arn, QUEUE):
        return
    functions = stack.named_by(mapping, "functionName", mapping.get("functionName"), FUNCTION)
    reserved = any(is_set(each.get("reservedConcurrentExecutions")) for each in functions)
    if not reserved and not is_set(mapping.get("scalingConfig", "maximumConcurrency")):
        wrong = "may take all of the account's concurrency when its queue is full"
        yield Finding(wrong, "set maximumConcurrency in scalingConfig")


def _permission(permission: Resource, _config: Config) -> Iterator[Finding]:
    principal, source = permission.get("principal", default=""), permission.get("sourceArn")
    action = permission.get("action", default="")
    account = is_set(permission.get("sourceAccount"))
    pinned = account or is_set(source)
    if "*" in action:
        yield Finding(f"allows {action}", "write lambda:InvokeFunction")
    if permission.get("functionUrlAuthType") == "NONE":
        yield Finding("lets anybody call the function's URL", "set functionUrlAuthType to AWS_IAM")
    elif principal == "*" and not is_set(permission.get("principalOrgId")):
        yield Finding("lets anybody call the function", "name the service or account")
    elif service_name(principal).endswith(".amazonaws.com") and not pinned:
        wrong = f"lets {principal} call the function on behalf of any account"
        yield Finding(wrong, "set sourceArn to the ARN of what calls it")
    elif principal.endswith(".amazon.com") and not is_set(permission.get("eventSourceToken")):
        wrong = f"lets everybody's skills at {principal} call the function"
        yield Finding(wrong, "set eventSourceToken to the id of the skill")
    elif isinstance(source, str) and not account and not identifies(source):
        wrong = f"has the sourceArn {source}, which others have in their accounts too"
        yield Finding(wrong, "write the ARN of what calls it, or set sourceAccount")


def _url(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type == PERMISSION:
        yield from _permission(resource, config)
    elif resource.get("authorizationType", default="NONE") == "NONE":
        yield Finding("is a URL that anybody may call", "set authorizationType to AWS_IAM")


RULES = (
    ResourceRule(
        id="lambda-runtime",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP Lambda.2",
        demand="Every function has a runtime that AWS patches.",
        remedy="Move to a newer runtime.",
        types=frozenset({FUNCTION}),
        config=RuntimeConfig,
        check=_runtime,
    ),
    ResourceRule(
        id="lambda-tracing",
        level=MANDATORY,
        severity=LOW,
        reference="FSBP Lambda.7",
        demand="Every function is traced.",
        remedy="Set the tracing mode to Active.",
        types=frozenset({FUNCTION}),
        check=_tracing,
    ),
    StackRule(
        id="lambda-async-failure-path",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL05-BP03",
        demand="A function that is called without waiting keeps what it could not process.",
        remedy="Give the function an onFailure destination or a dead-letter queue.",
        types=frozenset({FUNCTION}),
        check=_async_failure_path,
    ),
    StackRule(
        id="lambda-esm-safe",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL05-BP03",
        demand="An event source mapping repeats only what failed, and loses nothing.",
        remedy="Report failed items, keep what cannot be processed, and leave the function time.",
        types=frozenset({MAPPING}),
        check=_mapping,
    ),
    StackRule(
        id="lambda-concurrency-bounded",
        level=ADVISORY,
        severity=LOW,
        reference="WA REL05-BP02",
        demand="No queue can use up the concurrency of the account.",
        remedy="Bound the concurrency of the mapping or of the function.",
        types=frozenset({MAPPING}),
        check=_concurrency,
    ),
    ResourceRule(
        id="lambda-permission-scoped",
        level=MANDATORY,
        severity=CRITICAL,
        reference="FSBP Lambda.1",
        demand="Only what is named may call a function.",
        remedy="Name the service and the ARN of what calls the function.",
        types=frozenset({PERMISSION, FUNCTION_URL}),
        check=_url,
    ),
)
