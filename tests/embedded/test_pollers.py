"""Lambda uses a function's role to poll and to set failures aside, and every decision about a role is recorded."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.embedded.conftest import Workbench, eventually

pytestmark = pytest.mark.embedded

ANSWER = "def handler(event, context):\n    return {}\n"
FAIL = "def handler(event, context):\n    raise RuntimeError('always')\n"
POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
FOLLOWING = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)


class Role:
    """A role whose permissions can be changed."""

    def __init__(self, bench: Workbench, *actions: str) -> None:
        self._iam, self.name = bench.client("iam"), bench.name()
        made = self._iam.create_role(RoleName=self.name, AssumeRolePolicyDocument="{}")
        self.arn = made["Role"]["Arn"]
        self.may(*actions)

    def may(self, *actions: str) -> None:
        statement = {"Effect": "Allow", "Action": ["logs:PutLogEvents", *actions], "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._iam.put_role_policy(
            RoleName=self.name, PolicyName="permissions", PolicyDocument=document
        )


def follow_queue(bench: Workbench, function: str, queue: str) -> str:
    made = bench.client("lambda").create_event_source_mapping(
        EventSourceArn=bench.queue_arn(queue), FunctionName=function
    )
    return made["UUID"]


def refused(error: pytest.ExceptionInfo[ClientError], action: str) -> bool:
    told = error.value.response.get("Error", {})
    wrong = told.get("Code") == "InvalidParameterValueException"
    return wrong and action in told.get("Message", "")


@pytest.mark.parametrize("missing", POLLING)
def test_a_queue_is_not_mapped_for_a_role_that_may_not_poll_it(bench: Workbench, missing: str):
    role = Role(bench, *(action for action in POLLING if action != missing))
    function = bench.function(ANSWER, Role=role.arn)

    with pytest.raises(ClientError) as error:
        follow_queue(bench, function, bench.queue())

    assert refused(error, missing)


@pytest.mark.parametrize("missing", FOLLOWING)
def test_a_stream_is_not_mapped_for_a_role_that_may_not_read_it(bench: Workbench, missing: str):
    role = Role(bench, *(action for action in FOLLOWING if action != missing))
    _, stream = bench.streamed_table()

    with pytest.raises(ClientError) as error:
        bench.follow(stream, bench.function(ANSWER, Role=role.arn))

    assert refused(error, missing)


def test_a_failure_destination_is_refused_to_which_the_role_may_not_send(bench: Workbench):
    role, target = Role(bench), {"OnFailure": {"Destination": bench.queue_arn(bench.queue())}}
    function = bench.function(ANSWER, Role=role.arn)

    def configure() -> Any:
        return bench.client("lambda").put_function_event_invoke_config(
            FunctionName=function, DestinationConfig=target
        )

    with pytest.raises(ClientError) as error:
        configure()
    role.may("sqs:SendMessage")

    assert refused(error, "sqs:SendMessage")
    assert configure()["DestinationConfig"] == target


def test_a_queue_is_polled_no_more_when_its_role_may_not_and_again_when_it_may(bench: Workbench):
    role, queue = Role(bench, *POLLING), bench.queue()
    function = bench.function(ANSWER, Role=role.arn)
    follow_queue(bench, function, queue)
    role.may(*POLLING[:-1])
    denied = ("sqs:GetQueueAttributes", False)
    bench.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    eventually(lambda: denied in decisions(bench, role))
    before = times(bench, role, *denied)
    eventually(lambda: times(bench, role, *denied) > before)

    assert depth(bench, queue) == 1
    role.may(*POLLING)
    eventually(lambda: depth(bench, queue) == 0)


def test_a_stream_waits_while_its_role_may_not_read_it(bench: Workbench):
    role = Role(bench, *FOLLOWING)
    table, stream = bench.streamed_table()
    bench.follow(stream, bench.function(ANSWER, Role=role.arn))
    role.may(*FOLLOWING[:-1])
    bench.put(table, "a")

    eventually(lambda: ("dynamodb:ListStreams", False) in decisions(bench, role))


def test_a_failed_call_is_lost_when_the_role_may_not_send_it_any_more(bench: Workbench):
    role, queue = Role(bench, "sqs:SendMessage"), bench.queue()
    function = bench.function(FAIL, Role=role.arn)
    bench.client("lambda").put_function_event_invoke_config(
        FunctionName=function,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": bench.queue_arn(queue)}},
    )

    def call() -> None:
        bench.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload="{}")

    call()
    bench.receive(queue)
    role.may()
    call()
    eventually(lambda: ("sqs:SendMessage", False) in decisions(bench, role))

    assert bench.is_empty(queue)


def test_a_decision_tells_role_action_resource_and_event(bench: Workbench):
    bus = bench.bus()
    source = """
import boto3

def handler(event, context):
    boto3.client("events").put_events(Entries=[
        {"EventBusName": event, "Source": "tests", "DetailType": "happened", "Detail": "{}"}
    ])
"""
    role = Role(bench, "events:PutEvents")
    bench.call(bench.function(source, Role=role.arn), bus)

    assert [found for found in bench.emulator.accesses() if found["role"] == role.name] == [
        {
            "role": role.name,
            "action": "events:PutEvents",
            "resource": f"arn:aws:events:us-east-1:000000000000:event-bus/{bus}",
            "detail_type": "happened",
            "allowed": True,
            "times": 1,
        }
    ]


def decisions(bench: Workbench, role: Role) -> set[tuple[str, bool]]:
    """What a role was allowed and denied."""
    return {
        (found["action"], found["allowed"])
        for found in bench.emulator.accesses()
        if found["role"] == role.name
    }


def times(bench: Workbench, role: Role, action: str, allowed: bool) -> int:  # noqa: FBT001
    return sum(
        found["times"]
        for found in bench.emulator.accesses()
        if (found["role"], found["action"], found["allowed"]) == (role.name, action, allowed)
    )


def depth(bench: Workbench, queue: str) -> int:
    """Messages that wait or are being worked on."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = bench.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)
    return sum(int(found["Attributes"][name]) for name in names)
