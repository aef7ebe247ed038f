"""The envelope that every event travels in, written once by its publisher and parsed once by each consumer."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

REDRIVEN = "REDRIVEN"
"""Attribute of a message in a queue that an operator has sent again."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What links an event to the request and the event it came from."""

    correlation_id: str
    """One per request, from the API to the last consumer."""
    causation_id: str
    """Id of the event or request that caused this event."""
    user_id: str
    """The customer or operator on whose behalf it happened."""
    faults: dict[str, str] = {}
    """Failures to provoke, by step or listener; honoured only by stacks with `faultInjection`."""


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something that happened; each subclass is one entry of the catalogue."""

    name: ClassVar[str]
    """EventBridge's detail-type, such as `order.created`."""
    source: ClassVar[str]
    """EventBridge's source: the service that publishes it, and the only one that may."""
    version: ClassVar[str] = "1"
    """Version of the data's schema; grows only when consumers must change."""
    terminal: ClassVar[bool] = False
    """True when nothing in the system has to react to it."""
    committed: ClassVar[bool] = True
    """False for a question or its answer: neither changes anything, so neither comes from an outbox or is kept."""
    aggregate: ClassVar[str] = "order"
    """What kind of thing it happened to; the field with that thing's id is called after it."""

    @property
    def aggregate_id(self) -> str:
        """Which thing it happened to; events about one thing are published in order."""
        return getattr(self, f"{self.aggregate}_id")


EventT = TypeVar("EventT", bound=Event)


class Envelope(msgspec.Struct, Generic[EventT], frozen=True, kw_only=True):
    """An event with its identity and origin: EventBridge's `detail`."""

    version: str
    """Version of the event's own fields."""
    id: str
    """Unique per event; the same in every copy that is delivered."""
    source: str
    """The service that published it; EventBridge's `source`."""
    type: str
    """The event's name; EventBridge's `detail-type`."""
    time: str
    """When it happened: RFC 3339, UTC."""
    data: EventT
    """The event's own fields."""
    metadata: Metadata

    def causes(self) -> Metadata:
        """The metadata of whatever this event causes."""
        return msgspec.structs.replace(self.metadata, causation_id=self.id)


class UnparsableEventError(ValueError):
    """The detail is no envelope, or holds no event of the catalogue in its published form."""


def wrap(event: EventT, metadata: Metadata) -> Envelope[EventT]:
    """Put an event that happens now into a new envelope."""
    return Envelope(
        version=event.version,
        id=str(uuid.uuid4()),
        source=event.source,
        type=event.name,
        time=utc_now(),
        data=event,
        metadata=metadata,
    )


def encode(envelope: Envelope[Any]) -> str:
    """The envelope as JSON text, checked against the event's schema.

    Raises `msgspec.ValidationError` for a value that its consumers could not read.
    """
    text, event = msgspec.json.encode(envelope), type(envelope.data)
    msgspec.json.decode(text, type=Envelope[event])
    return text.decode()


def parse(detail: Mapping[str, Any], *expected: type[EventT]) -> Envelope[EventT]:
    """Read a detail that holds one of the expected events; fields unknown to us are ignored.

    Raises `UnparsableEventError`, which names what is wrong and what was expected.
    """
    by_name = {event.name: event for event in expected}
    found = detail.get("type") if isinstance(detail, Mapping) else None
    if not isinstance(found, str) or found not in by_name:
        raise UnparsableEventError(
            f"event type {found!r} was not expected here; expected one of {sorted(by_name)}"
        )
    event = by_name[found]
    try:
        envelope = msgspec.convert(detail, type=Envelope[event])
    except msgspec.ValidationError as error:
        raise UnparsableEventError(f"{found}: {error}") from error
    if envelope.version != event.version:
        raise UnparsableEventError(
            f"{found}: version {envelope.version!r} cannot be read here; version {event.version!r} can"
        )
    return envelope


def utc_now() -> str:
    """The present moment, as events have it."""
    return rfc3339(datetime.now(UTC))


def rfc3339(moment: datetime) -> str:
    """A moment as events have it: RFC 3339 in UTC, with milliseconds; `moment` knows its time zone."""
    utc = moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
