"""What was promised to consumers: the published schemas, and the changes that would break them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from events.envelope import Event
from events.schema import Schema, draft4_schema, mapped

PUBLISHED = Path(__file__).resolve().parent / "published"
"""One file per event and version, as `make docs` writes them."""
NAME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
LONGEST_NAME = 128
"""Characters that EventBridge takes for a detail-type."""
CONSUMERS = "x-consumers"
FILE_NAME = re.compile(r"(?P<name>.+)\.v(?P<version>[1-9]\d*)\.json")
ANNOTATIONS = {"$schema", "title", "description", CONSUMERS}
"""Keywords that no value ever fails."""
STRUCTURE = {"properties", "required", "items"}


@dataclass(frozen=True, kw_only=True)
class Published:
    """An event as it was last published, and who consumed it then."""

    name: str
    version: int
    consumers: tuple[str, ...]
    schema: Schema


def published(folder: Path = PUBLISHED) -> tuple[Published, ...]:
    """The last published version of every event; `ValueError` for a file that is no such schema."""
    latest: dict[str, Published] = {}
    for path in sorted(folder.iterdir()):
        found = _read(path)
        if found.name not in latest or latest[found.name].version < found.version:
            latest[found.name] = found
    return tuple(latest.values())


def published_file(event: type[Event]) -> str:
    """The name of the file in which this version of an event is published."""
    return f"{event.name}.v{event.version}.json"


def published_text(event: type[Event], consumers: Iterable[str]) -> str:
    """What that file holds: the schema in Draft 4, and who consumes the event."""
    content = {**draft4_schema(event), CONSUMERS: sorted(consumers)}
    return json.dumps(content, indent=2) + "\n"


def check_catalogue(events: Iterable[type[Event]], before: Iterable[Published]) -> None:
    """Raise one `ValueError` with all that is wrong with these events or would break a consumer."""
    events = tuple(events)
    problems = (
        [*_undeclared(events)]
        or [*_misnamed(events), *_clashes(events), *_malformed(events)]
        or [*_breaks(events, before)]
    )
    if problems:
        raise ValueError("\n".join(problems))


def changes(before: Schema, after: Schema) -> Iterator[str]:
    """Each field that consumers or kept events rely on and that is not as it was, with what changed."""
    yield from _changes(_bare(before), _bare(after), "")


def _read(path: Path) -> Published:
    named = FILE_NAME.fullmatch(path.name)
    if not named:
        raise ValueError(f"{path.name!r} is no published event; its name must be <event>.v<n>.json")
    try:
        schema = json.loads(path.read_text())
        consumers = tuple(schema[CONSUMERS])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path.name} is {error!r}; it must be a JSON Schema with {CONSUMERS!r}"
        ) from None
    return Published(
        name=named["name"], version=int(named["version"]), consumers=consumers, schema=schema
    )


def _undeclared(events: Iterable[type[Event]]) -> Iterator[str]:
    for event in events:
        for key in Event.__annotations__:
            if key in event.__struct_fields__:
                yield f"{event.__name__} has {key!r} as a field; declare it as a ClassVar"
            elif not hasattr(event, key):
                yield f"{event.__name__} has no {key!r}; declare it as a ClassVar"


def _misnamed(events: Iterable[type[Event]]) -> Iterator[str]:
    for event in events:
        if not NAME.fullmatch(str(event.name)) or len(event.name) > LONGEST_NAME:
            yield (
                f"{event.__name__} has the name {event.name!r}; take <entity>.<past> in lower case, "
                f"such as 'order.created', of up to {LONGEST_NAME} characters"
            )


def _clashes(events: Iterable[type[Event]]) -> Iterator[str]:
    classes = defaultdict[str, list[str]](list)
    for event in events:
        classes[event.name].append(event.__name__)
    for name, found in classes.items():
        if len(found) > 1:
            yield f"the event name {name!r} is used by {' and '.join(found)}; it must be one event's"


def _malformed(events: Iterable[type[Event]]) -> Iterator[str]:
    for event in events:
        if not re.fullmatch(r"[1-9]\d*", event.version):
            yield f"{event.name} has version {event.version!r}; versions are '1', '2' and so on"
        if (id_of := f"{event.aggregate}_id") not in event.__struct_fields__:
            yield (
                f"{event.name} happened to some {event.aggregate}, but has no field {id_of!r}; "
                f"its fields are {sorted(event.__struct_fields__)}: add it, or set `aggregate`"
            )


def _breaks(events: Iterable[type[Event]], before: Iterable[Published]) -> Iterator[str]:
    by_name = {event.name: event for event in events}
    for old in before:
        consumers = ", ".join(old.consumers) or "nobody"
        for change in _broken(old, by_name.get(old.name)):
            yield f"{old.name} v{old.version}: {change}; consumed by {consumers}"


def _broken(old: Published, event: type[Event] | None) -> Iterator[str]:
    if event is None:
        yield (
            "the event was removed; keep it until nobody consumes it, then delete "
            f"{PUBLISHED.name}/{old.name}.v{old.version}.json too"
        )
    elif int(event.version) < old.version:
        yield f"its version went back to {event.version}; it must be {old.version} or more"
    elif int(event.version) == old.version:
        for change in changes(old.schema, draft4_schema(event)):
            yield f"{change}; undo that, or publish it as version '{old.version + 1}'"


def _bare(schema: Mapping[str, object]) -> Schema:
    return mapped(
        schema, lambda one: {key: value for key, value in one.items() if key not in ANNOTATIONS}
    )


def _changes(before: Schema, after: Schema, field: str) -> Iterator[str]:
    own_before, own_after = (
        {key: value for key, value in schema.items() if key not in STRUCTURE}
        for schema in (before, after)
    )
    if own_before != own_after:
        yield f"{field or 'detail'} changed from {_text(own_before)} to {_text(own_after)}"
        return
    if isinstance(before.get("items"), dict) and isinstance(after.get("items"), dict):
        yield from _changes(before["items"], after["items"], f"{field}[]")
    elif before.get("items") != after.get("items"):
        yield f"{field}[] changed from {_text(before.get('items'))} to {_text(after.get('items'))}"
    yield from _fields(before, after, f"{field}." if field else "")


def _fields(before: Schema, after: Schema, prefix: str) -> Iterator[str]:
    old, new = before.get("properties", {}), after.get("properties", {})
    needed, needs = set(before.get("required", ())), set(after.get("required", ()))
    for name in sorted(old.keys() - new.keys()):
        yield f"{prefix}{name} was removed"
    for name in sorted((new.keys() - old.keys()) & needs):
        yield f"{prefix}{name} is new and required, which kept events do not have"
    for name in sorted(old.keys() & new.keys()):
        if (name in needed) != (name in needs):
            yield f"{prefix}{name} became {'required' if name in needs else 'optional'}"
        yield from _changes(old[name], new[name], f"{prefix}{name}")


def _text(schema: object) -> str:
    return json.dumps(schema, sort_keys=True)
