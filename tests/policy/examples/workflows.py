"""State machines: logged, traced, and never stuck half-way."""

import json

from policy.guardrails.aws import MACHINE
from tests.policy.examples import fails, passes
from tests.policy.given import Given, arn, given

VENDED = arn("logs", "log-group:/aws/vendedlogs/states/saga:*")
RETRY = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Undo"}]
TASK = {"Type": "Task", "TimeoutSeconds": 5, "Retry": RETRY}
UNDO = {"Type": "Succeed"}


def _logging(**more: object) -> Given:
    settings = {"level": "ALL", "logDestination": VENDED, "includeExecutionData": False}
    return given(MACHINE, loggingConfiguration=settings | more)


def _machine(timeout: object = 60, **states: object) -> Given:
    definition = {"StartAt": next(iter(states)), "TimeoutSeconds": timeout, "States": states}
    if timeout is None:
        del definition["TimeoutSeconds"]
    return given(MACHINE, definition=json.dumps(definition))


def _without(key: str) -> dict[str, object]:
    return {name: value for name, value in {**TASK, "Catch": CATCH}.items() if name != key}


def _around(kind: str, **more: object) -> dict[str, object]:
    inner = {"StartAt": "Inner", "States": {"Inner": {**TASK, "End": True}}}
    nested = {
        "Parallel": {"Branches": [inner]},
        "Map": {"ItemProcessor": inner},
        "OldMap": {"Iterator": inner},
    }
    return {"Type": kind.removeprefix("Old"), **nested[kind], "End": True, **more}


