"""Rules on queues and topics: encrypted, with keys that whoever sends can use."""

from collections.abc import Iterator

from ..aws import QUEUE, TOPIC
from ..encrypted_delivery import undelivered
from ..finding import Finding
from ..resource import Resource, Stack, is_set
from ..rule import MANDATORY, MEDIUM, Config, StackRule


def _queue_encrypted(queue: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    key = queue.get("kmsMasterKeyId")
    if not is_set(key) and not queue.get("sqsManagedSseEnabled"):
        wrong = "does not say how its messages are encrypted"
        yield Finding(wrong, "set sqsManagedSseEnabled, or kmsMasterKeyId to a key of your own")
    yield from undelivered(stack, queue, key)


def _topic_encrypted(topic: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    key = topic.get("kmsMasterKeyId")
    if not is_set(key):
        wrong = "has no key for the messages it keeps"
        yield Finding(wrong, "set kmsMasterKeyId to a key of your own")
    yield from undelivered(stack, topic, key)


RULES = (
    StackRule(
        id="sqs-encrypted",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP SQS.1",
        demand="Every queue says how it is encrypted, with a key that its senders can use.",
        remedy="Use SSE-SQS or a customer key whose policy admits the services that send.",
        types=frozenset({QUEUE}),
        check=_queue_encrypted,
    ),
    StackRule(
        id="sns-encrypted",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP SNS.1",
        demand="Every topic is encrypted with a key that its publishers can use.",
        remedy="Use a customer key whose policy admits the services that publish.",
        types=frozenset({TOPIC}),
        check=_topic_encrypted,
    ),
)
