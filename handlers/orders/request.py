"""A request to place an order: checked completely, so that every wrong field is reported at once."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from handlers import faults
from handlers.orders import fields

MOST_LINES = 40
"""So that an order fits into one transaction with room to spare."""
ALLOWED = ("customerId", "items", "totalAmount", "card", "email")
ALLOWED_IN_LINE = ("productId", "quantity", "price")


@dataclass(frozen=True)
class WrongField:
    """One thing that is wrong with a request."""

    field: str
    """JSON pointer into the body, or the name of a header or parameter."""
    detail: str


class InvalidRequestError(ValueError):
    """The request cannot be met as it stands; lists all that is wrong with it."""

    def __init__(self, *wrong: WrongField) -> None:
        super().__init__("; ".join(f"{each.field}: {each.detail}" for each in wrong))
        self.wrong = wrong


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


@dataclass
class Reading:
    """What could be read of a request, and what is wrong with the rest."""

    values: dict[str, Any] = field(default_factory=dict)
    """Those that are right, by JSON pointer."""
    wrong: list[WrongField] = field(default_factory=list)

    def request(self) -> OrderRequest:
        """The whole request; only of a reading without anything wrong."""
        given = self.values.get
        return OrderRequest(
            customer_id=self.values["/customerId"],
            lines=tuple(
                RequestedLine(
                    product_id=self.values[f"{line}/productId"],
                    quantity=self.values[f"{line}/quantity"],
                    price=given(f"{line}/price"),
                )
                for line in self.lines()
            ),
            total=given("/totalAmount"),
            card=self.values["/card"],
            email=given("/email"),
            faults={
                pointer.removeprefix("/faults/"): value
                for pointer, value in self.values.items()
                if pointer.startswith("/faults/")
            },
        )

    def lines(self) -> list[str]:
        """JSON pointers of the lines."""
        return [f"/items/{index}" for index in range(self.values.get("/items", 0))]

    def products(self) -> set[str]:
        """All products that are asked for, right or not in other respects."""
        named = (self.values.get(f"{line}/productId") for line in self.lines())
        return {product for product in named if product}

    def complain(self, pointer: str, detail: str) -> None:
        """Note that something is wrong."""
        self.wrong.append(WrongField(pointer, detail))

    def take(self, pointer: str, value: object, read: Callable[[Any], object]) -> None:
        """Read a value that has to be there."""
        if value is None:
            self.complain(pointer, "is required")
            return
        try:
            self.values[pointer] = read(value)
        except ValueError as error:
            self.complain(pointer, str(error))

    def take_if_given(self, pointer: str, value: object, read: Callable[[Any], object]) -> None:
        """Read a value that may be left out."""
        if value is not None:
            self.take(pointer, value, read)

    def refuse_others(
        self, pointer: str, body: Mapping[str, Any], allowed: tuple[str, ...]
    ) -> None:
        """Report each field that nobody would read."""
        for name in body:
            if name not in allowed:
                detail = f"is unknown; the fields are {', '.join(allowed)}"
                self.complain(f"{pointer}/{fields.escaped(name)}", detail)


def read(body: object) -> Reading:
    """Read a body; faults are a field of it only where they may be provoked."""
    reading = Reading()
    if not isinstance(body, dict):
        reading.complain("", "must be a JSON object")
        return reading
    allowed = (*ALLOWED, "faults") if faults.injected() else ALLOWED
    reading.refuse_others("", body, allowed)
    reading.take("/customerId", body.get("customerId"), fields.identifier)
    reading.take("/items", body.get("items"), _count)
    for pointer, line in zip(reading.lines(), body.get("items", ()), strict=False):
        _read_line(reading, pointer, line)
    _refuse_repeated(reading)
    reading.take_if_given("/totalAmount", body.get("totalAmount"), fields.money)
    reading.take("/card", body.get("card"), fields.card)
    reading.take_if_given("/email", body.get("email"), fields.email)
    if "faults" in allowed:
        _read_faults(reading, body.get("faults"))
    return reading


def _count(items: object) -> int:
    if isinstance(items, list) and 1 <= len(items) <= MOST_LINES:
        return len(items)
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
    for line in reading.lines():
        product = reading.values.get(f"{line}/productId")
        if product in seen:
            reading.complain(
                f"{line}/productId",
                f"{product!r} is in another line already; add up the quantities",
            )
        elif product:
            seen.add(product)


def _read_faults(reading: Reading, given: object) -> None:
    if given is not None and not isinstance(given, dict):
        reading.complain("/faults", "must be a JSON object from state to <kind>:<when>")
        return
    for state, value in (given or {}).items():
        reading.take(f"/faults/{fields.escaped(state)}", value, fields.fault)
