import json

from components.link import Link, allow, document, statement_of, trust

CONDITION = {"StringEquals": {"events:source": "orders"}}


def test_a_statement_allows_actions_on_resources():
    assert allow(("s3:GetObject",), ("arn:a", "arn:b")) == {
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:a", "arn:b"],
    }


def test_a_statement_may_depend_on_a_condition():
    assert allow(["s3:GetObject"], ["arn:a"], CONDITION)["Condition"] == CONDITION


def test_a_link_stands_for_one_statement():
    link: Link = {
        "environment": {"BUS_NAME": "bus"},
        "actions": ["events:PutEvents"],
        "resources": ["arn:bus"],
        "condition": CONDITION,
    }

    assert statement_of(link) == allow(["events:PutEvents"], ["arn:bus"], CONDITION)


def test_a_link_without_condition_stands_for_a_statement_without_one():
    link: Link = {"environment": {}, "actions": ["sqs:SendMessage"], "resources": ["arn:queue"]}

    assert statement_of(link) == allow(["sqs:SendMessage"], ["arn:queue"])


def test_a_document_is_json_of_the_current_policy_language():
    statement = allow(["s3:GetObject"], ["arn:a"])

    assert json.loads(document([statement])) == {"Version": "2012-10-17", "Statement": [statement]}


def test_a_role_is_assumed_by_one_service():
    assert json.loads(trust("lambda.amazonaws.com"))["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]


def test_a_role_may_be_assumed_on_behalf_of_one_account_only():
    [statement] = json.loads(trust("states.amazonaws.com", "123456789012"))["Statement"]

    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
