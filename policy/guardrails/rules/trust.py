"""Rules on who may assume a role."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import ROLE
from ..finding import Finding
from ..iam.arns import is_arn, segments
from ..iam.conditions import compares, limits
from ..iam.documents import Document, Statement, Test
from ..iam.principals import is_whole_account, service_name
from ..iam.providers import MEANS, telling
from ..policies import Kind, judgeable
from ..resource import Resource, Stack
from ..role_users import uses
from ..rule import CRITICAL, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

WAYS = frozenset({"sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"})
ASSUMING = WAYS | {"sts:tagsession", "sts:setsourceidentity", "sts:setcontext"}
ON_BEHALF = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"})
WHO = frozenset({"sts:externalid", "aws:principalarn", "aws:userid", "aws:username"})
"""Keys that tell some of an account from the others."""
TAG = "aws:principaltag/"
SCHEDULER = "scheduler.amazonaws.com"
TOGETHER = {
    "edgelambda.amazonaws.com": "lambda.amazonaws.com",
    "airflow-env.amazonaws.com": "airflow.amazonaws.com",
    "redshift-serverless.amazonaws.com": "redshift.amazonaws.com",
}
"""Services under a second name: a function at the edge, an Airflow environment, Redshift without a cluster."""
_EVERYBODY = re.compile(r"[*?]+|(role|user|assumed-role)/[*?]+")
"""The end of an ARN that everybody in an account has."""


class TrustConfig(Config, frozen=True, kw_only=True):
    """Which services say for whom they assume a role."""

    services: Annotated[
        tuple[str, ...],
        Meta(description="Services that send aws:SourceAccount when they assume a role."),
    ] = tuple(
        f"{name}.amazonaws.com"
        for name in (
            "bedrock",
            "ecs-tasks",
            "events",
            "pipes",
            "scheduler",
            "states",
            "vpc-flow-logs",
        )
    )


def _trust(role: Resource, config: TrustConfig) -> Iterator[Finding]:
    for document in judgeable(role, Kind.TRUST):
        for statement in document.allowing():
            for action in statement.actions:
                if action.lower() not in ASSUMING:
                    yield Finding(
                        "is more than assuming the role",
                        "write sts:AssumeRole",
                        statement.label,
                        action,
                    )
            for kind, name in statement.principals:
                yield from _principal(statement, kind, name, config)
                yield from _cannot(statement, kind, name)
        yield from _several(document)


def _cannot(statement: Statement, kind: str, name: str) -> Iterator[Finding]:
    """A principal that can only assume the role in another way than it is allowed to."""
    assuming = {action.lower() for action in statement.actions} & WAYS
    for means in _ways(kind, name):
        if assuming and means.lower() not in assuming:
            wrong = f"lets {name} assume the role in a way that it cannot"
            yield Finding(wrong, f"write {means}", statement.label, ", ".join(statement.actions))


def _ways(kind: str, name: str) -> Iterator[str]:
    """The action by which a principal assumes roles, if its name says so."""
    if kind == "Federated":
        yield from (means for mark, means in MEANS.items() if mark in name)
    elif name != "*":
        yield "sts:AssumeRole"


def _several(document: Document) -> Iterator[Finding]:
    """Several that may assume a role, in one statement or in many."""
    trusting = list(document.allowing())
    named = {service_name(name): name for each in trusting for _, name in each.principals}
    for second, first in TOGETHER.items():
        if first in named:
            named.pop(second, None)
    if len(named) > 1:
        labels = ", ".join(statement.label for statement in trusting)
        wrong = f"lets several assume the role: {', '.join(named.values())}"
        yield Finding(wrong, "declare a role for each", labels)


def _principal(
    statement: Statement, kind: str, name: str, config: TrustConfig
) -> Iterator[Finding]:
    if name == "*":
        yield Finding(
            "lets anybody assume the role",
            "name the service, or the ARN of the role that may",
            statement.label,
        )
    elif kind == "Service":
        if service_name(name) in config.services and not limits(statement, ON_BEHALF):
            wrong = f"lets {name} assume the role on behalf of any account"
            yield Finding(wrong, "ask for aws:SourceAccount in a condition", statement.label)
        if service_name(name) == SCHEDULER and any(map(_is_of_schedules, statement.conditions)):
            wrong = f"lets {name} assume the role for a schedule, but it only says for which group"
            instead = "name the group in aws:SourceArn: arn:aws:scheduler:<region>:<account>:schedule-group/<group>"
            yield Finding(wrong, instead, statement.label)
    elif is_whole_account(name) and not _of_some(statement):
        wrong = f"lets everybody in {name} assume the role"
        yield Finding(
            wrong, "name a role, or ask for sts:ExternalId in a condition", statement.label
        )
    elif kind == "Federated":
        yield from _federated(statement, name)


def _federated(statement: Statement, provider: str) -> Iterator[Finding]:
    missing = [
        keys[0]
        for keys in telling(provider)
        if not limits(statement, frozenset(map(str.lower, keys)))
    ]
    if missing:
        wrong = f"lets everybody whom {provider} knows assume the role"
        instead = f"ask for {' and '.join(missing)} in a condition"
        yield Finding(wrong, instead, statement.label)


def _is_of_schedules(test: Test) -> bool:
    """Whether a condition lets in single schedules only."""
    named = test.key.lower() == "aws:sourcearn" and compares(test) and test.values
    return bool(named) and all(segments(each)[5].startswith("schedule/") for each in test.values)


def _of_some(statement: Statement) -> bool:
    """Whether a statement tells those of an account whom it lets in from all others there."""
    telling = {
        test.key.lower()
        for test in statement.conditions
        if not any(_EVERYBODY.fullmatch(segments(each)[5]) for each in test.values if is_arn(each))
    }
    return limits(statement, WHO & telling, TAG)


def _fits_user(role: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    trusted = {
        name
        for document in judgeable(role, Kind.TRUST)
        for statement in document.allowing()
        for kind, name in statement.principals
        if kind == "Service"
    }
    for use in uses(stack).get(role.urn, ()):
        if use.service not in {service_name(name) for name in trusted}:
            wrong = f"is the role of {use.user.name}, which {_who(trusted)} assume for it"
            yield Finding(wrong, f"let {use.service} assume it")


def _who(trusted: Iterable[str]) -> str:
    names = sorted(trusted)
    return f"{', '.join(names)} cannot" if names else "nobody can"


RULES = (
    ResourceRule(
        id="iam-trust-narrow",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA SEC03-BP01",
        demand="One named principal may assume a role, and a service only for this account.",
        remedy="Name the service, and ask for aws:SourceAccount where the service sends it.",
        types=frozenset({ROLE}),
        config=TrustConfig,
        check=_trust,
    ),
    StackRule(
        id="iam-trust-fits-user",
        level=MANDATORY,
        severity=MEDIUM,
        reference="WA SEC03-BP01",
        demand="The service that a role is for may assume it.",
        remedy="Name the service in the role's trust policy.",
        types=frozenset({ROLE}),
        check=_fits_user,
    ),
)
