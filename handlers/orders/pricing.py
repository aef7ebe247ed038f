"""Prices come from the catalogue; what a customer says they are is only compared with it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from events.catalogue import PricedLine
from handlers.fields import MOST_MONEY
from handlers.orders.request import OrderRequest, lines
from handlers.reading import Reading

Prices = Mapping[str, Decimal]
"""Product to what one of it costs."""


def compare(reading: Reading, prices: Prices) -> None:
    """Complain about whatever differs from the catalogue."""
    for line in lines(reading):
        _compare_line(reading, line, prices)
    total, given = _total(reading, prices), reading.values.get("/totalAmount")
    if total is None:
        return
    if total > MOST_MONEY:
        reading.complain("/items", f"cost {total} together; the most is {MOST_MONEY}")
    elif given is not None and given != total:
        reading.complain("/totalAmount", f"is {given}; the items cost {total}")


def priced(request: OrderRequest, prices: Prices) -> tuple[PricedLine, ...]:
    """The lines of a request at the catalogue's prices."""
    return tuple(
        PricedLine(
            product_id=line.product_id,
            quantity=line.quantity,
            price=f"{prices[line.product_id]:.2f}",
        )
        for line in request.lines
    )


def total_of(priced_lines: Iterable[PricedLine]) -> str:
    """What the lines cost together."""
    return str(sum((line.quantity * Decimal(line.price) for line in priced_lines), Decimal(0)))


def _compare_line(reading: Reading, line: str, prices: Prices) -> None:
    product = reading.values.get(f"{line}/productId")
    given = reading.values.get(f"{line}/price")
    if product is None:
        return
    if product not in prices:
        reading.complain(f"{line}/productId", f"there is no product {product!r}")
    elif given is not None and given != prices[product]:
        reading.complain(f"{line}/price", f"is {given}; {product!r} costs {prices[product]}")


def _total(reading: Reading, prices: Prices) -> Decimal | None:
    """What the lines cost together; None unless each has a product and a quantity."""
    costs = [
        prices[reading.values[f"{line}/productId"]] * reading.values[f"{line}/quantity"]
        for line in lines(reading)
        if reading.values.get(f"{line}/productId") in prices
        and f"{line}/quantity" in reading.values
    ]
    return sum(costs, Decimal(0)) if costs and len(costs) == len(lines(reading)) else None
