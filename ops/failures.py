"""Failure queues: what waits in them, and why it failed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from ops.event import object_in
from ops.stack import Stack

BATCH = 10
"""What SQS hands out at once, at most."""
PEEK_SECONDS = 30
"""How long a message that is only looked at stays hidden, should we die before we release it."""
LOOKED_AT = 100
"""Messages of a queue that are looked at for the oldest one."""


@dataclass(frozen=True)
class FailureQueue:
    """A queue in which failures of one kind wait for an operator."""

    name: str
    url: str
    kind: str
    """`delivery`: could not be handed over; `processing`: was handed over and failed."""
    owner: str
    """The component whose failures these are."""
    sources: tuple[str, ...] = ()
    """ARNs of the queues whose consumers' failures end here."""


@dataclass(frozen=True)
class Failure:
    """One message of a failure queue."""

    message_id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]
    """What the sender wrote beside the message: EventBridge or our consumers say there what failed."""
    sent: datetime
    """When it was first sent; SQS keeps that when it moves a message, and drops it 14 days later."""
    source: str | None
    """ARN of the queue that SQS moved it from, if SQS did."""

    @property
    def envelope(self) -> Mapping[str, Any]:
        """The body as Lambda's destinations write it, a JSON object; empty when it is something else."""
        return object_in(self.body)

    @property
    def call(self) -> Mapping[str, Any]:
        """The call that failed, as Lambda's destinations tell of it; empty for a body that only looks like that."""
        found = self.envelope.get("requestContext")
        if isinstance(found, dict) and isinstance(found.get("functionArn"), str):
            return found
        return {}


@dataclass(frozen=True)
class Reason:
    """Why a message is in a failure queue."""

    code: str
    message: str
    at: str
    """ARN of what could not be reached, or of what failed; empty when nothing says so."""


def find_all(stack: Stack) -> list[FailureQueue]:
    """All failure queues of a stack, by name."""
    return [find(stack, name) for name in sorted(stack.output("failureQueues"))]


def find(stack: Stack, name: str) -> FailureQueue:
    """One failure queue; `ValueError` when the stack has none of that name."""
    urls = stack.output("failureQueues")
    if name not in urls:
        raise ValueError(f"the stack has no failure queue {name!r}; it has {sorted(urls)}")
    sqs, url = stack.client("sqs"), urls[name]
    tags = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])
    allowed = json.loads(found.get("Attributes", {}).get("RedriveAllowPolicy", "{}"))
    return FailureQueue(
        name,
        url,
        kind=tags.get("failures", "?"),
        owner=tags.get("owner", "?"),
        sources=tuple(allowed.get("sourceQueueArns", ())),
    )


def depth(stack: Stack, queue: FailureQueue) -> int:
    """How many messages wait, those included that somebody is working on; SQS's estimate."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = stack.client("sqs").get_queue_attributes(QueueUrl=queue.url, AttributeNames=names)
    return sum(int(found["Attributes"][name]) for name in names)


def peek(stack: Stack, queue: FailureQueue, limit: int = LOOKED_AT) -> list[Failure]:
    """Look at messages and put them back at once, the oldest first."""
    with Hold(stack, queue) as hold:
        return sorted(hold.take(limit), key=lambda failure: failure.sent)


class Hold:
    """Messages taken out of a queue; at the end, those that were not deleted are put back at once.

    Failure queues have no redrive policy, so being received once more does nothing to a message.
    """

    def __init__(self, stack: Stack, queue: FailureQueue, seconds: int = PEEK_SECONDS) -> None:
        self._sqs, self._url, self._seconds = stack.client("sqs"), queue.url, seconds
        self._depth = depth(stack, queue)
        self._held: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        receipts = list(self._held.values())
        for start in range(0, len(receipts), BATCH):
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                    for number, receipt in enumerate(receipts[start : start + BATCH])
                ],
            )

    def take(self, limit: int) -> Iterator[Failure]:
        """The messages that were there at the beginning; what fails again meanwhile is not among them.

        They come in batches, so that the last ones are not hidden while the first are worked on.
        """
        left = min(limit, self._depth)
        while left > 0 and (batch := self._receive(min(BATCH, left))):
            fresh = [failure for failure in batch if failure.message_id not in self._held]
            self._held |= {failure.message_id: failure.receipt for failure in batch}
            if not fresh:
                return
            left -= len(fresh)
            yield from fresh

    def delete(self, failure: Failure) -> None:
        """Take a message out of the queue for good."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=self._held[failure.message_id])
        del self._held[failure.message_id]

    def _receive(self, most: int) -> list[Failure]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=self._seconds,
            # Asks all of SQS's servers; without waiting, an answer may be empty and the queue not.
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [_failure(message) for message in answer.get("Messages", ())]


def _failure(message: Mapping[str, Any]) -> Failure:
    system = message["Attributes"]
    return Failure(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        attributes={
            name: value.get("StringValue", "")
            for name, value in message.get("MessageAttributes", {}).items()
        },
        sent=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
        source=system.get("DeadLetterQueueSourceArn"),
    )


def explain(failure: Failure) -> Reason:
    """Why a message failed, as far as whoever set it aside wrote it down."""
    told = failure.attributes
    if "ERROR_CODE" in told:
        limit = told.get("EXHAUSTED_RETRY_CONDITION")
        tried = f" (gave up at {limit}, {told.get('RETRY_ATTEMPTS', '?')} retries)" if limit else ""
        message = told.get("ERROR_MESSAGE", "") + tried
        return Reason(told["ERROR_CODE"], message, told.get("TARGET_ARN", failure.source or ""))
    if failure.call:
        return _explain_destination(failure)
    if failure.source:
        return Reason(
            "ReceivesExhausted", "its consumer failed each time; see its log", failure.source
        )
    return Reason("Unknown", "nobody wrote down why", "")


def _explain_destination(failure: Failure) -> Reason:
    """What a failure destination of Lambda says, of a call or of a stream's records."""
    answered, batch = map(failure.envelope.get, ("responsePayload", "DDBStreamBatchInfo"))
    message = ""
    if isinstance(answered, dict):
        message = f"{answered.get('errorType', '?')}: {answered.get('errorMessage', '')}"
    elif isinstance(batch, dict):
        message = (
            f"{batch.get('batchSize', '?')} records from {batch.get('startSequenceNumber', '?')}"
        )
    condition = str(failure.call.get("condition", "Unknown"))
    return Reason(condition, message, failure.call["functionArn"])
