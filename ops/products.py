"""Products: what can be ordered, at which price, and how many are in stock."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec

from ops.stack import Stack

Price = Annotated[str, msgspec.Meta(pattern=r"^\d{1,9}\.\d{2}$")]
Quantity = Annotated[int, msgspec.Meta(ge=0, lt=10**9)]


class Product(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """One product as a stock list has it."""

    product_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    name: str
    price: Price
    available: Quantity
    reorder_point: Quantity = 0
    """It is low with fewer than these; 0: never."""
    reorder_quantity: Quantity = 0
    """What the supplier is asked for when it is low; 0: nothing."""


def read(path: Path) -> list[Product]:
    """Read a stock list, a JSON array of products; `ValueError` says which entry is wrong, and how."""
    try:
        products = msgspec.json.decode(path.read_bytes(), type=list[Product])
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}") from error
    times = Counter(product.product_id for product in products)
    if twice := [product for product, count in times.items() if count > 1]:
        raise ValueError(f"{path}: {twice} are listed more than once; list each product once")
    return products


def put(stack: Stack, products: Iterable[Product]) -> int:
    """Write prices and stock, replacing what was there; the number of products written."""
    products = list(products)
    prices = [
        {
            "productId": {"S": product.product_id},
            "name": {"S": product.name},
            "price": {"S": product.price},
        }
        for product in products
    ]
    stock = [
        {
            "id": {"S": f"product#{product.product_id}"},
            "productId": {"S": product.product_id},
            "available": {"N": str(product.available)},
            "reorderPoint": {"N": str(product.reorder_point)},
            "reorderQuantity": {"N": str(product.reorder_quantity)},
        }
        for product in products
    ]
    _write(stack, stack.output("productsTableName"), prices)
    _write(stack, stack.output("inventoryTableName"), stock)
    return len(products)


def _write(stack: Stack, table: str, items: Iterable[dict[str, dict[str, str]]]) -> None:
    # One by one: a stock list is short, and a batch would have to be checked for what it left out.
    for item in items:
        stack.client("dynamodb").put_item(TableName=table, Item=item)
