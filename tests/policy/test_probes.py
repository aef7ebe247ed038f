"""Kinds of grants that tools in this field judge wrongly, each told from its harmless neighbour by the whole pack.

`test_judge.py` asks each judgement alone; here every rule sees every probe, so that none is found for a wrong
reason and none of its neighbours is found at all.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from policy.guardrails.aws import KMS_KEY, LOG_GROUP, QUEUE_POLICY, ROLE
from policy.guardrails.rule import ResourceRule, configured
from policy.guardrails.rules import RULES
from tests.policy.given import ACCOUNT, Given, allow, arn, as_rules_see, document, given

TABLE, QUEUE, TOPIC = arn("dynamodb", "table/orders"), arn("sqs", "orders"), arn("sns", "orders")
BUCKET, GROUP = "arn:aws:s3:::orders", arn("logs", "log-group:/aws/lambda/orders")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/task"
KEY = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")
TO_TASKS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
LOG_DELIVERY = (
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery"),
    *("logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy"),
    *("logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
)
SCOPED, PINNED, DEAD = "iam-resource-scoped", "iam-arn-pinned", "iam-arn-matches-action"
SERVICE, PART, NOT = "iam-no-service-wildcard", "iam-no-action-wildcard", "iam-no-not-elements"
UNKNOWN, KEYS, PREFIX = "iam-known-action", "iam-known-condition-key", "iam-arn-whole-name"
PASSES, CHANGES = "iam-passrole-scoped", "iam-no-permissions-management"
NARROW, TRUST = "resource-policy-narrow", "iam-trust-narrow"


class Probe(NamedTuple):
    """One kind: what is wrong, the rules that say so, and the neighbour that is right."""

    bad: Given
    found_by: set[str]
    good: Given


def _may(*statements: Mapping[str, Any]) -> Given:
    return given("aws:iam/rolePolicy:RolePolicy", "permissions", policy=document(*statements))


def _if(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def _trusting(principal: object, **more: Any) -> Given:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return given(ROLE, "role", name="role", assumeRolePolicy=document(statement))


def _letting_in(principal: object, **more: Any) -> Given:
    statement = allow("sqs:SendMessage", QUEUE, Principal=principal, **more)
    return given(QUEUE_POLICY, policy=document(statement))


def _key(*statements: Mapping[str, Any]) -> Given:
    policy = document(*statements)
    return given(KMS_KEY, enableKeyRotation=True, deletionWindowInDays=30, policy=policy)


def _kept(days: int | None) -> Given:
    group = {"name": "g", "kmsKeyId": KEY}
    return given(LOG_GROUP, **(group if days is None else {**group, "retentionInDays": days}))


SERVICE_EVENTS = {"Service": "events.amazonaws.com"}
OF_ACCOUNT = _if("StringEquals", "aws:SourceAccount", ACCOUNT)
FROM_RULE = _if("ArnEquals", "aws:SourceArn", arn("events", "rule/orders"))
EVERYTHING = {"iam-no-admin", SCOPED, PASSES, CHANGES, "iam-no-create-log-group"}
GOOD_SEND = _may(allow("sqs:SendMessage", QUEUE))
PUT = _may(allow("s3:PutObject", f"{BUCKET}/*"))

PROBES = {
    # "*" that has to be, and "*" that has not
    "a queue's action on *": Probe(_may(allow("sqs:SendMessage", "*")), {SCOPED}, GOOD_SEND),
    "X-Ray writes": Probe(_may(allow(["xray:PutTraceSegments", "sqs:SendMessage"], "*")), {SCOPED}, _may(allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"))),
    "log delivery of Step Functions": Probe(_may(allow([*LOG_DELIVERY, "logs:PutLogEvents"], "*")), {SCOPED}, _may(allow(LOG_DELIVERY, "*"))),
    "metrics": Probe(_may(allow(["cloudwatch:PutMetricData", "cloudwatch:DeleteAlarms"], "*")), {SCOPED}, _may(allow("cloudwatch:PutMetricData", "*"))),
    "task tokens": Probe(_may(allow(["states:SendTaskSuccess", "states:StartExecution"], "*")), {SCOPED}, _may(allow(["states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"], "*"))),
    "a registry's login": Probe(_may(allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], "*")), {SCOPED}, _may(allow("ecr:GetAuthorizationToken", "*"))),
    "listing streams": Probe(_may(allow("dynamodb:GetRecords", "*")), {SCOPED}, _may(allow("dynamodb:ListStreams", "*"))),
    "network interfaces of a function": Probe(_may(allow(["ec2:CreateNetworkInterface", "ec2:RunInstances"], "*")), {SCOPED}, _may(allow(["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface", "ec2:DescribeSubnets"], "*"))),
    "a mixed statement": Probe(_may(allow(["xray:PutTraceSegments", "dynamodb:PutItem"], "*")), {SCOPED}, _may(allow("xray:PutTraceSegments", "*"), allow("dynamodb:PutItem", TABLE))),
    "* beside an ARN": Probe(_may(allow("dynamodb:PutItem", [TABLE, "*"])), {SCOPED}, _may(allow("dynamodb:PutItem", TABLE))),
    # ARNs that leave open what is meant
    "every table": Probe(_may(allow("dynamodb:GetItem", arn("dynamodb", "table/*"))), {PINNED}, _may(allow("dynamodb:GetItem", TABLE))),
    "every queue of every account": Probe(_may(allow("sqs:SendMessage", "arn:aws:sqs:*:*:*")), {PINNED}, GOOD_SEND),
    "any region": Probe(_may(allow("sqs:SendMessage", f"arn:aws:sqs:*:{ACCOUNT}:orders")), {PINNED}, GOOD_SEND),
    "any account": Probe(_may(allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:*:orders")), {PINNED}, GOOD_SEND),
    "every bucket": Probe(_may(allow("s3:GetObject", "arn:aws:s3:::*/photos")), {PINNED}, _may(allow("s3:GetObject", f"{BUCKET}/photos/*"))),
    "every state machine": Probe(_may(allow("states:StartExecution", arn("states", "stateMachine:*"))), {PINNED}, _may(allow("states:StartExecution", arn("states", "stateMachine:saga")))),
    "every role": Probe(_may(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*", Condition=TO_TASKS)), {PASSES, PINNED}, _may(allow("iam:PassRole", ROLE_ARN, Condition=TO_TASKS))),
    "a name's beginning": Probe(_may(allow("sqs:SendMessage", arn("sqs", "orders-*"))), {PREFIX}, GOOD_SEND),
    # wildcards after the name
    "indexes": Probe(_may(allow("dynamodb:Query", arn("dynamodb", "table/*/index/byCustomer"))), {PINNED}, _may(allow("dynamodb:Query", f"{TABLE}/index/*"))),
    "a stream's label": Probe(_may(allow("dynamodb:GetRecords", arn("dynamodb", "table/*/stream/*"))), {PINNED}, _may(allow("dynamodb:GetRecords", f"{TABLE}/stream/*"))),
    "executions": Probe(_may(allow("states:DescribeExecution", arn("states", "execution:*:1"))), {PINNED}, _may(allow("states:DescribeExecution", arn("states", "execution:saga:*")))),
    "tasks": Probe(_may(allow("ecs:StopTask", arn("ecs", "task/*/1"))), {PINNED}, _may(allow("ecs:StopTask", arn("ecs", "task/cluster/*")))),
    "consumers of a stream": Probe(_may(allow("kinesis:SubscribeToShard", arn("kinesis", "stream/*"))), {PINNED}, _may(allow("kinesis:SubscribeToShard", arn("kinesis", "stream/orders/consumer/*")))),
    "objects": Probe(_may(allow("s3:PutObject", "arn:aws:s3:::*")), {PINNED}, PUT),
    "a secret's suffix": Probe(_may(allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:*"))), {PINNED}, _may(allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:db-??????")))),
    "log streams": Probe(_may(allow("logs:PutLogEvents", GROUP)), {DEAD}, _may(allow("logs:PutLogEvents", f"{GROUP}:*"))),
    # grants of nothing
    "a bucket for its objects": Probe(_may(allow("s3:PutObject", BUCKET)), {DEAD}, PUT),
    "objects for their bucket": Probe(_may(allow("s3:ListBucket", f"{BUCKET}/*")), {DEAD}, _may(allow("s3:ListBucket", BUCKET))),
    "a topic for a queue": Probe(_may(allow("sqs:SendMessage", TOPIC)), {DEAD}, GOOD_SEND),
    "a table for its stream": Probe(_may(allow("dynamodb:GetRecords", TABLE)), {DEAD}, _may(allow("dynamodb:GetRecords", f"{TABLE}/stream/*"))),
    "an ARN for an action without resources": Probe(_may(allow("sqs:ListQueues", QUEUE)), {DEAD}, _may(allow("sqs:ListQueues", "*"))),
    "one of two actions": Probe(_may(allow(["sqs:SendMessage", "sns:Publish"], QUEUE)), {DEAD}, _may(allow(["sqs:SendMessage", "sns:Publish"], [QUEUE, TOPIC]))),
    "the usual set of Firehose": Probe(_may(allow(["s3:PutObject", "s3:ListBucket"], BUCKET)), {DEAD}, _may(allow(["s3:PutObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/*"]))),
    # actions
    "every action": Probe(_may(allow("*", "*")), EVERYTHING, GOOD_SEND),
    "every action of every service": Probe(_may(allow("*:*", "*")), EVERYTHING, GOOD_SEND),
    "every action of a service": Probe(_may(allow("sqs:*", QUEUE)), {SERVICE, CHANGES}, GOOD_SEND),
    "an action of many services": Probe(_may(allow("s*:SendMessage", QUEUE)), {SERVICE}, GOOD_SEND),
    "actions by their beginning": Probe(_may(allow("dynamodb:Get*", TABLE)), {PART}, _may(allow(["dynamodb:GetItem"], TABLE))),
    "an operation that is no action": Probe(_may(allow("dynamodb:TransactWriteItems", TABLE)), {UNKNOWN}, _may(allow("dynamodb:ConditionCheckItem", TABLE))),
    "a misspelt action": Probe(_may(allow("sqs:SendMesage", QUEUE)), {UNKNOWN}, _may(allow("SQS:sendmessage", QUEUE))),
    "a service that does not exist": Probe(_may(allow("queue:Send", QUEUE)), {UNKNOWN}, GOOD_SEND),
    # elements that mean all the rest
    "Allow with NotAction": Probe(_may({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), {NOT}, _may({"Effect": "Deny", "NotAction": "sqs:SendMessage", "Resource": "*"})),
    "Allow with NotResource": Probe(_may({"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": QUEUE}), {NOT}, _may({"Effect": "Deny", "Action": "sqs:SendMessage", "NotResource": QUEUE})),
    # conditions
    "an unrelated condition": Probe(_may(allow("sqs:SendMessage", "*", **_if("StringEquals", "aws:SourceVpc", "vpc-1"))), {SCOPED}, _may(allow("sqs:SendMessage", "*", **_if("StringEquals", "aws:ResourceTag/team", "orders")))),
    "a key used through a service": Probe(_may(allow("kms:Decrypt", "*")), {SCOPED}, _may(allow("kms:Decrypt", "*", **_if("StringEquals", "kms:ViaService", "sqs.eu-west-1.amazonaws.com")))),
    "a condition that may be absent": Probe(_may(allow("kms:Decrypt", "*", **_if("StringEqualsIfExists", "kms:ViaService", "sqs.eu-west-1.amazonaws.com"))), {SCOPED}, _may(allow("kms:Decrypt", KEY))),
    "an unknown condition key": Probe(_may(allow("events:PutEvents", arn("events", "event-bus/b"), **_if("StringEquals", "events:origin", "orders"))), {KEYS}, _may(allow("events:PutEvents", arn("events", "event-bus/b"), **_if("StringEquals", "events:source", "orders")))),
    # permissions
    "a role passed to any service": Probe(_may(allow("iam:PassRole", ROLE_ARN)), {PASSES}, _may(allow("iam:PassRole", ROLE_ARN, Condition=TO_TASKS))),
    "a change of permissions": Probe(_may(allow("sqs:AddPermission", QUEUE)), {CHANGES}, _may(allow("logs:PutResourcePolicy", "*"))),
    "making log groups": Probe(_may(allow("logs:CreateLogGroup", f"{GROUP}:*")), {"iam-no-create-log-group"}, _may(allow("logs:CreateLogStream", f"{GROUP}:*"))),
    # who comes in
    "a role for everybody": Probe(_trusting("*"), {TRUST}, _trusting({"Service": "lambda.amazonaws.com"})),
    "a service on anybody's behalf": Probe(_trusting({"Service": "states.amazonaws.com"}), {TRUST}, _trusting({"Service": "states.amazonaws.com"}, **OF_ACCOUNT)),
    "a queue for everybody": Probe(_letting_in("*"), {NARROW}, _letting_in(SERVICE_EVENTS, **FROM_RULE)),
    "a queue for anybody's rules": Probe(_letting_in(SERVICE_EVENTS), {NARROW}, _letting_in(SERVICE_EVENTS, **OF_ACCOUNT)),
    "Deny for everybody": Probe(_letting_in("*"), {NARROW}, given(QUEUE_POLICY, policy=document({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE, **_if("Bool", "aws:SecureTransport", "false")}))),
    "* in a key's policy": Probe(_key(allow("kms:Decrypt", "*", Principal="*")), {NARROW}, _key(allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))),
    # logs
    "logs for ever": Probe(_kept(0), {"log-retention"}, _kept(3653)),
    "logs without a retention": Probe(_kept(None), {"log-retention"}, _kept(1)),
    "a retention that CloudWatch does not know": Probe(_kept(45), {"log-retention"}, _kept(365)),
}  # fmt: skip


def found_by(resource: Given) -> set[str]:
    """The rules that find something on a resource that stands alone."""
    [seen] = as_rules_see([resource]).resources
    return {
        rule.id
        for rule in RULES
        if isinstance(rule, ResourceRule)
        and seen.type in rule.types
        and list(rule.check(seen, configured(rule, {})))
    }


@pytest.mark.parametrize("kind", PROBES)
def test_what_is_wrong_is_found_by_the_rules_that_are_there_for_it(kind):
    assert found_by(PROBES[kind].bad) == PROBES[kind].found_by


@pytest.mark.parametrize("kind", PROBES)
def test_what_is_right_is_found_by_no_rule(kind):
    assert found_by(PROBES[kind].good) == set()


def test_there_are_as_many_kinds_as_the_comparison_of_libraries_had():
    assert len(PROBES) >= 56
