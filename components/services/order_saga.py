"""The saga of an order, run by a state machine: what is done, in which order, and how it is undone."""

from components.saga_steps import Parallel, Step
from components.services.inventory import Inventory
from components.services.notifications import Notifications
from components.services.orders import Orders
from components.services.payments import Payments
from components.services.shipping import Shipping
from events.refusals import OrderWithdrawn, OutOfStock, PaymentDeclined


def order_steps(
    orders: Orders,
    inventory: Inventory,
    payments: Payments,
    shipping: Shipping,
    notifications: Notifications,
) -> tuple[Step | Parallel, ...]:
    """Stock before money, because releasing stock is cheaper than refunding money."""
    return (
        Step(
            "ReserveStock",
            do=inventory.task("reserve-stock", "reserve"),
            undo=inventory.task("release-stock", "release"),
            refusals=(OutOfStock, OrderWithdrawn),
        ),
        Step(
            "ChargeCard",
            do=payments.task("charge-card", "charge"),
            undo=payments.task("refund-card", "refund"),
            refusals=(PaymentDeclined, OrderWithdrawn),
        ),
        Step(
            "ConfirmOrder",
            do=orders.task("confirm-order", "confirm"),
            undo=orders.withdrawal(),
            refusals=(OrderWithdrawn,),
            pivot=True,
        ),
        # The parcel does not wait for the mail, nor the mail for the parcel.
        Parallel(
            Step("ShipOrder", do=shipping.task("ship-order", "ship")),
            Step("SendConfirmation", do=notifications.task("send-confirmation", "confirm")),
        ),
    )
