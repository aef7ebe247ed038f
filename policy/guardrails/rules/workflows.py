"""Rules on state machines: logged, traced, and never stuck half-way."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from msgspec import Meta

from .. import asl
from ..aws import MACHINE
from ..finding import Finding
from ..resource import Resource
from ..rule import HIGH, LOW, MANDATORY, MEDIUM, Config, ResourceRule

VENDED = ":log-group:/aws/vendedlogs/"


class LoggingConfig(Config, frozen=True, kw_only=True):
    """What the log of a machine may hold."""

    execution_data: Annotated[
        bool, Meta(description="Whether the log may hold the data that the machine works on.")
    ] = False


def _logging(machine: Resource, config: LoggingConfig) -> Iterator[Finding]:
    logging = "loggingConfiguration"
    level = machine.get(logging, "level", default="OFF")
    if level not in {"ERROR", "ALL"}:
        yield Finding(f"logs at level {level}", "set level of loggingConfiguration to ERROR or ALL")
        return
    destination = machine.get(logging, "logDestination", default="")
    if not destination.endswith(":*"):
        yield Finding(
            "has a logDestination that AWS refuses", "write the group's ARN with :* after it"
        )
    if destination and VENDED not in destination:
        wrong = "logs to a group that takes room in the account's resource policy"
        yield Finding(wrong, "name the group /aws/vendedlogs/..., which needs none of its own")
    if machine.get(logging, "includeExecutionData") and not config.execution_data:
        wrong = "logs the data that it works on, which may be personal"
        yield Finding(wrong, "set includeExecutionData to false")


def _tracing(machine: Resource, _config: Config) -> Iterator[Finding]:
    if not machine.get("tracingConfiguration", "enabled"):
        yield Finding("is not traced", "set enabled of tracingConfiguration")


def _saga(machine: Resource, _config: Config) -> Iterator[Finding]:
    definition = asl.definition(machine)
    express = machine.get("type") == "EXPRESS"
    if not express and "TimeoutSeconds" not in definition:
        yield Finding("may run for a year", "set TimeoutSeconds in its definition")
    for state in asl.states(definition):
        if state.is_task:
            yield from _task(state)
        if state.raw.get("Type") == "Choice":
            yield from _choice(state)
    for nested in asl.machines(definition):
        yield from _connected(nested)


def _task(state: asl.State) -> Iterator[Finding]:
    name, raw = state.name, state.raw
    if not raw.keys() & {"TimeoutSeconds", "TimeoutSecondsPath"}:
        yield Finding(f"waits for {name} without end", f"set TimeoutSeconds of {name}")
    timeout, heartbeat = raw.get("TimeoutSeconds"), raw.get("HeartbeatSeconds")
    # Of what is computed at run time, nothing is known here.
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        wrong = f"waits for a heartbeat of {name} for {heartbeat} s, but for {name} no longer than {timeout} s"
        yield Finding(wrong, f"make HeartbeatSeconds of {name} smaller than its TimeoutSeconds")
    if all(retrier.get("MaxAttempts") == 0 for retrier in raw.get("Retry") or ()):
        yield Finding(f"gives {name} up at its first failure", f"set Retry of {name}")
    if not _is_caught(raw, *state.around):
        wrong = f"stops half-way when {name} fails in an unexpected way"
        yield Finding(wrong, f"catch {asl.ALL_ERRORS} of {name}, or of the state that it is in")


def _choice(state: asl.State) -> Iterator[Finding]:
    if "Default" not in state.raw and not _is_caught(*state.around):
        wrong = f"stops half-way when none of the choices of {state.name} is met"
        yield Finding(wrong, f"set Default of {state.name}")


def _is_caught(*states: Mapping[str, Any]) -> bool:
    """Whether one of some states goes on somewhere, however it fails."""
    return any(
        asl.ALL_ERRORS in catcher.get("ErrorEquals", ())
        for state in states
        for catcher in state.get("Catch") or ()
    )


def _connected(machine: Mapping[str, Any]) -> Iterator[Finding]:
    states, seen, waiting = machine["States"], set[str](), [machine.get("StartAt", "")]
    while waiting:
        name = waiting.pop()
        if name not in states:
            yield Finding(f"leads to {name!r}, which is no state", "correct StartAt or Next")
        elif name not in seen:
            seen.add(name)
            waiting.extend(asl.successors(states[name]))
    for name in sorted(states.keys() - seen):
        wrong = f"never reaches {name}, so what it compensates is not compensated"
        yield Finding(wrong, "lead to it with Next, Default or Catch, or remove it")


RULES = (
    ResourceRule(
        id="sfn-logging",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP StepFunctions.1",
        demand="Every state machine logs its errors, and not the data that it works on.",
        remedy="Set level, logDestination and includeExecutionData.",
        types=frozenset({MACHINE}),
        config=LoggingConfig,
        check=_logging,
    ),
    ResourceRule(
        id="sfn-tracing",
        level=MANDATORY,
        severity=LOW,
        reference="WA OPS04-BP05",
        demand="Every state machine is traced.",
        remedy="Turn tracing on.",
        types=frozenset({MACHINE}),
        check=_tracing,
    ),
    ResourceRule(
        id="sfn-saga-safe",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL05-BP03",
        demand="No state machine waits for ever, gives up at once, or stops half-way.",
        remedy="Give each task a timeout, retries and a catch of all errors, and each choice a default; connect all states.",
        types=frozenset({MACHINE}),
        check=_saga,
    ),
)
