"""Actions that are harmless alone, and together let a role get the permissions of another."""

from collections.abc import Iterable, Iterator

from .actions import expand
from .documents import Document

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


def escalations(documents: Iterable[Document]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The ways to more permissions that some documents open when they are taken together."""
    allowed = {
        action.name
        for document in documents
        for statement in document.allowing()
        for pattern in statement.actions
        for action in expand(pattern)
    }
    for actions, means in WAYS:
        if allowed.issuperset(actions):
            yield actions, means
