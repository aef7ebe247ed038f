"""One embedded AWS for each test process, and a workbench to build on it."""

import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pulumi
import pytest

from local.emulator import Emulator
from local.resources.archives import zipped

T = TypeVar("T")

DEADLINE_SECONDS = 20.0
POLL_SECONDS = 0.02
ROLE = "everything"
"""A role that may do everything: what is allowed is not what is tested with it."""
ROLE_ARN = f"arn:aws:iam::000000000000:role/{ROLE}"


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """Shared by the tests of a process, which therefore name all that they make after themselves."""
    # State machines do not wait between attempts; what times out does so as it declares.
    with Emulator(environment={"LOCAL_WAIT_SCALE": "0"}) as running:
        Workbench.prepare(running)
        yield running


@pytest.fixture
def bench(emulator: Emulator) -> "Workbench":
    """Makes resources under names that no other test uses."""
    return Workbench(emulator)


def eventually(look: Callable[[], T], seconds: float = DEADLINE_SECONDS) -> T:
    """The first truthy answer; fails the test with the last one when there is none in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        asked = time.monotonic()
        if answer := look():
            return answer
        answered = time.monotonic()
        if answered > deadline:
            pytest.fail(f"not within {seconds:g} s: the last answer was {answer!r}")
        # Whoever looks longer than that keeps what is looked at from getting on.
        pause.wait(max(POLL_SECONDS, answered - asked))


class Workbench:
    """What tests of the embedded AWS build, and what they see of it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.client = emulator.client
        self._prefix = f"t{uuid.uuid4().hex[:10]}"
        self._numbers = itertools.count(1)

    @staticmethod
    def prepare(emulator: Emulator) -> None:
        """Make what all workbenches of an embedded AWS share."""
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam = emulator.client("iam")
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
        iam.put_role_policy(
            RoleName=ROLE,
            PolicyName=ROLE,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def name(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"

    def function(self, source: str, **configuration: Any) -> str:
        """A function from its source, which defines `handler`; the function's name."""
        name = self.name()
        archive = pulumi.AssetArchive({"app.py": pulumi.StringAsset(source)})
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Code={"ZipFile": zipped(archive)},
            **{"Role": ROLE_ARN, **configuration},
        )
        return name

    def function_arn(self, name: str) -> str:
        return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"

    def call(self, function: str, event: Any = None) -> Any:
        """What a function answers, or the error that it reports."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def queue(self, **attributes: str) -> str:
        """A queue's URL."""
        made = self.client("sqs").create_queue(QueueName=self.name(), Attributes=attributes)
        return made["QueueUrl"]

    def queue_arn(self, url: str) -> str:
        return f"arn:aws:sqs:us-east-1:000000000000:{url.rsplit('/', 1)[1]}"

    def receive(self, url: str, count: int = 1) -> list[dict[str, Any]]:
        """The next messages of a queue, which are deleted from it."""
        found: list[dict[str, Any]] = []

        def enough() -> bool:
            found.extend(self._take(url, min(10, count - len(found))))
            return len(found) >= count

        eventually(enough)
        return found

    def bodies(self, url: str, count: int = 1) -> list[Any]:
        """The next messages of a queue, as JSON."""
        return [json.loads(message["Body"]) for message in self.receive(url, count)]

    def is_empty(self, url: str) -> bool:
        return not self._take(url, 10)

    def _take(self, url: str, count: int) -> list[dict[str, Any]]:
        sqs = self.client("sqs")
        found = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=count, MessageAttributeNames=["All"]
        ).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def streamed_table(self) -> tuple[str, str]:
        """Name of a table with the key `id`, and the ARN of its stream."""
        made = self.client("dynamodb").create_table(
            TableName=self.name(),
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]
        return made["TableName"], made["LatestStreamArn"]

    def put(self, table: str, *keys: str) -> None:
        for key in keys:
            self.client("dynamodb").put_item(TableName=table, Item={"id": {"S": key}})

    def follow(self, stream: str, function: str, **mapping: Any) -> None:
        """Hand the changes of a stream to a function, from its first one."""
        self.client("lambda").create_event_source_mapping(
            EventSourceArn=stream,
            FunctionName=function,
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **mapping,
        )

    def machine(self, states: dict[str, Any], role: str = ROLE_ARN, **fields: Any) -> str:
        """The ARN of a JSONata state machine that starts at its first state."""
        definition = {
            "QueryLanguage": "JSONata",
            "StartAt": next(iter(states)),
            "States": states,
            **fields,
        }
        return self.client("stepfunctions").create_state_machine(
            name=self.name(), definition=json.dumps(definition), roleArn=role
        )["stateMachineArn"]

    def start(self, states: dict[str, Any], entered: Any = None, **fields: Any) -> str:
        """Start a new state machine; the execution's ARN."""
        return self.client("stepfunctions").start_execution(
            stateMachineArn=self.machine(states, **fields), input=json.dumps(entered or {})
        )["executionArn"]

    def ended(self, execution: str) -> dict[str, Any]:
        """An execution, once it runs no more."""

        def look() -> dict[str, Any] | None:
            found = self.client("stepfunctions").describe_execution(executionArn=execution)
            return None if found["status"] == "RUNNING" else found

        return eventually(look) or {}

    def run(self, states: dict[str, Any], entered: Any = None) -> Any:
        """The output of a state machine; fails the test when it fails."""
        ended = self.ended(self.start(states, entered))
        assert ended["status"] == "SUCCEEDED", ended
        return json.loads(ended["output"])

    def task(self, function: str, event: Any = None, **fields: Any) -> dict[str, Any]:
        """A Task state that calls a function."""
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": function, "Payload": event},
            **fields,
        }

    def bus(self) -> str:
        name = self.name()
        self.client("events").create_event_bus(Name=name)
        return name

    def rule(self, bus: str) -> str:
        """The ARN of a rule for all events of a bus."""
        return self.client("events").put_rule(
            Name=self.name(), EventBusName=bus, EventPattern=json.dumps({"source": ["tests"]})
        )["RuleArn"]

    def aim(self, bus: str, rule_arn: str, target: str, **fields: Any) -> None:
        """Give a rule a target."""
        answer = self.client("events").put_targets(
            Rule=rule_arn.rsplit("/", 1)[1],
            EventBusName=bus,
            Targets=[{"Id": "1", "Arn": target, **fields}],
        )
        assert not answer["FailedEntries"], answer

    def route(self, bus: str, target: str, **fields: Any) -> str:
        """Hand all events of a bus to a target, which admits them; the rule's ARN."""
        rule = self.rule(bus)
        self.aim(bus, rule, target, RoleArn=ROLE_ARN, **fields)
        for queue in target, fields.get("DeadLetterConfig", {}).get("Arn", ""):
            if ":sqs:" in queue:
                self.admit(queue, rule)
        if ":lambda:" in target:
            self.client("lambda").add_permission(
                FunctionName=target,
                StatementId=self.name(),
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=rule,
            )
        return rule

    def admit(self, queue_arn: str, rule_arn: str) -> None:
        """Let a rule send to a queue."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
        }
        self.client("sqs").set_queue_attributes(
            QueueUrl=f"{self.emulator.endpoint}/000000000000/{queue_arn.rsplit(':', 1)[1]}",
            Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})},
        )

    def publish(self, bus: str, detail: Any) -> None:
        self.client("events").put_events(
            Entries=[
                {
                    "EventBusName": bus,
                    "Source": "tests",
                    "DetailType": "happened",
                    "Detail": json.dumps(detail),
                }
            ]
        )
