"""Grants: the pairs of a statement and an action that a document allows, and the words messages need for them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache

from ..finding import Finding
from .actions import Action, formats_of
from .arns import SEGMENTS, has_wildcard, is_arn
from .documents import Document, Statement

SHOWN = 5
"""How many names a message lists before it only counts."""


class Reach(Enum):
    """How many actions an action of a policy stands for."""

    EVERYTHING = "every action of every service"
    SERVICE = "every action of a service, or actions of several"
    PART = "the actions of a service whose name matches"
    EXACT = "one action"


def reach(action: str) -> Reach:
    """How many actions an action of a policy stands for."""
    service, _, name = action.partition(":")
    every_name = name.strip("*?") == ""
    if service.strip("*?") == "" and every_name:
        return Reach.EVERYTHING
    if has_wildcard(service) or (name and every_name):
        return Reach.SERVICE
    return Reach.PART if has_wildcard(name) else Reach.EXACT


def granted(document: Document) -> Iterator[tuple[Statement, str]]:
    """Each action that a document allows, with its statement."""
    for statement in document.allowing():
        for action in statement.actions:
            yield statement, action


def finding(
    statement: Statement, wrong: str, instead: str, *, action: str = "", resource: str = ""
) -> Finding:
    """A finding about a statement."""
    return Finding(wrong, instead, statement.label, action, resource)


def written(actions: Sequence[Action]) -> tuple[str, ...]:
    """The ARN formats that actions can be limited to, those of their own services first and the simplest of these."""
    own = {action.name.partition(":")[0] for action in actions}
    return tuple(
        sorted(
            {each.text for each in formats_of(actions)},
            key=lambda text: (text.split(":", 3)[2] not in own, len(text), text),
        )
    )


def formats(texts: Sequence[str], resource: str = "") -> str:
    """What to write of some ARN formats; of many, those of a resource's kind."""
    if len(texts) > SHOWN:
        meant = _kind(resource)
        texts = [text for text in texts if meant and _kind(text) == meant] or texts
    if len(texts) > SHOWN:
        return f"for each action, one of its own formats, such as {texts[0]}"
    return " or ".join(texts)


@lru_cache(maxsize=4_096)
def _kind(arn: str) -> str:
    """What an ARN is of, by how the last part of it begins."""
    return re.split(r"[/:*$]", arn.split(":", SEGMENTS - 1)[-1])[0] if is_arn(arn) else ""


def listed(found: Iterable[str], shown: int = SHOWN) -> str:
    """Names as a text, the first few of them if they are many."""
    texts = list(found)
    more = f" and {len(texts) - shown} more" if len(texts) > shown else ""
    return ", ".join(texts[:shown]) + more
