"""ARNs with wildcards against the ARN formats that AWS publishes, segment by segment."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache

SEGMENTS = 6
"""`arn`, partition, service, region, account, resource."""
WILDCARDS = "*?"
VARIABLE = re.compile(r"\$\{[^}]*\}")
"""A variable of a format, or of a policy; `${*}`, `${?}` and `${$}` are how a policy writes these characters."""
FILLED_IN = "filled-in"
"""What stands for a policy variable in the parts of an ARN."""
_ANY_REGION = "${aws:RequestedRegion}"
_ONE, _MANY = "one", "many"
"""A character of a name, and any number of them, among the single characters of a format."""
_SECRET_SUFFIX = "-??????"
"""What Secrets Manager adds to a secret's name: six letters or digits that a policy may leave open."""
_SUFFIXED = re.compile(rf".*([-?][A-Za-z0-9?]{{6}}|([*]|{FILLED_IN})[A-Za-z0-9?]{{0,6}})")
_ID_BEFORE_NAME = re.compile(r"(?<=:)[^:]+(?=:\w+Name/)")
"""An id that Auto Scaling puts before a name, which alone says what is meant."""


class Pinning(Enum):
    """How exactly an ARN names a resource."""

    EXACT = "exact"
    """By its name; a wildcard may stand for a part of it, such as an index or an object."""
    PREFIX = "prefix"
    """By the beginning of its name."""
    OPEN = "open"
    """Not by its name, or in any region or account."""


def is_arn(text: str) -> bool:
    """Whether a resource of a policy looks like an ARN at all."""
    return text.startswith("arn:")


@lru_cache(maxsize=4_096)
def segments(arn: str) -> tuple[str, ...]:
    """The six parts of an ARN of a policy; AWS completes a shorter one with wildcards.

    A policy variable is a name that IAM fills in, except that any region may be requested.
    """
    if "${" in arn:
        arn = VARIABLE.sub(FILLED_IN, arn.replace(_ANY_REGION, "*"))
    return _parts(arn)


def _parts(arn: str) -> tuple[str, ...]:
    parts = arn.split(":", SEGMENTS - 1)
    return tuple(parts + ["*"] * (SEGMENTS - len(parts)))


def has_wildcard(text: str) -> bool:
    """Whether a text of a policy stands for more than one value."""
    return any(mark in text for mark in WILDCARDS)


def is_pattern(resource: str) -> bool:
    """Whether an ARN of a policy may stand for more than one, after AWS has completed it."""
    return is_arn(resource) and any(map(has_wildcard, segments(resource)))


def is_everything(text: str) -> bool:
    """Whether an action or a resource of a policy is no more than `*`."""
    return text.strip("*") == "" and text != ""


@dataclass(frozen=True, eq=False)
class ArnFormat:
    """An ARN format, such as `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`."""

    text: str
    closed: str = ""
    """Separators that a name of this format cannot hold: those that begin a longer format."""

    @cached_property
    def _segments(self) -> tuple[str, ...]:
        return _parts(self.text.removesuffix(_SECRET_SUFFIX))

    @cached_property
    def _is_suffixed(self) -> bool:
        return self.text.endswith(_SECRET_SUFFIX)

    @cached_property
    def _service(self) -> str:
        """The service, unless it is a variable."""
        return "" if VARIABLE.search(self._segments[2]) else self._segments[2]

    def fits(self, arn: str) -> bool:
        """Whether an ARN, with wildcards or without, can be one of this format."""
        wanted = segments(arn.removesuffix(_SECRET_SUFFIX))
        if wanted[2] != self._service and self._service and not has_wildcard(wanted[2]):
            # It would be found below as well; most formats are of another service.
            return False
        if self._is_suffixed and not _SUFFIXED.fullmatch(segments(arn)[5]):
            return False
        return all(
            _meet(pattern, form, self.closed)
            for pattern, form in zip(wanted, self._segments, strict=True)
        )

    def pinning(self, arn: str) -> Pinning:
        """How exactly an ARN that fits this format names its resource."""
        wanted = segments(arn.removesuffix(_SECRET_SUFFIX))
        region_and_account = zip(wanted[3:5], self._segments[3:5], strict=True)
        if any(
            VARIABLE.fullmatch(form) and has_wildcard(part) for part, form in region_and_account
        ):
            return Pinning.OPEN
        resource, form = (_ID_BEFORE_NAME.sub("id", each[5]) for each in (wanted, self._segments))
        known = re.split(r"[*?]", resource, maxsplit=1)[0]
        name = VARIABLE.search(form)
        if known == resource:
            return Pinning.EXACT
        if not name:
            # The format may leave an id open, and no more than that.
            before = form.rstrip("*")
            return Pinning.OPEN if form != before and len(known) < len(before) else Pinning.EXACT
        if len(known) <= name.start():
            return Pinning.OPEN
        following = form[name.end() : name.end() + 1]
        named = known[name.start() :]
        ended = any(mark in named for mark in self.closed + following)
        return Pinning.EXACT if ended else Pinning.PREFIX


@lru_cache(maxsize=16_384)
def _meet(pattern: str, form: str, closed: str) -> bool:
    """Whether some text is covered by a pattern with wildcards and by a format with variables."""
    if not has_wildcard(pattern):
        return bool(_regex(form, closed).fullmatch(pattern))
    return _overlap(tuple(pattern), _tokens(form, closed))


@lru_cache(maxsize=4_096)
def _regex(form: str, closed: str) -> re.Pattern[str]:
    """A format as a regular expression; a name holds no separator that ends it."""
    literal, *rest = VARIABLE.split(form)
    names = (f"{_other_than(closed + each[:1])}+{re.escape(each)}" for each in rest)
    return re.compile(re.escape(literal) + "".join(names))


def _other_than(marks: str) -> str:
    return f"[^{re.escape(marks)}]" if marks else "."


@lru_cache(maxsize=4_096)
def _tokens(form: str, closed: str) -> tuple[tuple[str, str], ...]:
    """The same as single characters, each with what it cannot be; a name is one character and then any number."""
    found: list[tuple[str, str]] = []
    literal, *rest = VARIABLE.split(form)
    found.extend((mark, "") for mark in literal)
    for literal in rest:
        excluded = closed + literal[:1]
        found.extend(((_ONE, excluded), (_MANY, excluded)))
        found.extend((mark, "") for mark in literal)
    return tuple(found)


def _overlap(pattern: tuple[str, ...], form: tuple[tuple[str, str], ...]) -> bool:
    """Follow both sides at once: `reached` are the positions in the format after each character."""
    reached = {0}
    for mark in pattern:
        reached = _after(mark, _past_many(reached, form), form)
    return len(form) in _past_many(reached, form)


def _after(mark: str, reached: set[int], form: tuple[tuple[str, str], ...]) -> set[int]:
    if mark == "*":
        return set(range(min(reached), len(form) + 1)) if reached else set()
    following = set[int]()
    for position in reached:
        token, excluded = form[position] if position < len(form) else ("", "")
        if token in {_ONE, _MANY} and mark not in excluded:
            following.add(position if token == _MANY else position + 1)
        elif token and mark in {"?", token}:
            following.add(position + 1)
    return following


def _past_many(reached: set[int], form: tuple[tuple[str, str], ...]) -> set[int]:
    return reached | {
        position + 1 for position in reached if position < len(form) and form[position][0] == _MANY
    }
