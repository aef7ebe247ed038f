"""Rules on resource policies: who outside may use a queue, topic, bucket, bus or key, and how."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ..aws import (
    BUCKET,
    BUCKET_POLICY,
    QUEUE,
    QUEUE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    VPC_ENDPOINT,
)
from ..finding import Finding
from ..iam.arns import is_arn
from ..iam.conditions import excludes, identifies, limits
from ..iam.documents import Document, Statement, Test
from ..iam.grants import Reach, reach
from ..policies import RESOURCE_DOCUMENTS, Kind, held, judgeable
from ..resource import Resource, Stack
from ..rule import CRITICAL, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

KEYS = frozenset(
    f"aws:kms/{name}"
    for name in (
        *("key:Key", "keyPolicy:KeyPolicy", "externalKey:ExternalKey"),
        *("replicaKey:ReplicaKey", "replicaExternalKey:ReplicaExternalKey"),
    )
)
"""Types whose policies are on KMS keys, where `kms:*` for the account is how IAM comes into play at all."""
ENDPOINTS = frozenset({VPC_ENDPOINT, "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"})
"""Types whose policies grant nothing, but bound what roles grant to whoever comes through."""
_ON_BEHALF = frozenset(
    {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}
)
_WHO = _ON_BEHALF | {
    *("aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount"),
    *("aws:sourcevpce", "aws:sourcevpc", "aws:sourceip", "aws:sourceowner", "aws:userid"),
    *("kms:calleraccount", "s3:dataaccesspointaccount"),
}
_WHERE = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
"""Keys that say whose resources may be reached through an endpoint."""
_FROM_AWS = frozenset({"aws:principalisawsservice", "aws:viaawsservice"})
"""Keys by which services are spared a Deny."""


def _narrow(resource: Resource, _config: Config) -> Iterator[Finding]:
    for document in judgeable(resource, Kind.RESOURCE):
        for statement in document.allowing():
            if not (resource.type in ENDPOINTS and _leads_somewhere(statement)):
                yield from _principals(statement, document)
            if resource.type not in KEYS | ENDPOINTS:
                yield from _actions(statement)


def _leads_somewhere(statement: Statement) -> bool:
    """Whether what is behind an endpoint is limited, whoever may come through."""
    named = statement.resources and all(
        is_arn(each) and identifies(each) for each in statement.resources
    )
    return bool(named) or limits(statement, _WHERE)


def _principals(statement: Statement, document: Document) -> Iterator[Finding]:
    for kind, name in statement.principals:
        if name == "*":
            if not limits(statement, _WHO) and not _denied_to_others(statement, document):
                yield Finding(
                    "lets anybody in",
                    "name the principal, or ask for aws:SourceArn or aws:PrincipalOrgID in a condition",
                    statement.label,
                )
        elif kind == "Service" and not limits(statement, _ON_BEHALF, "kms:encryptioncontext:"):
            yield Finding(
                f"lets {name} in on behalf of any account",
                "ask for aws:SourceArn or aws:SourceAccount, with the account, in a condition",
                statement.label,
            )


def _denied_to_others(statement: Statement, document: Document) -> bool:
    """Whether what a statement allows to everybody is denied, by another one, to all but some."""
    return any(
        not deny.allows
        and any(name == "*" for _, name in deny.principals)
        and _covers(deny.actions, statement.actions)
        and _covers(deny.resources, statement.resources)
        and any(test.key.lower() in _WHO for test in deny.conditions)
        and all(_spares(test) for test in deny.conditions)
        for deny in document.statements
    )


def _spares(test: Test) -> bool:
    """Whether a condition of a Deny spares only some."""
    key = test.key.lower()
    return key in _FROM_AWS or (
        key in _WHO and excludes(test) and all(map(identifies, test.values))
    )


def _covers(patterns: Sequence[str], texts: Sequence[str]) -> bool:
    lower = [pattern.lower() for pattern in patterns]
    return all(any(fnmatchcase(text.lower(), each) for each in lower) for text in texts)


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
