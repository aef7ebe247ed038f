"""Grants are cut out of policy documents one by one."""

import json

import pytest

from proof.grants import Grant, granted, short, without

TABLE = "arn:aws:dynamodb:us-east-1:111111111111:table/ordermesh-dev-users"
BUS = "arn:aws:events:us-east-1:111111111111:event-bus/ordermesh-dev-bus"
DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
                "Resource": [TABLE, f"{TABLE}-more"],
            },
            {
                "Effect": "Allow",
                "Action": "events:PutEvents",
                "Resource": BUS,
                "Condition": {
                    "StringEquals": {
                        "events:source": "users",
                        "events:detail-type": ["user.registered", "user.renamed"],
                    }
                },
            },
        ],
    }
)


def _pairs(document):
    return {(each["Action"], each["Resource"]) for each in document["Statement"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TABLE, "table/users"),
        (f"{TABLE}/stream/*", "table/users/stream/*"),
        (
            "arn:aws:logs:us-east-1:1:log-group:/aws/lambda/ordermesh-dev-a:*",
            "log-group:/aws/lambda/a:*",
        ),
        ("ordermesh-dev-users-role", "users-role"),
        ("*", "*"),
    ],
)
def test_a_name_is_the_same_in_every_stack(text, expected):
    assert short(text, "dev") == expected


def test_a_line_of_the_snapshot_is_a_grant_for_each_type_of_event():
    line = f"events:PutEvents on {BUS} if events:detail-type StringEquals a.b, c.d and events:source StringEquals a"
    found = {"relay": {"may": [line, f"dynamodb:GetItem on {TABLE}"]}}

    assert granted(found, "dev") == [
        Grant("relay", "dynamodb:GetItem", "table/users"),
        Grant("relay", "events:PutEvents", "event-bus/bus", "a.b"),
        Grant("relay", "events:PutEvents", "event-bus/bus", "c.d"),
    ]


def test_a_line_that_is_no_grant_is_named():
    with pytest.raises(ValueError, match="relay: 'everything' is no grant"):
        granted({"relay": {"may": ["everything"]}}, "dev")


def test_one_action_on_one_resource_is_taken_away():
    left = without(DOCUMENT, Grant("r", "dynamodb:PutItem", "table/users"), "dev")

    assert _pairs(left) == {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:GetItem", f"{TABLE}-more"),
        ("dynamodb:PutItem", f"{TABLE}-more"),
        ("events:PutEvents", BUS),
    }


def test_one_type_of_event_is_taken_away_and_the_other_conditions_stay():
    grant = Grant("r", "events:PutEvents", "event-bus/bus", "user.renamed")
    [left] = [
        statement
        for statement in without(DOCUMENT, grant, "dev")["Statement"]
        if statement["Action"] == "events:PutEvents"
    ]

    assert left["Condition"]["StringEquals"] == {
        "events:source": "users",
        "events:detail-type": ["user.registered"],
    }


def test_the_last_type_of_event_takes_its_statement_along():
    statement = json.loads(DOCUMENT)["Statement"][1]
    statement["Condition"]["StringEquals"]["events:detail-type"] = ["user.registered"]
    grant = Grant("r", "events:PutEvents", "event-bus/bus", "user.registered")

    assert without(json.dumps({"Statement": [statement]}), grant, "dev")["Statement"] == []


@pytest.mark.parametrize(
    ("grant", "access", "covered"),
    [
        (Grant("r", "a:B", "table/x/stream/*"), Grant("r", "a:B", "table/x/stream/2026"), True),
        (Grant("r", "a:B", "table/x"), Grant("r", "a:B", "table/y"), False),
        (Grant("r", "a:B", "x"), Grant("other", "a:B", "x"), False),
        (Grant("r", "a:B", "x"), Grant("r", "a:C", "x"), False),
        (Grant("r", "a:B", "x", "e.f"), Grant("r", "a:B", "x", "g.h"), False),
        (Grant("r", "a:B", "x"), Grant("r", "a:B", "x", "g.h"), True),
    ],
)
def test_a_grant_covers_what_it_allows(grant, access, covered):
    assert grant.covers(access) is covered
