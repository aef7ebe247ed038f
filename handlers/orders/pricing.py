"""Prices come from the catalogue; what a customer says they are is only compared with it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from events.catalogue import PricedLine
from handlers.orders.fields import MOST_MONEY
from handlers.orders.request import OrderRequest, Reading


def compare(reading: Reading, prices: Mapping[str, Decimal]) -> None:
    """Note in the reading whatever differs from the catalogue."""
    for line in reading.lines():
        product = reading.values.get(f"{line}/productId")
        given = reading.values.get(f"{line}/price")
        if product and product not in prices:
            reading.complain(f"{line}/productId", f"there is no product {product!r}")
        elif product and given not in {None, prices[product]}:
            reading.complain(f"{line}/price", f"is {given}; {product!r} costs {prices[product]}")
    total = _total(reading, prices)
    given = reading.values.get("/totalAmount")
    if total is not None and total > MOST_MONEY:
        reading.complain("/items", f"cost {total} together; the most is {MOST_MONEY}")
    elif None not in (total, given) and given != total:
        reading.complain("/totalAmount", f"is {given}; the items cost {total}")


def priced(request: OrderRequest, prices: Mapping[str, Decimal]) -> tuple[PricedLine, ...]:
    """The lines of a request at the catalogue's prices."""
    return tuple(
        PricedLine(
            product_id=line.product_id,
            quantity=line.quantity,
            price=str(prices[line.product_id]),
        )
        for line in request.lines
    )


def total_of(lines: Iterable[PricedLine]) -> str:
    """What the lines cost together."""
    return str(sum((line.quantity * Decimal(line.price) for line in lines), Decimal("0.00")))


def _total(reading: Reading, prices: Mapping[str, Decimal]) -> Decimal | None:
    """What the lines cost together; None unless each has a product and a quantity."""
    try:
        costs = [
            prices[reading.values[f"{line}/productId"]] * reading.values[f"{line}/quantity"]
            for line in reading.lines()
        ]
    except KeyError:
        return None
    return sum(costs, Decimal("0.00")) if costs else None
