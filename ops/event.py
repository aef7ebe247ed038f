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
    event = object_in(text)
    envelope = as_object(event.get("detail")) or event
    data, metadata = as_object(envelope.get("data")), as_object(envelope.get("metadata"))
    return Glance(
        time=str(envelope.get("time") or event.get("time") or UNKNOWN),
        type=str(event.get("detail-type") or envelope.get("type") or UNKNOWN),
        order_id=str(data.get("orderId") or UNKNOWN),
        correlation_id=str(metadata.get("correlationId") or UNKNOWN),
    )


def object_in(text: str) -> Mapping[str, Any]:
    """The JSON object that a text is; an empty one when it is something else."""
    try:
        return as_object(json.loads(text))
    except (json.JSONDecodeError, RecursionError):
        return {}


def as_object(value: object) -> Mapping[str, Any]:
    """A JSON value that is an object; an empty one in place of any other."""
    return value if isinstance(value, dict) else {}
