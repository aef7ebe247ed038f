"""Orders, events and calls that tests begin with."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from events.catalogue import OrderCreated, PricedLine
from events.envelope import Envelope, Event, Metadata, wrap
from handlers.orders.order import Order, Status
from handlers.task import Call, Failure, Saga

CUSTOMER = "customer-1"
METADATA = Metadata(correlation_id="corr-1", causation_id="req-1", user_id=CUSTOMER)


def lines(**quantities: int) -> tuple[PricedLine, ...]:
    """Lines of an order at 10.00 each."""
    return tuple(
        PricedLine(product_id=product, quantity=quantity, price="10.00")
        for product, quantity in quantities.items()
    )


def created(
    order_id: str = "order-1",
    *,
    card: str = "tok_approved",
    quantities: Mapping[str, int] | None = None,
) -> OrderCreated:
    """What a placed order says; two lamps unless told otherwise."""
    items = lines(**(quantities or {"lamp": 2}))
    total = sum(10 * item.quantity for item in items)
    return OrderCreated(
        order_id=order_id,
        customer_id=CUSTOMER,
        email="customer-1@example.com",
        items=items,
        total=f"{total}.00",
        card=card,
    )


def order(order_id: str = "order-1", **state: Any) -> Order:
    """A placed order, or one in another state."""
    placed = created(order_id)
    values: dict[str, Any] = {
        "order_id": order_id,
        "customer_id": placed.customer_id,
        "email": placed.email,
        "status": Status.PLACED,
        "items": placed.items,
        "total": placed.total,
        "correlation_id": METADATA.correlation_id,
        "request_hash": "hash",
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "version": 1,
    }
    return Order(**(values | state))


def envelope(event: Event, metadata: Metadata = METADATA) -> Envelope[Any]:
    """The event as its publisher sends it."""
    return wrap(event, metadata)


def failed(step: str = "ChargeCard", error: str = "States.Timeout") -> Failure:
    """A failure of a step."""
    return Failure(step=step, refused=False, error=error)


def refused(error: str, step: str = "ReserveStock") -> Failure:
    """A refusal by a step."""
    return Failure(step=step, refused=True, error=error)


def call(event: OrderCreated | None = None, *, resumed_at: str | None = None, **saga: Any) -> Call:
    """A task's call about an order."""
    values: dict[str, Any] = {
        "execution": "exec-1",
        "step": "Step",
        "resumed": resumed_at is not None,
    }
    asking = envelope(event or created())
    return Call(
        order=asking.data,
        metadata=asking.causes(),
        saga=Saga(**(values | saga)),
        resumed_at=resumed_at,
        seconds_left=lambda: 10.0,
    )


class Context:
    """What Lambda tells a function of its call."""

    function_name = "function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:function"

    def __init__(self, seconds_left: float = 10.0, request_id: str = "lambda-request-1") -> None:
        self._seconds_left = seconds_left
        self.aws_request_id = request_id

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds_left * 1000)


def message(
    detail: Any, message_id: str = "message-1", *, receives: int = 1, redriven: bool = False
) -> dict[str, Any]:
    """A message of SQS with an event of EventBridge; text is taken as the message's body."""
    attribute = {"dataType": "String", "stringValue": "true"}
    event = {"source": "test", "detail-type": "test", "detail": detail}
    return {
        "messageId": message_id,
        "receiptHandle": "receipt",
        "body": detail if isinstance(detail, str) else json.dumps(event),
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "messageAttributes": {"REDRIVEN": attribute} if redriven else {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
        "awsRegion": "us-east-1",
    }


def sent(event: Event, metadata: Metadata = METADATA) -> dict[str, Any]:
    """The event as EventBridge's detail."""
    return msgspec.to_builtins(envelope(event, metadata))
