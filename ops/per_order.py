"""What an order costs that is bought, from what a stack declares and the events of such an order."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ops import prices
from ops.idle import Cost, Resource, Use, summed

Event = tuple[str, str]
"""Source and detail-type."""
EVENTS: Mapping[Event, int] = {
    ("orders", "order.created"): 1,
    ("inventory", "inventory.reserved"): 1,
    ("inventory", "inventory.updated"): 1,
    ("payments", "payment.processed"): 1,
    ("orders", "order.paid"): 1,
    ("orders", "order.confirmed"): 1,
    ("shipping", "order.shipped"): 1,
    ("shipping", "order.fulfilled"): 1,
    ("notifications", "notification.sent"): 4,
}
"""What is published about an order that is bought; a test orders something and compares."""
NOTIFIED = EVENTS["notifications", "notification.sent"]
"""How often the customer is told something."""

CALL_SECONDS = Decimal("0.1")
"""Assumed duration of a call."""
CALL_LOGS_GB = Decimal("0.000001")
"""Assumed logs of a call: 1 KB."""
MESSAGE_REQUESTS = 3
"""Requests for a message of a queue: sent, received, deleted; batches take fewer."""
EVENT_WRITES = 4
"""Units for an event and the change that it is about: two items, which cost double in a transaction."""

EVENT_GB = Decimal("0.000001")
"""Assumed size of an event: 1 KB."""
DELIVERED_GB = Decimal("0.000005")
"""What Firehose bills for a record of up to 5 KB."""

QUEUE, MACHINE, FUNCTION = "sqs", "states", "lambda"
DELIVERY, STREAM = "firehose", "kinesis"


def per_million(resources: Sequence[Resource]) -> list[Cost]:
    """What a million such orders cost, the dearest first.

    Neither e-mail, which depends on the customers, nor transfer, traces and archived bytes are in it.
    """
    return summed((price, quantity * prices.MILLION) for price, quantity in _uses(resources))


def emails() -> Cost:
    """What a million orders cost on top when every customer leaves an address."""
    return Cost(prices.EMAIL, Decimal(NOTIFIED * prices.MILLION))


def _uses(resources: Sequence[Resource]) -> Iterator[Use]:
    targets = [arn for event, times in EVENTS.items() for arn in _targets(resources, event) * times]
    paths = [_happy_path(_definition(resources, arn)) for arn in targets if _is(arn, MACHINE)]
    transitions = [state for path in paths for state in path]
    events, messages = sum(EVENTS.values()), sum(_is(arn, QUEUE) for arn in targets)
    # The API's function, those of the saga's tasks, a relay for each event, a consumer for each message.
    tasks = sum(state["Type"] == "Task" for state in transitions)
    calls = Decimal(1 + tasks + events + messages + sum(_is(arn, FUNCTION) for arn in targets))
    yield prices.API_REQUEST, Decimal(1)
    if _of(resources, "aws:wafv2/webAclAssociation:WebAclAssociation"):
        yield prices.FILTERED_REQUEST, Decimal(1)
    yield prices.TRANSITION, Decimal(len(transitions))
    yield prices.EVENT, Decimal(events)
    yield prices.QUEUE_REQUEST, Decimal(messages * MESSAGE_REQUESTS)
    yield prices.CALL, calls
    yield prices.COMPUTE, calls * CALL_SECONDS * _memory_gb(resources)
    yield prices.LOGS, calls * CALL_LOGS_GB
    yield prices.TOPIC_REQUEST, Decimal(NOTIFIED)
    # What is put to a stream is read by one delivery stream.
    streamed = sum(_is(arn, STREAM) for arn in targets)
    delivered = streamed + sum(_is(arn, DELIVERY) for arn in targets)
    yield prices.STREAMED, streamed * EVENT_GB
    yield prices.STREAM_READ, streamed * EVENT_GB
    yield prices.DELIVERED, delivered * DELIVERED_GB
    if _on_demand(resources):
        yield prices.WRITE, Decimal(events * EVENT_WRITES)
        # Every function looks at its row before it decides; relays look at nothing.
        yield prices.READ, calls - events


def _is(arn: str, service: str) -> bool:
    return arn.split(":")[2] == service


def _of(resources: Iterable[Resource], type_: str) -> list[Mapping[str, Any]]:
    return [found.inputs for found in resources if found.type == type_]


def _targets(resources: Sequence[Resource], event: Event) -> list[str]:
    """ARNs of all that an event is handed to."""
    rules = {
        rule["name"]
        for rule in _of(resources, "aws:cloudwatch/eventRule:EventRule")
        if _matches(json.loads(rule.get("eventPattern", "{}")), event)
    }
    targets = _of(resources, "aws:cloudwatch/eventTarget:EventTarget")
    return [target["arn"] for target in targets if target["rule"] in rules]


def _matches(pattern: Mapping[str, Any], event: Event) -> bool:
    """By source and type; whatever else a pattern asks for is taken to be so, so that we err upwards."""
    fields = zip(("source", "detail-type"), event, strict=True)
    return all(
        any(_accepts(matcher, value) for matcher in pattern.get(name, [value]))
        for name, value in fields
    )


def _accepts(matcher: object, value: str) -> bool:
    if isinstance(matcher, dict):
        return value.startswith(matcher.get("prefix", ""))
    return matcher == value


def _definition(resources: Sequence[Resource], arn: str) -> dict[str, Any]:
    name = arn.rpartition(":")[2]
    machines = _of(resources, "aws:sfn/stateMachine:StateMachine")
    [definition] = [machine["definition"] for machine in machines if machine["name"] == name]
    return json.loads(definition)


def _happy_path(definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All states that are entered when nothing fails; each costs one transition."""
    name = definition["StartAt"]
    while name:
        state = definition["States"][name]
        yield state
        for branch in state.get("Branches", ()):
            yield from _happy_path(branch)
        name = state.get("Next") or state.get("Default")


def _memory_gb(resources: Sequence[Resource]) -> Decimal:
    """The most that any function has; the stack gives all of them the same."""
    functions = _of(resources, "aws:lambda/function:Function")
    return Decimal(max(function["memorySize"] for function in functions)) / 1024


def _on_demand(resources: Sequence[Resource]) -> bool:
    """Whether reads and writes are paid one by one; provisioned capacity is paid by the hour."""
    tables = _of(resources, "aws:dynamodb/table:Table")
    return any(table.get("billingMode") != "PROVISIONED" for table in tables)
