"""Placing an order: the same for a request to the API and for a direct call of the function."""

import uuid
from dataclasses import dataclass
from functools import partial

from events.catalogue import OrderCreated
from events.envelope import Metadata, utc_now
from handlers.orders import pricing
from handlers.orders.order import IDEMPOTENCY_KEY, Order, Status, place_once, repeated
from handlers.orders.pricing import Prices
from handlers.orders.request import OrderRequest, products, read, request
from handlers.orders.store import Catalogue
from handlers.reading import Reading
from handlers.rows import Rows, carry_out

KEYED_ORDERS = uuid.UUID("2c1d7f0e-52e5-4d4e-8e5c-3f6b0c8a9d41")
"""Namespace of the ids of orders that are placed under an idempotency key."""
LONGEST_KEY = 128


@dataclass(frozen=True)
class Origin:
    """Where a request to place an order came from."""

    request_id: str
    correlation_id: str
    idempotency_key: str | None = None


def place(
    body: object, origin: Origin, orders: Rows[Order], catalogue: Catalogue
) -> dict[str, str]:
    """Place an order; asked again with the same key and body, give the same answer.

    Raises `InvalidRequestError`, or `KeyReusedError` when the key came with another body before.
    """
    reading = read(body)
    order_id = _order_id(origin, reading)
    if origin.idempotency_key and not reading.wrong:
        # What was answered once stays the answer, whatever became of the prices since.
        placed = orders.load(order_id)
        if placed:
            return _answer(repeated(placed, request(reading).fingerprint()))
    prices = catalogue.prices(products(reading))
    pricing.compare(reading, prices)
    return _place(order_id, request(reading), origin, orders, prices)


def _place(
    order_id: str,
    wanted: OrderRequest,
    origin: Origin,
    orders: Rows[Order],
    prices: Prices,
) -> dict[str, str]:
    now, items = utc_now(), pricing.priced(wanted, prices)
    order = Order(
        order_id=order_id,
        customer_id=wanted.customer_id,
        email=wanted.email,
        items=items,
        total=pricing.total_of(items),
        correlation_id=origin.correlation_id,
        request_hash=wanted.fingerprint(),
        faults=wanted.faults,
        status=Status.PLACED,
        created_at=now,
        updated_at=now,
    )
    created = OrderCreated(
        order_id=order_id,
        customer_id=order.customer_id,
        email=order.email,
        items=items,
        total=order.total,
        card=wanted.card,
    )
    metadata = Metadata(
        correlation_id=origin.correlation_id,
        causation_id=origin.request_id,
        user_id=order.customer_id,
        faults=wanted.faults,
    )
    decide = partial(place_once, order=order, created=created)
    return _answer(carry_out(orders, order_id, decide, metadata))


def _order_id(origin: Origin, reading: Reading) -> str:
    key = origin.idempotency_key
    if key is None:
        return str(uuid.uuid4())
    if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        reading.complain(IDEMPOTENCY_KEY, f"must be 1 to {LONGEST_KEY} printable ASCII characters")
        return ""
    return str(uuid.uuid5(KEYED_ORDERS, key))


def _answer(order: Order) -> dict[str, str]:
    """What the customer was told when the order was placed, whatever it has become since."""
    return {
        "orderId": order.order_id,
        "status": Status.PLACED,
        "total": order.total,
        "correlationId": order.correlation_id,
    }
