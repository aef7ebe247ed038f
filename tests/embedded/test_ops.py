"""The operator's commands on the whole program, deployed to one embedded AWS."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.progress import Progress

from local.demo import STOCK
from local.deployment import deploy
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.program import ROOT
from local.scenarios import BOUGHT, Scenario
from local.traffic import Traffic, publish
from ops import journal, products
from ops.__main__ import main
from ops.event import glance
from ops.failures import depth, explain, find, peek
from ops.parked import parked
from ops.per_order import EVENTS
from ops.redrive import Options, Step, redrive
from ops.stack import Stack
from ops.tail import arriving, tapped
from tests.embedded.conftest import eventually

pytestmark = pytest.mark.embedded

EVERYTHING = Options(limit=1000, rate=1000)
QUEUES = "arn:aws:sqs:us-east-1:000000000000"
NOTIFY, START = "notify-customer-queue-failures", "start-saga-undelivered"


@dataclass(frozen=True)
class Site:
    """A deployed stack, its traffic, and the file that the commands find it by."""

    emulator: Emulator
    stack: Stack
    traffic: Traffic
    outputs: str

    def run(self, *arguments: str) -> int:
        return main(["--outputs", self.outputs, *arguments])

    def depth(self, name: str) -> int:
        return depth(self.stack, find(self.stack, name))

    def send(self, name: str, body: str, **attributes: str) -> None:
        """Put a message into a failure queue, as AWS does."""
        self.stack.client("sqs").send_message(
            QueueUrl=self.stack.output("failureQueues")[name],
            MessageBody=body,
            MessageAttributes={
                key: {"DataType": "String", "StringValue": value}
                for key, value in attributes.items()
            },
        )

    def empty(self, *names: str) -> None:
        for name in names:
            self.stack.client("sqs").purge_queue(QueueUrl=self.stack.output("failureQueues")[name])


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Emulator(environment={"LOCAL_WAIT_SCALE": "0.02"}) as emulator:
        outputs = deploy(emulator).outputs
        stack = Stack(outputs, "us-east-1", emulator.endpoint)
        products.put(stack, products.read(STOCK))
        file = tmp_path_factory.mktemp("ops") / "outputs.json"
        file.write_text(
            json.dumps({"endpoint": emulator.endpoint, "region": "us-east-1", "outputs": outputs})
        )
        yield Site(emulator, stack, Traffic(stack, Progress(disable=True)), str(file))


@pytest.fixture
def site(deployed: Site) -> Iterator[Site]:
    """The stack, with nothing in the failure queues that these tests use."""
    yield deployed
    deployed.empty(NOTIFY, START)


def fulfilled(order_id: str) -> str:
    """The end of an order as EventBridge hands it over."""
    event = {
        "version": "0",
        "id": f"eb-{order_id}",
        "detail-type": "order.fulfilled",
        "source": "shipping",
        "time": "2026-01-01T00:00:00Z",
        "detail": {
            "version": "1",
            "id": f"event-{order_id}",
            "source": "shipping",
            "type": "order.fulfilled",
            "time": "2026-01-01T00:00:00Z",
            "data": {"orderId": order_id, "customerId": "c-1", "shipmentId": "shp-1"},
            "metadata": {
                "correlationId": f"request-{order_id}",
                "causationId": f"request-{order_id}",
                "userId": "c-1",
            },
        },
    }
    return json.dumps(event)


def told(site: Site, order_id: str) -> list[str]:
    """Keys of what the notifications' table knows of an event, its outbox apart."""
    table = site.stack.output("notificationsTableName")
    items = site.stack.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    return [
        item["id"]["S"]
        for item in items
        if order_id in json.dumps(item) and not item["id"]["S"].startswith("outbox#")
    ]


