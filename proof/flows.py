"""The flows: everything that the system is for, each of which needs some of what its roles may do.

A new feature needs a line in FLOWS: a name, and a function that does on a `Visit` what a user, an operator or the
deployment does, and waits for all that must come of it. Grants that no flow uses are reported by `make prove`.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from events.catalogue import AvailabilityRequested
from events.envelope import Metadata, encode, wrap
from local.poison import POISON, POISONED
from local.scenarios import BOUGHT, BY_CUSTOMER, DECLINED, FAILED, OUT_OF_STOCK, Scenario
from local.traffic import failures, publish
from ops import journal, products
from ops.products import Product
from ops.resume import resume
from proof.triggers import accepted
from proof.visit import Visit


@dataclass(frozen=True)
class Flow:
    """One thing that the system does from end to end."""

    name: str
    run: Callable[[Visit], None]
    """Raises `Missed` when something that must come about does not."""


def bought(visit: Visit) -> None:
    """An order is taken, paid, sent and delivered, and its customer can see how."""
    order = visit.place(Scenario("bought", BOUGHT))
    visit.ends(order, BOUGHT)
    done = ("order.paid", "order.confirmed", "order.shipped", "order.fulfilled")
    visit.events(order, "inventory.reserved", "payment.processed", *done)
    answer = visit.customer.history(order["orderId"])
    told = {event["type"] for event in answer.body.get("events", ())}
    visit.expect(f"the history has {sorted(told)}", holds=told >= {"order.created", *done})


def out_of_stock(visit: Visit) -> None:
    """An order of what is sold out is cancelled."""
    order = visit.place(Scenario("out of stock", OUT_OF_STOCK, items=(("prod-010", 1),)))
    visit.ends(order, OUT_OF_STOCK)
    visit.events(order, "inventory.failed", "order.cancelled")


def card_refused(visit: Visit) -> None:
    """An order whose card is refused is cancelled, and its stock is free again."""
    order = visit.place(Scenario("card refused", DECLINED, card="tok_declined"))
    visit.ends(order, DECLINED)
    visit.events(
        order, "inventory.reserved", "payment.failed", "inventory.released", "order.cancelled"
    )


def undone(visit: Visit) -> None:
    """A card that was charged by a step that failed gets its money back."""
    order = visit.place(Scenario("undone", FAILED, card="tok_charged_then_error"))
    visit.ends(order, FAILED)
    visit.events(
        order, "inventory.reserved", "payment.refunded", "inventory.released", "order.cancelled"
    )


def undo_resumed(visit: Visit) -> None:
    """Undoing stops until an operator resumes it."""
    faults = {"ChargeCard": "error-after:always", "UndoConfirmOrder": "error-before:until-resumed"}
    order = visit.place(Scenario("undo resumed", FAILED, faults=faults))
    visit.ends(order, "PARKED")
    visit.until("no work was parked", lambda: visit.parked(order))
    _resume(visit, order)
    visit.ends(order, FAILED, resumed=True)
    visit.events(order, "order.parked", "order.cancelled")


def parcel_resumed(visit: Visit) -> None:
    """A parcel is only sent after an operator has resumed it."""
    faults = {"ShipOrder": "error-before:until-resumed"}
    order = visit.place(Scenario("parcel resumed", BOUGHT, faults=faults))
    visit.until("no work was parked", lambda: visit.parked(order))
    _resume(visit, order)
    visit.ends(order, BOUGHT, resumed=True)


def confirmation_resumed(visit: Visit) -> None:
    """A customer is only told of the confirmation after an operator has resumed it."""
    faults = {"SendConfirmation": "error-before:until-resumed"}
    order = visit.place(Scenario("confirmation resumed", BOUGHT, faults=faults))
    visit.until("no work was parked", lambda: visit.parked(order))
    _resume(visit, order)
    visit.events(order, "order.paid", "order.confirmed", "order.shipped", "order.fulfilled")


def parked_again(visit: Visit) -> None:
    """What cannot be done even when it is resumed waits again, as work of the saga that resumed it."""
    faults = {"ChargeCard": "error-after:always", "UndoReserveStock": "error-before:always"}
    order = visit.place(Scenario("parked again", "PARKED", faults=faults))
    visit.ends(order, "PARKED")
    first = {work.parked_at for work in visit.until("no work", lambda: visit.parked(order))}
    _resume(visit, order)

    def again() -> bool:
        return any(work.parked_at not in first for work in visit.parked(order))

    visit.until("the work was not parked again", again)


def _resume(visit: Visit, order: dict[str, str]) -> None:
    own = order["orderId"]
    resume(visit.stack, which=lambda work: work.input["data"]["orderId"] == own)


def cancelled(visit: Visit) -> None:
    """A customer withdraws an order while its card is being charged."""
    faults = {"ChargeCard": "slow-1:once"}
    order = visit.place(Scenario("cancelled", BY_CUSTOMER, faults=faults))
    answer = visit.customer.cancel(order["orderId"])
    visit.expect(f"the cancellation: {answer}", holds=answer.status == HTTPStatus.ACCEPTED)
    visit.ends(order, BY_CUSTOMER)


def listed(visit: Visit) -> None:
    """A customer sees the own orders."""
    order = visit.place(Scenario("listed", BOUGHT))

    def seen() -> bool:
        orders = visit.customer.orders(order["customerId"])
        return any(found["orderId"] == order["orderId"] for found in orders)

    visit.until("the order is not among its customer's", seen)


def registered(visit: Visit) -> None:
    """Somebody becomes a user, under an address that is nobody else's then."""
    email = f"{uuid.uuid4()}@example.com"
    answers = [visit.customer.register("Ada Lovelace", email) for _ in range(2)]
    visit.expect(f"registered: {answers[0]}", holds=answers[0].status == HTTPStatus.CREATED)
    visit.expect(f"again: {answers[1]}", holds=answers[1].status == HTTPStatus.CONFLICT)
    user = answers[0].body["userId"]

    def told() -> bool:
        events = journal.of_type(visit.stack, "user.registered")
        return any(event["data"]["userId"] == user for event in events)

    visit.until("user.registered did not happen", told)


