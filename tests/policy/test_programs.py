"""The program of this repository breaks no rule, and whatever is spoilt in it is found."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from local.program import Declared
from policy import check
from policy.guardrails.aws import (
    ALARM,
    EVENT_TARGET,
    FUNCTION,
    LOG_GROUP,
    MACHINE,
    PERMISSION,
    QUEUE,
    QUEUE_POLICY,
    REDRIVE_ALLOW_POLICY,
    ROLE,
    ROLE_POLICY,
)
from policy.guardrails.rules import RULES
from tests.policy.given import UNKNOWN, findings

PROD = json.loads(check.config_of("prod").read_text())
Spoil = Callable[[list[Declared]], list[Declared]]


CELLS = [
    *[(stack, mode, "") for stack in check.STACKS for mode in check.MODES],
    ("dev", "first preview", "choreographed"),
    ("dev", "applied", "vpc, waf"),
    ("prod", "first preview", "vpc, waf"),
    ("prod", "applied", "choreographed"),
]
"""Each choice meets each stack and each mode; `make policy` tries all three together."""


def test_each_choice_is_tried_in_each_stack_and_in_each_mode():
    assert {(stack, options) for stack, _, options in CELLS} == {
        (stack, options) for stack in check.STACKS for options in check.OPTIONS
    }
    assert {(mode, options) for _, mode, options in CELLS} == {
        (mode, options) for mode in check.MODES for options in check.OPTIONS
    }


@pytest.mark.parametrize(("stack", "mode", "options"), CELLS)
def test_the_program_breaks_no_rule_and_no_rule_is_left_out(stack, mode, options, server):
    checked = check.check(server, stack, mode, check.declared(stack, mode, options), options)

    assert checked.report.of("mandatory") == []
    assert checked.report.skipped == []
    assert checked.passed
    assert checked.resources > 300


def _change(type_: str, **changes) -> Spoil:
    """Change properties of the first resource of a type; None takes one away."""

    def spoil(program: list[Declared]) -> list[Declared]:
        position = next(i for i, each in enumerate(program) if each.type == type_)
        inputs = {**program[position].inputs, **changes}
        changed = replace(
            program[position],
            inputs={key: value for key, value in inputs.items() if value is not None},
        )
        return [*program[:position], changed, *program[position + 1 :]]

    return spoil


def _rewrite(type_: str, property_: str, pattern: str, replacement: str) -> Spoil:
    """Rewrite the first JSON text of a property in which a pattern is found."""

    def spoil(program: list[Declared]) -> list[Declared]:
        for position, each in enumerate(program):
            text = each.inputs.get(property_) if each.type == type_ else None
            if isinstance(text, str) and re.search(pattern, text):
                inputs = {**each.inputs, property_: re.sub(pattern, replacement, text, count=1)}
                return [*program[:position], replace(each, inputs=inputs), *program[position + 1 :]]
        raise AssertionError(f"no {type_} has {pattern!r} in {property_}")

    return spoil


def _add_statement(statement: object) -> Spoil:
    """Add a statement to the first role policy."""
    return _rewrite(
        ROLE_POLICY, "policy", r"\]\}$", ", " + json.dumps(statement).replace("\\", "\\\\") + "]}"
    )


def _remove(type_: str) -> Spoil:
    """Remove the first resource of a type."""

    def spoil(program: list[Declared]) -> list[Declared]:
        gone = next(each for each in program if each.type == type_)
        return [each for each in program if each is not gone]

    return spoil


def _declare(type_: str, **inputs) -> Spoil:
    planted = Declared(
        urn=f"urn:pulumi:prod::ordermesh::{type_}::planted",
        type=type_,
        name="planted",
        parent="",
        custom=True,
        inputs=inputs,
        dependencies=(),
        property_dependencies={},
        protect=False,
    )
    return lambda program: [*program, planted]


def _allow(action: object, **more) -> dict[str, object]:
    role = "arn:aws:iam::222222222222:role/other"
    return {"Effect": "Allow", "Action": action, "Resource": role, **more}


PLANTED = {
    "a wildcard": (_rewrite(ROLE_POLICY, "policy", "dynamodb:PutItem", "dynamodb:*"), "iam-no-service-wildcard", "dynamodb:*: allows 78 actions"),
    "a log group that was left out": (_remove(LOG_GROUP), "log-group-declared", "which the stack does not declare"),
    "a retention that was dropped": (_change(LOG_GROUP, retentionInDays=None), "log-retention", "keeps its logs for ever"),
    "a managed policy": (
        _declare("aws:iam/rolePolicyAttachment:RolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
        "iam-no-aws-managed",
        "AWSLambdaBasicExecutionRole: is managed by AWS",
    ),
    "a role that is passed to anything": (_add_statement(_allow("iam:PassRole")), "iam-passrole-scoped", "iam:PassRole on arn:aws:iam::222222222222:role/other: lets a role be passed to any service"),
    "all but some actions": (_add_statement({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "iam-no-not-elements", "uses Allow with NotAction"),
    "log groups made at run time": (_add_statement({"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"}), "iam-no-create-log-group", "allows logs:CreateLogGroup"),
}  # fmt: skip
MORE = {
    "every resource": (_rewrite(ROLE_POLICY, "policy", r'"arn:aws:dynamodb[^"]*table[^"]*"', '"*"'), "iam-resource-scoped", "is allowed on every resource"),
    "a document that is not known": (_change(ROLE_POLICY, policy=UNKNOWN), "iam-document-known", "is not known in this preview"),
    "a function that the saga may not call": (_rewrite(ROLE_POLICY, "policy", "function:ordermesh-prod-charge-card", "function:ordermesh-prod-charge-cart"), "iam-grants-match-definition", "does not allow lambda:InvokeFunction on function:ordermesh-prod-charge-card"),
    "a grant that is left over": (_rewrite(MACHINE, "definition", "function:ordermesh-prod-charge-card", "function:ordermesh-prod-ship-order"), "iam-grants-match-definition", "charge-card: is allowed, but the definition of order-saga does not need it"),
    "a function that cannot write its log": (_rewrite(ROLE_POLICY, "policy", "logs:PutLogEvents", "logs:GetLogEvents"), "iam-grants-match-definition", "does not allow logs:PutLogEvents"),
    "a role for another service": (_rewrite(ROLE, "assumeRolePolicy", "lambda.amazonaws.com", "ec2.amazonaws.com"), "iam-trust-fits-user", "let lambda.amazonaws.com assume it"),
    "a role for anybody's machines": (_rewrite(ROLE, "assumeRolePolicy", "aws:SourceAccount", "aws:UserAgent"), "iam-trust-narrow", "on behalf of any account"),
    "dead letters that are dropped": (_change(EVENT_TARGET, deadLetterConfig=None), "eventbridge-target-dlq", "drops what it cannot deliver"),
    "dead letters that are not let in": (_remove(QUEUE_POLICY), "resource-policy-tls", "may be reached over plain HTTP"),
    "a queue that does not let its rule in": (_rewrite(QUEUE_POLICY, "policy", "events.amazonaws.com(?=.*:rule/)", "sns.amazonaws.com"), "eventbridge-target-admitted", "whose policy does not admit it"),
    "a queue without dead letters": (_rewrite(QUEUE, "redrivePolicy", "-failures", "-elsewhere"), "sqs-has-dlq", "which the stack does not declare"),
    "dead letters that every queue may use": (_remove(REDRIVE_ALLOW_POLICY), "sqs-has-dlq", "which any queue of the account may use"),
    "an API that may call on behalf of others": (_change(PERMISSION, sourceArn=None), "lambda-permission-scoped", "on behalf of any account"),
    "an API that may not call its function": (_remove(PERMISSION), "lambda-caller-admitted", "has no Permission for it; declare a Permission for apigateway.amazonaws.com"),
    "a task that nobody catches": (_rewrite(MACHINE, "definition", '"States.ALL"(?=[^]]*], "Assign")', '"States.Timeout"'), "sfn-saga-safe", "stops half-way"),
    "a secret": (_change(FUNCTION, environment={"variables": {"DB_PASSWORD": "hunter2"}}), "no-plain-secrets", "environment variable DB_PASSWORD"),
    "an alarm that tells nobody": (_change(ALARM, alarmActions=[]), "alarm-has-action", "tells nobody"),
}  # fmt: skip


@pytest.fixture(scope="module")
def spoilt(server: AnalyzerStub) -> check.Checked:
    """The program with all that is in `PLANTED`, as the pack judges it."""
    program = check.declared("prod", "first preview")
    for spoil, _, _ in PLANTED.values():
        program = spoil(program)
    return check.check(server, "prod", "first preview", program)


@pytest.mark.parametrize("planted", PLANTED)
def test_the_check_fails_on_a_planted_defect_and_names_it(planted, spoilt: check.Checked):
    _, rule, message = PLANTED[planted]

    assert not spoilt.passed
    assert any(
        found.policy == rule and message in found.message for found in spoilt.report.of("mandatory")
    )


@pytest.mark.parametrize("mode", check.MODES)
@pytest.mark.parametrize("planted", PLANTED | MORE)
def test_a_planted_defect_is_found_by_the_rule_that_is_there_for_it(planted, mode):
    spoil, rule, message = (PLANTED | MORE)[planted]

    found = _findings(rule, spoil(check.declared("prod", mode)))

    assert any(message in each for each in found), found


def _findings(id_: str, program) -> list[str]:
    [rule] = [each for each in RULES if each.id == id_]
    config = PROD.get(id_, {})
    return findings(rule, config if isinstance(config, dict) else {}, program)
