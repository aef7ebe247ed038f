"""The saga's task on notifications: tell the customer that the order is confirmed."""

from events.catalogue import OrderConfirmed
from handlers.notifications.channels import channels
from handlers.notifications.store import notices
from handlers.notifications.telling import Teller, tell
from handlers.task import Answer, Call, task


@task
def confirm(call: Call) -> Answer:
    """Entry point: tell the customer, which the saga does once the pivot is passed."""
    order = call.order
    confirmed = OrderConfirmed(
        order_id=order.order_id,
        customer_id=order.customer_id,
        email=order.email,
        total=order.total,
    )
    # The state machine tries again only once the earlier try has ended.
    teller = Teller(call.saga.execution, call.seconds_left, alone=True)
    tell(confirmed, call.metadata, teller, notices(), channels(confirmed))
    return {"orderId": order.order_id, "status": "TOLD"}
