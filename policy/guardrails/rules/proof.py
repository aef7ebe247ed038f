"""Rules that prove a stack's permissions from its definitions: nothing is missing, and nothing is left over."""

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

from ..aws import (
    EVENT_BUS,
    EVENT_RULE,
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    MACHINE,
    PERMISSION,
    PIPE,
    QUEUE,
    QUEUE_POLICY,
    ROLE,
    SCHEDULE,
    TOPIC,
    TOPIC_POLICY,
    name_in,
)
from ..finding import Finding
from ..iam.actions import expand
from ..iam.arns import segments
from ..iam.documents import Document, Statement
from ..iam.principals import service_name
from ..needs import deliveries, functions, machines
from ..needs.need import Need, grants
from ..policies import Kind, held, judgeable
from ..resource import Resource, Stack, is_set
from ..role_users import Use, documents, holders, is_granted_elsewhere, uses
from ..rule import CRITICAL, HIGH, MANDATORY, Config, GrantConfig, StackRule

Deriving = Callable[[Resource, Stack], Iterator[Need]]
WHOLE: Mapping[tuple[str, str], Deriving] = {
    (EVENT_TARGET, "roleArn"): deliveries.of_target,
    (FIREHOSE, "extendedS3Configuration.roleArn"): deliveries.of_firehose,
    (FIREHOSE, "kinesisSourceConfiguration.roleArn"): deliveries.of_source,
    (FLOW_LOG, "iamRoleArn"): deliveries.of_flow_log,
    (MACHINE, "roleArn"): machines.needs,
    (PIPE, "roleArn"): deliveries.of_pipe,
    (SCHEDULE, "target.roleArn"): deliveries.of_schedule,
}
"""Types whose definition says all that the role in a property needs."""
IN_PART: Mapping[tuple[str, str], Deriving] = {(FUNCTION, "role"): functions.needs}
"""Types whose definition says what AWS itself does with their role; their code needs more."""
EVENTS = "events.amazonaws.com"
DELIVERS = frozenset({"sqs:SendMessage", "sns:Publish"})


def _proven(role: Resource, _config: GrantConfig, stack: Stack) -> Iterator[Finding]:
    using = uses(stack).get(role.urn, ())
    judged = documents(role, stack)
    if not using or len(judged) < _count(role, stack):
        return
    needs = [need for use in using for need in _needs(use, stack)]
    allowed = list(grants(judged))
    names = ", ".join(dict.fromkeys(use.user.name for use in using))
    demanded = () if is_granted_elsewhere(role, stack) else needs
    for need in dict.fromkeys(need for need in demanded if need.demanded):
        if not any(grant.covers(need) for grant in allowed):
            wrong = f"does not allow {need}, which {names} needs"
            yield Finding(wrong, "allow it, or change the definition")
    if all((use.user.type, use.at) in WHOLE for use in using):
        for grant in allowed:
            if not grant.is_needed(needs):
                yield Finding(
                    f"is allowed, but the definition of {names} does not need it",
                    "take it away, or change the definition",
                    grant.statement,
                    grant.action,
                    str(grant),
                )


def _count(role: Resource, stack: Stack) -> int:
    """How many identity policies a role has; those that cannot be judged are reported by iam-document-known."""
    return sum(
        found.kind is Kind.IDENTITY for holder in holders(stack)[role.urn] for found in held(holder)
    )


def _needs(use: Use, stack: Stack) -> Iterator[Need]:
    derive = WHOLE.get((use.user.type, use.at)) or IN_PART.get((use.user.type, use.at))
    if derive:
        yield from derive(use.user, stack)


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
        for function in stack.named_by(sender, property_, arn, FUNCTION):
            if not _permission_admits(function, name, stack):
                wrong = f"cannot call {function.name}, which has no Permission for the rule"
                yield Finding(wrong, f"declare a Permission for {EVENTS} with the rule's ARN")


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
    return not sources or any(_means(value, kind, name) for values in sources for value in values)


def _means(arn: str, kind: str, name: str) -> bool:
    """Whether an ARN, with wildcards or without, is that of a rule or bus."""
    whole = f"{'rule' if kind == EVENT_RULE else 'event-bus'}/{name}"
    return fnmatchcase(name, name_in(arn, kind)) or fnmatchcase(whole, segments(arn)[5])


def _permission_admits(function: Resource, rule: str, stack: Stack) -> bool:
    return any(
        service_name(permission.get("principal", default="")) == EVENTS
        and function in stack.named_by(permission, "function", permission.get("function"), FUNCTION)
        and _is_for(permission, rule, stack)
        for permission in stack.of(PERMISSION)
    )


def _is_for(permission: Resource, rule: str, stack: Stack) -> bool:
    source = permission.get("sourceArn")
    if source is None:
        return True
    if isinstance(source, str):
        return _means(source, EVENT_RULE, rule)
    rules = stack.named_by(permission, "sourceArn", source, EVENT_RULE)
    return rule in [each.get("name", default="") for each in rules]


RULES = (
    StackRule(
        id="iam-grants-match-definition",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC03-BP02",
        demand="A role allows exactly what the definitions of its users need.",
        remedy="Derive the role's policy from the definition.",
        types=frozenset({ROLE}),
        config=GrantConfig,
        check=_proven,
    ),
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
)
