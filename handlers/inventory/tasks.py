"""The saga's tasks on stock: reserve, and its undo, release."""

from handlers.inventory.reserving import release_stock, reserve_stock
from handlers.inventory.store import stock
from handlers.task import Answer, Call, task


@task
def reserve(call: Call) -> Answer:
    """Entry point: take an order's lines out of the available stock."""
    return reserve_stock(call, stock())


@task
def release(call: Call) -> Answer:
    """Entry point: put them back, now or in advance."""
    return release_stock(call, stock())
