"""What AWS says of each action: its access level, what it can be limited to, and its condition keys."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from .arns import ArnFormat, is_everything

PERMISSIONS = "Permissions management"
"""Access level of the actions that change who may do what."""


class _Table(msgspec.Struct):
    """The table as a file: thousands of actions, of which a stack needs those of a few services."""

    services: dict[str, msgspec.Raw]


@dataclass(frozen=True)
class Action:
    """One IAM action."""

    name: str
    """Full name, such as `sqs:SendMessage`."""
    access: str
    """`Read`, `List`, `Write`, `Tagging` or `Permissions management`."""
    formats: tuple[ArnFormat, ...]
    """What it can be limited to; empty when only `*` works."""
    keys: frozenset[str]
    """Condition keys in lower case; one that ends in `/` or `:` stands for all that begin so."""
    anywhere: str = ""
    """Why it is needed on `*` although it can be limited; empty when it is not."""
    passes_role: bool = False
    """Whether a service is handed a role by it, which takes `iam:PassRole` as well."""

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple(key for key in self.keys if key[-1] in "/:")

    def knows(self, key: str) -> bool:
        """Whether a condition key of a policy applies to this action."""
        wanted = key.lower()
        return wanted in self.keys or wanted.startswith(self._beginnings)


def services() -> frozenset[str]:
    """The prefixes of the services that the table knows."""
    return frozenset(_table())


@lru_cache(maxsize=4_096)
def expand(pattern: str) -> tuple[Action, ...]:
    """The actions that an action of a policy stands for, wildcards or not; none when it is unknown."""
    service, _, name = pattern.lower().partition(":")
    if is_everything(pattern):
        service = name = "*"
    chosen = _matching(service, sorted(services()))
    matches = _regex(name).fullmatch
    return tuple(
        action for prefix in chosen for key, action in _actions(prefix).items() if matches(key)
    )


@lru_cache(maxsize=4_096)
def names_of(pattern: str) -> frozenset[str]:
    """The full names of the actions that an action of a policy stands for."""
    return frozenset(action.name for action in expand(pattern))


@lru_cache(maxsize=4_096)
def takes(pattern: str) -> frozenset[ArnFormat]:
    """The formats of all that the actions can be done to that an action of a policy stands for."""
    return formats_of(expand(pattern))


def formats_of(actions: Iterable[Action]) -> frozenset[ArnFormat]:
    """What some actions can be done to: there are ten times as many actions as formats."""
    return frozenset(form for action in actions for form in action.formats)


def names(service: str) -> tuple[str, ...]:
    """The full names of a service's actions."""
    return tuple(action.name for action in _actions(service).values())


def _matching(pattern: str, texts: list[str]) -> list[str]:
    matches = _regex(pattern).fullmatch
    return [text for text in texts if matches(text)]


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))


@cache
def _table() -> dict[str, msgspec.Raw]:
    """The services, each still to be read."""
    text = (Path(__file__).parent / "actions.json").read_bytes()
    return msgspec.json.decode(text, type=_Table).services


@cache
def _actions(service: str) -> dict[str, Action]:
    """The actions of a service by their names in lower case, as IAM compares them."""
    facts: dict[str, Any] = msgspec.json.decode(_table()[service])
    formats = _formats(facts["resources"])
    return {
        name.lower(): Action(
            name=f"{service}:{name}",
            access=row["access"],
            formats=tuple(formats[resource] for resource in row["resources"]),
            keys=frozenset(
                key.lower()
                for found in (row, *(facts["resources"][resource] for resource in row["resources"]))
                for key in found["keys"]
            ),
            anywhere=row.get("anywhere", ""),
            passes_role=row.get("passes", False),
        )
        for name, row in facts["actions"].items()
    }


def _formats(resources: dict[str, Any]) -> dict[str, ArnFormat]:
    """ARN formats by resource type: a name cannot hold a separator that begins a longer format."""
    shapes = {re.sub(r"\$\{[^}]*\}", "${}", resource["arn"]) for resource in resources.values()}
    return {
        name: ArnFormat(
            resource["arn"],
            "".join(
                mark
                for mark in "/:"
                if any(
                    shape.startswith(re.sub(r"\$\{[^}]*\}", "${}", resource["arn"]) + mark)
                    for shape in shapes
                )
            ),
        )
        for name, resource in resources.items()
    }
