"""The judge on single grants: every kind of probe that tools in this field are known to get wrong."""

import pytest

from policy.guardrails.iam import breadth, escalation, privileges, soundness
from policy.guardrails.iam.actions import expand
from policy.guardrails.iam.arns import ArnFormat
from policy.guardrails.iam.documents import parse
from policy.guardrails.iam.grants import Reach, formats, listed, reach
from policy.guardrails.iam.operations import OPERATIONS, authorising
from tests.policy.given import allow, arn

JUDGEMENTS = {
    "admin": breadth.admin,
    "service": breadth.service_wildcards,
    "action": breadth.action_wildcards,
    "unscoped": breadth.unscoped,
    "unpinned": breadth.unpinned,
    "prefix": breadth.by_prefix,
    "not": breadth.not_elements,
    "mismatched": soundness.mismatched,
    "unknown": soundness.unknown_actions,
    "key": soundness.unknown_keys,
    "passrole": privileges.passed_roles,
    "permissions": privileges.permission_changes,
    "log group": privileges.log_group_creation,
}
BUCKET = "arn:aws:s3:::orders"
ROLE = "arn:aws:iam::123456789012:role/task"
TABLE = arn("dynamodb", "table/orders")
FIREHOSE = (
    *("s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject"),
    *("s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:PutObject"),
)
LOG_DELIVERY = (
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery"),
    *("logs:DeleteLogDelivery", "logs:ListLogDeliveries"),
    *("logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
)
NETWORK = (
    *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces"),
    *("ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses"),
)


def _condition(operator: str, key: str, value: object) -> dict[str, object]:
    return {"Condition": {operator: {key: value}}}


PROBES = [
    # wildcards that are right
    (allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"), set()),
    (allow(LOG_DELIVERY, "*"), set()),
    (allow("cloudwatch:PutMetricData", "*"), set()),
    (allow(NETWORK, "*"), set()),
    (allow("ec2:CreateNetworkInterface", arn("ec2", "subnet/*")), set()),
    # wildcards that are not
    (allow("sqs:SendMessage", "*"), {"unscoped"}),
    (allow("sqs:SendMessage", "**"), {"unscoped"}),
    (allow(["xray:PutTraceSegments", "dynamodb:PutItem"], "*"), {"unscoped"}),
    (allow("dynamodb:PutItem", [TABLE, "*"]), {"unscoped"}),
    (allow("dynamodb:GetItem", arn("dynamodb", "table/*")), {"unpinned"}),
    (allow("dynamodb:GetItem", arn("dynamodb", "*")), {"unpinned"}),
    (allow("sqs:SendMessage", "arn:aws:sqs:*:*:*"), {"unpinned"}),
    (allow("sqs:SendMessage", "arn:aws:sqs"), {"unpinned"}),
    (allow("sqs:SendMessage", "arn:aws:sqs:*"), {"unpinned"}),
    (allow("sqs:SendMessage", "arn:aws:sqs:*:123456789012:orders"), {"unpinned"}),
    (allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:*:orders"), {"unpinned"}),
    (allow("sqs:SendMessage", "arn:aws:sqs:${aws:RequestedRegion}:123456789012:orders"), {"unpinned"}),
    (allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:orders"), set()),
    (allow("sqs:SendMessage", "arn:aws:sqs:eu-west-?:123456789012:orders"), {"unpinned"}),
    (allow("s3:ListBucket", "arn:aws:s3:::*"), {"unpinned"}),
    (allow("s3:GetObject", "arn:aws:s3:::*/photos"), {"unpinned"}),
    (allow("kinesis:SubscribeToShard", arn("kinesis", "stream/*")), {"unpinned"}),
    (allow("states:StartExecution", arn("states", "stateMachine:*")), {"unpinned"}),
    (allow("rds-db:connect", arn("rds-db", "dbuser:*/app")), {"unpinned"}),
    (allow("sqs:SendMessage", arn("sqs", "orders-*")), {"prefix"}),
    (allow("dynamodb:GetItem", arn("dynamodb", "table/orders*")), {"prefix"}),
    (allow("sqs:SendMessage", "arn:aws:s*:eu-west-1:123456789012:orders"), set()),
    (allow("logs:PutLogEvents", arn("logs", "log-group:/aws/lambda/*")), {"prefix"}),
    (allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:db-*")), {"prefix"}),
    (allow("ssm:GetParameter", arn("ssm", "parameter/orders/*")), {"prefix"}),
    (allow("sqs:SendMessage", arn("sqs", "order?")), {"prefix"}),
    (allow("dynamodb:GetItem", arn("dynamodb", "table?orders")), {"unpinned"}),
    (allow("s3:ListBucket", "arn:aws:s3"), {"unpinned"}),
    (allow("sqs:SendMessage", ["*", arn("sqs", "*")]), {"unscoped", "unpinned"}),
    # no wildcards, whatever they look like
    (allow("sqs:SendMessage", arn("sqs", "X")), set()),
    (allow("s3:ListBucket", "arn:aws:s3:*:*:orders"), set()),
    (allow("glue:GetTable", arn("glue", "catalo?")), set()),
    # wildcards after the name
    (allow("dynamodb:Query", f"{TABLE}/index/*"), set()),
    (allow("dynamodb:GetRecords", f"{TABLE}/stream/*"), set()),
    (allow("states:DescribeExecution", arn("states", "execution:saga:*")), set()),
    (allow("ecs:StopTask", arn("ecs", "task/cluster/*")), set()),
    (allow("kinesis:SubscribeToShard", arn("kinesis", "stream/orders/consumer/*")), set()),
    (allow("s3:PutObject", f"{BUCKET}/*"), set()),
    (allow("logs:PutLogEvents", arn("logs", "log-group:/aws/lambda/orders:*")), set()),
    (allow("logs:CreateLogStream", arn("logs", "log-group:orders:log-stream:*")), set()),
    (allow("logs:FilterLogEvents", arn("logs", "log-group:orders:*")), set()),
    (allow("logs:TagResource", arn("logs", "log-group:orders")), set()),
    (allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:db-??????")), set()),
    (allow("execute-api:Invoke", arn("execute-api", "abc123/*/GET/orders")), set()),
    (allow("lambda:InvokeFunction", arn("lambda", "function:orders:*")), set()),
    (allow("lambda:InvokeFunction", arn("lambda", "function:orders:live")), set()),
    (allow("states:StartExecution", arn("states", "stateMachine:saga:live")), set()),
    (allow("events:PutTargets", arn("events", "rule/orders/*")), set()),
    (allow(FIREHOSE, [BUCKET, f"{BUCKET}/*"]), set()),
    (allow("s3:GetObject", f"{BUCKET}/${{aws:username}}/*"), set()),
    # grants of nothing
    (allow("s3:PutObject", BUCKET), {"mismatched"}),
    (allow("s3:ListBucket", f"{BUCKET}/*"), {"mismatched"}),
    (allow("sqs:SendMessage", arn("sns", "orders")), {"mismatched"}),
    (allow("dynamodb:GetRecords", TABLE), {"mismatched"}),
    (allow("dynamodb:GetItem", f"{TABLE}/stream/*"), {"mismatched"}),
    (allow("dynamodb:GetItem", f"{TABLE}/stream/1"), {"mismatched"}),
    (allow("logs:PutLogEvents", arn("logs", "log-group:orders")), {"mismatched"}),
    (allow("logs:FilterLogEvents", arn("logs", "log-group:orders")), {"mismatched"}),
    (allow("sqs:ListQueues", arn("sqs", "orders")), {"mismatched"}),
    (allow("sqs:SendMessage", "orders"), {"mismatched"}),
    (allow("kms:Decrypt", arn("kms", "alias/orders")), {"mismatched"}),
    (allow(["sqs:SendMessage", "sns:Publish"], arn("sqs", "orders")), {"mismatched"}),
    (allow("sqs:SendMessage", "X"), {"mismatched"}),
    (allow("dynamodb:GetItem", arn("dynamodb", "tabl/*")), {"mismatched"}),
    # actions
    (allow("dynamodb:TransactWriteItems", TABLE), {"unknown"}),
    (allow("sqs:SendMesage", arn("sqs", "orders")), {"unknown"}),
    (allow("sqs:SendMesage", arn("sqs", "orders"), **_condition("StringEquals", "sqs:a", "b")), {"unknown"}),
    (allow("sqs*", "*"), {"unknown", "service"}),
    (allow("nothing:Do", "*"), {"unknown"}),
    (allow("sqs:SENDMESSAGE", arn("sqs", "orders")), set()),
    (allow("dynamodb:*", TABLE), {"service", "permissions"}),
    (allow("dynamodb:Get*", TABLE), {"action"}),
    (allow("lambda:Get*", arn("lambda", "function:*")), {"action", "unpinned"}),
    (allow("xray:Put*Segments", "*"), {"action"}),
    (allow("s*:SendMessage", arn("sqs", "orders")), {"service"}),
    (allow("*", "*"), {"admin", "unscoped", "passrole", "permissions", "log group"}),
    (allow("*:*", "*"), {"admin", "unscoped", "passrole", "permissions", "log group"}),
    (allow("*", TABLE), {"admin", "passrole", "permissions", "log group"}),
    ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, {"not"}),
    ({"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": TABLE}, {"not"}),
    ({"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}, set()),
    ({"Effect": "Deny", "Action": "*", "NotResource": TABLE}, set()),
    ({"Effect": "Deny", "Action": "sqs:Send", "Resource": "*"}, {"unknown"}),
    # conditions
    (allow("sqs:SendMessage", "*", **_condition("StringEquals", "aws:SourceVpc", "vpc-1")), {"unscoped"}),
    (allow("kms:Decrypt", "*", **_condition("StringEquals", "kms:ViaService", "sqs.eu-west-1.amazonaws.com")), set()),
    (allow("kms:Decrypt", "*", **_condition("StringLike", "kms:ViaService", "*")), {"unscoped"}),
    (allow("kms:Decrypt", "*", **_condition("StringEqualsIfExists", "kms:ViaService", "sqs")), {"unscoped"}),
    (allow("kms:Decrypt", "*", **_condition("StringNotEquals", "kms:ViaService", "sqs")), {"unscoped"}),
    (allow("kms:Decrypt", "*", **_condition("ForAllValues:StringEquals", "kms:ViaService", "sqs")), {"unscoped"}),
    (allow("sqs:SendMessage", "*", **_condition("StringEquals", "aws:ResourceTag/team", "orders")), set()),
    (allow("sqs:SendMessage", arn("sqs", "*"), **_condition("StringEquals", "aws:ResourceTag/team", "orders")), set()),
    (allow("sqs:SendMessage", "*", **_condition("StringEquals", "kms:ViaService", "sqs")), {"unscoped", "key"}),
    (allow("sqs:SendMessage", "*", **_condition("StringEquals", "aws:ResourceTag/team", ["a", "*"])), {"unscoped"}),
    (allow("events:PutEvents", arn("events", "event-bus/b"), **_condition("StringEquals", "events:source", "a")), set()),
    (allow("events:PutEvents", arn("events", "event-bus/b"), **_condition("StringEquals", "events:origin", "a")), {"key"}),
    (allow("s3:ListBucket", BUCKET, **_condition("Bool", "aws:SecureTransport", True)), set()),
    (allow("s3:GetObject", f"{BUCKET}/*", **_condition("StringEquals", "s3:ExistingObjectTag/a", "b")), set()),
    (allow("kms:Decrypt", "*", **_condition("StringEquals", "kms:CallerAccount", "123456789012")), {"unscoped"}),
    (allow("sqs:SendMessage", arn("sqs", "o"), **_condition("ArnEquals", "sqs:SourceArn", "a")), {"key"}),
    (allow("sqs:SendMessage", arn("sqs", "o"), **_condition("StringEquals", "aws:Nonsense", "a")), {"key"}),
    (allow("events:PutEvents", arn("events", "event-bus/b"), **_condition("StringEquals", "events:sources", "a")), {"key"}),
    (allow("events:PutEvents", arn("events", "event-bus/b"), Condition={"StringEquals": {"aws:PrincipalTag/a": "b", "events:origin": "c"}}), {"key"}),
    (allow("events:Put*s", arn("events", "event-bus/b"), **_condition("StringEquals", "events:source", "a")), {"action"}),
    (allow("sqs:SendMessage", arn("sqs", "o"), **_condition("ArnEquals", "lambda:SourceFunctionArn", "a")), set()),
    (allow("sqs:SendMessage", "*", **_condition("ArnEquals", "lambda:SourceFunctionArn", "a")), {"unscoped"}),
    # roles that are passed
    (allow("iam:PassRole", ROLE, **_condition("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com")), set()),
    (allow("iam:PassRole", ROLE), {"passrole"}),
    (allow("iam:PassRole", ROLE, **_condition("StringLike", "iam:PassedToService", "*.amazonaws.com")), {"passrole"}),
    (allow("iam:PassRole", ROLE, **_condition("StringEqualsIfExists", "iam:PassedToService", "a")), {"passrole"}),
    (allow("iam:PassRole", "arn:aws:iam::123456789012:role/*"), {"passrole", "unpinned"}),
    (allow("iam:Pass*", ROLE), {"passrole", "action"}),
    (allow("iam:PassRole", ROLE, **_condition("StringEquals", "aws:PrincipalAccount", "123456789012")), {"passrole"}),
    (allow("iam:PassRole", ROLE, **_condition("StringLike", "iam:PassedToService", ["ecs-tasks.amazonaws.com", "*"])), {"passrole"}),
    (allow("iam:PassRole", "task", **_condition("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com")), {"mismatched"}),
    (allow(["iam:GetRole", "iam:PassRole"], ROLE), {"passrole"}),
    # permissions and logs
    (allow("sqs:AddPermission", arn("sqs", "orders")), {"permissions"}),
    (allow("kms:CreateGrant", arn("kms", "key/1")), {"permissions"}),
    (allow("logs:CreateLogGroup", arn("logs", "log-group:orders:*")), {"log group"}),
    (allow("logs:Create*", arn("logs", "log-group:orders:*")), {"log group", "action"}),
]  # fmt: skip


def _id(value):
    return " and ".join(sorted(value)) or "fine" if isinstance(value, set) else str(value)


def _shown(value):
    return value.__name__ if callable(value) else str(value)


def _kinds(*statements):
    document = parse({"Version": "2012-10-17", "Statement": list(statements)})
    return {kind for kind, judgement in JUDGEMENTS.items() if list(judgement(document))}


@pytest.mark.parametrize(("statement", "kinds"), PROBES, ids=_id)
def test_a_grant_is_judged_for_what_it_is(statement, kinds):
    assert _kinds(statement) == kinds


def test_what_a_resource_lacks_in_one_statement_another_may_supply():
    assert (
        _kinds(
            allow("s3:ListBucket", [BUCKET, f"{BUCKET}/*"]), allow("s3:GetObject", f"{BUCKET}/*")
        )
        == set()
    )


def test_an_action_that_is_dead_in_one_statement_is_found_although_another_allows_it():
    document = parse(
        {
            "Statement": [
                allow(["s3:ListBucket", "s3:GetObject"], f"{BUCKET}/*", Sid="Read"),
                allow("s3:ListBucket", BUCKET, Sid="List"),
            ]
        }
    )

    found = [(each.statement, each.action) for each in soundness.mismatched(document)]

    assert found == [("statement 1 (Read)", "s3:ListBucket")]


def test_an_action_may_find_its_resources_in_several_statements():
    assert (
        _kinds(
            allow("ec2:RunInstances", arn("ec2", "subnet/subnet-1")),
            allow("ec2:RunInstances", arn("ec2", "instance/*")),
        )
        == set()
    )


def test_a_grant_of_nothing_is_found_beside_one_that_is_alive():
    assert _kinds(
        allow("sqs:SendMessage", arn("sqs", "o")), allow("sqs:SendMessage", arn("sns", "o"))
    ) == {"mismatched"}


def test_a_document_is_the_same_as_text_and_as_an_object():
    as_object = {"Statement": allow("sqs:SendMessage", "*")}
    as_text = '{"Statement": [{"Action": "sqs:SendMessage", "Resource": ["*"], "Effect": "Allow"}]}'

    assert parse(as_object) == parse(as_text)


def test_everybody_is_a_principal_of_every_kind():
    everybody = {"Statement": allow("sqs:SendMessage", "*", Principal="*")}

    assert [each.principals for each in parse(everybody).statements] == [(("*", "*"),)]


def test_a_message_names_statement_action_and_what_to_write():
    document = parse(
        {
            "Statement": [
                allow("xray:PutTraceSegments", "*"),
                allow("sqs:SendMessage", "*", Sid="Send"),
            ]
        }
    )

    [finding] = breadth.unscoped(document)

    assert (finding.statement, finding.action, finding.resource) == (
        "statement 2 (Send)",
        "sqs:SendMessage",
        "*",
    )
    assert (
        finding.instead == "write the ARN: arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
    )


def test_a_statement_without_a_name_goes_by_its_number():
    document = parse({"Statement": [allow("sqs:SendMessage", "*", Sid="")]})

    assert [statement.label for statement in document.statements] == ["statement 1"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        *(("*", Reach.EVERYTHING), ("**", Reach.EVERYTHING), ("*:*", Reach.EVERYTHING), ("?*:*", Reach.EVERYTHING)),
        *(("sqs:*", Reach.SERVICE), ("sqs:?", Reach.SERVICE), ("s?s:Send", Reach.SERVICE), ("X:*", Reach.SERVICE), ("*:Send", Reach.SERVICE)),
        *(("sqs:X*", Reach.PART), ("sqs:Sen?", Reach.PART), ("sqs:XSend", Reach.EXACT), ("X:Send", Reach.EXACT)),
        *(("sqs:", Reach.EXACT), ("sqs", Reach.EXACT)),
    ],
)  # fmt: skip
def test_it_is_seen_how_much_an_action_stands_for(action, expected):
    assert reach(action) is expected


@pytest.mark.parametrize(
    ("statement", "judgement", "wrong", "instead"),
    [
        (allow("sqs:Foo*", "*"), breadth.action_wildcards, "allows nothing", "list the actions"),
        (allow("sqs:*Message", arn("sqs", "o")), breadth.action_wildcards, "allows sqs:DeleteMessage, sqs:ReceiveMessage, sqs:SendMessage", "write what is needed of those"),
        (allow("sqs:*", "*"), breadth.unscoped, "sqs:DeleteMessage and 14 more can be limited", "write the ARN: arn:${Partition}:sqs"),
        (allow("events:*", "*"), breadth.unscoped, "more can be limited", "for each action, one of its own formats"),
        (allow("sqs:*", arn("sns", "o")), soundness.mismatched, "the action takes no such resource", "write arn:${Partition}:sqs"),
        (allow("zz*:Get", "*"), soundness.unknown_actions, "matches no service of the pack's action table", "name the service"),
        (allow("sqs:Qqqqqqqq", "*"), soundness.unknown_actions, "is no action of IAM", "write one that exists"),
        (allow("sqs:GetQueue", "*"), soundness.unknown_actions, "is no action of IAM", "write sqs:GetQueueUrl or sqs:DeleteQueue or sqs:CreateQueue"),
        (allow("xray:GetSamplingRules", "*", Condition={"StringEquals": {"xray:a": "b"}}), soundness.unknown_keys, "xray:a", "the keys that begin with aws:"),
        (allow("sqs:SendMessage", "*", Condition={"StringEquals": {"sqs:a": "b"}}), soundness.unknown_keys, "sqs:a", "use one of aws:resourcetag/"),
    ],
    ids=_shown,
)  # fmt: skip
def test_a_message_says_what_is_wrong_and_what_to_write(statement, judgement, wrong, instead):
    [finding] = judgement(parse({"Statement": statement}))

    assert wrong in finding.wrong
    assert instead in finding.instead


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("ab", "*", "a*b", "ab*", "*ab", "?b", "a*?")),
        *((name, False) for name in ("ab*ab", "ab*b", "a*a", "??*b", "b*", "a")),
    ],
)
def test_a_pattern_fits_a_format_if_some_name_is_of_both(name, expected):
    assert ArnFormat("arn:${Partition}:x:::ab").fits(f"arn:aws:x:::{name}") is expected


FIVE = [arn("x", f"{kind}/one") for kind in "abcde"]


@pytest.mark.parametrize(
    ("texts", "resource", "expected"),
    [
        (FIVE, "", " or ".join(FIVE)),
        (FIVE, arn("x", "b/*"), " or ".join(FIVE)),
        ([*FIVE, arn("x", "f")], "*", f"for each action, one of its own formats, such as {FIVE[0]}"),
        ([*FIVE, arn("x", "b:two")], arn("x", "b/*"), f"{FIVE[1]} or {arn('x', 'b:two')}"),
        ([*FIVE, arn("x", "f")], arn("x", "z/*"), f"for each action, one of its own formats, such as {FIVE[0]}"),
    ],
)  # fmt: skip
def test_of_many_formats_those_of_the_resources_kind_are_told(texts, resource, expected):
    assert formats(texts, resource) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(5, "a, b, c, d, e"), (6, "a, b, c, d, e and 1 more"), (7, "a, b, c, d, e and 2 more")],
)
def test_a_list_of_names_is_cut_after_the_fifth(count, expected):
    assert listed("abcdefg"[:count]) == expected


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        *(("sfn:describeExecution", "states:DescribeExecution"), ("cloudwatchlogs:putLogEvents", "logs:PutLogEvents")),
        *(("rdsdata:executeStatement", "rds-data:ExecuteStatement"), ("emr:addStep", "elasticmapreduce:AddJobFlowSteps")),
        *(("RDSData:executeStatement", "rds-data:ExecuteStatement"), ("lambda:invoke", "lambda:InvokeFunction")),
    ],
)  # fmt: skip
def test_an_operation_is_authorised_as_an_action(operation, action):
    assert [found.name for found in authorising(*operation.split(":"))] == [action]


def test_operations_are_explained_by_actions_that_exist():
    for operation, names in OPERATIONS.items():
        assert expand(operation) == (), operation
        assert [len(expand(name)) for name in names] == [1] * len(names)


def test_the_ways_to_more_permissions_are_made_of_actions_that_exist():
    for way in escalation.WAYS:
        assert [len(expand(action)) for action in way.needs] == [1] * len(way.needs)
