"""What may come of a product's being low: one delivery for each time that it is told."""

from events.catalogue import StockRestocked
from handlers.rows import Change, Row


class Restocking(Row, frozen=True, kw_only=True):
    """What the supplier delivered, by the event that it was ordered for."""

    product_id: str
    quantity: int


def restock(restocking: Restocking | None, *, product_id: str, quantity: int) -> Change[Restocking]:
    """Put a delivery into stock, once."""
    if restocking is not None:
        return Change(restocking)
    event = StockRestocked(product_id=product_id, quantity=quantity)
    return Change(Restocking(product_id=product_id, quantity=quantity), (event,))


def delivery(restocking: Restocking) -> dict[str, int]:
    """What writing the restocking does to the available stock of each product."""
    return {restocking.product_id: restocking.quantity}
