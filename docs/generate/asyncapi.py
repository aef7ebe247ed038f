"""`docs/asyncapi.yaml`: the events as an AsyncAPI 3.0 document, for tools that read such documents."""

import json
import tomllib
from typing import Any

import yaml

from docs.generate.examples import example
from docs.generate.system import System
from events.envelope import Event
from events.schema import envelope_schema, meaning
from local.program import ROOT

CORRELATION = "request"


def asyncapi_text(system: System) -> str:
    """The document as YAML."""
    # JSON has no identity, so that what two events have in common is written twice and not as an alias.
    plain = json.loads(json.dumps(asyncapi(system)))
    head = "# Written by `make docs`; changes to this file would be lost.\n"
    return head + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)


def asyncapi(system: System) -> dict[str, Any]:
    """One channel and one message for each event; an operation for whoever sends or receives it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": project["name"],
            "version": project["version"],
            "description": project["description"],
            "license": {"name": project["license"]},
        },
        "defaultContentType": "application/json",
        "channels": {event.name: _channel(event) for event in system.events},
        "operations": {
            name: operation
            for event in system.events
            for name, operation in _operations(system, event)
        },
        "components": {
            "messages": {event.name: _message(event) for event in system.events},
            "correlationIds": {
                CORRELATION: {
                    "description": "One per request, from the API to the last consumer.",
                    "location": "$message.payload#/metadata/correlationId",
                }
            },
        },
    }


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": event.name,
        "title": event.name,
        "description": f"Events of the source `{event.source}` with this detail-type.",
        "messages": {event.name: {"$ref": f"#/components/messages/{event.name}"}},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.name,
        "title": event.__name__,
        "summary": meaning(event),
        "contentType": "application/json",
        "correlationId": {"$ref": f"#/components/correlationIds/{CORRELATION}"},
        "payload": envelope_schema(event),
        "examples": [{"name": event.__name__, "payload": example(event)}],
    }


def _operations(system: System, event: type[Event]) -> list[tuple[str, dict[str, Any]]]:
    senders = [(part, "send") for part in system.publishers(event)]
    receivers = [(one.consumer, "receive") for one in system.consumers(event)]
    return [
        (
            f"{part.name}.{event.name}",
            {
                "action": action,
                "channel": {"$ref": f"#/channels/{event.name}"},
                "title": f"{part.name} {action}s {event.name}",
                "tags": [{"name": part.owner}],
                "messages": [{"$ref": f"#/channels/{event.name}/messages/{event.name}"}],
            },
        )
        for part, action in (*senders, *receivers)
    ]
