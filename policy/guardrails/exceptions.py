"""Exceptions to rules: granted in a rule's configuration, with a reason, an owner and an end."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from msgspec import Meta, Struct

from .finding import Finding

Text = Annotated[str, Meta(pattern=r"\S")]


class ResourceException(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declared resource that a rule leaves alone."""

    name: Annotated[Text, Meta(description="Logical name of the declared resource.")]
    reason: Annotated[Text, Meta(description="Why it is right here.")]
    owner: Annotated[Text, Meta(description="Who answers for it.")]
    expires: Annotated[dt.date, Meta(description="Last day on which it holds.")]

    def covers(self, names: frozenset[str], _finding: Finding) -> bool:
        """Whether it is about a finding on a resource of some names."""
        return self.name in names


class GrantException(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grant that a rule leaves alone."""

    role: Annotated[
        Text,
        Meta(description="The role's name, or the logical name of the resource with the policy."),
    ]
    action: Annotated[str, Meta(description="The action, exactly as the policy has it.")] = ""
    resource: Annotated[str, Meta(description="The resource, exactly as the policy has it.")] = ""
    reason: Annotated[Text, Meta(description="Why it is right here.")]
    owner: Annotated[Text, Meta(description="Who answers for it.")]
    expires: Annotated[dt.date, Meta(description="Last day on which it holds.")]

    def covers(self, names: frozenset[str], finding: Finding) -> bool:
        """Whether it is about a finding on a resource of some names."""
        return self.role in names and (self.action, self.resource) == (
            finding.action,
            finding.resource,
        )


AnyException = ResourceException | GrantException


@dataclass(frozen=True)
class Judged:
    """What is left of some findings, and the exceptions that were needed."""

    findings: tuple[Finding, ...]
    used: frozenset[AnyException]


def apply(
    findings: Iterable[Finding],
    exceptions: Sequence[AnyException],
    names: frozenset[str],
    today: dt.date,
) -> Judged:
    """Leave out what is excepted; an exception that has expired excuses nothing, and says so."""
    left: list[Finding] = []
    used = set[AnyException]()
    for finding in findings:
        covering = [exception for exception in exceptions if exception.covers(names, finding)]
        used.update(covering)
        if not covering:
            left.append(finding)
        elif all(exception.expires < today for exception in covering):
            left.append(replace(finding, wrong=f"{finding.wrong} ({_expired(covering)})"))
    return Judged(tuple(left), frozenset(used))


def _expired(exceptions: Sequence[AnyException]) -> str:
    last = max(exceptions, key=lambda exception: exception.expires)
    return f"the exception of {last.owner} expired on {last.expires}"
