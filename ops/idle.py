"""What a stack costs in a month in which nobody orders anything, from what it declares."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from ops import prices
from ops.prices import Price

HOURS = Decimal(730)
"""AWS's month."""
POLLS = 5 * Decimal(3_600) / 20 * HOURS
"""Lambda asks a queue with five long polls at a time, each of which waits for twenty seconds."""
SCALING_ALARMS = 4
"""Alarms that DynamoDB's target tracking makes for each policy, at the table owner's expense."""


class Resource(Protocol):
    """A declared resource."""

    @property
    def type(self) -> str: ...
    @property
    def custom(self) -> bool: ...
    @property
    def inputs(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Cost:
    """So much of one thing."""

    price: Price
    quantity: Decimal

    @property
    def usd(self) -> Decimal:
        """What it costs."""
        return self.price.of(self.quantity)


Use = tuple[Price, Decimal]


def monthly(resources: Iterable[Resource]) -> list[Cost]:
    """What each kind of thing costs, the dearest first."""
    uses = [use for found in resources if found.type in BILLED for use in BILLED[found.type](found)]
    return summed(uses)


def unpriced(resources: Iterable[Resource]) -> list[str]:
    """Types of which it is not known here whether they cost anything while nobody uses them."""
    return sorted({found.type for found in resources if found.custom} - set(BILLED) - FREE)


def summed(uses: Iterable[Use]) -> list[Cost]:
    """One entry for each price, the dearest first."""
    quantities: dict[Price, Decimal] = defaultdict(Decimal)
    for price, quantity in uses:
        quantities[price] += quantity
    costs = [Cost(price, quantity) for price, quantity in quantities.items() if quantity]
    return sorted(costs, key=lambda cost: cost.usd, reverse=True)


def _one(price: Price, quantity: Decimal = Decimal(1)) -> Callable[[Resource], list[Use]]:
    return lambda _: [(price, quantity)]


def _capacity(table: Resource) -> list[Use]:
    if table.inputs.get("billingMode") != "PROVISIONED":
        return []
    parts = [table.inputs, *table.inputs.get("globalSecondaryIndexes", ())]
    return [
        (price, Decimal(part.get(key, 0)) * HOURS)
        for part in parts
        for price, key in (
            (prices.READ_HOUR, "readCapacity"),
            (prices.WRITE_HOUR, "writeCapacity"),
        )
    ]


def _polling(mapping: Resource) -> list[Use]:
    queue = ":sqs:" in str(mapping.inputs.get("eventSourceArn", ""))
    return [(prices.QUEUE_REQUEST, POLLS)] if queue else []


def _shards(stream: Resource) -> list[Use]:
    return [(prices.SHARD_HOUR, Decimal(stream.inputs.get("shardCount", 1)) * HOURS)]


def _endpoint(endpoint: Resource) -> list[Use]:
    if endpoint.inputs.get("vpcEndpointType") != "Interface":
        return []
    return [(prices.ENDPOINT_HOUR, len(endpoint.inputs.get("subnetIds", ())) * HOURS)]


def _web_acl(acl: Resource) -> list[Use]:
    rules = Decimal(len(acl.inputs.get("rules", ())))
    return [(prices.WEB_ACL, Decimal(1)), (prices.WEB_ACL_RULE, rules)]


BILLED: dict[str, Callable[[Resource], list[Use]]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": _one(prices.ALARM),
    "aws:appautoscaling/policy:Policy": _one(prices.ALARM, Decimal(SCALING_ALARMS)),
    "aws:cloudwatch/dashboard:Dashboard": _one(prices.DASHBOARD),
    "aws:kms/key:Key": _one(prices.KEY),
    "aws:dynamodb/table:Table": _capacity,
    "aws:lambda/eventSourceMapping:EventSourceMapping": _polling,
    "aws:kinesis/stream:Stream": _shards,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ec2/natGateway:NatGateway": _one(prices.GATEWAY_HOUR, HOURS),
    "aws:wafv2/webAcl:WebAcl": _web_acl,
}
"""Type token to what a resource of that type uses up in a month by being there."""

FREE = {
    # A registry costs nothing; only the discoverer, which we do not use, is billed by events.
    "aws:schemas/registry:Registry",
    "aws:schemas/schema:Schema",
    "aws:apigateway/deployment:Deployment",
    "aws:apigateway/integration:Integration",
    "aws:apigateway/method:Method",
    "aws:apigateway/methodSettings:MethodSettings",
    "aws:apigateway/model:Model",
    "aws:apigateway/requestValidator:RequestValidator",
    "aws:apigateway/resource:Resource",
    "aws:apigateway/response:Response",
    "aws:apigateway/restApi:RestApi",
    "aws:apigateway/stage:Stage",
    "aws:appautoscaling/target:Target",
    "aws:cloudwatch/eventArchive:EventArchive",
    "aws:cloudwatch/eventBus:EventBus",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/queryDefinition:QueryDefinition",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:kms/alias:Alias",
    "aws:lambda/function:Function",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "aws:lambda/layerVersion:LayerVersion",
    "aws:lambda/permission:Permission",
    "aws:ses/emailIdentity:EmailIdentity",
    "aws:sfn/stateMachine:StateMachine",
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
}
"""Types that cost nothing by being there."""
