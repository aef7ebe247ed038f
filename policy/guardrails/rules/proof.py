"""Rules that prove a stack's permissions from its definitions: nothing is missing, and nothing is left over."""

from collections.abc import Callable, Iterator, Mapping

from ..aws import (
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    MACHINE,
    PIPE,
    ROLE,
    SCHEDULE,
)
from ..finding import Finding
from ..needs import functions, machines, records, routes
from ..needs.need import Need, grants
from ..policies import Kind, held
from ..resource import Resource, Stack
from ..role_users import Use, documents, holders, is_granted_elsewhere, uses
from ..rule import HIGH, MANDATORY, GrantConfig, StackRule

Deriving = Callable[[Resource, Stack], Iterator[Need]]
WHOLE: Mapping[tuple[str, str], Deriving] = {
    (EVENT_TARGET, "roleArn"): routes.of_target,
    (FIREHOSE, "extendedS3Configuration.roleArn"): records.of_firehose,
    (FIREHOSE, "kinesisSourceConfiguration.roleArn"): records.of_source,
    (FLOW_LOG, "iamRoleArn"): records.of_flow_log,
    (MACHINE, "roleArn"): machines.needs,
    (PIPE, "roleArn"): routes.of_pipe,
    (SCHEDULE, "target.roleArn"): routes.of_schedule,
}
"""Types whose definition says all that the role in a property needs."""
IN_PART: Mapping[tuple[str, str], Deriving] = {(FUNCTION, "role"): functions.needs}
"""Types whose definition says what AWS itself does with their role; their code needs more."""


def _proven(role: Resource, _config: GrantConfig, stack: Stack) -> Iterator[Finding]:
    using = uses(stack).get(role.urn, ())
    judged = documents(role, stack)
    if not using or len(judged) < _count(role, stack):
        return
    needs = [need for use in using for need in _needs(use, stack)]
    allowed = list(grants(judged))
    names = ", ".join(dict.fromkeys(use.user.name for use in using))
    demanded = () if is_granted_elsewhere(role, stack) else needs
    for need in dict.fromkeys(need for need in demanded if need.demanded):
        if not any(grant.covers(need) for grant in allowed):
            wrong = f"does not allow {need}, which {names} needs"
            yield Finding(wrong, "allow it, or change the definition")
    if all((use.user.type, use.at) in WHOLE for use in using):
        for grant in allowed:
            if not grant.is_needed(needs):
                yield Finding(
                    f"is allowed, but the definition of {names} does not need it",
                    "take it away, or change the definition",
                    grant.statement,
                    grant.action,
                    str(grant),
                )


def _count(role: Resource, stack: Stack) -> int:
    """How many identity policies a role has; those that cannot be judged are reported by iam-document-known."""
    return sum(
        found.kind is Kind.IDENTITY for holder in holders(stack)[role.urn] for found in held(holder)
    )


def _needs(use: Use, stack: Stack) -> Iterator[Need]:
    derive = WHOLE.get((use.user.type, use.at)) or IN_PART.get((use.user.type, use.at))
    if derive:
        yield from derive(use.user, stack)


RULES = (
    StackRule(
        id="iam-grants-match-definition",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC03-BP02",
        demand="A role allows exactly what the definitions of its users need.",
        remedy="Derive the role's policy from the definition.",
        types=frozenset({ROLE}),
        config=GrantConfig,
        check=_proven,
    ),
)
