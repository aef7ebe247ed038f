"""Actions that are harmless alone, and together let a role get the permissions of another."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .actions import names_of
from .arns import is_arn, is_pattern
from .conditions import narrowing, requires
from .documents import Document, Statement
from .principals import service_name
from .privileges import PASS_ROLE

_RUNS, _CALLS = "run code with another role", "call AWS with another role"
_ANY = "any service"


class Way(NamedTuple):
    """A set of actions, and what somebody with all of them can do."""

    passed_to: str
    """The service that has to be handed a role; empty when it has one already."""
    actions: tuple[str, ...]
    means: str

    @property
    def needs(self) -> tuple[str, ...]:
        """All actions that it takes."""
        return (PASS_ROLE, *self.actions) if self.passed_to else self.actions


WAYS = (
    Way("lambda", ("lambda:CreateFunction", "lambda:InvokeFunction"), _RUNS),
    Way("lambda", ("lambda:CreateFunction", "lambda:CreateEventSourceMapping"), _RUNS),
    Way("lambda", ("lambda:CreateFunction", "lambda:AddPermission"), "let others run code with another role"),
    Way("", ("lambda:UpdateFunctionCode",), "run code with the role of a function"),
    Way("", ("lambda:UpdateFunctionConfiguration",), "run code with the role of a function, from a layer"),
    Way("ec2", ("ec2:RunInstances",), _RUNS),
    Way("ecs-tasks", ("ecs:RegisterTaskDefinition", "ecs:RunTask"), _RUNS),
    Way("ecs-tasks", ("ecs:RegisterTaskDefinition", "ecs:StartTask"), _RUNS),
    Way("ecs-tasks", ("ecs:RegisterTaskDefinition", "ecs:CreateService"), _RUNS),
    Way("ecs-tasks", ("ecs:RegisterTaskDefinition", "ecs:UpdateService"), _RUNS),
    Way("tasks.apprunner", ("apprunner:CreateService",), _RUNS),
    Way("states", ("states:CreateStateMachine", "states:StartExecution"), _CALLS),
    Way("states", ("states:UpdateStateMachine",), _CALLS),
    Way("cloudformation", ("cloudformation:CreateStack",), "change resources with another role"),
    Way("cloudformation", ("cloudformation:UpdateStack",), "change resources with another role"),
    Way("cloudformation", ("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"), "change resources with another role"),
    Way("codebuild", ("codebuild:CreateProject", "codebuild:StartBuild"), _RUNS),
    Way("", ("codebuild:UpdateProject",), "run code with the role of a project"),
    Way("glue", ("glue:CreateJob", "glue:StartJobRun"), _RUNS),
    Way("glue", ("glue:UpdateJob",), _RUNS),
    Way("glue", ("glue:CreateSession", "glue:RunStatement"), _RUNS),
    Way("glue", ("glue:CreateDevEndpoint",), _RUNS),
    Way("", ("glue:UpdateDevEndpoint",), "log in to an endpoint that has a role"),
    Way("sagemaker", ("sagemaker:CreateNotebookInstance",), _RUNS),
    Way("", ("sagemaker:CreatePresignedNotebookInstanceUrl",), "open a notebook that has a role"),
    Way("sagemaker", ("sagemaker:CreateTrainingJob",), _RUNS),
    Way("sagemaker", ("sagemaker:CreateProcessingJob",), _RUNS),
    Way("emr-serverless", ("emr-serverless:StartJobRun",), _RUNS),
    Way("bedrock-agentcore", ("bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"), _RUNS),
    Way("datapipeline", ("datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"), _RUNS),
    Way("scheduler", ("scheduler:CreateSchedule",), _CALLS),
    Way("events", ("events:PutTargets",), _CALLS),
    Way("pipes", ("pipes:CreatePipe",), _CALLS),
    Way("", ("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"), "assume roles that did not trust it"),
    Way("", ("ssm:SendCommand",), "run commands with the role of an instance"),
    Way("ssm", ("ssm:StartAutomationExecution",), _CALLS),
)  # fmt: skip
_NEEDED = frozenset(action for way in WAYS for action in way.needs)
BOUNDED = frozenset(
    {"ec2:RunInstances", "scheduler:CreateSchedule", "events:PutTargets"}
    | {"ssm:SendCommand", "ssm:StartAutomationExecution", "emr-serverless:StartJobRun"}
    | {"sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"}
)
"""Actions of workloads, by which no more is done than a role may that was named, or the instance that has it."""


def escalations(
    documents: Iterable[Document], *, deploys: bool
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The ways to more permissions that some documents open when they are taken together.

    Who `deploys` changes what runs with the roles of others; it may do so to what it names.
    """
    allowed, loose, served = set[str](), set[str](), set[str]()
    for statement in (each for document in documents for each in document.allowing()):
        names = frozenset[str]().union(*(_NEEDED & names_of(each) for each in statement.actions))
        allowed |= names
        loose |= {name for name in names if not _is_named(name, statement)}
        if PASS_ROLE in names:
            services = requires(statement, "iam:PassedToService")
            served |= set(map(service_name, services)) or {_ANY}
    for way in WAYS:
        named = loose.isdisjoint({PASS_ROLE}.intersection(way.needs) or way.needs)
        bounded = named and (deploys or not BOUNDED.isdisjoint(way.needs))
        if allowed.issuperset(way.needs) and _is_served(way, served) and not bounded:
            yield way.needs, way.means


def _is_served(way: Way, served: set[str]) -> bool:
    """Whether a role may be passed to the service that a way needs to have one."""
    return not way.passed_to or not served.isdisjoint({_ANY, f"{way.passed_to}.amazonaws.com"})


def _is_named(action: str, statement: Statement) -> bool:
    """Whether a statement names what an action is done to; of a role, the service that it is passed to as well."""
    exact = not statement.not_resources and all(
        is_arn(each) and not is_pattern(each) for each in statement.resources
    )
    if action == PASS_ROLE:
        return exact and bool(requires(statement, "iam:PassedToService"))
    return exact or bool(narrowing(statement))
