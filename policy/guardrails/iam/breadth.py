"""Grants that are wider than the facts about their actions allow.

Each pair of an action and a resource is judged alone, so it makes no difference how a policy is cut into
statements or in which order they stand, and a wider statement is never better than a narrower one.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ..finding import Finding
from .actions import Action, expand, formats_of
from .arns import ArnFormat, Pinning, has_wildcard, is_everything, segments
from .conditions import narrowing
from .documents import Document, Statement
from .grants import Reach, finding, formats, granted, listed, reach, written
from .unnamed import TEXTS, by_airflow, denies_topics, may_exclude, sends_texts

_TAG = "aws:ResourceTag/key"
_CHOICE = 20
"""Of how many actions a message lets choose."""
LIST_ACTIONS = "list the actions that are needed, each by its full name"


def admin(document: Document) -> Iterator[Finding]:
    """Allow of every action of every service."""
    for statement, action in granted(document):
        if reach(action) is Reach.EVERYTHING:
            wrong = "allows every action of every service"
            yield finding(statement, wrong, LIST_ACTIONS, action=action)


def service_wildcards(document: Document) -> Iterator[Finding]:
    """Allow of every action of a service."""
    for statement, action in granted(document):
        if reach(action) is Reach.SERVICE:
            wrong = f"allows {len(expand(action))} actions"
            yield finding(statement, wrong, LIST_ACTIONS, action=action)


def action_wildcards(document: Document) -> Iterator[Finding]:
    """Allow of actions by a part of their name."""
    for statement, action in granted(document):
        if reach(action) is Reach.PART:
            wrong = f"allows {listed(found.name for found in expand(action)) or 'nothing'}"
            yield finding(statement, wrong, _chosen_from(action, statement), action=action)


def _chosen_from(pattern: str, statement: Statement) -> str:
    """What to write instead of a part of a name: of the actions that it stands for, those that mean something here."""
    able = [
        action.name
        for action in expand(pattern)
        if not statement.resources
        or any(is_everything(each) or _fits(action, each) for each in statement.resources)
    ]
    if not able:
        return LIST_ACTIONS
    return (
        f"write what is needed of those that can be done to its resources: {listed(able, _CHOICE)}"
    )


def _fits(action: Action, resource: str) -> bool:
    return any(form.fits(resource) for form in action.formats)


def unscoped(document: Document) -> Iterator[Finding]:
    """Allow on `*` of an action that can be limited to a resource."""
    no_topics = denies_topics(document)
    for statement, pattern in granted(document):
        for resource in filter(is_everything, statement.resources):
            which, instead = _unlimited(pattern, narrowing(statement), no_topics=no_topics)
            if which:
                yield finding(
                    statement,
                    f"is allowed on every resource, although {which} can be limited",
                    _or_texts(f"write the ARN: {instead}", [pattern]),
                    action=pattern,
                    resource=resource,
                )


@lru_cache(maxsize=4_096)
def _unlimited(pattern: str, keys: Sequence[str], *, no_topics: bool) -> tuple[str, str]:
    """Which of the actions on `*` can be limited, and to what; two empty texts if none can."""
    wide = [each for each in _limitable(pattern, keys) if each.formats]
    if no_topics:
        wide = [each for each in wide if not sends_texts([each])]
    if not wide:
        return "", ""
    exact = reach(pattern) is Reach.EXACT
    which = "it" if exact else listed(action.name for action in wide)
    return which, f"{formats(written(wide))}{_or_by_tag(wide)}"


def unpinned(document: Document) -> Iterator[Finding]:
    """Allow on ARNs that leave the resource's name, its region or its account open."""
    return _loose(document, Pinning.OPEN, "leaves open which resource is meant")


def by_prefix(document: Document) -> Iterator[Finding]:
    """Allow on ARNs that give only the beginning of the resource's name."""
    return _loose(document, Pinning.PREFIX, "allows every resource whose name begins so")


