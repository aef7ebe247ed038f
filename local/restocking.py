"""What the demo says of products that ran low: each was restocked, once for each time that it was told."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from local.ledger import Item, Ledger
from ops.products import Product


def unrestocked(ledger: Ledger, products: Sequence[Product]) -> Iterator[str]:
    """Whatever is wrong with how low products were told of and restocked, one sentence each."""
    lows = {event["id"]: event["data"] for event in _lows(ledger)}
    for event_id in ledger.unrestocked():
        yield f"{lows[event_id]['productId']} was low and nothing was delivered"
    for event_id in ledger.restocked.keys() - lows.keys():
        yield f"{ledger.restocked[event_id]['productId']} was restocked, and nobody told that it was low"
    told = {low["productId"] for low in lows.values()}
    for product in products:
        if ledger.stock[product.product_id] < product.reorder_point:
            yield f"{product.product_id} ended low: {ledger.stock[product.product_id]} are available"
        if product.product_id in told and not product.reorder_point:
            yield f"{product.product_id} was told of as low, and it has no reorder point"


def show_restocked(console: Console, ledger: Ledger) -> None:
    """Say of each product that became low what was delivered for it."""
    for low in (event["data"] for event in _lows(ledger)):
        left = f"{low['available']} left, told below {low['reorderPoint']}"
        console.print(
            f"{low['productId']} ran low ({left}): {low['reorderQuantity']} were delivered, "
            f"{ledger.stock[low['productId']]} are available now.",
            highlight=False,
        )


def _lows(ledger: Ledger) -> list[Item]:
    return [event for event in ledger.events if event["type"] == "inventory.low"]
