"""What listeners do with events whoever coordinates them: their work, again what failed, and aside what nobody can read."""

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace

from events.catalogue import AvailabilityAnswered, AvailabilityRequested, OrderShipped, StockLow
from events.envelope import Event, Metadata, encode, wrap
from local.poison import POISONED, failure_queue
from local.scenarios import BOUGHT, Scenario
from local.traffic import failures, publish
from ops import journal, products
from ops.products import Product
from proof.flows.customers import SOLD
from proof.visit import Visit

Listeners = Mapping[type[Event], Collection[str]]
"""A type of event to the listeners that get it."""

LISTENERS: Listeners = {
    OrderShipped: POISONED,
    StockLow: ("restock-product",),
    AvailabilityRequested: ("answer-check",),
    AvailabilityAnswered: ("take-answer",),
}
ON_AN_ORDER = (*POISONED, "restock-product")


def poisoned(visit: Visit) -> None:
    """A message that nobody can read is set aside by each listener that gets it."""
    set_aside(visit, LISTENERS)


def set_aside(visit: Visit, listeners: Listeners) -> None:
    """Publish one event of each type that holds nothing of what it should, and wait until it is in every failure queue."""
    before = failures(visit.stack)
    for event in listeners:
        # All that a route may look at before a listener does.
        publish(visit.stack, event.source, {"type": event.name, "data": {"replyTo": "orders"}})
    queues = [failure_queue(name) for names in listeners.values() for name in names]

    def found() -> bool:
        now = failures(visit.stack)
        return all(now[queue] > before[queue] for queue in queues)

    visit.until("the message is not in every listener's failure queue", found)


def restocked(visit: Visit) -> None:
    """What runs low is delivered by the supplier."""
    order = _running_low(visit)
    visit.ends(visit.place(order), BOUGHT)
    _delivered(visit, order)


def _running_low(visit: Visit) -> Scenario:
    """An order that makes a new product run low."""
    name = f"proof-{uuid.uuid4()}"
    product = Product(
        product_id=name,
        name="Proof",
        price="1.00",
        available=5,
        reorder_point=5,
        reorder_quantity=40,
    )
    products.put(visit.stack, [product])
    return Scenario("restocked", BOUGHT, items=((name, 2),))


def _delivered(visit: Visit, order: Scenario) -> None:
    [(product, _)] = order.items

    def delivered() -> bool:
        events = journal.of_type(visit.stack, "inventory.restocked")
        return any(event["data"]["productId"] == product for event in events)

    visit.until("nothing was delivered", delivered)


def tried_again(visit: Visit) -> None:
    """What a listener fails to do is tried again after seconds, not after the minutes that its queue would take."""
    faults = dict.fromkeys(ON_AN_ORDER, "error-before:once")
    order = replace(_running_low(visit), faults=faults)
    placed = visit.place(order)
    visit.ends(placed, BOUGHT)
    visit.events(placed, *SOLD)
    _delivered(visit, order)


def asked_again(visit: Visit) -> None:
    """So are a question that could not be answered at once, and its answer that could not be kept."""
    question = AvailabilityRequested(
        product_id="prod-001", quantity=1, reply_to="orders", answer_by="2999-01-01T00:00:00.000Z"
    )
    faults = {"answer-check": "error-before:once", "take-answer": "error-before:once"}
    metadata = Metadata(
        correlation_id="proof", causation_id="proof", user_id="proof", faults=faults
    )
    asked = wrap(question, metadata)
    publish(visit.stack, asked.source, json.loads(encode(asked)))
    # Nobody but the function that waits reads it, so it is no output.
    table = visit.stack.output("ordersTableName").removesuffix("orders") + "answers"
    visit.until(
        "the answer did not come",
        lambda: (
            "Item"
            in visit.stack.client("dynamodb").get_item(
                TableName=table, Key={"questionId": {"S": asked.id}}
            )
        ),
    )
