"""Rules that prove a stack's permissions from its definitions: nothing is missing, and nothing is left over."""

from collections.abc import Callable, Iterator, Mapping

from ..aws import (
    EVENT_RULE,
    EVENT_TARGET,
    FIREHOSE,
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
from ..iam.documents import Document, Statement
from ..needs import deliveries, functions, machines
from ..needs.need import Need, grants
from ..policies import Kind, held, judgeable
from ..resource import Resource, Stack, is_set
from ..role_users import documents, holders, users
from ..rule import CRITICAL, HIGH, MANDATORY, Config, GrantConfig, StackRule

Deriving = Callable[[Resource, Stack], Iterator[Need]]
WHOLE: Mapping[str, Deriving] = {
    EVENT_TARGET: deliveries.of_target,
    FIREHOSE: deliveries.of_firehose,
    MACHINE: machines.needs,
    PIPE: deliveries.of_pipe,
    SCHEDULE: deliveries.of_schedule,
}
"""Types whose definition says all that their role needs."""
IN_PART: Mapping[str, Deriving] = {FUNCTION: functions.needs}
"""Types whose definition says what AWS itself does with their role; their code needs more."""
EVENTS = "events.amazonaws.com"


def _proven(role: Resource, _config: GrantConfig, stack: Stack) -> Iterator[Finding]:
    using = users(stack).get(role.urn, [])
    judged = documents(role, stack)
    if not using or len(judged) < _count(role, stack):
        return
    needs = [need for user in using for need in _needs(user, stack)]
    allowed = list(grants(judged))
    names = ", ".join(user.name for user in using)
    for need in dict.fromkeys(need for need in needs if need.demanded):
        if not any(grant.covers(need) for grant in allowed):
            wrong = f"does not allow {need}, which {names} needs"
            yield Finding(wrong, "allow it, or change the definition")
    if all(user.type in WHOLE for user in using):
        for grant in allowed:
            if not grant.is_needed(needs):
                yield Finding(
                    f"is allowed, but the definition of {names} does not need it",
                    "take it away, or change the definition",
                    grant.statement,
                    grant.action,
                    grant.resource,
                )


def _count(role: Resource, stack: Stack) -> int:
    """How many identity policies a role has; those that cannot be judged are reported by iam-document-known."""
    return sum(
        found.kind is Kind.IDENTITY for holder in holders(stack)[role.urn] for found in held(holder)
    )


def _needs(user: Resource, stack: Stack) -> Iterator[Need]:
    derive = WHOLE.get(user.type) or IN_PART.get(user.type)
    if derive:
        yield from derive(user, stack)


def _admitted(target: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    rule = _rule_name(target, stack)
    destinations = {
        "arn": target.get("arn"),
        "deadLetterConfig": target.get("deadLetterConfig", "arn"),
    }
    for property_, arn in destinations.items():
        if arn is None:
            continue
        for destination in stack.named_by(target, property_, arn, QUEUE, TOPIC):
            if not _policy_admits(destination, rule, stack):
                wrong = (
                    f"cannot deliver to {destination.name}, whose policy does not admit the rule"
                )
                yield Finding(wrong, f"allow {EVENTS} in it, where aws:SourceArn is the rule's ARN")
    for function in stack.named_by(target, "arn", target.get("arn"), FUNCTION):
        if not _permission_admits(function, target, stack):
            wrong = f"cannot call {function.name}, which has no Permission for the rule"
            yield Finding(wrong, f"declare a Permission for {EVENTS} with the rule's ARN")


def _rule_name(target: Resource, stack: Stack) -> str:
    """The name of the rule of a target."""
    value = target.get("rule")
    rules = stack.named_by(target, "rule", value, EVENT_RULE)
    return str(rules[0].get("name", default="") if rules else value)


def _policy_admits(destination: Resource, rule: str, stack: Stack) -> bool:
    type_, property_ = (
        (QUEUE_POLICY, "queueUrl") if destination.type == QUEUE else (TOPIC_POLICY, "arn")
    )
    holding = [destination] + [
        policy
        for policy in stack.of(type_)
        if destination in stack.named_by(policy, property_, policy.get(property_), destination.type)
    ]
    judged = [found for holder in holding for found in judgeable(holder, Kind.RESOURCE)]
    # A policy that cannot be judged is reported by iam-document-known.
    unjudged = any(list(held(holder)) for holder in holding) and not judged
    return unjudged or any(_admits(document, rule) for document in judged)


def _admits(document: Document, rule: str) -> bool:
    return any(
        ("Service", EVENTS) in statement.principals and _names(statement, rule)
        for statement in document.allowing()
    )


def _names(statement: Statement, rule: str) -> bool:
    """Whether a statement is about a rule; one without a source is about every rule."""
    sources = [test.values for test in statement.conditions if test.key.lower() == "aws:sourcearn"]
    return not sources or any(
        name_in(value, EVENT_RULE) == rule for values in sources for value in values
    )


def _permission_admits(function: Resource, target: Resource, stack: Stack) -> bool:
    rule = _rule_name(target, stack)
    for permission in stack.of(PERMISSION):
        if permission.get("principal", default="") != EVENTS:
            continue
        if function in stack.named_by(permission, "function", permission.get("function"), FUNCTION):
            source = permission.get("sourceArn")
            rules = (
                stack.named_by(permission, "sourceArn", source, EVENT_RULE)
                if is_set(source)
                else []
            )
            names = [each.get("name", default="") for each in rules]
            if (
                not is_set(source)
                or rule in names
                or (isinstance(source, str) and name_in(source, EVENT_RULE) == rule)
            ):
                return True
    return False


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
        demand="Every target of a rule, and its dead-letter queue, lets the rule in.",
        remedy="Allow EventBridge in the policy of the target, for the ARN of the rule.",
        types=frozenset({EVENT_TARGET}),
        check=_admitted,
    ),
)
