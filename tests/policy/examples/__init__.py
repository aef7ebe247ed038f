"""For each rule, declared resources that it passes and that it does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.policy.given import Given


@dataclass(frozen=True)
class Example:
    """What a rule makes of some resources."""

    rule: str
    shows: str
    """What is shown, as a sentence."""
    resources: Sequence[Given]
    finds: Sequence[str] = ()
    """A part of each message; none if the rule is content."""
    config: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule}: {self.shows}"


def passes(rule: str, shows: str, *resources: Given, **config: Any) -> Example:
    return Example(rule, shows, resources, (), config)


def fails(
    rule: str, shows: str, finds: str | Sequence[str], *resources: Given, **config: Any
) -> Example:
    return Example(rule, shows, resources, [finds] if isinstance(finds, str) else finds, config)