def test_a_poisoned_listener_is_seen_and_explained(site: Site, capsys: pytest.CaptureFixture[str]):
    assert site.run("queues") == 0

    publish(site.stack, "shipping", {"type": "order.fulfilled", "orderId": "poison"})
    eventually(lambda: site.depth(NOTIFY) == 1)
    capsys.readouterr()

    assert site.run("queues") == 1
    assert "processing" in capsys.readouterr().out
    assert site.run("show", NOTIFY) == 1
    shown = capsys.readouterr().out
    assert "Unparsable: order.fulfilled: Object missing required field" in shown
    assert "1 of 1 messages in notify-customer-queue-failures" in shown


def test_what_a_command_lists_the_next_one_can_be_given(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    site.run("queues")
    queues = capsys.readouterr().out
    site.traffic.send([Scenario("listed", BOUGHT)], "listed")
    eventually(lambda: journal.of_type(site.stack, "order.created"))
    site.run("events", "order.created")
    events = capsys.readouterr().out

    assert all(name in queues for name in site.stack.output("failureQueues"))
    assert "order.created" in events
    assert "…" not in events


def test_an_event_that_there_is_not_is_named_with_those_there_are(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    assert site.run("events", "order.canceled") == 2

    error = capsys.readouterr().err
    assert "no event is called 'order.canceled'; events are ['failures.redriven', " in error
    assert "'order.cancelled'" in error


def test_looking_leaves_every_message_where_it_was(site: Site):
    for number in range(12):
        site.send(NOTIFY, fulfilled(f"peeked-{number}"))

    first = peek(site.stack, find(site.stack, NOTIFY))
    second = peek(site.stack, find(site.stack, NOTIFY))

    assert len(first) == 12
    assert {failure.message_id for failure in first} == {failure.message_id for failure in second}


def test_a_processing_failure_goes_back_to_its_queue_and_is_processed(site: Site):
    site.send(NOTIFY, fulfilled("again-1"))

    assert site.run("redrive", NOTIFY) == 0

    assert eventually(lambda: told(site, "again-1"))
    assert site.depth(NOTIFY) == 0


def test_a_message_that_still_cannot_be_processed_is_redriven_once(site: Site):
    site.send(NOTIFY, "no JSON", ERROR_CODE="Unparsable", ERROR_MESSAGE="no JSON")
    steps: list[Step] = []

    options = Options(limit=3, rate=1000)
    outcome = redrive(site.stack, find(site.stack, NOTIFY), options, steps.append)

    assert (outcome.redriven, len(steps)) == (1, 1)
    assert eventually(lambda: site.depth(NOTIFY) == 1)


def test_a_dry_run_changes_nothing(site: Site, capsys: pytest.CaptureFixture[str]):
    site.send(NOTIFY, fulfilled("dry-1"))
    before = peek(site.stack, find(site.stack, NOTIFY))

    assert site.run("redrive", NOTIFY, "--dry-run") == 0

    assert "would hand over order.fulfilled of dry-1 to arn:aws:sqs:" in capsys.readouterr().out
    after = peek(site.stack, find(site.stack, NOTIFY))
    assert [failure.message_id for failure in after] == [failure.message_id for failure in before]
    assert told(site, "dry-1") == []


@contextmanager
def forbidden_to_start_sagas(site: Site) -> Iterator[None]:
    """EventBridge may not start the saga, so that what it delivers there fails at once."""
    iam = site.stack.client("iam")
    [role] = [
        role["RoleName"]
        for role in iam.list_roles()["Roles"]
        if role["RoleName"].endswith("-start-saga-1-role")
    ]
    found = iam.get_role_policy(RoleName=role, PolicyName="permissions")
    iam.delete_role_policy(RoleName=role, PolicyName="permissions")
    try:
        yield
    finally:
        policy = json.dumps(found["PolicyDocument"])
        iam.put_role_policy(RoleName=role, PolicyName="permissions", PolicyDocument=policy)


def executions(site: Site, order_id: str) -> int:
    states = site.stack.client("stepfunctions")
    found = states.list_executions(stateMachineArn=site.stack.output("sagaArn"))["executions"]
    inputs = [states.describe_execution(executionArn=one["executionArn"]) for one in found]
    return sum(order_id in one["input"] for one in inputs)


def test_an_undelivered_event_goes_to_its_target_once(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    with forbidden_to_start_sagas(site):
        [placed] = site.traffic.send([Scenario("undelivered", BOUGHT)], "undelivered")
        eventually(lambda: site.depth(START) == 1)
    [failure] = peek(site.stack, find(site.stack, START))
    assert explain(failure).at == site.stack.output("sagaArn")
    assert explain(failure).code == "NO_PERMISSIONS"

    assert site.run("redrive", START) == 0
    site.send(START, failure.body, **failure.attributes)
    assert site.run("redrive", START) == 0

    assert site.depth(START) == 0
    site.traffic.follow("ended", [placed], FINAL)
    assert placed.ended == BOUGHT
    assert executions(site, placed.order_id) == 1


def stranger(site: Site, name: str, pattern: dict[str, Any]) -> tuple[str, str, str]:
    """URL and ARN of a queue of nobody's that gets matching events, and its rule's ARN."""
    sqs, events = site.stack.client("sqs"), site.stack.client("events")
    url, queue = sqs.create_queue(QueueName=name)["QueueUrl"], f"{QUEUES}:{name}"
    bus = site.stack.output("eventBusName")
    rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))["RuleArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "1", "Arn": queue}])
    return url, queue, rule


def test_a_target_that_nobody_vouches_for_is_refused_unless_forced(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    url, queue, rule = stranger(site, "nobody-vouches", {"source": ["nobody"]})
    site.send(START, fulfilled("forced-1"), RULE_ARN=rule, TARGET_ARN=queue, ERROR_CODE="TIMEOUT")

    assert site.run("redrive", START) == 1
    assert "has no tag idempotent=true" in capsys.readouterr().out
    assert site.depth(START) == 1
    assert site.run("redrive", START, "--force") == 0

    [message] = site.stack.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == fulfilled("forced-1")


def test_an_interruption_loses_nothing(site: Site):
    for number in range(3):
        site.send(NOTIFY, fulfilled(f"interrupted-{number}"))

    def interrupt(_: Step) -> None:
        raise KeyboardInterrupt

    outcome = redrive(site.stack, find(site.stack, NOTIFY), EVERYTHING, interrupt)
    assert (outcome.redriven, outcome.interrupted, site.depth(NOTIFY)) == (1, True, 2)

    assert site.run("redrive", NOTIFY) == 0
    for number in range(3):
        assert eventually(lambda number=number: told(site, f"interrupted-{number}"))


def test_a_redrive_is_recorded_on_the_bus(site: Site):
    site.send(NOTIFY, fulfilled("recorded-1"))
    url, _, _ = stranger(site, "records", {"source": ["operations"]})

    assert site.run("redrive", NOTIFY) == 0

    delivered = json.loads(next(arriving(site.stack, url, seconds=20)))
    assert delivered["detail-type"] == "failures.redriven"
    assert delivered["detail"]["data"] == {"queueId": NOTIFY, "redriven": 1, "kept": 0}
    assert delivered["detail"]["metadata"]["userId"] == "arn:aws:iam::000000000000:root"


def parked_names(site: Site) -> list[str]:
    return [work.execution.rpartition(":")[2] for work in parked(site.stack)]


def test_what_no_task_can_read_is_given_up_and_told_of(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    url, _, _ = stranger(site, "discarded", {"detail-type": ["work.discarded"]})
    publish(site.stack, "orders", {"type": "order.created", "data": {"orderId": "forged"}})
    eventually(lambda: len(parked(site.stack)) == 2)
    works, [name] = parked(site.stack), set(parked_names(site))
    assert site.run("resume") == 1

    assert site.run("discard", name, "--reason", "forged by a test") == 0

    assert site.run("parked") == site.run("resume") == 0
    data = json.loads(next(arriving(site.stack, url, seconds=20)))["detail"]["data"]
    assert data == {
        "executionId": works[0].execution,
        "steps": [work.step for work in works],
        "reason": "forged by a test",
    }
    assert site.run("discard", name, "--reason", "again") == 2
    assert f"'{name}' has parked nothing" in capsys.readouterr().err


def test_what_can_be_resumed_is_not_given_up_unless_forced(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    faults = {"ShipOrder": "error-before:until-resumed"}
    [placed] = site.traffic.send([Scenario("kept", BOUGHT, faults=faults)], "kept")
    site.traffic.follow("parked", [placed], {"PARKED"})
    eventually(lambda: parked(site.stack))
    [name] = parked_names(site)

    assert site.run("discard", name, "--reason", "in a hurry") == 2

    assert "can be resumed once its cause is mended" in capsys.readouterr().err
    assert site.run("resume") == 0
    site.traffic.follow("ended", [placed], FINAL)
    assert placed.ended == BOUGHT


@contextmanager
def forbidden_to_record(site: Site) -> Iterator[None]:
    """No saga may write what it parks."""
    iam, kept = site.stack.client("iam"), dict[str, dict[str, Any]]()
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        if not name.endswith(("saga-role", "saga-resume-role")):
            continue
        kept[name] = iam.get_role_policy(RoleName=name, PolicyName="permissions")["PolicyDocument"]
        allowed = [
            statement
            for statement in kept[name]["Statement"]
            if "dynamodb:PutItem" not in statement["Action"]
        ]
        policy = json.dumps(kept[name] | {"Statement": allowed})
        iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=policy)
    try:
        yield
    finally:
        for name, policy in kept.items():
            iam.put_role_policy(
                RoleName=name, PolicyName="permissions", PolicyDocument=json.dumps(policy)
            )


@pytest.mark.parametrize(
    ("faults", "ends"),
    [
        ({"ShipOrder": "error-before:until-resumed"}, BOUGHT),
        (
            {"ConfirmOrder": "error-before:always", "UndoChargeCard": "error-before:until-resumed"},
            "CANCELLED/Failed",
        ),
        (
            # The order itself does not know of it then.
            {
                "ConfirmOrder": "error-before:always",
                "UndoChargeCard": "error-before:until-resumed",
                "Settle": "error-before:until-resumed",
            },
            "CANCELLED/Failed",
        ),
    ],
)
def test_what_was_parked_without_a_record_is_resumed_as_well(
    site: Site, faults: dict[str, str], ends: str
):
    with forbidden_to_record(site):
        plan = [Scenario("unrecorded", ends, faults=faults)]
        [placed] = site.traffic.send(plan, f"unrecorded-{len(faults)}")
        eventually(lambda: parked(site.stack))
    table = site.stack.output("parkedTableName")
    assert site.stack.client("dynamodb").scan(TableName=table)["Count"] == 0

    assert site.run("parked") == 1
    assert site.run("resume") == 0

    site.traffic.follow("ended", [placed], FINAL)
    assert placed.ended == ends
    assert site.run("parked") == 0


def test_a_saga_is_resumed_at_what_comes_first_however_often_that_was_parked(site: Site):
    faults = {
        "ConfirmOrder": "error-before:always",
        "UndoChargeCard": "error-before:always",
        "UndoReserveStock": "error-before:until-resumed",
    }
    [placed] = site.traffic.send([Scenario("again", BOUGHT, faults=faults)], "again")
    site.traffic.follow("parked", [placed], {"PARKED"})
    [execution] = eventually(
        lambda: {it.execution for it in parked(site.stack) if len(parked(site.stack)) == 2}
    )

    for _ in range(2):
        assert site.run("resume") == 1
        assert "UndoChargeCard" in {work.step for work in parked(site.stack)}

    name = execution.rpartition(":")[2]
    assert site.run("discard", name, "--reason", "it can never be done", "--force") == 0
    eventually(lambda: not parked(site.stack))


def test_a_record_without_its_reason_is_not_resumed(site: Site, capsys: pytest.CaptureFixture[str]):
    fields = ("execution", "step", "direction", "error", "cause", "parkedAt")
    item = {name: {"S": "?"} for name in fields} | {"input": {"S": "{}"}, "failure": {"S": "null"}}
    table = site.stack.output("parkedTableName")
    site.stack.client("dynamodb").put_item(TableName=table, Item=item)

    assert site.run("resume") == 1

    assert "does not say why the saga left its happy path" in capsys.readouterr().out
    assert site.run("discard", "?", "--reason", "of nobody's", "--force") == 0
    assert parked(site.stack) == []


def test_an_unknown_queue_is_named_with_those_there_are(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    assert site.run("show", "nowhere") == 2

    error = capsys.readouterr().err
    assert "the stack has no failure queue 'nowhere'" in error
    assert NOTIFY in error


def test_an_order_publishes_the_events_that_its_cost_is_reckoned_with(site: Site):
    seen = Counter[tuple[str, str]]()
    with tapped(site.stack) as url:
        [placed] = site.traffic.send([Scenario("priced", BOUGHT)], "priced")
        site.traffic.follow("ended", [placed], FINAL)
        # What is told of products has no order's id; all of it came of the one request.
        request = placed.answers[0].body["correlationId"]
        for text in arriving(site.stack, url, seconds=30):
            event = json.loads(text)
            if glance(text).correlation_id == request:
                seen[event["source"], event["detail-type"]] += 1
            if seen.total() == sum(EVENTS.values()):
                break

    assert seen == EVENTS


def tapping(site: Site) -> list[str]:
    """Names of rules and queues that `tail` made and nobody removed."""
    rules = site.stack.client("events").list_rules(EventBusName=site.stack.output("eventBusName"))
    queues = site.stack.client("sqs").list_queues(QueueNamePrefix="tail-").get("QueueUrls", [])
    return [rule["Name"] for rule in rules["Rules"] if rule["Name"].startswith("tail-")] + queues


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_tail_shows_what_happens_and_leaves_nothing_behind_when_interrupted(
    site: Site, told: signal.Signals
):
    command = [sys.executable, "-u", "-m", "ops", "--outputs", site.outputs, "tail"]
    pattern = json.dumps({"source": ["orders"], "detail": {"type": ["order.parked"]}})
    with subprocess.Popen(
        [*command, "--pattern", pattern], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as tail:
        assert tail.stdout
        assert tail.stdout.readline() == f"Listening on {site.stack.output('eventBusName')}.\n"
        assert len(tapping(site)) == 2
        publish(site.stack, "shipping", {"type": "order.parked", "time": "other source"})
        publish(site.stack, "orders", {"type": "order.parked", "time": "[now]"})

        assert tail.stdout.readline().split() == ["[now]", "order.parked", "?", "?"]
        tail.send_signal(told)
        assert tail.wait(timeout=60) == 0

    assert tapping(site) == []


def test_a_replay_gives_one_rule_its_events_again_and_harms_nothing(site: Site):
    since = datetime.now(UTC) - timedelta(seconds=2)
    [placed] = site.traffic.send([Scenario("replayed", BOUGHT)], "replayed")
    site.traffic.follow("ended", [placed], FINAL)
    before = executions(site, placed.order_id)

    assert site.run("replay", "--from", since.isoformat(), "--rule", "start-saga") == 0

    assert eventually(lambda: executions(site, placed.order_id) == before + 1)
    site.traffic.rest([placed])
    books = Ledger.read(site.stack).books
    assert [key for key in books if placed.order_id in key] == [placed.order_id]


def test_a_replay_to_a_target_that_nobody_vouches_for_is_refused(
    site: Site, capsys: pytest.CaptureFixture[str]
):
    stranger(site, "not-replayed", {"source": ["nobody"]})
    before = site.stack.client("events").list_replays(NamePrefix="ops-")["Replays"]

    assert site.run("replay", "--from", "2026-01-01T00:00:00Z", "--rule", "not-replayed") == 2

    assert "has no tag idempotent=true" in capsys.readouterr().err
    assert site.stack.client("events").list_replays(NamePrefix="ops-")["Replays"] == before
