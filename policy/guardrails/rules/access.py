"""Rules on resource policies: who outside may use a queue, topic, bucket, bus or key, and how."""

from collections.abc import Iterator

from ..aws import (
    BUCKET,
    BUCKET_POLICY,
    KMS_KEY,
    QUEUE,
    QUEUE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    VPC_ENDPOINT,
)
from ..finding import Finding
from ..iam.conditions import compares, says_nothing
from ..iam.documents import Document, Statement
from ..iam.grants import Reach, reach
from ..policies import RESOURCE_DOCUMENTS, Kind, held, judgeable
from ..resource import Resource, Stack
from ..rule import CRITICAL, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

KEYS = frozenset({KMS_KEY, "aws:kms/keyPolicy:KeyPolicy"})
"""Types whose policies are on KMS keys, where `kms:*` for the account is how IAM comes into play at all."""
ENDPOINTS = frozenset({VPC_ENDPOINT, "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"})
"""Types whose policies grant nothing, but bound what roles grant to whoever comes through."""
_ON_BEHALF = frozenset(
    {
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "kms:viaservice",
    }
)
_WHO = _ON_BEHALF | {
    *("aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount"),
    *("aws:sourcevpce", "aws:sourcevpc", "aws:sourceip", "aws:sourceowner", "aws:userid"),
    *("kms:calleraccount", "s3:dataaccesspointaccount"),
}


def _narrow(resource: Resource, _config: Config) -> Iterator[Finding]:
    for document in judgeable(resource, Kind.RESOURCE):
        for statement in document.allowing():
            yield from _principals(statement)
            if resource.type not in KEYS | ENDPOINTS:
                yield from _actions(statement)


def _principals(statement: Statement) -> Iterator[Finding]:
    for kind, name in statement.principals:
        if name == "*" and not _limited(statement, _WHO):
            yield Finding(
                "lets anybody in",
                "name the principal, or ask for aws:SourceArn or aws:PrincipalOrgID in a condition",
                statement.label,
            )
        elif kind == "Service" and not _limited(statement, _ON_BEHALF, "kms:encryptioncontext:"):
            yield Finding(
                f"lets {name} in on behalf of any account",
                "ask for aws:SourceArn or aws:SourceAccount in a condition",
                statement.label,
            )


def _limited(statement: Statement, keys: frozenset[str], prefix: str = "\0") -> bool:
    return any(
        compares(test)
        and (test.key.lower() in keys or test.key.lower().startswith(prefix))
        and not any(map(says_nothing, test.values))
        for test in statement.conditions
    )


def _actions(statement: Statement) -> Iterator[Finding]:
    for action in statement.actions:
        if reach(action) in {Reach.EVERYTHING, Reach.SERVICE}:
            wrong = "allows others every action"
            yield Finding(wrong, "list the actions that are needed", statement.label, action)


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


def _denies_plain_http(document: Document) -> bool:
    return any(
        not statement.allows
        and any(name == "*" for _, name in statement.principals)
        and any(
            test.key.lower() == "aws:securetransport" and "false" in map(str.lower, test.values)
            for test in statement.conditions
        )
        for statement in document.statements
    )


RULES = (
    ResourceRule(
        id="resource-policy-narrow",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA SEC03-BP07",
        demand="A resource policy lets in who it names, and services only on behalf of this account.",
        remedy="Name principals and actions; ask for aws:SourceArn or aws:SourceAccount.",
        types=frozenset(RESOURCE_DOCUMENTS),
        check=_narrow,
    ),
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
