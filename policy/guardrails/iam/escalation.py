"""Actions that are harmless alone, and together let a role get the permissions of another."""

from collections.abc import Iterable, Iterator

from .actions import expand
from .arns import is_arn, is_pattern
from .conditions import narrowing, requires
from .documents import Document, Statement
from .privileges import PASS_ROLE

WAYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"), "run code with another role"),
    (("iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"), "run code with another role"),
    (("iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"), "let others run code with another role"),
    (("iam:PassRole", "lambda:UpdateFunctionConfiguration"), "give a function another role"),
    (("lambda:UpdateFunctionCode",), "run code with the role of a function"),
    (("iam:PassRole", "ec2:RunInstances"), "run code with another role"),
    (("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"), "run code with another role"),
    (("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:StartTask"), "run code with another role"),
    (("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:CreateService"), "run code with another role"),
    (("iam:PassRole", "states:CreateStateMachine", "states:StartExecution"), "call AWS with another role"),
    (("iam:PassRole", "states:UpdateStateMachine"), "call AWS with another role"),
    (("iam:PassRole", "cloudformation:CreateStack"), "change resources with another role"),
    (("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"), "run code with another role"),
    (("iam:PassRole", "glue:CreateJob", "glue:StartJobRun"), "run code with another role"),
    (("iam:PassRole", "glue:CreateDevEndpoint"), "run code with another role"),
    (("iam:PassRole", "scheduler:CreateSchedule"), "call AWS with another role"),
    (("iam:PassRole", "pipes:CreatePipe"), "call AWS with another role"),
    (("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"), "assume roles that did not trust it"),
    (("ssm:SendCommand",), "run commands with the role of an instance"),
)  # fmt: skip
"""Sets of actions, and what somebody with all of them can do."""


BOUNDED = frozenset({"ec2:RunInstances", "scheduler:CreateSchedule"})
"""Actions of workloads, by which a service does no more than what a role may that was named when it was passed."""


def escalations(
    documents: Iterable[Document], *, deploys: bool = False
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The ways to more permissions that some documents open when they are taken together.

    Who `deploys` changes what runs with the roles of others; it may do so to what it names.
    """
    allowed, loose = set[str](), set[str]()
    for statement in (each for document in documents for each in document.allowing()):
        names = {action.name for pattern in statement.actions for action in expand(pattern)}
        allowed |= names
        loose |= {name for name in names if not _is_named(name, statement)}
    for actions, means in WAYS:
        named = loose.isdisjoint({PASS_ROLE}.intersection(actions) or actions)
        bounded = named and (deploys or not BOUNDED.isdisjoint(actions))
        if allowed.issuperset(actions) and not bounded:
            yield actions, means


def _is_named(action: str, statement: Statement) -> bool:
    """Whether a statement names what an action is done to; of a role, the service that it is passed to as well."""
    exact = not statement.not_resources and all(
        is_arn(each) and not is_pattern(each) for each in statement.resources
    )
    if action == PASS_ROLE:
        return exact and bool(requires(statement, "iam:PassedToService"))
    return exact or bool(narrowing(statement))
