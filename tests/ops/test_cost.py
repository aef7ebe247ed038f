import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from local.program import declare
from ops import prices
from ops.__main__ import main
from ops.idle import monthly, unpriced
from ops.per_order import emails, per_million


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
    costs = per_million(declare(stack).declared)

    total = sum(cost.usd for cost in costs)
    # Four states for three steps and a parallel state, two for its members.
    assert (costs[0].price, costs[0].usd) == (prices.TRANSITION, 6 * 25)
    assert total / 3 < costs[0].usd
    assert 150 < total < 350


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_without_a_saga_queues_dominate_and_an_order_costs_less_than_half(stack: str):
    costs = per_million(declare(stack, coordination="choreographed").declared)
    saga = per_million(declare(stack).declared)

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
    # The API, a relay for each of twelve events, and the consumer of two messages.
    assert usd(costs, prices.CALL) == Decimal("0.20") * (1 + 12 + 2)
    assert usd(costs, prices.COMPUTE) == 15 * Decimal("0.1") * Decimal("13.3334")


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
    assert usd(costs, prices.CALL) == Decimal("0.20") * (1 + 2 + 12)


def test_writes_are_paid_one_by_one_or_by_the_hour():
    key = {"name": "t", "readCapacity": 5.0, "writeCapacity": 2.0}
    index = {"readCapacity": 1.0, "writeCapacity": 1.0}
    table = "aws:dynamodb/table:Table"
    on_demand = Given(table, {"name": "t", "billingMode": "PAY_PER_REQUEST"})
    provisioned = Given(
        table, {**key, "billingMode": "PROVISIONED", "globalSecondaryIndexes": [index]}
    )

    assert usd(per_million([FUNCTION, on_demand]), prices.WRITE) == 12 * 4 * Decimal("0.625")
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


@pytest.mark.parametrize(
    ("entrance", "streamed", "read"),
    [
        ("firehose:eu-west-1:123456789012:deliverystream/d", 0, 0),
        ("kinesis:eu-west-1:123456789012:stream/s", "0.08", "0.04"),
    ],
)
def test_what_is_kept_for_analysis_is_paid_by_its_size(entrance: str, streamed: Any, read: Any):
    costs = per_million([FUNCTION, *rule("r", CREATED, f"arn:aws:{entrance}")])

    # Firehose bills at least 5 KB for a record.
    assert usd(costs, prices.DELIVERED) == 5 * Decimal("0.029")
    assert usd(costs, prices.STREAMED) == Decimal(streamed)
    assert usd(costs, prices.STREAM_READ) == Decimal(read)


def test_a_stream_is_paid_by_its_shards_unless_it_grows_by_itself():
    stream = "aws:kinesis/stream:Stream"
    growing = Given(stream, {"streamModeDetails": {"streamMode": "ON_DEMAND"}})

    assert usd(monthly([growing]), prices.STREAM_HOUR) == 730 * Decimal("0.04")
    assert usd(monthly([growing]), prices.SHARD_HOUR) == 0
    assert usd(monthly([Given(stream, {"shardCount": 2})]), prices.SHARD_HOUR) == (
        1460 * Decimal("0.015")
    )


def test_an_endpoint_is_paid_by_the_hour_in_each_of_its_subnets_and_a_gateway_is_not():
    kind = "aws:ec2/vpcEndpoint:VpcEndpoint"
    interface = Given(kind, {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]})
    gateway = Given(kind, {"vpcEndpointType": "Gateway", "routeTableIds": ["r"]})

    assert usd(monthly([interface]), prices.ENDPOINT_HOUR) == 2 * 730 * Decimal("0.01")
    assert monthly([gateway]) == []


def test_a_firewall_is_paid_for_itself_for_its_rules_and_for_requests():
    acl = Given("aws:wafv2/webAcl:WebAcl", {"rules": [{}, {}, {}, {}]})
    association = Given("aws:wafv2/webAclAssociation:WebAclAssociation")

    assert sum(cost.usd for cost in monthly([acl, association])) == 5 + 4
    assert usd(per_million([FUNCTION, association]), prices.FILTERED_REQUEST) == Decimal("0.60")
    assert usd(per_million([FUNCTION]), prices.FILTERED_REQUEST) == 0


def test_everything_that_a_network_and_a_firewall_are_made_of_has_a_price():
    program = declare("prod", vpc=True, waf=True)

    assert unpriced(program) == unpriced(declare("prod"))
    # Four services beside DynamoDB and S3, in two zones.
    assert usd(monthly(program), prices.ENDPOINT_HOUR) == 4 * 2 * 730 * Decimal("0.01")


def test_types_without_a_price_are_named():
    known = Given("aws:sqs/queue:Queue")
    component = Given("ordermesh:index:Bus", custom=False)

    assert unpriced([known, component, Given("aws:rds/instance:Instance")]) == [
        "aws:rds/instance:Instance"
    ]


def test_an_email_costs_more_than_anything_else_of_an_order():
    assert emails().usd == 4 * 100


def test_an_unknown_stack_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert main(["cost", "--stack", "nowhere"]) == 2

    assert "there is no stack 'nowhere'; there are ['dev', 'local', 'prod']" in (
        capsys.readouterr().err
    )
