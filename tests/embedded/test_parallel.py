"""Work on an order and on its stock at the same time, compiled from a list of steps and run on the embedded AWS."""

import json

import pytest

from components.saga_definition import state_machine
from components.saga_steps import Parallel, Plan, Step
from tests.embedded.conftest import ROLE_ARN, Workbench
from tests.sagas import OutOfStock, function

pytestmark = pytest.mark.embedded

MEET = """
import os
import boto3

def handler(event, context):
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=os.environ["THERE"], MessageBody="here I am")
    while "Messages" not in sqs.receive_message(QueueUrl=os.environ["HERE"], WaitTimeSeconds=5):
        pass
"""
"""Returns only once another call of its kind runs at the same time."""
REFUSE = """
class OutOfStock(Exception):
    pass

def handler(event, context):
    raise OutOfStock("none left")
"""
SAY = """
import os
import boto3

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["SAID"], MessageBody=os.environ["NAME"])
"""


def saying(bench: Workbench, said: str, name: str) -> str:
    variables = {"SAID": said, "NAME": f'"{name}"'}
    return bench.function_arn(bench.function(SAY, Environment={"Variables": variables}))


def ended(bench: Workbench, *members: Step) -> dict[str, str]:
    """How the execution of a saga whose steps all run at the same time has ended."""
    table = bench.name()
    bench.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": "execution", "KeyType": "HASH"},
            {"AttributeName": "step", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("execution", "step")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    machine = bench.client("stepfunctions").create_state_machine(
        name=bench.name(),
        definition=json.dumps(state_machine(Plan((Parallel(*members),), table))),
        roleArn=ROLE_ARN,
    )
    started = bench.client("stepfunctions").start_execution(
        stateMachineArn=machine["stateMachineArn"], input="{}"
    )
    return bench.ended(started["executionArn"])


def test_an_order_and_its_stock_are_worked_on_at_the_same_time(bench: Workbench):
    queues = [bench.queue(), bench.queue()]
    order, stock = (
        bench.function_arn(
            bench.function(
                MEET, Timeout=14, Environment={"Variables": {"HERE": here, "THERE": there}}
            )
        )
        for here, there in (queues, reversed(queues))
    )
    undo = saying(bench, bench.queue(), "undone")

    done = ended(
        bench,
        Step("ProcessOrder", do=order, undo=undo),
        Step("UpdateInventory", do=stock, undo=undo),
    )

    assert done["status"] == "SUCCEEDED"


def test_when_the_stock_refuses_both_are_undone(bench: Workbench):
    said = bench.queue()

    done = ended(
        bench,
        Step(
            "ProcessOrder",
            do=saying(bench, said, "processed"),
            undo=saying(bench, said, "order undone"),
        ),
        Step(
            "UpdateInventory",
            do=bench.function_arn(bench.function(REFUSE)),
            undo=saying(bench, said, "stock undone"),
            refusals=(OutOfStock,),
        ),
    )

    assert (done["status"], json.loads(done["output"])["outcome"]) == ("SUCCEEDED", "cancelled")
    undone = {text for text in bench.bodies(said, 2) if text != "processed"}
    undone |= set() if len(undone) == 2 else set(bench.bodies(said, 1))
    assert undone == {"order undone", "stock undone"}


def test_five_minutes_are_refused_because_the_worst_case_takes_longer():
    members = (
        Step("ProcessOrder", do=function("do-order"), undo=function("undo-order")),
        Step("UpdateInventory", do=function("do-stock"), undo=function("undo-stock")),
    )

    with pytest.raises(ValueError, match="its deadline_seconds is 300: raise the deadline") as told:
        Plan((Parallel(*members),), "parked", deadline_seconds=300)

    # Both run together, and are undone one after the other.
    for state in ("ProcessOrderAndUpdateInventory", "UndoProcessOrder", "UndoUpdateInventory"):
        assert state in str(told.value)
