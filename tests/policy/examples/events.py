"""EventBridge: nothing undelivered is dropped, nobody else publishes, targets let the rule in."""

from typing import Any

from policy.guardrails.aws import (
    ARCHIVE,
    EVENT_BUS,
    EVENT_BUS_POLICY,
    EVENT_PERMISSION,
    EVENT_RULE,
    EVENT_TARGET,
    FUNCTION,
    PERMISSION,
    QUEUE,
    QUEUE_POLICY,
    ROLE,
    SCHEDULE,
    TOPIC,
    TOPIC_POLICY,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, REGION, UNKNOWN, Given, allow, arn, document, given

DEAD: dict[str, Any] = {"deadLetterConfig": {"arn": arn("sqs", "dead")}}
RETRY: dict[str, Any] = {
    "retryPolicy": {"maximumRetryAttempts": 185, "maximumEventAgeInSeconds": 86400}
}
RULE = given(EVENT_RULE, "rule", name="placed")
RULE_ARN = arn("events", "rule/bus/placed")
QUEUE_ARN = arn("sqs", "inbox")
INBOX = given(QUEUE, "inbox", name="inbox")
EVENTS = "events.amazonaws.com"


def _bus_policy(principal: Any, **more: Any) -> Given:
    bus = arn("events", "event-bus/bus")
    return given(
        EVENT_BUS_POLICY,
        policy=document(allow("events:PutEvents", bus, Principal=principal, **more)),
    )


def _target(resource: str = QUEUE_ARN, **more: Any) -> Given:
    return given(EVENT_TARGET, "target", arn=resource, rule="placed", **more)


def _queue_policy(
    source: Any,
    name: str = "inbox",
    service: str = EVENTS,
    action: str = "sqs:SendMessage",
    key: str = "aws:SourceArn",
) -> Given:
    condition = {"Condition": {"ArnEquals": {key: source}}} if source else {}
    statement = allow(action, arn("sqs", name), Principal={"Service": service}, **condition)
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    return given(QUEUE_POLICY, f"{name}-policy", queueUrl=url, policy=document(statement))


def _permission(**more: Any) -> Given:
    return given(PERMISSION, "permission", **{"function": "orders", "principal": EVENTS} | more)


FUNCTION_TARGET = _target(arn("lambda", "function:orders"))
ORDERS = given(FUNCTION, "orders", name="orders")
BUS = given(EVENT_BUS, "bus", name="bus", **DEAD)
ADMITTED = "eventbridge-target-admitted"

EXAMPLES = (
    passes("eventbridge-target-dlq", "a rule's target", _target(**DEAD, **RETRY)),
    passes("eventbridge-target-dlq", "a schedule's target", given(SCHEDULE, target={**DEAD, **RETRY})),
    fails("eventbridge-target-dlq", "no dead letters", "drops what it cannot deliver; set deadLetterConfig", _target(**RETRY)),
    *(
        fails("eventbridge-target-dlq", f"a FIFO queue for the dead letters of {what}", "in a FIFO queue, which EventBridge refuses; set deadLetterConfig to a standard queue", target)
        for fifo in ({"deadLetterConfig": {"arn": arn("sqs", "dead.fifo")}},)
        for what, target in (("a rule", _target(**fifo, **RETRY)), ("a schedule", given(SCHEDULE, target={**fifo, **RETRY})))
    ),
    fails("eventbridge-target-dlq", "no end", "does not say for how long it tries again", _target(**DEAD)),
    fails("eventbridge-target-dlq", "a schedule with neither", ["drops what", "does not say"], given(SCHEDULE, target={"arn": "x"})),
    passes("eventbridge-bus-closed", "an account that is known", _bus_policy({"AWS": "111111111111"}), accounts=["111111111111"]),
    passes("eventbridge-bus-closed", "a role of an account that is known", _bus_policy({"AWS": "arn:aws:iam::111111111111:role/a"}), accounts=["111111111111"]),
    passes("eventbridge-bus-closed", "an account that is known, by a permission", given(EVENT_PERMISSION, principal="111111111111"), accounts=["111111111111"]),
    fails("eventbridge-bus-closed", "nobody in particular", "lets anybody use the bus", given(EVENT_PERMISSION)),
    passes("eventbridge-bus-closed", "a service", _bus_policy({"Service": "s3.amazonaws.com"})),
    passes(
        "eventbridge-bus-closed",
        "an organisation",
        _bus_policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        given(EVENT_PERMISSION, principal="*", condition={"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-1"}),
    ),
    fails("eventbridge-bus-closed", "anybody", "statement 1: lets anybody use the bus", _bus_policy("*")),
    fails("eventbridge-bus-closed", "anybody, on a bus of any account", "lets anybody", given(EVENT_BUS_POLICY, policy=document(allow("events:PutEvents", "arn:aws:events:eu-west-1:*:event-bus/bus", Principal="*")))),
    fails("eventbridge-bus-closed", "any organisation", "lets anybody", _bus_policy("*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}})),
    fails("eventbridge-bus-closed", "another account", "lets 111111111111 use the bus; add the account", given(EVENT_PERMISSION, principal="111111111111")),
    fails("eventbridge-bus-closed", "a role of another account", "lets arn:aws:iam::111111111111:role/a use", _bus_policy({"AWS": "arn:aws:iam::111111111111:role/a"})),
    passes(
        "eventbridge-archive",
        "an archive of a bus that has no ARN yet",
        given(EVENT_BUS, "bus", name="bus"),
        given(ARCHIVE, eventSourceArn=UNKNOWN).taking("eventSourceArn", given(EVENT_BUS, "bus")),
    ),
    passes("eventbridge-archive", "an archive of the bus", BUS, given(ARCHIVE, eventSourceArn=arn("events", "event-bus/bus"))),
    fails(
        "eventbridge-archive",
        "an archive of another bus",
        "keeps no events to replay",
        given(EVENT_BUS, "bus", name="bus"),
        given(ARCHIVE, eventSourceArn=arn("events", "event-bus/other")),
    ),
    passes(ADMITTED, "a queue that lets the rule in", RULE, _target(), INBOX, _queue_policy(RULE_ARN)),
    passes(ADMITTED, "a queue that lets every rule in", RULE, _target(), INBOX, _queue_policy(None)),
    passes(ADMITTED, "a queue that is declared elsewhere", RULE, _target()),
    passes(ADMITTED, "a queue whose policy is not known yet", RULE, _target(), INBOX, given(QUEUE_POLICY, queueUrl="inbox", policy=UNKNOWN)),
    passes(
        ADMITTED,
        "a target whose queue and rule are not known yet",
        RULE,
        given(EVENT_TARGET, arn=UNKNOWN, rule=UNKNOWN).taking("arn", INBOX).taking("rule", RULE),
        INBOX,
        _queue_policy([arn("events", "rule/other"), RULE_ARN]),
    ),
    fails(ADMITTED, "a queue without a policy", "cannot deliver to inbox, whose policy does not admit it; allow events.amazonaws.com", RULE, _target(), INBOX),
    fails(ADMITTED, "a queue for another rule", "cannot deliver to inbox", RULE, _target(), INBOX, _queue_policy(arn("events", "rule/bus/shipped"))),
    fails(
        ADMITTED,
        "a queue for another rule of an organisation",
        "cannot deliver to inbox",
        RULE,
        _target(),
        INBOX,
        given(
            QUEUE_POLICY,
            queueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/inbox",
            policy=document(
                allow(
                    "sqs:SendMessage",
                    QUEUE_ARN,
                    Principal={"Service": EVENTS},
                    Condition={
                        "ArnEquals": {"aws:SourceArn": arn("events", "rule/bus/shipped")},
                        "StringEquals": {"aws:SourceOrgID": "o-1"},
                    },
                )
            ),
        ),
    ),
    fails(ADMITTED, "a queue for another service", "cannot deliver to inbox", RULE, _target(), INBOX, _queue_policy(RULE_ARN, service="sns.amazonaws.com")),
    fails(
        ADMITTED,
        "dead letters that nobody lets in",
        "cannot deliver to dead",
        RULE,
        _target(**DEAD),
        INBOX,
        given(QUEUE, "dead", name="dead"),
        _queue_policy(RULE_ARN),
    ),
    passes(ADMITTED, "the dead letters of a bus", BUS, given(QUEUE, "dead", name="dead"), _queue_policy(arn("events", "event-bus/bus"), "dead")),
    fails(ADMITTED, "the dead letters of another bus", "cannot deliver to dead", BUS, given(QUEUE, "dead", name="dead"), _queue_policy(arn("events", "event-bus/b"), "dead")),
    passes(
        ADMITTED,
        "a topic",
        RULE,
        _target(arn("sns", "news")),
        given(TOPIC, "news", name="news"),
        given(TOPIC_POLICY, arn=arn("sns", "news"), policy=document(allow("sns:Publish", "*", Principal={"Service": EVENTS}))),
    ),
    fails(ADMITTED, "a topic without a policy", "cannot deliver to news", RULE, _target(arn("sns", "news")), given(TOPIC, "news", name="news")),
    passes(ADMITTED, "a function with a permission", RULE, FUNCTION_TARGET, ORDERS, _permission(sourceArn=RULE_ARN)),
    passes(ADMITTED, "a permission for a rule that has no ARN yet", RULE, FUNCTION_TARGET, ORDERS, _permission(sourceArn=UNKNOWN).taking("sourceArn", RULE)),
    passes(ADMITTED, "a permission for every rule", RULE, FUNCTION_TARGET, ORDERS, _permission()),
    fails(ADMITTED, "a function without a permission", "cannot call orders, which has no Permission for the rule", RULE, FUNCTION_TARGET, ORDERS),
    fails(ADMITTED, "a permission for another rule", "cannot call orders", RULE, FUNCTION_TARGET, ORDERS, _permission(sourceArn=arn("events", "rule/bus/shipped"))),
    fails(ADMITTED, "a permission for another service", "cannot call orders", RULE, FUNCTION_TARGET, ORDERS, _permission(principal="sns.amazonaws.com")),
    fails(ADMITTED, "a permission for another function", "cannot call orders", RULE, FUNCTION_TARGET, ORDERS, _permission(function="users")),
    passes("eventbridge-bus-closed", "the account of the bus", _bus_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
    passes("eventbridge-bus-closed", "a part of an organisation", _bus_policy("*", Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}})),
    fails("eventbridge-bus-closed", "anybody, by the name of one's own account alone", "lets anybody", given(EVENT_PERMISSION, principal="*")),
    passes(ADMITTED, "a queue that lets rules of any name in", RULE, _target(), INBOX, _queue_policy(arn("events", "rule/*"))),
    passes(ADMITTED, "a queue that lets rules of some names in", RULE, _target(), INBOX, _queue_policy(arn("events", "rule/bus/pla*"))),
    passes(ADMITTED, "a queue that lets anybody in who comes from the rule", RULE, _target(), INBOX, _queue_policy(RULE_ARN, service="*")),
    fails(ADMITTED, "a queue that lets rules of other names in", "whose policy does not admit it", RULE, _target(), INBOX, _queue_policy(arn("events", "rule/x*"))),
    fails(ADMITTED, "a queue that lets the rule do something else", "whose policy does not admit it", RULE, _target(), INBOX, _queue_policy(RULE_ARN, action="sqs:ReceiveMessage")),
    fails(ADMITTED, "dead letters that are not known yet", "cannot deliver to inbox", RULE, given(EVENT_TARGET, rule="placed", arn=arn("sqs", "theirs"), deadLetterConfig={"arn": UNKNOWN}).taking("deadLetterConfig", INBOX), INBOX),
    passes(ADMITTED, "a target with a role that is not known yet", RULE, given(EVENT_TARGET, arn=UNKNOWN, roleArn=UNKNOWN, rule="placed").taking("arn", INBOX).taking("roleArn", given(ROLE)), INBOX),
    passes(ADMITTED, "a queue that lets rules of the account in", RULE, _target(), INBOX, _queue_policy(ACCOUNT, key="aws:SourceAccount")),
    *(passes(ADMITTED, f"a queue that lets {last} in", RULE, _target(), INBOX, _queue_policy(arn("events", last))) for last in ("*", "ru*")),
    fails(ADMITTED, "a queue that lets buses in", "whose policy does not admit it", RULE, _target(), INBOX, _queue_policy(arn("events", "event-b*"))),
    passes(ADMITTED, "the dead letters of any bus", BUS, given(QUEUE, "dead", name="dead"), _queue_policy(arn("events", "event-b*"), "dead")),
    fails(ADMITTED, "the dead letters of rules", "cannot deliver to dead", BUS, given(QUEUE, "dead", name="dead"), _queue_policy(arn("events", "ru*"), "dead")),
    passes(ADMITTED, "a permission of a function that has no name yet", RULE, FUNCTION_TARGET, ORDERS, _permission(function=UNKNOWN).taking("function", ORDERS)),
    passes(ADMITTED, "a target with a role", RULE, _target(roleArn=f"arn:aws:iam::{ACCOUNT}:role/r"), INBOX),
    passes(ADMITTED, "a function that lets rules of some names in", FUNCTION_TARGET, ORDERS, _permission(sourceArn=arn("events", "rule/pla*"))),
    fails("eventbridge-bus-closed", "another account, after an organisation", "statement 2: lets anybody use the bus", given(EVENT_BUS_POLICY, policy=document(*(allow("events:PutEvents", arn("events", "event-bus/bus"), Principal="*", **more) for more in ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, {}))))),
)  # fmt: skip
