"""Charging and refunding through a gateway, safe at every point where a call may end or overlap another.

Our record says `PENDING` before the gateway is asked and its verdict after. A refund always asks the
gateway too, which then refuses the key for good: so a charge that passed our check and is overtaken
by a refund takes no money, or its money has just gone back.
"""

from functools import partial

from events.envelope import Metadata
from handlers.payments import domain
from handlers.payments.gateway import PaymentGateway
from handlers.rows import Rows, carry_out
from handlers.task import Answer, Work


def charge_card(work: Work, payments: Rows[domain.Payment], gateway: PaymentGateway) -> Answer:
    """Charge the order's total once; refused as `PaymentDeclined` or `OrderWithdrawn`."""
    order_id, card = work.order.order_id, work.order.card
    begin = partial(domain.begin, order_id=order_id, amount=work.order.total)
    payment = carry_out(payments, order_id, begin, work.metadata)
    if payment.status is domain.Status.PENDING:
        verdict = gateway.charge(order_id, payment.amount, card)
        conclude = partial(domain.conclude, verdict=verdict, order_id=order_id)
        payment = carry_out(payments, order_id, conclude, work.metadata, known=payment)
        domain.refuse_if_over(payment, order_id=order_id)
    return _answer(order_id, payment)


def refund_card(
    order_id: str,
    amount: str,
    metadata: Metadata,
    payments: Rows[domain.Payment],
    gateway: PaymentGateway,
) -> Answer:
    """See to it that no money of the order's is with us, nor ever will be."""
    returned = gateway.refund(order_id)
    refund = partial(domain.refund, order_id=order_id, amount=amount, returned=returned)
    return _answer(order_id, carry_out(payments, order_id, refund, metadata))


def _answer(order_id: str, payment: domain.Payment) -> Answer:
    return {"orderId": order_id, "status": payment.status, "amount": payment.amount}
