import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from ops import prices
from ops.__main__ import main
from ops.idle import monthly, unpriced
from ops.per_order import emails, per_million
from tests.programs import stack_program


@dataclass(frozen=True)
class Given:
    type: str
    inputs: dict[str, Any] = field(default_factory=dict)
    custom: bool = True


def rule(name: str, pattern: dict[str, Any], target: str) -> list[Given]:
    return [
        Given(
            "aws:cloudwatch/eventRule:EventRule",
            {"name": name, "eventPattern": json.dumps(pattern)},
        ),
        Given("aws:cloudwatch/eventTarget:EventTarget", {"rule": name, "arn": target}),
    ]


FUNCTION = Given("aws:lambda/function:Function", {"memorySize": 1024})
CREATED = {"source": ["orders"], "detail-type": ["order.created"]}


def usd(costs: Any, price: prices.Price) -> Decimal:
    return sum((cost.usd for cost in costs if cost.price is price), Decimal())


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_state_transitions_dominate_what_an_order_costs(stack: str):
    costs = per_million(stack_program(stack).declared)

    total = sum(cost.usd for cost in costs)
    # Four states for three steps and a parallel state, two for its members.
    assert (costs[0].price, costs[0].usd) == (prices.TRANSITION, 6 * 25)
    assert total / 2 < costs[0].usd
    assert 150 < total < 300


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_without_a_saga_queues_dominate_and_an_order_costs_less_than_half(stack: str):
    costs = per_million(stack_program(stack, coordination="choreographed").declared)
    saga = per_million(stack_program(stack).declared)

    assert costs[0].price is prices.QUEUE_REQUEST
    assert 50 < sum(cost.usd for cost in costs) < sum(cost.usd for cost in saga) / 2


def test_both_ways_to_coordinate_are_priced_side_by_side(capsys: pytest.CaptureFixture[str]):
    assert main(["cost", "--stack", "dev"]) == 0

    printed = capsys.readouterr().out
    assert re.search(r"what +┃ +orchestrated ┃ +USD ┃ +choreographed ┃ +USD", printed)
    [transitions] = re.findall(r"state transition.*", printed)
    assert re.search(r"6,000,000 │ 150\.00 │ +│ +│", transitions)
    assert printed.index("state transition") < printed.index("function call")


def test_a_queue_is_paid_for_each_event_that_its_rule_matches():
    queue = "arn:aws:sqs:eu-west-1:123456789012:q"
    pattern = {"source": ["shipping"], "detail-type": ["order.shipped", "order.fulfilled"]}

    costs = per_million([FUNCTION, *rule("r", pattern, queue)])

    assert usd(costs, prices.QUEUE_REQUEST) == Decimal("0.40") * 3 * 2
    # The API, a relay for each of nine events, and the consumer of two messages.
    assert usd(costs, prices.CALL) == Decimal("0.20") * (1 + 9 + 2)
    assert usd(costs, prices.COMPUTE) == 12 * Decimal("0.1") * Decimal("13.3334")


def test_every_state_on_the_happy_path_is_paid_and_no_other():
    machine = Given(
        "aws:sfn/stateMachine:StateMachine",
        {
            "name": "m",
            "definition": json.dumps(
                {
                    "StartAt": "Both",
                    "States": {
                        "Both": {
                            "Type": "Parallel",
                            "Next": "Which",
                            "Branches": [
                                {"StartAt": "A", "States": {"A": {"Type": "Task", "End": True}}},
                                {"StartAt": "B", "States": {"B": {"Type": "Task", "End": True}}},
                            ],
                        },
                        "Which": {"Type": "Choice", "Default": "Done"},
                        "Done": {"Type": "Succeed"},
                        "Undo": {"Type": "Task", "End": True},
                    },
                }
            ),
        },
    )
    target = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"

    costs = per_million([FUNCTION, machine, *rule("r", CREATED, target)])

    assert usd(costs, prices.TRANSITION) == 5 * 25
    assert usd(costs, prices.CALL) == Decimal("0.20") * (1 + 2 + 9)


def test_writes_are_paid_one_by_one_or_by_the_hour():
    key = {"name": "t", "readCapacity": 5.0, "writeCapacity": 2.0}
    index = {"readCapacity": 1.0, "writeCapacity": 1.0}
    table = "aws:dynamodb/table:Table"
    on_demand = Given(table, {"name": "t", "billingMode": "PAY_PER_REQUEST"})
    provisioned = Given(
        table, {**key, "billingMode": "PROVISIONED", "globalSecondaryIndexes": [index]}
    )

    assert usd(per_million([FUNCTION, on_demand]), prices.WRITE) == 9 * 4 * Decimal("0.625")
    assert usd(per_million([FUNCTION, provisioned]), prices.WRITE) == 0
    assert monthly([on_demand]) == []
    assert usd(monthly([provisioned]), prices.WRITE_HOUR) == 730 * 3 * Decimal("0.00065")
    assert usd(monthly([provisioned]), prices.READ_HOUR) == 730 * 6 * Decimal("0.00013")


def test_what_nobody_uses_is_paid_all_the_same():
    alarm = Given("aws:cloudwatch/metricAlarm:MetricAlarm")
    policy = Given("aws:appautoscaling/policy:Policy")
    polled = Given(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {"eventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:q"},
    )
    followed = Given("aws:lambda/eventSourceMapping:EventSourceMapping", {})

    costs = monthly([alarm, policy, polled, followed])

    assert usd(costs, prices.ALARM) == Decimal("0.10") * 5
    assert usd(costs, prices.QUEUE_REQUEST) == Decimal("0.40") * 657_000 / 1_000_000


def test_types_without_a_price_are_named():
    known = Given("aws:sqs/queue:Queue")
    component = Given("ordermesh:index:Bus", custom=False)

    assert unpriced([known, component, Given("aws:rds/instance:Instance")]) == [
        "aws:rds/instance:Instance"
    ]


def test_an_email_costs_more_than_anything_else_of_an_order():
    assert emails().usd == 3 * 100


def test_an_unknown_stack_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert main(["cost", "--stack", "nowhere"]) == 2

    assert "there is no stack 'nowhere'; there are ['dev', 'local', 'prod']" in (
        capsys.readouterr().err
    )
