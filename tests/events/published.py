"""The data of every event as it was published: what consumers outside this repository rely on."""

LINE = {"productId": "prod-001", "quantity": 2}
ORDER = {"orderId": "order-1", "customerId": "customer-1", "email": "ada@example.com"}

PUBLISHED = {
    "order.created": ORDER
    | {"items": [LINE | {"price": "29.99"}], "total": "59.98", "card": "tok_approved"},
    "order.confirmed": ORDER | {"total": "59.98"},
    "order.cancelled": ORDER | {"total": "59.98", "reason": "OutOfStock"},
    "order.parked": ORDER | {"reason": "Failed", "steps": ["UndoChargeCard"]},
    "inventory.reserved": {"orderId": "order-1", "lines": [LINE]},
    "inventory.failed": {"orderId": "order-1", "reason": "2 of 'prod-001' wanted, 1 available"},
    "inventory.released": {"orderId": "order-1", "lines": [LINE]},
    "payment.processed": {"orderId": "order-1", "amount": "59.98"},
    "payment.failed": {"orderId": "order-1", "amount": "59.98", "reason": "declined"},
    "payment.refunded": {"orderId": "order-1", "amount": "59.98"},
    "order.shipped": ORDER | {"shipmentId": "shipment-1", "lines": [LINE]},
    "order.fulfilled": ORDER | {"shipmentId": "shipment-1"},
    "notification.sent": ORDER
    | {"template": "shipped", "eventId": "event-9", "refusedBy": ["email"]},
    "user.registered": {"userId": "user-1", "fullName": "Ada", "email": "ada@example.com"},
    "user.welcomed": {"userId": "user-1", "eventId": "event-9", "refusedBy": ["email"]},
    "failures.redriven": {"queueId": "notify-customer-queue-failures", "redriven": 2, "kept": 1},
    "work.discarded": {"executionId": "arn", "steps": ["Settle"], "reason": "forged"},
    "order.paid": ORDER | {"total": "59.98"},
    "inventory.updated": {
        "movementId": "event-9",
        "changes": [{"productId": "prod-001", "delta": -2, "available": 5}],
    },
    "inventory.low": {
        "productId": "prod-001",
        "available": 8,
        "reorderPoint": 10,
        "reorderQuantity": 50,
    },
    "inventory.restocked": {"productId": "prod-001", "quantity": 50},
    "inventory.check.requested": {
        "productId": "prod-001",
        "quantity": 2,
        "replyTo": "orders",
        "answerBy": "2026-01-02T03:04:10.678Z",
    },
    "inventory.check.answered": {
        "productId": "prod-001",
        "sufficient": True,
        "inStock": 5,
        "replyTo": "orders",
    },
}
SOURCES = {
    "order.created": "orders",
    "order.confirmed": "orders",
    "order.cancelled": "orders",
    "order.parked": "orders",
    "inventory.reserved": "inventory",
    "inventory.failed": "inventory",
    "inventory.released": "inventory",
    "payment.processed": "payments",
    "payment.failed": "payments",
    "payment.refunded": "payments",
    "order.shipped": "shipping",
    "order.fulfilled": "shipping",
    "notification.sent": "notifications",
    "user.registered": "users",
    "user.welcomed": "notifications",
    "failures.redriven": "operations",
    "work.discarded": "operations",
    "order.paid": "orders",
    "inventory.updated": "inventory",
    "inventory.low": "inventory",
    "inventory.restocked": "inventory",
    "inventory.check.requested": "orders",
    "inventory.check.answered": "inventory",
}
EMAIL = {"email"}
OPTIONAL: dict[str, set[str]] = {
    "user.registered": set(),
    "user.welcomed": {"refusedBy"},
    "notification.sent": EMAIL | {"refusedBy"},
}
"""Fields that an event may leave out, where it is not the e-mail address."""


def published_detail(name: str) -> dict[str, object]:
    """The envelope of an event, as JSON."""
    return {
        "version": "1",
        "id": "event-1",
        "source": SOURCES[name],
        "type": name,
        "time": "2026-01-02T03:04:05.678Z",
        "data": PUBLISHED[name],
        "metadata": {
            "correlationId": "request-1",
            "causationId": "request-1",
            "userId": "customer-1",
        },
    }
