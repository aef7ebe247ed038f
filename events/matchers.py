"""What an EventBridge pattern asks of one field, and which values that can ever be true of."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

TEXT, NUMBER = "string", "number"
"""JSON Schema's names of two types."""


def accepts(matcher: Any, value: str) -> bool:
    """Whether one matcher of a pattern lets a text through; `ValueError` for one that AWS does not know."""
    if not isinstance(matcher, Mapping):
        return matcher == value
    kind = _kind(matcher)
    return MATCHERS[kind](matcher[kind], value)


def flaws(matchers: Any, types: AbstractSet[str]) -> Iterator[str]:
    """What is wrong with all that a pattern asks of one field; nothing is, where a value could match.

    `types` has JSON Schema's names of what the field can be; without any, it can be anything.
    """
    if isinstance(matchers, str | float | int | None) or not matchers:
        yield f"must be a list of what may match, not {json.dumps(matchers)}"
        return
    for matcher in matchers:
        try:
            taken = _taken(matcher)
        except ValueError as error:
            yield str(error)
            continue
        if types and taken and not types & taken:
            yield f"is {' or '.join(sorted(types))}, which {json.dumps(matcher)} never matches"


def _kind(matcher: Mapping[str, Any]) -> str:
    kind, *more = matcher or [None]
    if more or kind not in MATCHERS:
        raise ValueError(f"{json.dumps(matcher)} is no matcher; take one of {sorted(MATCHERS)}")
    return kind


def _taken(matcher: Any) -> AbstractSet[str]:
    """The types of the values that a matcher can let through; none at all if that can be any."""
    if isinstance(matcher, Mapping):
        kind = _kind(matcher)
        return set() if kind in {"anything-but", "exists"} else {_OF_OTHERS.get(kind, TEXT)}
    if matcher is None:
        return {"null"}
    if isinstance(matcher, bool):
        return {"boolean"}
    return {TEXT if isinstance(matcher, str) else NUMBER}


def _in_any_case(matches: Callable[[str, str], bool]) -> Callable[[Any, str], bool]:
    def match(operand: Any, value: str) -> bool:
        if isinstance(operand, Mapping):
            return matches(operand["equals-ignore-case"].lower(), value.lower())
        return matches(operand, value)

    return match


def _anything_but(operand: Any, value: str) -> bool:
    if isinstance(operand, Mapping):
        [(kind, given)] = operand.items()
        return not any(accepts({kind: one}, value) for one in _listed(given))
    return value not in _listed(operand)


def _listed(operand: Any) -> list[Any]:
    return operand if isinstance(operand, list) else [operand]


def _wildcard(operand: str, value: str) -> bool:
    # A backslash takes the meaning from the character after it.
    parts = re.findall(r"\\(.)|(\*)|([^*\\]+)", operand)
    regex = "".join(".*" if star else re.escape(escaped or text) for escaped, star, text in parts)
    return re.fullmatch(regex, value, re.DOTALL) is not None


MATCHERS: dict[str, Callable[[Any, str], bool]] = {
    "prefix": _in_any_case(lambda operand, value: value.startswith(operand)),
    "suffix": _in_any_case(lambda operand, value: value.endswith(operand)),
    "equals-ignore-case": lambda operand, value: operand.lower() == value.lower(),
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "exists": lambda operand, _: operand is True,
    "numeric": lambda *_: False,
    "cidr": lambda *_: False,
}
"""EventBridge's matchers, applied to a text."""
_OF_OTHERS: Mapping[str, str] = {"numeric": NUMBER}
"""For each matcher of something else than texts: of what."""
