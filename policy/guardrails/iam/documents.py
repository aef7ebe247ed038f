"""Policy documents: from text or objects to statements that can be judged, or one clear error."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"}
    | {"Resource", "NotResource", "Condition"}
)
OUTERMOST = frozenset({"Version", "Id", "Statement"})
VERSIONS = ("2012-10-17", "2008-10-17")


class InvalidDocument(ValueError):  # noqa: N818 (it is what the document is)
    """The text is no policy document; IAM would refuse it."""


@dataclass(frozen=True)
class Test:
    """One condition: an operator, a key and the values it is compared with."""

    __test__ = False
    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement; what is a single text in the document is a tuple of one here."""

    label: str
    """How messages name it: its number, and its Sid if it has one."""
    allows: bool
    """True for Allow, false for Deny."""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    """Kind and name of each, such as `("Service", "lambda.amazonaws.com")`; `("*", "*")` is everybody."""
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Test, ...] = ()
    sid: str = ""


@dataclass(frozen=True)
class Document:
    """A policy document."""

    statements: tuple[Statement, ...]
    version: str = VERSIONS[0]

    @property
    def knows_variables(self) -> bool:
        """Whether IAM fills in policy variables; in the former version they are texts like any other."""
        return self.version == VERSIONS[0]

    def allowing(self) -> Iterator[Statement]:
        """The statements that grant something."""
        return (statement for statement in self.statements if statement.allows)


def parse(policy: str | Mapping[str, Any]) -> Document:
    """The document that a property holds, given as text or as an object.

    Raises `InvalidDocument` when IAM would refuse it.
    """
    return _parsed(policy if isinstance(policy, str) else json.dumps(policy, default=str))


@lru_cache(maxsize=4_096)
def _parsed(text: str) -> Document:
    try:
        found = json.loads(text, object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as error:
        raise InvalidDocument(f"it is no JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise InvalidDocument("it has too many lists or objects in each other") from None
    if not isinstance(found, dict) or "Statement" not in found:
        raise InvalidDocument("it has no Statement")
    if unknown := found.keys() - OUTERMOST:
        raise InvalidDocument(f"it has {min(unknown)!r}; a document takes {sorted(OUTERMOST)}")
    version = found.get("Version", VERSIONS[1])
    if version not in VERSIONS:
        raise InvalidDocument(f"Version must be one of {list(VERSIONS)}")
    statements = found["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    found = (_statement(number, each) for number, each in enumerate(statements, 1))
    return Document(tuple(found), version)


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidDocument(f"{twice!r} is there twice in one object")
    return found


def _statement(number: int, raw: Any) -> Statement:
    label = f"statement {number}"
    if not isinstance(raw, dict):
        raise InvalidDocument(f"{label} is no object")
    if unknown := raw.keys() - ELEMENTS:
        raise InvalidDocument(f"{label} has {min(unknown)!r}; a statement takes {sorted(ELEMENTS)}")
    if raw.get("Effect") not in ("Allow", "Deny"):
        raise InvalidDocument(f"{label} must have the Effect 'Allow' or 'Deny'")
    if ("Action" in raw) == ("NotAction" in raw):
        raise InvalidDocument(f"{label} must have either Action or NotAction")
    sid = raw.get("Sid", "")
    if not isinstance(sid, str):
        raise InvalidDocument(f"{label}: Sid must be a text")
    label += f" ({sid})" if sid else ""
    return Statement(
        label=label,
        allows=raw["Effect"] == "Allow",
        actions=_texts(label, raw, "Action"),
        not_actions=_texts(label, raw, "NotAction"),
        resources=_texts(label, raw, "Resource"),
        not_resources=_texts(label, raw, "NotResource"),
        principals=_principals(label, raw.get("Principal", {})),
        not_principals=_principals(label, raw.get("NotPrincipal", {})),
        conditions=tuple(_tests(label, raw.get("Condition", {}))),
        sid=sid,
    )


def _texts(label: str, raw: Mapping[str, Any], element: str) -> tuple[str, ...]:
    if element not in raw:
        return ()
    value = raw[element]
    found = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(text, str) and text for text in found):
        raise InvalidDocument(f"{label}: {element} must be a text or a list of texts")
    return tuple(found)


def _principals(label: str, raw: Any) -> tuple[tuple[str, str], ...]:
    if raw == "*":
        return (("*", "*"),)
    if not isinstance(raw, dict):
        raise InvalidDocument(f"{label}: Principal must be '*' or an object")
    return tuple((kind, name) for kind in raw for name in _texts(label, raw, kind))


def _tests(label: str, raw: Any) -> Iterator[Test]:
    if not isinstance(raw, dict) or not all(isinstance(keys, dict) for keys in raw.values()):
        raise InvalidDocument(f"{label}: Condition must be an object of operators, keys and values")
    for operator, keys in raw.items():
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            if not all(isinstance(each, str | int | float) for each in values):
                raise InvalidDocument(f"{label}: {key} must be texts, numbers or booleans")
            yield Test(operator, key, tuple(map(_value, values)))


def _value(raw: Any) -> str:
    """A value of a condition as IAM compares it: a boolean need not be written as text."""
    return str(raw).lower() if isinstance(raw, bool) else str(raw)
