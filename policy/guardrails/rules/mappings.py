"""Rules on event source mappings: what they repeat, lose, and use up."""

from collections.abc import Iterator

from ..aws import FUNCTION, KINESIS, MAPPING, QUEUE, REDRIVE_POLICY, TABLE
from ..failure_paths import failure_path
from ..finding import Finding
from ..resource import Resource, Stack, is_set
from ..rule import ADVISORY, HIGH, LOW, MANDATORY, Config, StackRule

VISIBILITY_PER_TIMEOUT = 6
"""AWS's guidance: time for a batch to fail, be throttled and be tried again before others see it."""
TIMEOUT_SECONDS, VISIBILITY_SECONDS = 3, 30
"""AWS's defaults for a function and for a queue."""
PARTIAL = "ReportBatchItemFailures"
LIMITS = ("maximumRetryAttempts", "maximumRecordAgeInSeconds")
"""How long a mapping tries a record of a stream again."""


def _mapping(mapping: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    arn = mapping.get("eventSourceArn")
    queues = stack.named_by(mapping, "eventSourceArn", arn, QUEUE)
    streams = stack.named_by(mapping, "eventSourceArn", arn, TABLE, KINESIS) or _is_stream(arn)
    # Brokers, and databases of documents, know of whole batches only.
    by_item = queues or streams or (isinstance(arn, str) and ":sqs:" in arn)
    several = mapping.get("batchSize") != 1
    if by_item and several and PARTIAL not in mapping.get("functionResponseTypes", default=()):
        wrong = "hands a whole batch back when one message of it fails"
        yield Finding(wrong, f"set functionResponseTypes to ['{PARTIAL}']")
    for queue in queues:
        yield from _queue_of(mapping, queue, stack)
    if streams:
        if several and not mapping.get("bisectBatchOnFunctionError"):
            wrong = "gives a whole batch up for one bad record"
            yield Finding(wrong, "set bisectBatchOnFunctionError")
        if all(mapping.props.get(limit) is None for limit in LIMITS):
            # By default that is until the stream forgets it, in a week; who needs every record in order may say so.
            wrong = "does not say for how long a bad record may stop all that come after it"
            yield Finding(wrong, f"set {' or '.join(LIMITS)}; -1 is for ever")
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


RULES = (
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
)
