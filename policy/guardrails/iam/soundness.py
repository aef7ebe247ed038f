"""Grants that do not mean what they seem to: dead ones, unknown actions, unknown condition keys."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ..finding import Finding
from .actions import Action, expand, names, services, takes
from .arns import has_wildcard, is_arn, is_everything
from .conditions import is_global, is_literal_pattern
from .documents import Document
from .flaws import flaw
from .grants import finding, formats, granted, listed, written
from .operations import PREFIXES, instead_of
from .values import misfits

_OWN_STAGES = "execute-api:/"
"""How the policy of an API names what is its own, without an ARN."""
_ALSO_CALLED = {"stepfunctions": "states"}
"""Prefixes of services that people know by a name which is none of the SDKs' either."""
_COMPARED = 5
"""How many unknown actions of a document are compared with all that exist: it takes a while."""
_FORMER = frozenset({"sns:receive", "logs:putlogeventsbatch"})
"""Actions of policies that AWS wrote once or still shows, which are none any more."""


def mismatched(document: Document) -> Iterator[Finding]:
    """Allow of an action on nothing that it can be done to, or on an ARN that no action takes.

    Actions and resources may share a statement without fitting each other, as long as the action fits something in
    that statement, which would not mean what it says otherwise, and the resource something in the document.
    """
    pairs = [
        (statement, action, resource)
        for statement, action in granted(document)
        for resource in statement.resources
    ]
    flaws = {resource: _flaw(resource, document) for resource in {pair[2] for pair in pairs}}
    fitting = [pair for pair in pairs if not flaws[pair[2]] and _applies(*pair[1:])]
    alive_actions = {(statement.label, action) for statement, action, _ in fitting}
    alive_resources = {resource for _, _, resource in fitting}
    for statement, action, resource in pairs:
        if (statement.label, action) not in alive_actions or resource not in alive_resources:
            actions = expand(action)
            fit = formats(_written(action), resource)
            yield finding(
                statement,
                f"grants nothing, because {flaws[resource] or _why_not(actions, resource)}",
                f"write {fit}" if fit else 'write "*"',
                action=action,
                resource=resource,
            )


def mismatched_for_others(document: Document) -> Iterator[Finding]:
    """The same of a resource policy, whose Resource may be short for what the policy is attached to."""
    for found in mismatched(document):
        if takes(found.action) and not found.resource.startswith(_OWN_STAGES):
            yield found


def unknown_actions(document: Document) -> Iterator[Finding]:
    """Actions that do not exist; in a Deny they protect nothing."""
    unknown = (
        (statement, action)
        for statement in document.statements
        for action in (*statement.actions, *statement.not_actions)
        if not expand(action) and action.lower() not in _FORMER
    )
    for position, (statement, action) in enumerate(unknown):
        wrong, instead = _unknown(action, compared=position < _COMPARED)
        yield finding(statement, wrong, instead, action=action)


def unknown_keys(document: Document) -> Iterator[Finding]:
    """Condition keys that an action does not have, so that the condition on it is never met."""
    for statement in document.statements:
        for pattern in statement.actions:
            actions = expand(pattern)
            for test in statement.conditions if actions else ():
                if is_global(test.key) or any(action.knows(test.key) for action in actions):
                    continue
                keys = listed(sorted({key for action in actions for key in action.keys}))
                yield finding(
                    statement,
                    f"does not know the condition key {test.key}, so the condition is never met",
                    f"use one of {keys or 'the keys that begin with aws:'}",
                    action=pattern,
                )


def unmet_values(document: Document) -> Iterator[Finding]:
    """Values that no request has: none, such as are none of their kind, or a wildcard that is compared as it is."""
    for statement in document.statements:
        for test in statement.conditions:
            if literal := [value for value in test.values if is_literal_pattern(test, value)]:
                yield finding(
                    statement,
                    f"asks for {test.key} to be exactly {listed(literal)}, as {test.operator} knows no wildcards",
                    f"write {test.operator.replace('Equals', 'Like')}, or the whole value",
                )
            wrong, compared = misfits(test)
            if wrong:
                yield finding(
                    statement,
                    f"compares {test.key} by {test.operator} with {listed(wrong)}, which no request can have",
                    f"write {compared}",
                )
            if not test.values:
                yield finding(
                    statement, f"compares {test.key} with nothing", "write what it may be"
                )


@lru_cache(maxsize=4_096)
def _written(pattern: str) -> tuple[str, ...]:
    """The ARN formats of all that the actions can be done to."""
    return written(expand(pattern))


@lru_cache(maxsize=16_384)
def _applies(pattern: str, resource: str) -> bool:
    """Whether an action of a policy can be done to a resource of it; unknown actions are judged elsewhere."""
    return (
        is_everything(resource)
        or not expand(pattern)
        or any(form.fits(resource) for form in takes(pattern))
    )


def _flaw(resource: str, document: Document) -> str:
    """What of a resource lets it mean nothing, whatever the action; empty if nothing does."""
    if "${" in resource and not document.knows_variables:
        return "policies know variables only from the Version 2012-10-17 on, which is to be set"
    return flaw(resource) if is_arn(resource) else ""


def _why_not(actions: Iterable[Action], resource: str) -> str:
    if not any(action.formats for action in actions):
        return 'the action is only ever allowed on "*"'
    return "the action takes no such resource" if is_arn(resource) else "the resource is no ARN"


@lru_cache(maxsize=4_096)
def _unknown(action: str, *, compared: bool) -> tuple[str, str]:
    service, _, name = action.lower().partition(":")
    if authorising := instead_of(action):
        wrong = "is an operation of the API, but no action of IAM"
        return wrong, f"write {_either(authorising)}"
    other = _ALSO_CALLED.get(service) or PREFIXES.get(service, "")
    meant = [each.name for each in expand(f"{other}:{name}")]
    if service in services():
        near = names(service) if compared else ()
        close = meant or difflib.get_close_matches(action, near, n=3, cutoff=0.5)
        return "is no action of IAM", f"write {' or '.join(close) or 'one that exists'}"
    if has_wildcard(service):
        return "matches no service of the pack's action table", "name the service"
    close = [other] if other else difflib.get_close_matches(service, services(), n=3)
    correct = f"correct the name{f', perhaps to {_either(close)}' if close else ''}"
    return (
        f"is of the service {service!r}, which the pack's action table does not hold",
        f"write {_either(meant)}" if len(meant) == 1 else correct,
    )


def _either(names: Sequence[str]) -> str:
    """Names of which one will do."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
