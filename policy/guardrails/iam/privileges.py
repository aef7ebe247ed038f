"""Grants that let a workload give permissions to itself or to others, or escape the rules on logs."""

from collections.abc import Iterator
from functools import lru_cache

from ..finding import Finding
from .actions import PERMISSIONS, expand, names_of
from .arns import is_everything, is_pattern
from .conditions import requires
from .documents import Document, Statement
from .grants import Reach, finding, granted, listed, reach

PASS_ROLE = "iam:PassRole"
CREATE_LOG_GROUP = "logs:CreateLogGroup"
_SERVICES_ROLE = "iam:AWSServiceName"
_FOR_SERVICES = "kms:GrantIsForAWSResource"


_LEAVE = "leave that to the role that deploys the stack"
_BOUNDS = {
    "iam:CreateServiceLinkedRole": f'or name the service in the condition {{"StringEquals": {{"{_SERVICES_ROLE}": "<service>.amazonaws.com"}}}}',
    "kms:CreateGrant": f'or let only services of AWS ask for it: {{"Bool": {{"{_FOR_SERVICES}": "true"}}}}',
}
"""How a change of permissions is bounded to what AWS itself has laid down."""


def passed_roles(document: Document) -> Iterator[Finding]:
    """Allow of handing a role to a service, without naming the role and the service."""
    instead = (
        "name the role's ARN, and its service in the condition "
        '{"StringEquals": {"iam:PassedToService": "<service>.amazonaws.com"}}'
    )
    for statement, pattern in granted(document):
        if PASS_ROLE not in names_of(pattern):
            continue
        for resource in statement.resources:
            wrong = [
                "lets every matching role be passed"
                if is_pattern(resource) or is_everything(resource)
                else "",
                ""
                if requires(statement, "iam:PassedToService")
                else "lets a role be passed to any service",
            ]
            for each in filter(None, wrong):
                yield finding(statement, each, instead, action=pattern, resource=resource)


def permission_changes(document: Document) -> Iterator[Finding]:
    """Allow of actions that change who may do what; passing roles is judged on its own."""
    for statement, pattern in granted(document):
        changing = [name for name in _changes(pattern) if not _is_bounded(name, statement)]
        if changing:
            which = "" if reach(pattern) is Reach.EXACT else f" through {listed(changing)}"
            for resource in statement.resources:
                yield finding(
                    statement,
                    f"changes permissions{which}",
                    ", ".join([_LEAVE, *(_BOUNDS[name] for name in changing if name in _BOUNDS)]),
                    action=pattern,
                    resource=resource,
                )


@lru_cache(maxsize=4_096)
def _changes(pattern: str) -> tuple[str, ...]:
    """The actions that change permissions, of those that an action of a policy stands for."""
    return tuple(
        action.name
        for action in expand(pattern)
        if action.access == PERMISSIONS and action.name != PASS_ROLE
    )


def _is_bounded(action: str, statement: Statement) -> bool:
    """Whether a change of permissions gives no more than AWS itself has laid down."""
    if action == "iam:CreateServiceLinkedRole":
        return bool(requires(statement, _SERVICES_ROLE))
    return action == "kms:CreateGrant" and any(
        (test.operator, test.key.lower(), test.values) == ("Bool", _FOR_SERVICES.lower(), ("true",))
        for test in statement.conditions
    )


def log_group_creation(document: Document) -> Iterator[Finding]:
    """Allow of making log groups, which never expire unless they are declared."""
    for statement, pattern in granted(document):
        if CREATE_LOG_GROUP in names_of(pattern):
            yield finding(
                statement,
                f"allows {CREATE_LOG_GROUP}, and a group made at run time keeps its logs for ever",
                "declare the group with its retention; logs:CreateLogStream and logs:PutLogEvents on it suffice",
                action=pattern,
            )
