"""Grants: what one role may do, cut as small as it can be taken away."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from local.program import ROOT, Declared
from policy.grants import snapshot

SNAPSHOT = ROOT / "policy" / "grants.json"
PREFIX = "ordermesh"
DETAIL_TYPE = "events:detail-type"
_LINE = re.compile(r"(?P<action>\S+) on (?P<resource>\S+)(?: if (?P<conditions>.*))?")
_DETAIL_TYPES = re.compile(rf"{DETAIL_TYPE} StringEquals (?P<names>.*?)(?: and |$)")

Snapshot = Mapping[str, Mapping[str, Iterable[str]]]
"""For each role, `assumed by` and `may`, as `policy.grants` writes them."""


@dataclass(frozen=True, order=True)
class Grant:
    """One action that one role may do on one resource, for one type of event where it is about events."""

    role: str
    """The role's name in the program."""
    action: str
    resource: str
    """The ARN without account, region and the stack's prefix, so that it is the same in every stack."""
    detail_type: str = ""

    def __str__(self) -> str:
        kind = f" of {self.detail_type}" if self.detail_type else ""
        return f"{self.role}: {self.action} on {self.resource}{kind}"

    def covers(self, other: "Grant") -> bool:
        """Whether this grant allows what another one names."""
        return (
            (self.role, self.action) == (other.role, other.action)
            and fnmatchcase(other.resource, self.resource)
            and self.detail_type in {"", other.detail_type}
        )


def short(text: str, stack: str) -> str:
    """A name or an ARN without what differs from stack to stack."""
    *_, resource = text.split(":", 5) if text.startswith("arn:") else [text]
    # Names of buckets have the account in them, since they are shared by all of AWS.
    return re.sub(r"-\d{12}-", "-", resource.replace(f"{PREFIX}-{stack}-", ""))


def granted(found: Snapshot, stack: str) -> list[Grant]:
    """All grants of a stack, from its snapshot; `ValueError` for a line that is none."""
    return sorted(
        grant
        for role, held in found.items()
        for line in held["may"]
        for grant in _grants(role, line, stack)
    )


def reviewed(stack: str, coordination: str) -> list[Grant]:
    """All grants of a stack that is coordinated this way, from the snapshot that is kept for review."""
    return granted(json.loads(SNAPSHOT.read_text())[stack][coordination], stack)


def declared(program: list[Declared], stack: str) -> list[Grant]:
    """All grants that a program declares."""
    return granted(snapshot(program), stack)


def _grants(role: str, line: str, stack: str) -> Iterator[Grant]:
    found = _LINE.fullmatch(line)
    if not found:
        raise ValueError(f"{role}: {line!r} is no grant; it must be <action> on <resource>")
    types = _DETAIL_TYPES.search(found["conditions"] or "")
    for detail_type in types["names"].split(", ") if types else ("",):
        yield Grant(role, found["action"], short(found["resource"], stack), detail_type)


def without(document: str, grant: Grant, stack: str) -> dict[str, Any]:
    """A policy document that grants all that it granted, except this."""
    kept = [
        left
        for statement in json.loads(document)["Statement"]
        for action in _several(statement["Action"])
        for resource in _several(statement["Resource"])
        if (left := _left(statement | {"Action": action, "Resource": resource}, grant, stack))
    ]
    return {"Version": "2012-10-17", "Statement": kept}


def _left(statement: dict[str, Any], grant: Grant, stack: str) -> dict[str, Any] | None:
    """What is left of a statement with one action and one resource."""
    where = (statement["Action"], short(statement["Resource"], stack))
    if where != (grant.action, grant.resource):
        return statement
    tests = statement.get("Condition", {}).get("StringEquals", {})
    types = [name for name in _several(tests.get(DETAIL_TYPE, ())) if name != grant.detail_type]
    if not types:
        return None
    return statement | {"Condition": {"StringEquals": tests | {DETAIL_TYPE: types}}}


def _several(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)
