"""Rules on EventBridge: what cannot be delivered is kept, and nobody else publishes."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import ARCHIVE, EVENT_BUS, EVENT_BUS_POLICY, EVENT_PERMISSION, EVENT_TARGET, SCHEDULE
from ..failure_paths import failure_path, keeps_order
from ..finding import Finding
from ..iam.arns import segments
from ..iam.conditions import limits
from ..iam.principals import account_of
from ..policies import Kind, judgeable
from ..resource import Resource, Stack, is_set
from ..rule import ADVISORY, CRITICAL, HIGH, LOW, MANDATORY, Config, ResourceRule, StackRule

ORGANISATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


class BusConfig(Config, frozen=True, kw_only=True):
    """Who else may publish."""

    accounts: Annotated[
        tuple[str, ...], Meta(description="Numbers of other AWS accounts that may publish.")
    ] = ()


def _target(target: Resource, _config: Config) -> Iterator[Finding]:
    _, kept_in = failure_path(target)
    if kept_in is None:
        wrong = "drops what it cannot deliver"
        yield Finding(wrong, "set deadLetterConfig to a queue that is watched")
    elif keeps_order(kept_in):
        wrong = "sets aside what it cannot deliver in a FIFO queue, which EventBridge refuses"
        yield Finding(wrong, "set deadLetterConfig to a standard queue")
    retry = (
        target.get("retryPolicy")
        if target.type == EVENT_TARGET
        else target.get("target", "retryPolicy")
    )
    if not is_set(retry):
        wrong = "does not say for how long it tries again"
        yield Finding(
            wrong, "set retryPolicy with maximumEventAgeInSeconds and maximumRetryAttempts"
        )


def _closed(resource: Resource, config: BusConfig) -> Iterator[Finding]:
    if resource.type == EVENT_PERMISSION:
        principal = resource.get("principal", default="*")
        if principal not in config.accounts and not is_set(resource.get("condition")):
            yield _open(principal)
        return
    for document in judgeable(resource, Kind.RESOURCE):
        for statement in document.allowing():
            if limits(statement, ORGANISATION):
                continue
            # A bus's own policy names the bus, and with it the account that it is in.
            own = {segments(each)[4] for each in statement.resources}
            for kind, name in statement.principals:
                if kind != "Service" and account_of(name) not in own.union(config.accounts):
                    yield _open(name, statement.label)


def _open(principal: str, statement: str = "") -> Finding:
    who = "anybody" if principal == "*" else principal
    return Finding(
        f"lets {who} use the bus",
        "add the account to the rule's accounts, or ask for an organisation in a condition",
        statement,
    )


def _archived(bus: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if not any(
        bus in stack.named_by(archive, "eventSourceArn", archive.get("eventSourceArn"), EVENT_BUS)
        for archive in stack.of(ARCHIVE)
    ):
        yield Finding(
            "keeps no events to replay", "declare an EventArchive of it with retentionDays"
        )


RULES = (
    ResourceRule(
        id="eventbridge-target-dlq",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL05-BP03",
        demand="Every target of a rule or schedule keeps what cannot be delivered.",
        remedy="Set a dead-letter queue and a retry policy.",
        types=frozenset({EVENT_TARGET, SCHEDULE}),
        check=_target,
    ),
    ResourceRule(
        id="eventbridge-bus-closed",
        level=MANDATORY,
        severity=CRITICAL,
        reference="FSBP EventBridge.3",
        demand="Only known accounts may publish on a bus.",
        remedy="Name the accounts, or the organisation in a condition.",
        types=frozenset({EVENT_BUS_POLICY, EVENT_PERMISSION}),
        config=BusConfig,
        check=_closed,
    ),
    StackRule(
        id="eventbridge-archive",
        level=ADVISORY,
        severity=LOW,
        reference="WA REL09-BP01",
        demand="The events of every bus can be replayed.",
        remedy="Declare an archive of the bus.",
        types=frozenset({EVENT_BUS}),
        check=_archived,
    ),
)
