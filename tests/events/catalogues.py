"""Small catalogues for tests: the events of a shop, as they were published and as they might become."""

from typing import Annotated, ClassVar

import msgspec

from events.contract import Published
from events.envelope import Event
from events.schema import draft4_schema


class Item(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was sold."""

    product_id: str
    price: float


class Sold(Event, frozen=True, kw_only=True):
    """Something was sold."""

    name: ClassVar[str] = "shop.sold"
    source: ClassVar[str] = "shop"
    aggregate: ClassVar[str] = "till"

    receipt_id: Annotated[str, msgspec.Meta(max_length=8)]
    items: tuple[Item, ...]
    """What is on the receipt."""
    status: str = "PAID"
    till_id: str = "till-1"
    customer_name: str | None = None


class Closed(Event, frozen=True, kw_only=True):
    """The shop was closed."""

    name: ClassVar[str] = "shop.closed"
    source: ClassVar[str] = "shop"
    terminal: ClassVar[bool] = True
    aggregate: ClassVar[str] = "till"

    till_id: str = "till-1"
    hour: int


def as_published(event: type[Event], *consumers: str) -> Published:
    """The event as if it had been published as it is."""
    return Published(
        name=event.name,
        version=int(event.version),
        consumers=consumers,
        schema=draft4_schema(event),
    )
