"""Grants: the pairs of a statement and an action that a document allows, and the words messages need for them."""

from collections.abc import Iterable, Iterator
from enum import Enum

from ..finding import Finding
from .actions import Action
from .arns import has_wildcard
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


def formats(actions: Iterable[Action]) -> str:
    """The ARN formats that actions can be limited to."""
    texts = list(dict.fromkeys(form.text for action in actions for form in action.formats))
    return " or ".join(texts) if len(texts) <= SHOWN else "for each action, one of its own formats"


def listed(found: Iterable[str]) -> str:
    """Names as a text, the first few of them if they are many."""
    texts = list(found)
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more
