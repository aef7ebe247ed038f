"""Orders more of what is low."""

from functools import partial
from typing import Any

from events.catalogue import StockLow
from events.envelope import Envelope
from handlers.batch import Delivery, consumer
from handlers.inventory import restocking
from handlers.inventory.restocking import Restocking
from handlers.inventory.store import restockings
from handlers.inventory.supplier import SimulatedSupplier, Supplier
from handlers.logs import logger
from handlers.rows import Rows, carry_out


@consumer(StockLow)
def handler(delivery: Delivery) -> None:
    """Entry point: restock one product."""
    restock_product(delivery.envelope, restockings(), SimulatedSupplier())


def restock_product(told: Envelope[Any], rows: Rows[Restocking], supplier: Supplier) -> None:
    """Ask the supplier for what is low and put the delivery into stock, once for each time it is told."""
    low: StockLow = told.data
    if not low.reorder_quantity:
        logger().warning("a product is low that nobody reorders", product_id=low.product_id)
        return
    # The event's id is the order's number: should this be cut short, the same order is asked for again.
    quantity = supplier.deliver(told.id, low.product_id, low.reorder_quantity)
    decide = partial(restocking.restock, product_id=low.product_id, quantity=quantity)
    carry_out(rows, told.id, decide, told.causes())
