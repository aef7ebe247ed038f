"""Rules on who may assume a role."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import ROLE
from ..finding import Finding
from ..iam.conditions import limits
from ..iam.documents import Document, Statement
from ..iam.principals import is_whole_account, service_name
from ..policies import Kind, judgeable
from ..resource import Resource, Stack
from ..role_users import uses
from ..rule import CRITICAL, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

ASSUMING = frozenset(
    {"sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"}
    | {"sts:tagsession", "sts:setsourceidentity", "sts:setcontext"}
)
ON_BEHALF = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"})
WHO = frozenset({"sts:externalid", "aws:principalarn", "aws:userid", "aws:username"})
"""Keys that tell some of an account from the others."""
TAG = "aws:principaltag/"
SUBJECTS = (":sub", ":repository", ":repository_id", ":job_workflow_ref")
"""How keys end that say whom an identity provider has let in, and not only for what."""
EDGE = "edgelambda.amazonaws.com"
EVERYWHERE = frozenset({"lambda.amazonaws.com", EDGE})
"""What a function at the edge is assumed by: both together are one service."""


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
        yield from _several(document)


def _several(document: Document) -> Iterator[Finding]:
    """Several that may assume a role, in one statement or in many."""
    trusting = list(document.allowing())
    named = {service_name(name): name for each in trusting for _, name in each.principals}
    if named.keys() >= EVERYWHERE:
        del named[EDGE]
    if len(named) > 1:
        labels = ", ".join(statement.label for statement in trusting)
        wrong = f"lets several assume the role: {', '.join(named.values())}"
        yield Finding(wrong, "declare a role for each", labels)


def _principal(
    statement: Statement, kind: str, name: str, config: TrustConfig
) -> Iterator[Finding]:
    if name == "*":
        yield Finding("lets anybody assume the role", "name the service", statement.label)
    elif kind == "Service":
        if service_name(name) in config.services and not limits(statement, ON_BEHALF):
            wrong = f"lets {name} assume the role on behalf of any account"
            yield Finding(wrong, "ask for aws:SourceAccount in a condition", statement.label)
    elif is_whole_account(name) and not limits(statement, WHO, TAG):
        wrong = f"lets everybody in {name} assume the role"
        yield Finding(
            wrong, "name a role, or ask for sts:ExternalId in a condition", statement.label
        )
    elif kind == "Federated" and not _of_subject(statement, name):
        wrong = f"lets everybody whom {name} knows assume the role"
        instead = "the audience" if _knows_audiences(name) else "the subject (its key ends in :sub)"
        yield Finding(wrong, f"ask for {instead} in a condition", statement.label)


def _of_subject(statement: Statement, provider: str) -> bool:
    """Whether a statement says whom of an identity provider it lets in; all of its users may share an audience."""
    tested = (test.key.lower() for test in statement.conditions)
    ends = (":sub", ":aud") if _knows_audiences(provider) else SUBJECTS
    return limits(statement, {key for key in tested if key.endswith(ends)})


def _knows_audiences(provider: str) -> bool:
    """Whether the audience of an identity provider is a pool or a login of one's own, and not that of everybody."""
    return ":oidc-provider/" not in provider


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
