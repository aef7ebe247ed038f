"""What only a saga does that a state machine runs: undoing at once, and parking what cannot be done."""

from local.scenarios import BOUGHT, FAILED, Scenario
from ops.resume import resume
from proof.flows.customers import SOLD
from proof.visit import Visit


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
    visit.events(order, *SOLD)


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
