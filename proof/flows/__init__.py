"""The flows: everything that the system is for, each of which needs some of what its roles may do.

A new feature needs a line in FLOWS: a name, and a function that does on a `Visit` what a user, an operator or the
deployment does, and waits for all that must come of it. Grants that no flow uses are reported by `make prove`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proof.flows import choreography, customers, listeners, sagas
from proof.triggers import accepted
from proof.visit import Visit


@dataclass(frozen=True)
class Flow:
    """One thing that the system does from end to end."""

    name: str
    run: Callable[[Visit], None]
    """Raises `Missed` when something that must come about does not."""


ALWAYS = (
    Flow("triggers are accepted", accepted),
    Flow("an order is bought", customers.bought),
    Flow("an order is out of stock", customers.out_of_stock),
    Flow("a card is refused", customers.card_refused),
    Flow("orders are listed", customers.listed),
    Flow("a user registers", customers.registered),
    Flow("a message is poison", listeners.poisoned),
    Flow("a customer asks what is in stock", customers.asked_for),
    Flow("a product runs low", listeners.restocked),
    Flow("an answer fails once", listeners.asked_again),
    Flow("a listener fails once", listeners.tried_again),
    Flow("an order is cancelled", customers.cancelled),
)
"""However the services are coordinated."""
FLOWS: Mapping[str, tuple[Flow, ...]] = {
    "orchestrated": (
        *ALWAYS,
        Flow("an order is undone", sagas.undone),
        Flow("an undo is resumed", sagas.undo_resumed),
        Flow("a parcel is resumed", sagas.parcel_resumed),
        Flow("a confirmation is resumed", sagas.confirmation_resumed),
        Flow("work is parked again", sagas.parked_again),
    ),
    "choreographed": (
        *ALWAYS,
        Flow("a step's message is poison", choreography.poisoned),
        Flow("a step fails once", choreography.step_tried_again),
        Flow("giving up fails once", choreography.refusal_tried_again),
        Flow("an order is overdue", choreography.overdue),
        Flow("a parcel is overdue", choreography.parcel_overdue),
    ),
}
"""By the way to coordinate. A grant is taken away from the first that uses it, so the quickest come first."""
