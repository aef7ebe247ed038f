"""A request to place an order: checked completely, so that every wrong field is reported at once."""

import hashlib
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import msgspec

from handlers import faults, fields
from handlers.reading import Reading

MOST_LINES = 40
"""So that an order fits into one transaction with room to spare."""
ALLOWED = ("customerId", "items", "totalAmount", "card", "email")
ALLOWED_IN_LINE = ("productId", "quantity", "price")


@dataclass(frozen=True)
class RequestedLine:
    """So many of one product, at the price that the customer saw, if told."""

    product_id: str
    quantity: int
    price: Decimal | None


@dataclass(frozen=True)
class OrderRequest:
    """What a customer wants, in the right form; whether it is for sale is another question."""

    customer_id: str
    lines: tuple[RequestedLine, ...]
    total: Decimal | None
    card: str
    email: str | None
    faults: dict[str, str]

    def fingerprint(self) -> str:
        """The same for requests that ask for the same, however their JSON was written."""
        return hashlib.sha256(msgspec.json.encode(asdict(self), order="sorted")).hexdigest()


def read(body: object) -> Reading:
    """Read a body; faults are a field of it only where they may be provoked."""
    reading = Reading()
    if not isinstance(body, dict):
        reading.complain("", "must be a JSON object")
        return reading
    allowed = (*ALLOWED, "faults") if faults.injected() else ALLOWED
    reading.refuse_others("", body, allowed)
    reading.take("/customerId", body.get("customerId"), fields.identifier)
    reading.take("/items", body.get("items"), _items)
    for line, given in zip(lines(reading), reading.values.get("/items", ()), strict=True):
        _read_line(reading, line, given)
    _refuse_repeated(reading)
    reading.take_if_given("/totalAmount", body.get("totalAmount"), fields.money)
    reading.take("/card", body.get("card"), fields.card)
    reading.take_if_given("/email", body.get("email"), fields.email)
    if "faults" in allowed:
        reading.take_if_given("/faults", body.get("faults"), fields.faults_by_state)
    return reading


def request(reading: Reading) -> OrderRequest:
    """The whole request; `InvalidRequestError` if anything is wrong with it."""
    reading.require()
    values = reading.values
    return OrderRequest(
        customer_id=values["/customerId"],
        lines=tuple(
            RequestedLine(
                product_id=values[f"{line}/productId"],
                quantity=values[f"{line}/quantity"],
                price=values.get(f"{line}/price"),
            )
            for line in lines(reading)
        ),
        total=values.get("/totalAmount"),
        card=values["/card"],
        email=values.get("/email"),
        faults=values.get("/faults", {}),
    )


def lines(reading: Reading) -> list[str]:
    """JSON pointers of the lines."""
    return [f"/items/{index}" for index in range(len(reading.values.get("/items", ())))]


def products(reading: Reading) -> set[str]:
    """All products that are asked for, right or not in other respects."""
    named = (reading.values.get(f"{line}/productId") for line in lines(reading))
    return {product for product in named if product}


def _items(value: object) -> list[Any]:
    if isinstance(value, list) and 1 <= len(value) <= MOST_LINES:
        return value
    raise ValueError(f"must be a list of 1 to {MOST_LINES} lines")


def _read_line(reading: Reading, pointer: str, line: object) -> None:
    if not isinstance(line, dict):
        reading.complain(pointer, "must be a JSON object")
        return
    reading.refuse_others(pointer, line, ALLOWED_IN_LINE)
    reading.take(f"{pointer}/productId", line.get("productId"), fields.identifier)
    reading.take(f"{pointer}/quantity", line.get("quantity"), fields.quantity)
    reading.take_if_given(f"{pointer}/price", line.get("price"), fields.money)


def _refuse_repeated(reading: Reading) -> None:
    seen = set[str]()
    for line in lines(reading):
        product = reading.values.get(f"{line}/productId")
        if product in seen:
            detail = f"{product!r} is in an earlier line too; make it one line"
            reading.complain(f"{line}/productId", detail)
        elif product:
            seen.add(product)
