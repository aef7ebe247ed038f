"""Rule on resource policies: nothing is reached over plain HTTP."""

from collections.abc import Iterator

from ..aws import BUCKET, BUCKET_POLICY, QUEUE, QUEUE_POLICY, TOPIC, TOPIC_POLICY
from ..finding import Finding
from ..iam.documents import Document, Statement
from ..iam.grants import Reach, reach
from ..policies import Kind, held, judgeable
from ..resource import Resource, Stack
from ..rule import MANDATORY, MEDIUM, Config, StackRule


def _tls(resource: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    policies = list(_policies(resource, stack))
    documents = [found for policy in policies for found in judgeable(policy, Kind.RESOURCE)]
    # A policy that cannot be judged is reported by iam-document-known.
    unjudged = any(list(held(policy)) for policy in policies) and not documents
    if not unjudged and not any(map(_denies_plain_http, documents)):
        yield Finding(
            "may be reached over plain HTTP",
            'add a policy with Deny for everybody where {"Bool": {"aws:SecureTransport": "false"}}',
        )


_POLICIES = {
    QUEUE: (QUEUE_POLICY, "queueUrl"),
    TOPIC: (TOPIC_POLICY, "arn"),
    BUCKET: (BUCKET_POLICY, "bucket"),
}


def _policies(resource: Resource, stack: Stack) -> Iterator[Resource]:
    """The resources that hold policies of a queue, topic or bucket; it may hold one itself."""
    yield resource
    type_, property_ = _POLICIES[resource.type]
    for policy in stack.of(type_):
        if resource in stack.named_by(policy, property_, policy.get(property_), resource.type):
            yield policy


def _denies_all(statement: Statement) -> bool:
    """Whether a Deny is about every action; the policy of a topic cannot say so, and lists them."""
    return any(
        reach(action) in {Reach.EVERYTHING, Reach.SERVICE} or action.lower().startswith("sns:")
        for action in statement.actions
    )


def _denies_plain_http(document: Document) -> bool:
    return any(
        not statement.allows
        and any(name == "*" for _, name in statement.principals)
        and _denies_all(statement)
        and any(
            test.key.lower() == "aws:securetransport" and "false" in map(str.lower, test.values)
            for test in statement.conditions
        )
        for statement in document.statements
    )


RULES = (
    StackRule(
        id="resource-policy-tls",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP S3.5",
        demand="Queues, topics and buckets refuse plain HTTP.",
        remedy="Deny everything that does not come over TLS.",
        types=frozenset({QUEUE, TOPIC, BUCKET}),
        check=_tls,
    ),
)
