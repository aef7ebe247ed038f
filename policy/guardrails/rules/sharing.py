"""Rules on who uses a role: one thing, for one purpose."""

from collections.abc import Iterator, Sequence

from ..aws import ROLE, TASK_DEFINITION
from ..finding import Finding
from ..resource import Resource, Stack
from ..role_properties import ROLES_AT
from ..role_users import Use, uses, uses_of_others
from ..rule import HIGH, MANDATORY, Config, StackRule


def _not_shared(resource: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if names := _sharers(uses(stack).get(resource.urn, ())):
        wrong = f"is used by {names}, so each may do what only the others need"
        yield Finding(wrong, "declare a role for each")
    # Of a role that is declared elsewhere, the first that uses it tells.
    for role, using in uses_of_others(stack).get(resource.urn, {}).items():
        if names := _sharers(using):
            wrong = f"has the role {role}, which is used by {names}, so each may do what only the others need"
            yield Finding(wrong, "declare a role for each")


def _sharers(using: Sequence[Use]) -> str:
    """Who shares a role; empty if nobody does."""
    if len({use.shares for use in using}) < 2:  # noqa: PLR2004 (it takes two)
        return ""
    names = sorted({use.user.name for use in using})
    if len(names) == 1:
        # By one resource for several purposes, such as a job and what starts it.
        names = [f"{use.user.name} as {use.at}" for use in using]
    return ", ".join(names)


def _distinct(task: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if _roles(task, "taskRoleArn", stack) & _roles(task, "executionRoleArn", stack):
        wrong = "runs with the role that pulls its image and reads its secrets"
        yield Finding(wrong, "declare a task role of its own")


def _roles(task: Resource, property_: str, stack: Stack) -> set[str]:
    """The URN of the role that a property names, or what it says if the stack does not declare that."""
    value = task.get(property_)
    declared = {role.urn for role in stack.named_by(task, property_, value, ROLE)}
    return declared or ({value} if isinstance(value, str) else set())


RULES = (
    StackRule(
        id="iam-role-not-shared",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC03-BP02",
        demand="Everything that runs has a role of its own.",
        remedy="Declare a role for each function, state machine, target and task.",
        types=frozenset({ROLE, *ROLES_AT}),
        check=_not_shared,
    ),
    StackRule(
        id="ecs-roles-distinct",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC03-BP02",
        demand="A task does not run with its execution role.",
        remedy="Declare a task role.",
        types=frozenset({TASK_DEFINITION}),
        check=_distinct,
    ),
)
