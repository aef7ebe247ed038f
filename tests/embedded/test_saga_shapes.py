"""Sagas of any shape, executed while anything goes wrong: what runs is what the rules demand."""

import json
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.saga_definition import resume_machine, state_machine
from components.saga_steps import Parallel, Plan, Step, members
from local.emulator import Emulator
from tests.embedded.conftest import ROLE, eventually
from tests.saga_rules import PASSED, REFUSES, Run, Trouble, demanded, wrong_members
from tests.sagas import PARKED_TABLE, SETTLE, OutOfStock, plans, step

pytestmark = pytest.mark.embedded

BREAKS, TIMES_OUT, THROTTLED = "breaks", "times out", "is throttled"
UNDECLARED = "raises what it has not declared"
UNDO_BREAKS, UNDO_THROTTLED = "undo breaks", "undo is throttled"
TABLE_BREAKS = "table breaks"
ERRORS = {
    REFUSES: ("OutOfStock", 1),
    UNDECLARED: ("OutOfStock", 3),
    BREAKS: ("Broken", 3),
    TIMES_OUT: ("States.Timeout", 3),
    THROTTLED: ("Lambda.TooManyRequestsException", 7),
    PASSED: ("PivotPassed", 1),
    UNDO_BREAKS: ("Broken", 6),
    UNDO_THROTTLED: ("Lambda.TooManyRequestsException", 7),
    TABLE_BREAKS: ("DynamoDB.AmazonDynamoDBException", 9),
}
"""Each way to go wrong: the task's error, and how often the task is tried."""
REFUSAL = OutOfStock.__name__
EVENT = {"id": "event-1", "data": {"orderId": "order-1"}}


@st.composite
def troubles(draw: st.DrawFn, plan: Plan) -> Trouble:
    """What goes wrong in one execution: in any stage, undo, or anything that runs then."""
    trouble: dict[str, str] = {}
    for stages in (plan.steps[: plan.pivot + 1], plan.steps[plan.pivot + 1 :]):
        if stages and draw(st.booleans()):
            trouble |= draw(_stage_troubles(draw(st.sampled_from(stages))))
    for name in _other_tasks(plan):
        if name.startswith("Park"):
            ways = [TABLE_BREAKS]
        elif name in {f"Undo{pivot.name}" for pivot in _pivots(plan)}:
            ways = [UNDO_BREAKS, UNDO_THROTTLED, PASSED, PASSED]
        else:
            ways = [UNDO_BREAKS, UNDO_THROTTLED]
        if draw(st.integers(0, 3)) == 0:
            trouble[name] = draw(st.sampled_from(ways))
    return trouble


@st.composite
def _stage_troubles(draw: st.DrawFn, stage: Step | Parallel) -> Trouble:
    """All members that go wrong do so in the same way, for otherwise the first one would decide."""
    way = draw(st.sampled_from((REFUSES, UNDECLARED, BREAKS, TIMES_OUT, THROTTLED)))
    able = [member for member in members(stage) if way not in {REFUSES, UNDECLARED}]
    able += [member for member in members(stage) if way == REFUSES and member.refusals]
    able += [member for member in members(stage) if way == UNDECLARED and not member.refusals]
    names = (
        draw(st.sets(st.sampled_from([member.name for member in able]), min_size=1)) if able else ()
    )
    return dict.fromkeys(names, way)


def _pivots(plan: Plan) -> list[Step]:
    return [stage for stage in plan.steps if isinstance(stage, Step) and stage.pivot]


def _other_tasks(plan: Plan) -> list[str]:
    """All tasks but the steps themselves, with those of the resuming machine."""
    steps = {member.name for stage in plan.steps for member in members(stage)}
    return [name for name in _tasks(state_machine(plan)["States"]) if name not in steps]


def _tasks(states: Mapping[str, Any]) -> Iterator[str]:
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name
        for branch in state.get("Branches", ()):
            yield from _tasks(branch["States"])


