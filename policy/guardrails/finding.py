"""Findings: what is wrong and what to write instead, and how they are put into words."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    wrong: str
    """What is wrong, to be read after the names of the statement, action and resource if there are any."""
    instead: str
    """What to write instead."""
    statement: str = ""
    """Which statement of a policy; empty when it is about no policy."""
    action: str = ""
    """The action as the policy has it; empty when it is about no action."""
    resource: str = ""
    """The resource as the policy has it; empty when it is about no resource."""


def messages(findings: Iterable[Finding]) -> list[str]:
    """One text for each thing to mend: findings that differ only in action and resource are one text."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.statement, finding.wrong, finding.instead)
        groups.setdefault(key, []).append(finding)
    return [_message(group) for group in groups.values()]


def _message(group: list[Finding]) -> str:
    first = group[0]
    actions = ", ".join(dict.fromkeys(found.action for found in group if found.action))
    resources = ", ".join(dict.fromkeys(found.resource for found in group if found.resource))
    grant = f"{actions} on {resources}" if actions and resources else actions or resources
    subject = ": ".join(part for part in (first.statement, grant) if part)
    return (
        f"{subject}: {first.wrong}; {first.instead}."
        if subject
        else f"{first.wrong}; {first.instead}."
    )
