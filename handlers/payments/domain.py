"""What may happen to an order's payment."""

from enum import StrEnum

import msgspec

from events.catalogue import PaymentFailed, PaymentProcessed, PaymentRefunded
from events.refusals import OrderWithdrawn, PaymentDeclined
from handlers.rows import Change, Row


class Status(StrEnum):
    PENDING = "PENDING"
    """The gateway is being asked, or was when the function died."""
    CHARGED = "CHARGED"
    DECLINED = "DECLINED"
    REFUNDED = "REFUNDED"
    """What was charged went back, or nothing was charged and nothing will be."""


class Payment(Row, frozen=True, kw_only=True):
    """Our record of an order's payment."""

    status: Status
    amount: str
    refunded: str | None = None
    """What went back to the customer, if anything did."""
    reason: str | None = None
    """Why the gateway declined."""


class Approved(msgspec.Struct, frozen=True):
    """The gateway took the money, now or when it was asked before."""


class Declined(msgspec.Struct, frozen=True):
    """The gateway refused the card."""

    reason: str


class Closed(msgspec.Struct, frozen=True):
    """The gateway was told before that this order is not to be charged any more."""


Verdict = Approved | Declined | Closed


def begin(payment: Payment | None, *, order_id: str, amount: str) -> Change[Payment]:
    """Note that the gateway is about to be asked; refused when the payment is over already."""
    if payment is None:
        return Change(Payment(status=Status.PENDING, amount=amount))
    refuse_if_over(payment, order_id=order_id)
    return Change(payment)


def conclude(payment: Payment | None, verdict: Verdict, *, order_id: str) -> Change[Payment]:
    """Note the gateway's verdict, unless another call has concluded the payment meanwhile."""
    if payment is None:
        raise ValueError(f"the payment of order {order_id} was concluded before it was begun")
    if isinstance(verdict, Closed):
        raise OrderWithdrawn(f"order {order_id} was refunded before its card was charged")
    if payment.status is not Status.PENDING:
        return Change(payment)
    if isinstance(verdict, Approved):
        charged = msgspec.structs.replace(payment, status=Status.CHARGED)
        return Change(charged, (PaymentProcessed(order_id=order_id, amount=payment.amount),))
    reason = verdict.reason
    declined = msgspec.structs.replace(payment, status=Status.DECLINED, reason=reason)
    failed = PaymentFailed(order_id=order_id, amount=payment.amount, reason=reason)
    return Change(declined, (failed,))


def refund(
    payment: Payment | None, *, order_id: str, amount: str, returned: str | None
) -> Change[Payment]:
    """Note that the payment is over; `returned` is what the gateway has given back, if anything."""
    found = payment or Payment(status=Status.PENDING, amount=amount)
    if returned == found.refunded and found.status in {Status.REFUNDED, Status.DECLINED}:
        return Change(found)
    refunded = msgspec.structs.replace(found, status=Status.REFUNDED, refunded=returned)
    if returned is None:
        return Change(refunded)
    return Change(refunded, (PaymentRefunded(order_id=order_id, amount=returned),))


def refuse_if_over(payment: Payment, *, order_id: str) -> None:
    """Raise the refusal that a payment's state amounts to, if it does."""
    if payment.status is Status.REFUNDED:
        raise OrderWithdrawn(f"order {order_id} was given up before its card was charged")
    if payment.status is Status.DECLINED:
        raise PaymentDeclined(f"order {order_id}: {payment.reason}")