@dataclass
class Observed(Run):
    """What an execution did, by its history and by what it left behind."""

    execution: str = ""
    states: list[str] = field(default_factory=list)
    """All states that were entered one after the other."""
    members: set[str] = field(default_factory=set)
    """The steps that were entered in branches."""
    failures: Counter[str] = field(default_factory=Counter)
    """How often each task, or a group with all its tasks, failed."""
    cause: str = ""
    failure: dict[str, Any] = field(default_factory=dict)
    """What a failed execution tells about where it began to fail."""
    records: dict[str, dict[str, str]] = field(default_factory=dict)
    """State to the record of its parked work."""


class Machine:
    """A saga on the emulator; its tasks are answered by the emulator, only parking is real."""

    def __init__(self, emulator: Emulator, plan: Plan, definition: dict[str, Any]) -> None:
        self._emulator, self._plan, self._states = emulator, plan, definition["States"]
        self._client = emulator.client("stepfunctions")
        self._name = f"saga-{uuid.uuid4().hex[:12]}"
        self._arn = self._client.create_state_machine(
            name=self._name,
            definition=json.dumps(definition),
            roleArn=f"arn:aws:iam::000000000000:role/{ROLE}",
        )["stateMachineArn"]

    def run(self, executions: list[tuple[Trouble, Mapping[str, Any]]]) -> list[Observed]:
        """Execute the saga with each trouble and input, all at the same time."""
        self._mock([trouble for trouble, _ in executions])
        started = [
            self._client.start_execution(
                stateMachineArn=f"{self._arn}#{number}", input=json.dumps(given)
            )["executionArn"]
            for number, (_, given) in enumerate(executions)
        ]
        return [self._observe(execution) for execution in started]

    def _mock(self, troubles: list[Trouble]) -> None:
        lambdas = [name for name in _tasks(self._states) if not name.startswith("Park")]
        cases = {
            str(number): dict.fromkeys(lambdas, "works") | dict(trouble)
            for number, trouble in enumerate(troubles)
        }
        always = "0-9999"
        responses = {
            way: {always: {"Throw": {"Error": error, "Cause": f"it {way}"}}}
            for way, (error, _) in ERRORS.items()
        } | {"works": {always: {"Return": {}}}}
        mocks = {
            "StateMachines": {self._name: {"TestCases": cases}},
            "MockedResponses": responses,
        }
        request = urllib.request.Request(
            f"{self._emulator.endpoint}/_ministack/config",
            method="POST",
            data=json.dumps({"stepfunctions._sfn_mock_config": mocks}).encode(),
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request) as response:
            assert "stepfunctions._sfn_mock_config" in json.load(response)["applied"]

    def _observe(self, execution: str) -> Observed:
        ended = eventually(lambda: self._ended(execution))
        observed = Observed(execution=execution, records=self.records(execution))
        if ended["status"] == "SUCCEEDED":
            output = json.loads(ended["output"])
            observed.end = output.get("reason", output["outcome"])
        else:
            observed.end, observed.cause = ended["error"], ended["cause"]
            told = json.loads(ended["cause"]) if ended["cause"].startswith("{") else {}
            observed.parked = told.get("parked", [])
            observed.failure = told.get("failure", told)
        self._read_history(observed)
        return observed

    def _ended(self, execution: str) -> dict[str, Any]:
        """An execution that has ended; nothing as long as it runs."""
        found = self._client.describe_execution(executionArn=execution)
        return {} if found["status"] == "RUNNING" else found

    def records(self, execution: str) -> dict[str, dict[str, str]]:
        """State to the record of what an execution parked."""
        found = self._emulator.client("dynamodb").query(
            TableName=PARKED_TABLE,
            KeyConditionExpression="execution = :execution",
            ExpressionAttributeValues={":execution": {"S": execution}},
        )
        texts = [{name: value["S"] for name, value in item.items()} for item in found["Items"]]
        return {record["step"]: record for record in texts}

    def _read_history(self, observed: Observed) -> None:
        history = self._client.get_execution_history(
            executionArn=observed.execution, maxResults=1000
        )
        for event in history["events"]:
            if event["type"] == "TaskFailed":
                observed.failures[observed.states[-1]] += 1
            elif event["type"].endswith("StateEntered"):
                name = event["stateEnteredEventDetails"]["name"]
                if name not in self._states:
                    observed.members.add(name)
                    continue
                observed.states.append(name)
                if self._states[name]["Type"] in {"Task", "Parallel"}:
                    observed.tasks.append(name)