POISONOUS = {
    ("inventory", "inventory.low"): "restock-product",
    ("orders", "inventory.check.requested"): "answer-check",
    ("inventory", "inventory.check.answered"): "take-answer",
}
"""Source and type of further events that hold nothing of what they should, to the listener that gets them."""


def poisoned(visit: Visit) -> None:
    """A message that nobody can read is set aside by each listener that gets it."""
    before = failures(visit.stack)
    publish(visit.stack, "shipping", POISON)
    for source, type_ in POISONOUS:
        publish(visit.stack, source, {"type": type_, "data": {"replyTo": "orders"}})

    def set_aside() -> bool:
        now = failures(visit.stack)
        listeners = *POISONED, *POISONOUS.values()
        queues = [f"{listener}-queue-failures" for listener in listeners]
        return all(now[queue] > before[queue] for queue in queues)

    visit.until("the message is not in every listener's failure queue", set_aside)


def asked_for(visit: Visit) -> None:
    """A customer asks whether something is in stock, which one service asks another."""
    answer = visit.customer.availability("prod-001", 1)
    visit.expect(f"availability: {answer}", holds=answer.status == HTTPStatus.OK)


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


def restocked(visit: Visit) -> None:
    """What runs low is delivered by the supplier."""
    order = _running_low(visit)
    visit.ends(visit.place(order), BOUGHT)
    _delivered(visit, order)


def _delivered(visit: Visit, order: Scenario) -> None:
    [(product, _)] = order.items

    def delivered() -> bool:
        events = journal.of_type(visit.stack, "inventory.restocked")
        return any(event["data"]["productId"] == product for event in events)

    visit.until("nothing was delivered", delivered)


LISTENERS = ("track-order", "deliver-order", "notify-customer", "record-event", "restock-product")


def tried_again(visit: Visit) -> None:
    """What a listener fails to do is tried again after seconds, not after the minutes that its queue would take."""
    faults = dict.fromkeys(LISTENERS, "error-before:once")
    order = replace(_running_low(visit), faults=faults)
    placed = visit.place(order)
    visit.ends(placed, BOUGHT)
    visit.events(placed, "order.paid", "order.confirmed", "order.shipped", "order.fulfilled")
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


FLOWS = (
    Flow("triggers are accepted", accepted),
    Flow("an order is bought", bought),
    Flow("an order is out of stock", out_of_stock),
    Flow("a card is refused", card_refused),
    Flow("an order is undone", undone),
    Flow("an undo is resumed", undo_resumed),
    Flow("a parcel is resumed", parcel_resumed),
    Flow("a confirmation is resumed", confirmation_resumed),
    Flow("work is parked again", parked_again),
    Flow("an order is cancelled", cancelled),
    Flow("orders are listed", listed),
    Flow("a user registers", registered),
    Flow("a message is poison", poisoned),
    Flow("a customer asks what is in stock", asked_for),
    Flow("a product runs low", restocked),
    Flow("a listener fails once", tried_again),
    Flow("an answer fails once", asked_again),
)
"""A grant is taken away from the first of them that uses it, so the quickest come first."""
