"""Rules on what services need to be let in for: queues and topics by their policies, functions by their permissions."""

from collections.abc import Iterator, Mapping, Sequence

from ..aws import (
    BUCKET,
    BUCKET_NOTIFICATION,
    EVENT_BUS,
    EVENT_RULE,
    EVENT_TARGET,
    QUEUE,
    SUBSCRIPTION,
    TOPIC,
    name_in,
)
from ..finding import Finding
from ..function_permissions import name_in_arns, refused
from ..queue_policies import is_let_in
from ..resource import Resource, Stack, UnknownValue, is_set, values_at
from ..rule import CRITICAL, MANDATORY, Config, StackRule
from ..service_callers import CALLERS

EVENTS = "events.amazonaws.com"
_SENDERS: Mapping[str, tuple[str, str, str, Sequence[str]]] = {
    BUCKET_NOTIFICATION: (
        "s3.amazonaws.com",
        BUCKET,
        "bucket",
        ("queues.*.queueArn", "topics.*.topicArn"),
    ),
    SUBSCRIPTION: ("sns.amazonaws.com", TOPIC, "topic", ("endpoint",)),
}
"""What sends to queues and topics: as which service, for what, which property names that, and where it names them."""


def _admitted(sender: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    kind = EVENT_BUS if sender.type == EVENT_BUS else EVENT_RULE
    name = _bus_name(sender) if kind == EVENT_BUS else _rule_name(sender, stack)
    # With a role of its own, a target needs nobody's leave but the role's.
    by_itself = not is_set(sender.props.get("roleArn"))
    destinations = {
        "arn": sender.get("arn") if by_itself else None,
        "deadLetterConfig": sender.get("deadLetterConfig", "arn"),
    }
    for property_, arn in destinations.items():
        if arn is None:
            continue
        for destination in stack.named_by(sender, property_, arn, QUEUE, TOPIC):
            if not is_let_in(destination, EVENTS, kind, name, stack):
                wrong = f"cannot deliver to {destination.name}, whose policy does not admit it"
                yield Finding(
                    wrong,
                    f"allow {EVENTS} in it, where aws:SourceArn is the ARN of the rule or bus",
                )
    if sender.type == EVENT_TARGET:
        for function, qualifier in refused(sender, stack):
            wrong = f"cannot call {function.name}, which has no Permission for the rule"
            yield Finding(
                wrong, f"declare a Permission for {EVENTS} with the rule's ARN{_on(qualifier)}"
            )


def _bus_name(bus: Resource) -> str:
    return str(bus.get("name", default=""))


def _rule_name(target: Resource, stack: Stack) -> str:
    """The name of the rule of a target."""
    value = target.get("rule")
    rules = stack.named_by(target, "rule", value, EVENT_RULE)
    return str(rules[0].get("name", default="") if rules else value)


def _notified(sender: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    service, kind, property_, paths = _SENDERS[sender.type]
    name = _source_name(sender, kind, property_, stack)
    for path in (each.split(".") for each in paths):
        for arn in values_at(sender.props, *path):
            for destination in stack.named_by(sender, path[0], arn, QUEUE, TOPIC):
                if not is_let_in(destination, service, kind, name, stack):
                    yield Finding(
                        f"cannot deliver to {destination.name}, whose policy does not admit it",
                        f"allow {service} in it, where aws:SourceArn is the ARN of the {property_}",
                    )


def _source_name(sender: Resource, kind: str, property_: str, stack: Stack) -> str | None:
    """The name of the topic or bucket of what sends; none if it is not known."""
    value = sender.get(property_)
    if isinstance(value, str):
        return name_in(value, kind)
    try:
        sources = stack.named_by(sender, property_, value, kind)
    except UnknownValue:
        return None
    names = [name for each in sources if isinstance(name := name_in_arns(each), str)]
    return names[0] if names else None


def _called(resource: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    caller = CALLERS[resource.type]
    form = caller.arn_for(resource)
    what = f"the ARN of what calls, {form}" if form else "the account of what calls"
    if ":s3:" in form:
        what += ", and its account, which that does not name"
    for function, qualifier in refused(resource, stack):
        yield Finding(
            f"cannot call {function.name}, which has no Permission for it",
            f"declare a Permission for {caller.service} with {what}{_on(qualifier)}",
        )


def _on(qualifier: str) -> str:
    """Which part of a function a permission has to be on."""
    return f", and the qualifier {qualifier}" if qualifier else ""


RULES = (
    StackRule(
        id="eventbridge-target-admitted",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA REL05-BP03",
        demand="Every target of a rule, and every dead-letter queue, lets its rule or bus in.",
        remedy="Allow EventBridge in the policy of the target, for the ARN of the rule or bus.",
        types=frozenset({EVENT_BUS, EVENT_TARGET}),
        check=_admitted,
    ),
    StackRule(
        id="notification-admitted",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA REL05-BP03",
        demand="Every queue and topic lets in the topics and buckets that are told to send to it.",
        remedy="Allow the service in the policy of the queue or topic, for the ARN of the topic or bucket.",
        types=frozenset(_SENDERS),
        check=_notified,
    ),
    StackRule(
        id="lambda-caller-admitted",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA REL05-BP03",
        demand="Every function lets in the services that are told to call it.",
        remedy="Declare a Permission for the service, on the alias that is called, with the ARN of what calls.",
        types=frozenset(CALLERS) - {EVENT_TARGET},
        check=_called,
    ),
)
