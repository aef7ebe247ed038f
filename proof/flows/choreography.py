"""What only services do that react to each other's events: trying again by themselves, and giving up at a deadline."""

from events.catalogue import OrderCancelled, OrderCreated, PaymentFailed, PaymentProcessed
from local.scenarios import BOUGHT, FAILED, Scenario
from proof.flows.customers import SOLD, card_refused
from proof.flows.listeners import Listeners, set_aside
from proof.visit import Visit

STEPS = ("reserve-on-order", "charge-on-reservation", "confirm-on-payment", "ship-on-confirmation")
PARTICIPANTS: Listeners = {
    OrderCreated: (
        "reserve-on-order",
        "charge-on-reservation",
        "ship-on-confirmation",
        "sweep-orders",
    ),
    PaymentProcessed: ("confirm-on-payment",),
    PaymentFailed: ("cancel-on-refusal",),
    OrderCancelled: ("release-on-cancellation", "refund-on-cancellation"),
}
"""Each of them once, by an event that it reacts to."""
FAILS_ONCE = "error-before:once"


def poisoned(visit: Visit) -> None:
    """A message that nobody can read is set aside by each participant that gets it, if only at its deadline."""
    with visit.overdue():
        set_aside(visit, PARTICIPANTS)


def step_tried_again(visit: Visit) -> None:
    """A step that fails is tried again after seconds."""
    order = visit.place(Scenario("step again", BOUGHT, faults=dict.fromkeys(STEPS, FAILS_ONCE)))
    visit.ends(order, BOUGHT)
    visit.events(order, *SOLD)


def refusal_tried_again(visit: Visit) -> None:
    """So are giving an order up and putting its stock back."""
    participants = ("cancel-on-refusal", "release-on-cancellation")
    card_refused(visit, dict.fromkeys(participants, FAILS_ONCE))


def overdue(visit: Visit) -> None:
    """An order that has not been confirmed by its deadline is given up and undone, though that fails at first."""
    faults = {
        "ConfirmOrder": "slow-5:once",
        "sweep-orders": FAILS_ONCE,
        "refund-on-cancellation": FAILS_ONCE,
    }
    order = visit.place(Scenario("overdue", FAILED, faults=faults))
    visit.events(order, "payment.processed")
    with visit.overdue():
        visit.ends(order, FAILED)
    visit.events(order, "payment.refunded", "inventory.released", "order.cancelled")


def parcel_overdue(visit: Visit) -> None:
    """A parcel that has not been sent by its deadline is waited for by an operator, until it is sent."""
    order = visit.place(Scenario("parcel overdue", BOUGHT, faults={"ShipOrder": "slow-5:once"}))
    visit.until("the order is not confirmed", lambda: visit.status(order) == "CONFIRMED")
    with visit.overdue():
        visit.ends(order, "PARKED")
    visit.ends(order, BOUGHT, resumed=True)
    visit.events(order, "order.parked", *SOLD)
