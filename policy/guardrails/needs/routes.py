"""What the roles of EventBridge targets, schedules and pipes have to allow."""

import re
from collections.abc import Iterator
from dataclasses import replace

from ..failure_paths import failure_path
from ..resource import Resource, Stack
from .calls import calling
from .deliveries import Task, delivering, polling
from .need import Need

ONE_BY_ONE = frozenset({"firehose:PutRecord", "kinesis:PutRecord"})
_UNIVERSAL = re.compile(r"arn:[^:]+:scheduler:::aws-sdk:(?P<service>[^:]+):(?P<operation>[^:]+)")


def of_target(target: Resource, stack: Stack) -> Iterator[Need]:
    """What EventBridge needs in order to deliver to a target."""
    task = target.get("ecsTarget", "taskDefinitionArn")
    yield from delivering(target, "arn", target.get("arn"), stack, Task("ecsTarget", task))


def of_schedule(schedule: Resource, stack: Stack) -> Iterator[Need]:
    """What the scheduler needs in order to call its target and to keep what it cannot deliver."""
    arn = schedule.get("target", "arn")
    called = _UNIVERSAL.fullmatch(arn) if isinstance(arn, str) else None
    if called:
        yield from calling(called["service"], called["operation"])
    else:
        task = schedule.get("target", "ecsParameters", "taskDefinitionArn")
        yield from delivering(schedule, "target", arn, stack, Task("target", task))
    dead_letters = schedule.get("target", "deadLetterConfig", "arn")
    yield from delivering(schedule, "target", dead_letters, stack)


def of_pipe(pipe: Resource, stack: Stack) -> Iterator[Need]:
    """What a pipe needs in order to read, enrich, deliver, and keep what it cannot deliver."""
    yield from polling(pipe, "source", pipe.get("source"), stack)
    parameters = "targetParameters"
    task = Task(parameters, pipe.get(parameters, "ecsTaskParameters", "taskDefinitionArn"))
    wanted = delivering(pipe, "target", pipe.get("target"), stack, task)
    invoked = pipe.get(parameters, "stepFunctionStateMachineParameters", "invocationType")
    yield from _by_pipe(wanted, waits=invoked == "REQUEST_RESPONSE")
    enriching = delivering(pipe, "enrichment", pipe.get("enrichment"), stack)
    yield from _by_pipe(enriching, waits=True)
    property_, dead_letters = failure_path(pipe)
    yield from delivering(pipe, property_, dead_letters, stack)


def _by_pipe(needs: Iterator[Need], *, waits: bool) -> Iterator[Need]:
    """Needs as a pipe has them: it may wait for a machine, and writes to streams one by one or many at once."""
    for need in needs:
        if waits and need.action == "states:StartExecution":
            yield replace(need, action="states:StartSyncExecution")
        else:
            yield replace(need, demanded=need.demanded and need.action not in ONE_BY_ONE)
