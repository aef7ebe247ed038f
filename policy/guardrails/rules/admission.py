"""Rules on what services need to be let in for: queues and topics by their policies, functions by their permissions."""

from collections.abc import Iterator

from ..aws import EVENT_BUS, EVENT_RULE, EVENT_TARGET, QUEUE, QUEUE_POLICY, TOPIC, TOPIC_POLICY
from ..finding import Finding
from ..function_permissions import means, refused
from ..iam.actions import expand
from ..iam.documents import Document, Statement
from ..iam.principals import service_name
from ..policies import Kind, held, judgeable
from ..resource import Resource, Stack, is_set
from ..rule import CRITICAL, MANDATORY, Config, StackRule
from ..service_callers import CALLERS

EVENTS = "events.amazonaws.com"
DELIVERS = frozenset({"sqs:SendMessage", "sns:Publish"})


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
            if not _policy_admits(destination, kind, name, stack):
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


def _policy_admits(destination: Resource, kind: str, name: str, stack: Stack) -> bool:
    queue = destination.type == QUEUE
    type_, property_ = (QUEUE_POLICY, "queueUrl") if queue else (TOPIC_POLICY, "arn")
    holding = [
        destination,
        *(
            policy
            for policy in stack.of(type_)
            if destination
            in stack.named_by(policy, property_, policy.get(property_), destination.type)
        ),
    ]
    judged = [found for holder in holding for found in judgeable(holder, Kind.RESOURCE)]
    # A policy that cannot be judged is reported by iam-document-known.
    unjudged = any(list(held(holder)) for holder in holding) and not judged
    return unjudged or any(_admits(document, kind, name) for document in judged)


def _admits(document: Document, kind: str, name: str) -> bool:
    return any(
        any(each == "*" or service_name(each) == EVENTS for _, each in statement.principals)
        and any(found.name in DELIVERS for action in statement.actions for found in expand(action))
        and _names(statement, kind, name)
        for statement in document.allowing()
    )


def _names(statement: Statement, kind: str, name: str) -> bool:
    """Whether a statement is about a rule or bus; one without a source is about all of them."""
    sources = [test.values for test in statement.conditions if test.key.lower() == "aws:sourcearn"]
    return not sources or any(means(value, kind, name) for values in sources for value in values)


def _called(resource: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    caller = CALLERS[resource.type]
    form = caller.arn_for(resource)
    what = f"the ARN of what calls, {form}" if form else "the account of what calls"
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
