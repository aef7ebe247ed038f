"""Rules on log groups: every log is kept for a stated time, and none is made behind the stack's back."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Any

from msgspec import Meta

from ..aws import LOG_GROUP
from ..finding import Finding
from ..log_producers import PRODUCERS, Log, destinations
from ..resource import Resource, Stack, Unknown, is_set
from ..rule import ADVISORY, HIGH, LOW, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Retentions that CloudWatch Logs knows."""


class RetentionConfig(Config, frozen=True, kw_only=True):
    """How long logs may and must be kept in an environment."""

    allowed: Annotated[
        tuple[int, ...], Meta(description="Retentions in days; CloudWatch Logs knows no others.")
    ] = DAYS
    minimum: Annotated[int, Meta(ge=1, description="Shortest retention in days.")] = 1
    maximum: Annotated[int, Meta(ge=1, description="Longest retention in days.")] = 3653
    audit: Annotated[
        tuple[str, ...],
        Meta(description="Names of groups that are kept for audits; * stands for any characters."),
    ] = ()
    audit_minimum: Annotated[
        int, Meta(ge=1, description="Shortest retention of those groups in days.")
    ] = 365


def _retention(group: Resource, config: RetentionConfig) -> Iterator[Finding]:
    days = _number(group.get("retentionInDays", default=0))
    shortest, longest = config.minimum, config.maximum
    if any(fnmatchcase(str(group.get("name", default="")), name) for name in config.audit):
        # What an auditor asks for is kept longer than the environment keeps the rest.
        shortest, longest = config.audit_minimum, DAYS[-1]
    choices = [day for day in config.allowed if shortest <= day <= longest]
    if not days:
        yield Finding("keeps its logs for ever", f"set retentionInDays to one of {choices}")
    elif days not in choices:
        yield Finding(f"keeps its logs for {days} days", f"set retentionInDays to one of {choices}")


def _number(value: Any) -> Any:
    """A whole number as one, however the program wrote it; anything else as it is."""
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else value


def _declared(producer: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    for log in destinations(producer):
        if _is_made_for(producer, log, stack):
            continue
        if isinstance(log.group, str) and not log.group:
            yield Finding(f"{log.what} go to a group that has no fixed name", log.remedy)
        elif not stack.named_by(producer, log.property, log.group, LOG_GROUP):
            yield Finding(
                f"{log.what} go to the group {log.group}, which the stack does not declare",
                "declare it as a LogGroup with its retention, or AWS makes it and keeps the logs for ever",
            )


def _is_made_for(producer: Resource, log: Log, stack: Stack) -> bool:
    """Whether a declared group takes its name from what the log is named after, and nobody knows that name here."""
    nameless = isinstance(log.group, str) and not log.group
    sources = {producer.urn, *producer.depends_on.get(log.property, ())}
    return any(
        (nameless or isinstance(group.props.get("name"), Unknown))
        and not sources.isdisjoint(group.depends_on.get("name", ()))
        for group in stack.of(LOG_GROUP)
    )


def _encrypted(group: Resource, _config: Config) -> Iterator[Finding]:
    if not is_set(group.get("kmsKeyId")):
        yield Finding("is encrypted with a key of AWS's own", "set kmsKeyId to a key of your own")


def _class(group: Resource, _config: Config) -> Iterator[Finding]:
    if group.get("logGroupClass") == "DELIVERY":
        wrong = "keeps its logs for a day, whatever its retention says"
        yield Finding(wrong, "use the class STANDARD or INFREQUENT_ACCESS")


RULES = (
    ResourceRule(
        id="log-retention",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP CloudWatch.16",
        demand="Every log group keeps its logs for a stated time within the limits of the environment.",
        remedy="Set retentionInDays.",
        types=frozenset({LOG_GROUP}),
        config=RetentionConfig,
        check=_retention,
    ),
    StackRule(
        id="log-group-declared",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC04-BP01",
        demand="Everything that writes logs writes them to a group that the stack declares.",
        remedy="Declare the group, under the name that the service expects, with its retention.",
        types=frozenset(PRODUCERS),
        check=_declared,
    ),
    ResourceRule(
        id="log-group-kms",
        level=ADVISORY,
        severity=LOW,
        reference="WA SEC08-BP02",
        demand="Every log group is encrypted with a customer key.",
        remedy="Set kmsKeyId.",
        types=frozenset({LOG_GROUP}),
        check=_encrypted,
    ),
    ResourceRule(
        id="log-group-class",
        level=ADVISORY,
        severity=LOW,
        reference="WA SEC04-BP01",
        demand="The class of every log group lets it keep its logs.",
        remedy="Use the class STANDARD or INFREQUENT_ACCESS.",
        types=frozenset({LOG_GROUP}),
        check=_class,
    ),
)
