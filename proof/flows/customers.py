"""What customers do, and what comes of it however the services are coordinated."""

import uuid
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

from local.scenarios import BOUGHT, BY_CUSTOMER, DECLINED, OUT_OF_STOCK, Scenario
from ops import journal
from proof.visit import Visit

SOLD = ("order.paid", "order.confirmed", "order.shipped", "order.fulfilled")
"""What a customer hears of an order that goes well."""


def bought(visit: Visit) -> None:
    """An order is taken, paid, sent and delivered, and its customer can see how."""
    order = visit.place(Scenario("bought", BOUGHT))
    visit.ends(order, BOUGHT)
    visit.events(order, "inventory.reserved", "payment.processed", *SOLD)
    answer = visit.customer.history(order["orderId"])
    told = {event["type"] for event in answer.body.get("events", ())}
    visit.expect(f"the history has {sorted(told)}", holds=told >= {"order.created", *SOLD})
    payment = visit.customer.payment(order["orderId"])
    visit.expect(f"the payment: {payment}", holds=payment.body.get("status") == "CHARGED")


def out_of_stock(visit: Visit) -> None:
    """An order of what is sold out is cancelled."""
    order = visit.place(Scenario("out of stock", OUT_OF_STOCK, items=(("prod-010", 1),)))
    visit.ends(order, OUT_OF_STOCK)
    visit.events(order, "inventory.failed", "order.cancelled")


def card_refused(visit: Visit, faults: Mapping[str, str] | None = None) -> None:
    """An order whose card is refused is cancelled, and its stock is free again."""
    refused = Scenario("card refused", DECLINED, card="tok_declined", faults={**(faults or {})})
    order = visit.place(refused)
    visit.ends(order, DECLINED)
    undone = ("inventory.released", "order.cancelled")
    visit.events(order, "inventory.reserved", "payment.failed", *undone)


def cancelled(visit: Visit) -> None:
    """A customer withdraws an order that is paid and not yet confirmed, and gets the money back."""
    faults = {"ConfirmOrder": "slow-3:once"}
    order = visit.place(Scenario("cancelled", BY_CUSTOMER, faults=faults))
    visit.events(order, "payment.processed")
    answer = visit.customer.cancel(order["orderId"])
    visit.expect(f"the cancellation: {answer}", holds=answer.status == HTTPStatus.ACCEPTED)
    visit.ends(order, BY_CUSTOMER)
    visit.events(order, "payment.refunded", "inventory.released", "order.cancelled")


def listed(visit: Visit) -> None:
    """A customer sees the own orders."""
    order = visit.place(Scenario("listed", BOUGHT))

    def seen() -> bool:
        orders = visit.customer.orders(order["customerId"])
        return any(found["orderId"] == order["orderId"] for found in orders)

    visit.until("the order is not among its customer's", seen)


def registered(visit: Visit) -> None:
    """Somebody becomes a user, under an address that is nobody else's then, and is welcomed."""
    email = f"{uuid.uuid4()}@example.com"
    answers = [visit.customer.register("Ada Lovelace", email) for _ in range(2)]
    visit.expect(f"registered: {answers[0]}", holds=answers[0].status == HTTPStatus.CREATED)
    visit.expect(f"again: {answers[1]}", holds=answers[1].status == HTTPStatus.CONFLICT)
    user = answers[0].body["userId"]

    def told(type_: str) -> bool:
        return any(event["data"]["userId"] == user for event in journal.of_type(visit.stack, type_))

    for type_ in ("user.registered", "user.welcomed"):
        visit.until(f"{type_} did not happen", partial(told, type_))


def asked_for(visit: Visit) -> None:
    """A customer asks whether something is in stock, which one service asks another."""
    answer = visit.customer.availability("prod-001", 1)
    visit.expect(f"availability: {answer}", holds=answer.status == HTTPStatus.OK)
