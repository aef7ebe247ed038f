"""What a call takes that is named by a service and an operation, as Step Functions and schedules name it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..aws import ROLE, TASK_DEFINITION, name_in
from ..iam.actions import services
from ..iam.operations import PREFIXES, authorising
from ..resource import Resource, Stack
from .need import Need, everything_of, name_of, on_anything, on_keys

_STEP_FUNCTIONS = "rule/StepFunctionsGetEvent"
WAITING: Mapping[str, tuple[tuple[str, ...], str]] = {
    "batch:SubmitJob": (("batch:DescribeJobs", "batch:TerminateJob"), "sForBatchJobsRule"),
    "codebuild:StartBuild": (
        ("codebuild:BatchGetBuilds", "codebuild:StopBuild"),
        "ForCodeBuildStartBuildRule",
    ),
    "ecs:RunTask": (("ecs:DescribeTasks", "ecs:StopTask"), "sForECSTaskRule"),
    "glue:StartJobRun": (("glue:BatchStopJobRun", "glue:GetJobRun"), ""),
}
"""For each action that is waited for: how its end is asked for, and how the managed rule that tells of it ends."""
RULES = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
"""How a machine learns that what it started has ended: by a rule that Step Functions manages."""
_ALONG: Mapping[str, tuple[str, ...]] = {
    "athena:StartQueryExecution": (
        *("athena:GetDataCatalog", "athena:GetQueryExecution", "athena:StopQueryExecution"),
        *("glue:GetDatabase", "glue:GetDatabases", "glue:GetTable", "glue:GetTables"),
        *("glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"),
        *("lakeformation:GetDataAccess", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"),
        *("s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts"),
        *("s3:AbortMultipartUpload", "s3:PutObject"),
    ),
    "ecs:RunTask": ("ecs:TagResource",),
    "redshift-data:ExecuteStatement": (
        *("redshift:GetClusterCredentials", "redshift-serverless:GetCredentials"),
        *("redshift-data:BatchExecuteStatement", "secretsmanager:GetSecretValue"),
    ),
    "s3:PutObject": (*("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts"),),
    "s3:GetObject": ("s3:ListBucket",),
    "dynamodb:ExportTableToPointInTime": ("s3:AbortMultipartUpload", "s3:PutObject"),
    "dynamodb:ImportTable": ("s3:GetObject", "s3:ListBucket"),
    "rds-data": ("secretsmanager:GetSecretValue",),
    "rekognition": ("s3:GetObject",),
    "textract": ("s3:GetObject", "s3:PutObject"),
    "transcribe": ("s3:GetObject", "s3:PutObject"),
}
"""What else some calls may come to, or all those of a service."""
_ASKS = ("Describe", "Get", "List", "BatchGet")
_ENDS = ("Stop", "Cancel", "Terminate", "BatchStop", "Delete")


def calling(service: str, operation: str, *, waits: bool = False) -> Iterator[Need]:
    """What a call takes, whose arguments are not looked into; it may be about any resource that the actions know."""
    actions = authorising(service, operation)
    if not actions:
        yield from _unknown(service)
        return
    for action in actions:
        yield from on_anything(action.name, demanded=len(actions) == 1)
        if action.passes_role:
            yield Need("iam:PassRole", "iam", ("role/*",), demanded=False)
        for known in (action.name, action.name.partition(":")[0]):
            yield from on_anything(*_ALONG.get(known, ()), demanded=False)
        if waits:
            yield from waiting(action.name)
    if any(action.formats for action in actions):
        yield from on_keys()


def _unknown(service: str) -> Iterator[Need]:
    """A call that the action table does not know: anything of its service, or anything at all."""
    known = services() & {service.lower(), PREFIXES.get(service.lower(), "")}
    for each in known or {"*"}:
        yield from everything_of(each)


def waiting(action: str) -> Iterator[Need]:
    """What it takes to wait for the end of what an action has started."""
    if action not in WAITING:
        prefix = action.partition(":")[0]
        yield from everything_of(prefix, *_ASKS, *_ENDS)
        yield from managed_rule("*", demanded=False)
        return
    asked, rule = WAITING[action]
    yield from on_anything(*asked)
    if rule:
        yield from managed_rule(rule)
    if action == "glue:StartJobRun":
        yield from on_anything("glue:GetJobRuns", demanded=False)


def managed_rule(ends: str, *, demanded: bool = True) -> Iterator[Need]:
    """Needs of a rule that Step Functions manages."""
    return (Need(action, "events", (_STEP_FUNCTIONS + ends,), demanded) for action in RULES)


def running(task: Any, resource: Resource, property_: str, stack: Stack) -> Iterator[Need]:
    """What it takes to run a task of a definition: running it, and handing over the roles that it names."""
    family = name_in(task, TASK_DEFINITION).partition(":")[0] if isinstance(task, str) else ""
    declared = stack.named_by(resource, property_, family or task, TASK_DEFINITION)
    known = family or _family(declared) or "*"
    definitions = (f"task-definition/{known}:*", f"task-definition/{known}")
    yield Need("ecs:RunTask", "ecs", definitions)
    yield from on_anything("ecs:TagResource", demanded=False)
    if not declared:
        yield Need("iam:PassRole", "iam", ("role/*",), demanded=False)
    for definition in declared:
        for at in ("taskRoleArn", "executionRoleArn"):
            if (role := definition.get(at)) is not None:
                name = name_of(stack, definition, at, role, ROLE) or "*"
                yield Need("iam:PassRole", "iam", (f"role/{name}", f"role/*/{name}"))


def _family(declared: list[Resource]) -> str:
    families = [each.props.get("family") for each in declared]
    return families[0] if families and isinstance(families[0], str) else ""