@pytest.fixture(scope="module")
def parking(emulator: Emulator) -> Iterator[Emulator]:
    """The emulator with the table that parked work is recorded in."""
    keys = {"execution": "HASH", "step": "RANGE"}
    emulator.client("dynamodb").create_table(
        TableName=PARKED_TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": type_} for name, type_ in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    yield emulator
    emulator.client("dynamodb").delete_table(TableName=PARKED_TABLE)


def as_run(run: Run) -> Run:
    return Run(run.tasks, run.parked, run.end)


def check(plan: Plan, trouble: Trouble, observed: Observed) -> None:
    """An execution did what the rules demand, tried as often as it should, and recorded what it parked."""
    assert as_run(observed) == demanded(plan, trouble, REFUSAL)
    check_attempts(plan, trouble, observed)
    check_groups(plan, trouble, observed)
    broken = {name for name in observed.parked if f"Park{name}" in trouble}
    assert set(observed.records) == set(observed.parked) - broken
    for name, record in observed.records.items():
        check_record(plan, trouble, name, record, observed)


def check_attempts(plan: Plan, trouble: Trouble, observed: Observed) -> None:
    culprits = {stage.name: wrong_members(stage, trouble) for stage in plan.steps}
    if any(len(names) > 1 for name, names in culprits.items() if name in observed.tasks):
        return  # how often the second member is tried, and until when, depends on when it is stopped
    for name in observed.tasks:
        [culprit] = culprits.get(name) or [name]
        expected = ERRORS[trouble[culprit]][1] if culprit in trouble else 0
        assert observed.failures[name] == expected, name


def check_groups(plan: Plan, trouble: Trouble, observed: Observed) -> None:
    for stage in plan.steps:
        if isinstance(stage, Parallel) and stage.name in observed.tasks:
            names = {member.name for member in stage.steps}
            wrong = set(wrong_members(stage, trouble))
            assert (wrong or names) & observed.members, stage.name
            assert wrong or names <= observed.members, stage.name


def check_record(
    plan: Plan, trouble: Trouble, name: str, record: dict[str, str], observed: Observed
) -> None:
    """A record tells an operator what to mend, and the saga where to go on."""
    stages = {stage.name: stage for stage in plan.steps}
    culprits = wrong_members(stages[name], trouble) if name in stages else [name]
    assert record["direction"] == ("do" if name in stages else "undo")
    assert record["error"] in {ERRORS[trouble[culprit]][0] for culprit in culprits}
    assert record["cause"] in {f"it {trouble[culprit]}" for culprit in culprits}
    assert json.loads(record["input"]) == EVENT
    assert json.loads(record["failure"]) == observed.failure
    assert observed.failure["execution"] == observed.execution


@st.composite
def sagas(draw: st.DrawFn) -> tuple[Plan, list[Trouble]]:
    plan = draw(plans())
    return plan, draw(st.lists(troubles(plan), min_size=1, max_size=12))


def test_whatever_goes_wrong_a_saga_does_what_the_rules_demand(parking):
    ends: Counter[str] = Counter()

    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(saga=sagas())
    def explore(saga):
        plan, troubles = saga
        runs = Machine(parking, plan, state_machine(plan)).run([(it, EVENT) for it in troubles])
        for trouble, observed in zip(troubles, runs, strict=True):
            check(plan, trouble, observed)
            ends[observed.end] += 1

    explore()
    assert min(ends[end] for end in ("completed", REFUSAL, "Compensated", "Parked")) > 5, ends


def test_parked_work_is_resumed_where_it_was_parked(parking):
    resumed: Counter[str] = Counter()

    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(saga=sagas())
    def explore(saga):
        plan, troubles = saga
        runs = Machine(parking, plan, state_machine(plan)).run([(it, EVENT) for it in troubles])
        parked = [
            (trouble, run)
            for trouble, run in zip(troubles, runs, strict=True)
            if run.parked and run.parked[0] in run.records
        ]
        again = Machine(parking, plan, resume_machine(plan)).run(
            [({}, resuming(run.records[run.parked[0]])) for _, run in parked]
        )
        for (trouble, first), second in zip(parked, again, strict=True):
            assert as_run(second) == left_to_do(plan, trouble, first)
            resumed[first.parked[0].rstrip("0123456789")] += 1

    explore()
    assert set(resumed) >= {"Step", "UndoStep", "Settle"}, resumed


def resuming(record: Mapping[str, str]) -> dict[str, Any]:
    """The input of the resuming machine, as an operator takes it from a record."""
    failure = json.loads(record["failure"])
    return {**json.loads(record["input"]), "resume": {"step": record["step"], "failure": failure}}


def left_to_do(plan: Plan, trouble: Trouble, first: Run) -> Run:
    """What a resumed saga has to do once nothing is wrong any more: all from the parked work on."""
    parked = first.parked[0]
    if parked in (names := [stage.name for stage in plan.steps]):
        return Run(names[names.index(parked) :], [], "completed")
    went_wrong = {
        member.name: trouble[member.name]
        for stage in plan.steps[: plan.pivot + 1]
        for member in members(stage)
        if member.name in trouble
    }
    undisturbed = demanded(plan, went_wrong, REFUSAL).tasks
    reason = ERRORS[next(iter(went_wrong.values()))][0]
    return Run(undisturbed[undisturbed.index(parked) :], [], reason)


ORDER = Plan(
    steps=(step("Reserve"), step("Confirm", pivot=True), step("Ship", undo=False)),
    parked_table=PARKED_TABLE,
    settle=SETTLE,
)


@pytest.mark.parametrize(
    ("parked", "trouble"),
    [
        ("UndoReserve", {"Reserve": BREAKS, "UndoReserve": UNDO_BREAKS}),
        ("UndoConfirm", {"Confirm": TIMES_OUT, "UndoConfirm": UNDO_BREAKS}),
        ("Ship", {"Ship": BREAKS}),
        ("Settle", {"Reserve": BREAKS, "Settle": UNDO_BREAKS}),
    ],
)
def test_work_that_is_resumed_in_vain_keeps_its_one_record(parking, parked, trouble):
    [first] = Machine(parking, ORDER, state_machine(ORDER)).run([(trouble, EVENT)])
    machine = Machine(parking, ORDER, resume_machine(ORDER))

    [second] = machine.run([(trouble, resuming(first.records[parked]))])

    assert (first.end, second.end) == ("Parked", "Parked")
    assert second.records == {}
    assert second.failure["execution"] == first.execution
    assert set(machine.records(first.execution)) == {parked}
    assert machine.records(first.execution)[parked] != first.records[parked]


def test_a_pivot_that_turns_out_to_have_passed_is_resumed_forward(parking):
    trouble = {"Confirm": TIMES_OUT, "UndoConfirm": UNDO_BREAKS}
    [first] = Machine(parking, ORDER, state_machine(ORDER)).run([(trouble, EVENT)])

    [second] = Machine(parking, ORDER, resume_machine(ORDER)).run(
        [({"UndoConfirm": PASSED}, resuming(first.records["UndoConfirm"]))]
    )

    assert as_run(second) == Run(["UndoConfirm", "Ship"], [], "completed")


@pytest.mark.parametrize("something", [None, "x", [], {}, {"step": "Settle", "failure": {}}])
def test_an_event_with_a_field_that_is_called_resume_is_undone_as_any_other(parking, something):
    trouble = {"Confirm": BREAKS}

    [run] = Machine(parking, ORDER, state_machine(ORDER)).run(
        [(trouble, {**EVENT, "resume": something})]
    )

    assert as_run(run) == demanded(ORDER, trouble, REFUSAL)
    assert run.failure["execution"] == run.execution


def test_resuming_at_a_step_that_cannot_be_parked_names_those_that_can(parking):
    given = {**EVENT, "resume": {"step": "Reserve", "failure": {"execution": "it"}}}

    [run] = Machine(parking, ORDER, resume_machine(ORDER)).run([({}, given)])

    assert (run.tasks, run.end) == ([], "UnknownStep")
    assert run.cause == (
        "resume.step must be one of ['Ship', 'UndoConfirm', 'UndoReserve', 'Settle']"
    )