EXAMPLES = (
    passes("sfn-logging", "all, without data", _logging()),
    passes("sfn-logging", "nothing is said about the data", given(MACHINE, loggingConfiguration={"level": "ALL", "logDestination": VENDED})),
    passes("sfn-logging", "errors", _logging(level="ERROR")),
    passes("sfn-logging", "data, where the configuration allows it", _logging(includeExecutionData=True), executionData=True),
    fails("sfn-logging", "nothing", "logs at level OFF", given(MACHINE)),
    fails("sfn-logging", "only what ends a machine", "logs at level FATAL", _logging(level="FATAL")),
    fails("sfn-logging", "data", "logs the data that it works on, which may be personal", _logging(includeExecutionData=True)),
    fails("sfn-logging", "a group that AWS refuses", "write the group's ARN with :* after it", _logging(logDestination=VENDED.removesuffix(":*"))),
    fails("sfn-logging", "a group of its own name", "takes room in the account's resource policy", _logging(logDestination=arn("logs", "log-group:saga:*"))),
    passes("sfn-tracing", "on", given(MACHINE, tracingConfiguration={"enabled": True})),
    fails("sfn-tracing", "not said", "is not traced", given(MACHINE)),
    fails("sfn-tracing", "off", "is not traced", given(MACHINE, tracingConfiguration={"enabled": False})),
    passes("sfn-saga-safe", "a task with all it needs", _machine(Do={**TASK, "Catch": CATCH, "End": True}, Undo=UNDO)),
    passes("sfn-saga-safe", "a timeout from the input", _machine(Do={**_without("TimeoutSeconds"), "TimeoutSecondsPath": "$.t"}, Undo=UNDO)),
    passes("sfn-saga-safe", "what a group catches", _machine(Group=_around("Parallel", Catch=CATCH), Undo=UNDO)),
    passes(
        "sfn-saga-safe",
        "all ways are followed",
        _machine(
            Choose={"Type": "Choice", "Choices": [{"Next": "A"}], "Default": "B"},
            A={"Type": "Pass", "Next": "C"},
            B={"Type": "Wait", "Seconds": 1, "Next": "C"},
            C={"Type": "Succeed"},
        ),
    ),
    fails("sfn-saga-safe", "a machine without an end", "may run for a year", _machine(None, Undo=UNDO)),
    fails("sfn-saga-safe", "a task that waits for ever", "waits for Do without end; set TimeoutSeconds of Do", _machine(Do=_without("TimeoutSeconds"), Undo=UNDO)),
    fails("sfn-saga-safe", "a task that is tried once", "gives Do up at its first failure", _machine(Do=_without("Retry"), Undo=UNDO)),
    fails("sfn-saga-safe", "a task whose failure nobody catches", "stops half-way when Do fails", _machine(Do={**TASK, "Next": "Undo"}, Undo=UNDO)),
    fails(
        "sfn-saga-safe",
        "a task that catches only what it expects",
        "stops half-way when Do fails in an unexpected way; catch States.ALL of Do",
        _machine(Do={**TASK, "Catch": [{"ErrorEquals": ["OutOfStock"], "Next": "Undo"}]}, Undo=UNDO),
    ),
    fails("sfn-saga-safe", "a task in a map", "stops half-way when Inner fails", _machine(Each=_around("Map"))),
    fails("sfn-saga-safe", "a task in a map as it was written before", "stops half-way when Inner fails", _machine(Each=_around("OldMap"))),
    fails("sfn-saga-safe", "a compensation that is never reached", "never reaches Undo, so what it compensates", _machine(Do={"Type": "Succeed"}, Undo=UNDO)),
    fails("sfn-saga-safe", "a way into nothing", "leads to 'Gone', which is no state", _machine(Do={"Type": "Pass", "Next": "Gone"})),
    fails(
        "sfn-saga-safe",
        "a way into nothing, within a group",
        "leads to 'Gone'",
        _machine(Group={"Type": "Parallel", "Branches": [{"StartAt": "Gone", "States": {}}], "End": True}),
    ),
    passes("sfn-saga-safe", "a short one, which ends by itself", given(MACHINE, type="EXPRESS", definition=json.dumps({"StartAt": "Undo", "States": {"Undo": UNDO}}))),
    passes("sfn-saga-safe", "a way back", _machine(Wait={"Type": "Wait", "Seconds": 1, "Next": "Ask"}, Ask={"Type": "Choice", "Choices": [{"Next": "Wait"}], "Default": "Undo"}, Undo=UNDO)),
    fails("sfn-saga-safe", "a task that is never tried again", "gives Do up at its first failure", _machine(Do={**TASK, "Catch": CATCH, "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}], "End": True}, Undo=UNDO)),
    passes("sfn-saga-safe", "a task that is not tried again only after what it expects", _machine(Do={**TASK, "Catch": CATCH, "Retry": [{"ErrorEquals": ["OutOfStock"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}], "End": True}, Undo=UNDO)),
    fails("sfn-saga-safe", "a heartbeat that is later than the end", "waits for a heartbeat of Do for 5 s, but for Do no longer than 5 s; make HeartbeatSeconds", _machine(Do={**TASK, "Catch": CATCH, "HeartbeatSeconds": 5, "End": True}, Undo=UNDO)),
    passes("sfn-saga-safe", "heartbeats, also computed ones", _machine(Do={**TASK, "Catch": CATCH, "HeartbeatSeconds": 4, "Next": "More"}, More={**TASK, "Catch": CATCH, "TimeoutSeconds": "{% $t %}", "HeartbeatSeconds": 9, "End": True}, Undo=UNDO)),
    fails("sfn-saga-safe", "a choice that may choose nothing", "stops half-way when none of the choices of Choose is met; set Default", _machine(Choose={"Type": "Choice", "Choices": [{"Next": "Undo"}]}, Undo=UNDO)),
    passes("sfn-saga-safe", "a choice in a group that catches", _machine(Group={"Type": "Parallel", "Branches": [{"StartAt": "Choose", "States": {"Choose": {"Type": "Choice", "Choices": [{"Next": "Undo"}]}, "Undo": UNDO}}], "Catch": CATCH, "End": True}, Undo=UNDO)),
    passes("sfn-saga-safe", "nothing to catch", _machine(Do={"Type": "Pass", "End": True, "Catch": None})),
    fails("sfn-saga-safe", "a machine that does not say where it starts", ["leads to '', which is no state", "never reaches Undo"], given(MACHINE, definition=json.dumps({"TimeoutSeconds": 60, "States": {"Undo": UNDO}}))),
    fails("sfn-saga-safe", "a catcher that does not say what it catches", "Do", _machine(Do={**TASK, "Catch": [{"Next": "Undo"}], "End": True}, Undo=UNDO)),
    fails("sfn-logging", "a level without a destination", "has a logDestination that AWS refuses; write the group's ARN", given(MACHINE, loggingConfiguration={"level": "ALL"})),
)  # fmt: skip
