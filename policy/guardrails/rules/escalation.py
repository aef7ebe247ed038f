"""Rule on what the policies of a role allow together."""

import re
from collections.abc import Iterator

from ..aws import MANAGED_POLICY, ROLE, ROLE_POLICY
from ..finding import Finding
from ..iam.escalation import escalations
from ..iam.principals import service_name
from ..policies import Kind, judgeable
from ..resource import Resource, Stack
from ..role_users import documents, documents_of, policies_for_others
from ..rule import CRITICAL, MANDATORY, Config, StackRule

PIPELINES = frozenset(
    f"{name}.amazonaws.com"
    for name in ("cloudformation", "codebuild", "codedeploy", "codepipeline")
)
_WORKLOAD = re.compile(r"oidc\.eks\.|^cognito-identity\.|^\*$")
"""Principals that are no services, and no people or pipelines either."""
_OF_PERMISSION_SET = "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment"
_REFERENCE = "customerManagedPolicyReference"


def _escalation(resource: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if resource.type == ROLE:
        found, deploys = documents(resource, stack), _deploys(resource, stack)
    else:
        having = policies_for_others(stack).get(resource.urn, [])
        found = documents_of(having)
        # Who has a policy that no role of the stack has is not known, unless it is for people to log in with.
        deploys = any(_is_for_people(policy, stack) for policy in having)
    for actions, means in escalations(found, deploys=deploys):
        yield Finding(
            f"may do {' and '.join(actions)}, and so {means}",
            "take one of the actions away, or give it to another role",
        )


def _is_for_people(policy: Resource, stack: Stack) -> bool:
    """Whether a policy is part of a permission set of IAM Identity Center."""
    return any(
        policy in stack.named_by(part, _REFERENCE, part.get(_REFERENCE, "name"), MANAGED_POLICY)
        for part in stack.of(_OF_PERMISSION_SET)
    )


def _deploys(role: Resource, stack: Stack, through: frozenset[str] = frozenset()) -> bool:
    """Whether only people and pipelines assume a role: nothing that runs for others, such as a function or a pod.

    A role `through` which another one is assumed has been asked already.
    """
    principals = {
        (kind, service_name(name))
        for document in judgeable(role, Kind.TRUST)
        for statement in document.allowing()
        for kind, name in statement.principals
    }
    asked = through | {role.urn}
    return bool(principals) and all(
        name in PIPELINES if kind == "Service" else _is_of_people(name, stack, asked)
        for kind, name in principals
    )


def _is_of_people(principal: str, stack: Stack, asked: frozenset[str]) -> bool:
    """Whether a principal that is no service is a person or a pipeline, or a role that only these assume."""
    first = stack.find(principal, ROLE)
    through = first is None or first.urn in asked or _deploys(first, stack, asked)
    return through and not _WORKLOAD.search(principal)


RULES = (
    StackRule(
        id="iam-no-privilege-escalation",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA SEC03-BP02",
        demand="The policies of a role do not, together, let it get more permissions.",
        remedy="Take one of the actions away, or divide the work between two roles.",
        types=frozenset({ROLE, ROLE_POLICY, MANAGED_POLICY}),
        check=_escalation,
    ),
)
