"""Events as operators see them: what one is about, however broken it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNKNOWN = "?"


@dataclass(frozen=True)
class Glance:
    """What tells one event from others."""

    time: str
    type: str
    order_id: str
    correlation_id: str


def glance(text: str) -> Glance:
    """What a message says about itself: EventBridge's event, or a bare envelope, or neither of them."""
    event = _object(_json(text))
    envelope = _object(event.get("detail")) or event
    data, metadata = _object(envelope.get("data")), _object(envelope.get("metadata"))
    return Glance(
        time=str(envelope.get("time") or event.get("time") or UNKNOWN),
        type=str(event.get("detail-type") or envelope.get("type") or UNKNOWN),
        order_id=str(data.get("orderId") or UNKNOWN),
        correlation_id=str(metadata.get("correlationId") or UNKNOWN),
    )


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