def not_elements(document: Document) -> Iterator[Finding]:
    """Allow of all but what is named."""
    for statement in document.allowing():
        for element, given in (
            ("NotAction", statement.not_actions),
            ("NotResource", statement.not_resources),
            ("NotPrincipal", statement.not_principals),
        ):
            if given and not (element == "NotResource" and _must_exclude(statement)):
                instead = f"use {element.removeprefix('Not')} and name what is needed"
                yield finding(
                    statement,
                    f"uses Allow with {element}, which grants all that it does not name",
                    _or_texts(instead, statement.actions) if element == "NotResource" else instead,
                )


def _must_exclude(statement: Statement) -> bool:
    """Whether all that a statement allows is done to what no policy can name."""
    keys = narrowing(statement)
    expanded = [expand(pattern) for pattern in statement.actions]
    return bool(expanded) and all(
        actions and all(may_exclude(action, statement.not_resources, keys) for action in actions)
        for actions in expanded
    )


def _or_texts(instead: str, patterns: Iterable[str]) -> str:
    """What to write instead of too wide a resource, when it may be meant for text messages."""
    meant = any(each.lower().startswith("sns:") and sends_texts(expand(each)) for each in patterns)
    return f"{instead}; {TEXTS}" if meant else instead


def _or_by_tag(actions: Iterable[Action]) -> str:
    """How to say which resource is meant when only AWS gives it a name, which nobody may know yet."""
    by_tag = all(each.knows(_TAG) and any(map(_has_an_id, each.formats)) for each in actions)
    return ", or ask for its aws:ResourceTag/<key> in a condition" if by_tag else ""


def _has_an_id(form: ArnFormat) -> bool:
    return form.text.endswith("Id}")


@lru_cache(maxsize=4_096)
def _limitable(pattern: str, keys: Sequence[str]) -> tuple[Action, ...]:
    """The actions that need a named resource, for want of a condition or a practice that excuses them."""
    return tuple(
        action
        for action in expand(pattern)
        if not action.anywhere and not any(map(action.knows, keys))
    )


@lru_cache(maxsize=4_096)
def _takes(pattern: str, keys: Sequence[str]) -> frozenset[ArnFormat]:
    """What these actions can be limited to."""
    return formats_of(_limitable(pattern, keys))


@lru_cache(maxsize=4_096)
def _written(pattern: str, keys: Sequence[str]) -> tuple[str, ...]:
    """How that is written."""
    return written(_limitable(pattern, keys))


def _loose(document: Document, wanted: Pinning, wrong: str) -> Iterator[Finding]:
    for statement, pattern in granted(document):
        keys = narrowing(statement)
        for resource in statement.resources:
            if not is_everything(resource) and _pinning(pattern, keys, resource) is wanted:
                able = _limitable(pattern, keys)
                yield finding(
                    statement,
                    wrong + _anywhere(resource),
                    f"write the whole name, region and account: {formats(_written(pattern, keys), resource)}{_or_by_tag(able)}",
                    action=pattern,
                    resource=resource,
                )


def _anywhere(resource: str) -> str:
    """Where a resource may be, as far as its ARN leaves that open."""
    places = zip(("region", "account"), segments(resource)[3:5], strict=True)
    left_open = [place for place, given in places if has_wildcard(given)]
    return f", in any {' and '.join(left_open)}" if left_open else ""


@lru_cache(maxsize=4_096)
def _pinning(pattern: str, keys: Sequence[str], resource: str) -> Pinning:
    """The loosest reading of a resource among all that the actions can be done to."""
    spared = by_airflow(resource)
    able = _takes(pattern, keys)
    if spared:
        able = formats_of(each for each in _limitable(pattern, keys) if each.name not in spared)
    found = {form.pinning(resource) for form in able if form.fits(resource)}
    return next(
        (level for level in (Pinning.OPEN, Pinning.PREFIX) if level in found), Pinning.EXACT
    )
