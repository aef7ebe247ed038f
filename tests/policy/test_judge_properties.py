"""What holds for every policy: it only matters what is granted, and more is never better."""

import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.guardrails.iam.documents import parse
from tests.policy.given import arn
from tests.policy.test_judge import JUDGEMENTS

ACTIONS = (
    *("sqs:SendMessage", "dynamodb:GetItem", "dynamodb:Query", "s3:ListBucket", "s3:GetObject"),
    *(
        "xray:PutTraceSegments",
        "sqs:ListQueues",
        "kms:Decrypt",
        "iam:PassRole",
        "sqs:AddPermission",
    ),
    *("logs:CreateLogGroup", "ec2:CreateNetworkInterface", "sqs:Nothing", "nothing:Do"),
    *("sqs:Get*", "dynamodb:*", "s*:Get*", "*"),
)
RESOURCES = (
    *(arn("sqs", "orders"), arn("sqs", "orders-*"), arn("sqs", "*"), "arn:aws:sqs"),
    *(arn("dynamodb", "table/orders"), arn("dynamodb", "table/*"), arn("kms", "key/*")),
    *(arn("dynamodb", "table/orders/index/*"), "arn:aws:s3:::orders", "arn:aws:s3:::orders/*"),
    *("arn:aws:iam::123456789012:role/task", "arn:aws:iam::123456789012:role/*", "*", "orders"),
)
CONDITIONS = (
    {},
    {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}},
    {"StringEquals": {"aws:ResourceTag/team": "orders"}},
    {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    {"StringLike": {"aws:ResourceTag/team": "*"}, "Bool": {"aws:SecureTransport": "true"}},
)
WIDTH = (
    {"admin", "service", "action"},
    {"unscoped", "unpinned", "prefix"},
    {"not"},
    {"passrole"},
    {"permissions"},
    {"log group"},
)
"""Judgements that say that a grant is too wide; a wider one may be told by another of the same set."""

several = lambda values: st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)  # noqa: E731
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        "Action": several(ACTIONS),
        "Resource": several(RESOURCES),
        "Condition": st.sampled_from(CONDITIONS),
    }
)
documents = st.lists(statements, min_size=1, max_size=3)


def _found(policy):
    document = parse(json.dumps({"Version": "2012-10-17", "Statement": policy}))
    return {
        (kind, found.action, found.resource)
        for kind, judgement in JUDGEMENTS.items()
        for found in judgement(document)
    }


def _too_wide(policy):
    kinds = {kind for kind, _, _ in _found(policy)}
    return [bool(kinds & family) for family in WIDTH]


@settings(deadline=None)
@given(documents, st.randoms(use_true_random=False))
def test_order_never_matters(policy, random):
    shuffled = [
        {
            key: random.sample(value, len(value)) if isinstance(value, list) else value
            for key, value in statement.items()
        }
        for statement in random.sample(policy, len(policy))
    ]

    assert _found(shuffled) == _found(policy)


@settings(deadline=None)
@given(documents)
def test_it_makes_no_difference_how_a_policy_is_cut_into_statements(policy):
    cut = [
        statement | {"Action": action, "Resource": resource}
        for statement in policy
        for action, resource in itertools.product(statement["Action"], statement["Resource"])
    ]

    # A piece that allows nothing is dead by itself, and was not as a part of a statement that does.
    assert _found(cut) >= _found(policy)
    assert {kind for kind, _, _ in _found(cut) - _found(policy)} <= {"mismatched"}


@settings(deadline=None)
@given(documents, statements)
def test_another_statement_never_makes_a_policy_narrower(policy, more):
    assert all(
        now
        for now, before in zip(_too_wide([*policy, more]), _too_wide(policy), strict=True)
        if before
    )


@settings(deadline=None)
@given(documents, st.data())
def test_a_wider_statement_is_never_better(policy, data):
    position = data.draw(st.integers(0, len(policy) - 1))
    wider = dict(data.draw(st.sampled_from(list(_wider(policy[position])))))

    widened = [*policy[:position], wider, *policy[position + 1 :]]

    assert all(
        now for now, before in zip(_too_wide(widened), _too_wide(policy), strict=True) if before
    )


def _wider(statement):
    """The same statement, wider in one respect; a Deny is wider when it denies less."""
    if statement["Effect"] == "Deny":
        yield statement | {
            "Condition": {**statement["Condition"], "Null": {"aws:TokenIssueTime": "true"}}
        }
        return
    yield statement | {"Condition": {}}
    for element, choices in (("Action", ACTIONS), ("Resource", RESOURCES)):
        for choice in choices:
            yield statement | {element: [*statement[element], choice]}
        for index, value in enumerate(statement[element]):
            for replacement in _widened(value):
                yield statement | {element: _with(statement[element], index, replacement)}


def _widened(value):
    yield "*"
    yield value[: len(value) // 2 + 1] + "*" if value.startswith("arn:") else f"{value}*"
    if value.startswith("arn:"):
        parts = value.split(":")
        yield ":".join([*parts[:3], "*", *parts[4:]]) if len(parts) > 4 else f"{value}*"
    elif ":" in value:
        yield value.split(":")[0] + ":*"


def _with(values, index, value):
    return [*values[:index], value, *values[index + 1 :]]
