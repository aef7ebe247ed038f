"""The saga of an order: what is done for it, in which order, and how each step is undone."""

from components.saga_steps import Parallel, Step
from components.services.inventory import Inventory
from components.services.orders import Orders
from components.services.payments import Payments
from components.services.shipping import Shipping
from events.refusals import OrderWithdrawn, OutOfStock, PaymentDeclined


def order_steps(
    orders: Orders, inventory: Inventory, payments: Payments, shipping: Shipping
) -> tuple[Step | Parallel, ...]:
    """Stock before money, because releasing stock is cheaper than refunding money."""
    return (
        Step(
            "ReserveStock",
            do=inventory.reserve.static_arn,
            undo=inventory.release.static_arn,
            refusals=(OutOfStock, OrderWithdrawn),
        ),
        Step(
            "ChargeCard",
            do=payments.charge.static_arn,
            undo=payments.refund.static_arn,
            refusals=(PaymentDeclined, OrderWithdrawn),
        ),
        Step(
            "ConfirmOrder",
            do=orders.confirm.static_arn,
            undo=orders.withdraw.static_arn,
            refusals=(OrderWithdrawn,),
            pivot=True,
        ),
        Step("ShipOrder", do=shipping.ship.static_arn),
    )
