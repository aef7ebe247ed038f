"""Rules on resource policies: who outside may use a queue, topic, bucket, bus or key, and how."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ..aws import VPC_ENDPOINT
from ..finding import Finding
from ..iam.arns import is_arn
from ..iam.conditions import excludes, identifies, is_unless, limits, tells_apart
from ..iam.documents import Document, Statement, Test
from ..iam.grants import Reach, reach
from ..iam.principals import account_of
from ..policies import Kind, judgeable
from ..policy_properties import RESOURCE_DOCUMENTS
from ..resource import Resource
from ..rule import CRITICAL, MANDATORY, Config, ResourceRule

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
"""Keys that are true of what AWS's services do themselves."""
_MOUNT = "elasticfilesystem:accessedviamounttarget"


_OWN_LOGS = re.compile(r"arn:[^:]+:s3:::[^/]+/(.+/)?AWSLogs/\d{12}/.*")
"""Where in a bucket services deliver the logs of one account."""


def _narrow(resource: Resource, _config: Config) -> Iterator[Finding]:
    for document in judgeable(resource, Kind.RESOURCE):
        for statement in document.allowing():
            if not (resource.type in ENDPOINTS and _leads_somewhere(statement)):
                yield from _principals(statement, document)
            if resource.type not in KEYS | ENDPOINTS:
                yield from _actions(statement)
        if resource.type in KEYS:
            yield from _administrators(document)


def _leads_somewhere(statement: Statement) -> bool:
    """Whether what is behind an endpoint is limited, whoever may come through."""
    named = statement.resources and all(
        is_arn(each) and identifies(each) for each in statement.resources
    )
    return bool(named) or limits(statement, _WHERE)


def _principals(statement: Statement, document: Document) -> Iterator[Finding]:
    for kind, name in statement.principals:
        if name == "*":
            if not (
                limits(statement, _WHO)
                or any(map(_mounted, statement.conditions))
                or _denied_to_others(statement, document)
            ):
                yield Finding(
                    "lets anybody in",
                    "name the principal, or ask for aws:SourceArn or aws:PrincipalOrgID in a condition",
                    statement.label,
                )
        elif kind == "Service" and not (
            limits(statement, _ON_BEHALF, "kms:encryptioncontext:")
            or all(map(_OWN_LOGS.fullmatch, statement.resources or ("",)))
        ):
            yield Finding(
                f"lets {name} in on behalf of any account",
                "ask for aws:SourceArn or aws:SourceAccount, with the account, in a condition",
                statement.label,
            )


def _mounted(test: Test) -> bool:
    """Whether a condition asks for a mount target, which is in a network, behind a security group."""
    key = test.key.lower()
    return (test.operator, key, test.values) == ("Bool", _MOUNT, ("true",))


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
    return spares_services(test) or (
        test.key.lower() in _WHO and excludes(test) and tells_apart(test)
    )


def spares_services(test: Test) -> bool:
    """Whether a condition of a Deny spares what AWS's services do themselves."""
    return test.key.lower() in _FROM_AWS and is_unless(test)


def _covers(patterns: Sequence[str], texts: Sequence[str]) -> bool:
    lower = [pattern.lower() for pattern in patterns]
    return all(any(fnmatchcase(text.lower(), each) for each in lower) for text in texts)


def _actions(statement: Statement) -> Iterator[Finding]:
    for action in statement.actions:
        if reach(action) in {Reach.EVERYTHING, Reach.SERVICE}:
            wrong = "allows others every action"
            yield Finding(wrong, "list the actions that are needed", statement.label, action)


def _administrators(document: Document) -> Iterator[Finding]:
    """Others than one account who may do everything with a key; a key's policy does not say which is its own."""
    whole = [
        (statement, kind, name)
        for statement in document.allowing()
        if any(reach(action) in {Reach.EVERYTHING, Reach.SERVICE} for action in statement.actions)
        for kind, name in statement.principals
        if name != "*"
    ]
    accounts = {account_of(name) for _, kind, name in whole if kind == "AWS"}
    for statement, kind, name in whole:
        if kind == "Service" or len(accounts) > 1:
            yield Finding(
                f"lets {name} do everything with the key, from using to deleting it",
                "let one account administer the key, and list the actions that others need, such as kms:Decrypt",
                statement.label,
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
)
