"""What the catalogue implies for the infrastructure: event patterns and the publishers' permissions."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from events.catalogue import published_by
from events.envelope import Event


def pattern(
    *events: type[Event], where: Mapping[str, Sequence[Any]] | None = None
) -> dict[str, Any]:
    """The EventBridge pattern that matches these events, narrowed by fields of their data.

    `where` maps a field's name on the wire to EventBridge matchers, such as `{"total": [{"prefix": "9"}]}`.
    Raises `ValueError` without any event, for what is none, or for a field that one of them lacks; what is asked of the
    fields, `check_routes` looks at.
    """
    if not events:
        raise ValueError("a pattern needs at least one event of the catalogue")
    for event in events:
        if not (isinstance(event, type) and issubclass(event, Event)):
            raise ValueError(f"{event!r} is no event; a pattern takes classes of the catalogue")
        fields = sorted(field.encode_name for field in msgspec.structs.fields(event))
        for name in where or {}:
            if name not in fields:
                raise ValueError(f"{event.name} has no field {name!r}; its fields are {fields}")
    matched: dict[str, Any] = {
        "source": sorted({event.source for event in events}),
        "detail-type": sorted({event.name for event in events}),
    }
    if where:
        matched["detail"] = {"data": dict(where)}
    return matched


def family_pattern(*events: type[Event]) -> dict[str, Any]:
    """The EventBridge pattern that matches these events and all others of their families.

    A family is what a name begins with: `order.created` is of `order.`. A consumer that takes whatever
    happens then needs no change when something new does. Raises `ValueError` without any event.
    """
    matched = pattern(*events)
    families = {f"{event.name.partition('.')[0]}." for event in events}
    return matched | {"detail-type": [{"prefix": family} for family in sorted(families)]}


def publishing_condition(source: str, *names: str) -> dict[str, Any]:
    """The IAM condition that lets a service publish its own events and no other service's.

    They are the named ones, or else those that it commits with a change, as the catalogue has them.
    """
    committed = names or [event.name for event in published_by(source) if event.committed]
    return {
        "StringEquals": {
            "events:source": source,
            "events:detail-type": sorted(committed),
        }
    }
