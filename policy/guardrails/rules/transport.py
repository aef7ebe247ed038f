"""Rule on resource policies: nothing is reached over plain HTTP."""

import re
from collections.abc import Iterator, Sequence

from ..aws import BUCKET, BUCKET_POLICY, QUEUE, QUEUE_POLICY, TOPIC, TOPIC_POLICY
from ..finding import Finding
from ..iam.conditions import is_unless
from ..iam.documents import Document, Statement
from ..iam.grants import Reach, reach
from ..policies import Kind, held, judgeable
from ..resource import Resource, Stack
from ..rule import MANDATORY, MEDIUM, Config, StackRule
from .access import spares_services


def _tls(resource: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    policies = list(_policies(resource, stack))
    documents = [found for policy in policies for found in judgeable(policy, Kind.RESOURCE)]
    # A policy that cannot be judged is reported by iam-document-known.
    unjudged = any(list(held(policy)) for policy in policies) and not documents
    if not unjudged and not _deny_plain_http(resource, documents):
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


_WHOLE = {QUEUE: (".*",), TOPIC: (".*",), BUCKET: ("[^/]*", r"[^/]*/?\*")}
"""For each type, the ARNs that are to be denied; a bucket and its objects have their own."""


def _deny_plain_http(resource: Resource, documents: Sequence[Document]) -> bool:
    """Whether policies deny, together, all of a queue, topic or bucket to whoever comes over plain HTTP."""
    denied = [
        each
        for document in documents
        for statement in document.statements
        if not statement.allows
        and any(name == "*" for _, name in statement.principals)
        and _is_about_all_actions(statement)
        and _is_about_plain_http(statement)
        for each in statement.resources
    ]
    return all(any(re.fullmatch(arns, each) for each in denied) for arns in _WHOLE[resource.type])


def _is_about_all_actions(statement: Statement) -> bool:
    """Whether a Deny is about every action; the policy of a topic cannot say so, and lists what carries messages."""
    return any(
        reach(action) in {Reach.EVERYTHING, Reach.SERVICE} or action.lower() == "sns:publish"
        for action in statement.actions
    )


def _is_about_plain_http(statement: Statement) -> bool:
    """Whether a Deny is about everything that comes over plain HTTP, and about nothing else."""
    tests = [test for test in statement.conditions if not spares_services(test)]
    # What has to come from somewhere as well may come over plain HTTP from elsewhere.
    return bool(tests) and all(
        test.key.lower() == "aws:securetransport" and is_unless(test) for test in tests
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
