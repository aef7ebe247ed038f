import json
from typing import Any

import pulumi
import pytest

from components.bus import Bus
from components.function import Function
from components.listener import Listener
from components.observability import Observability, failure_queues
from components.platform import Platform
from components.saga import Saga
from components.table import Table
from local.program import Program
from tests.programs import MADE_IN, PLATFORM, declared_by, made, queue_url, statements
from tests.sagas import step

TOPIC, SUBSCRIPTION = "aws:sns/topic:Topic", "aws:sns/topicSubscription:TopicSubscription"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
ARN = "arn:aws:sns:eu-west-1:123456789012:shop-test-alarms"
KEYED: Platform = {**PLATFORM, "key_arn": "arn:key"}


def function(name: str) -> Function:
    code = pulumi.AssetArchive({})
    return Function(name, {"platform": PLATFORM, "code": code, "handler": "app.handler"})


def watching(*, platform: Platform = PLATFORM, email: str = ""):
    def build() -> Observability:
        bus = Bus("bus", {"platform": PLATFORM})
        listener = Listener(
            "mail",
            {
                "platform": PLATFORM,
                "bus": bus,
                "pattern": {"source": ["orders"]},
                "code": pulumi.AssetArchive({}),
                "handler": "app.handler",
            },
        )
        saga = Saga("saga", {"platform": PLATFORM, "steps": [step("Reserve")]})
        watched = [function("b"), function("a"), bus, listener, saga]
        overview = Observability(
            "overview", {"platform": platform, "watched": watched, "alarm_email": email}
        )
        pulumi.export("dashboard", overview.dashboard_name)
        pulumi.export("topic", overview.alarm_topic_arn)
        pulumi.export("queues", failure_queues(watched))
        return overview

    return declared_by(build)


def widgets(program: Program) -> list[dict[str, Any]]:
    dashboard = program.only(DASHBOARD).inputs
    assert dashboard["dashboardName"] == "shop-test-overview"
    return json.loads(dashboard["dashboardBody"])["widgets"]


FUNCTIONS = [["FunctionName", f"shop-test-{name}"] for name in ("b", "a", "mail")]
QUEUES = [
    ["QueueName", f"shop-test-mail-{name}"]
    for name in ("queue", "queue-failures", "route-undelivered")
]
RULES = [["EventBusName", "shop-test-bus", "RuleName", "shop-test-mail-route"]]
MACHINES = [
    ["StateMachineArn", f"arn:aws:states:eu-west-1:123456789012:stateMachine:shop-test-{name}"]
    for name in ("saga", "saga-resume")
]
TABLES = [["TableName", "shop-test-saga-parked"]]


@pytest.mark.parametrize(
    ("title", "metric", "statistic", "watched"),
    [
        ("Function calls", ["AWS/Lambda", "Invocations"], "Sum", FUNCTIONS),
        ("Function errors", ["AWS/Lambda", "Errors"], "Sum", FUNCTIONS),
        ("Function throttles", ["AWS/Lambda", "Throttles"], "Sum", FUNCTIONS),
        ("Sagas succeeded", ["AWS/States", "ExecutionsSucceeded"], "Sum", MACHINES),
        ("Sagas failed", ["AWS/States", "ExecutionsFailed"], "Sum", MACHINES),
        ("Events matched", ["AWS/Events", "MatchedEvents"], "Sum", RULES),
        ("Deliveries failed", ["AWS/Events", "FailedInvocations"], "Sum", RULES),
        (
            "Messages waiting",
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible"],
            "Maximum",
            QUEUES,
        ),
        ("Oldest message (s)", ["AWS/SQS", "ApproximateAgeOfOldestMessage"], "Maximum", QUEUES),
        ("Table reads", ["AWS/DynamoDB", "ConsumedReadCapacityUnits"], "Sum", TABLES),
        ("Table writes", ["AWS/DynamoDB", "ConsumedWriteCapacityUnits"], "Sum", TABLES),
    ],
)
def test_a_graph_shows_everything_of_its_kind_that_is_watched(title, metric, statistic, watched):
    [widget] = [it for it in widgets(watching()) if it["properties"]["title"] == title]

    assert widget["type"] == "metric"
    assert widget["properties"] == {
        "title": title,
        "region": "eu-west-1",
        "stat": statistic,
        "period": 60,
        "metrics": [[*metric, *dimensions] for dimensions in watched],
    }


def test_graphs_stand_in_two_columns():
    places = [(it["x"], it["y"], it["width"], it["height"]) for it in widgets(watching())]

    assert len(places) == 11
    assert places[:5] == [
        (0, 0, 12, 6),
        (12, 0, 12, 6),
        (0, 6, 12, 6),
        (12, 6, 12, 6),
        (0, 12, 12, 6),
    ]


def test_there_is_no_graph_of_what_there_is_not():
    def build() -> Observability:
        table = Table("stock", {"platform": PLATFORM, "hash_key": "id"})
        return Observability("overview", {"platform": PLATFORM, "watched": [table]})

    assert [it["properties"]["title"] for it in widgets(declared_by(build))] == [
        "Table reads",
        "Table writes",
    ]


def test_what_is_not_watched_is_not_shown():
    def build() -> Observability:
        function("unwatched")
        return Observability("overview", {"platform": PLATFORM, "watched": [function("a")]})

    assert "unwatched" not in declared_by(build).only(DASHBOARD).inputs["dashboardBody"]


def test_the_logs_of_one_request_can_be_read_together():
    [query] = watching().of("aws:cloudwatch/queryDefinition:QueryDefinition")

    assert query.inputs == {
        "name": "shop-test/one request",
        "logGroupNames": [
            "/aws/lambda/shop-test-b",
            "/aws/lambda/shop-test-a",
            "/aws/lambda/shop-test-mail",
            "/aws/vendedlogs/states/shop-test-saga",
            "/aws/vendedlogs/states/shop-test-saga-resume",
        ],
        "queryString": "fields @timestamp, service, message\n"
        '| filter correlation_id = "PUT-ITS-CORRELATION-ID-HERE"\n'
        "| sort @timestamp asc",
    }


def test_a_name_belongs_to_one_of_its_kind_whatever_it_is_part_of():
    def build() -> None:
        parts = [pulumi.ComponentResource(f"test:index:{name}", name) for name in ("a", "b")]
        for part in parts:
            Function(
                "release",
                {"platform": PLATFORM, "code": pulumi.AssetArchive({}), "handler": "app.handler"},
                pulumi.ResourceOptions(parent=part),
            )
        Observability("overview", {"platform": PLATFORM, "watched": parts})

    with pytest.raises(ValueError, match="declared twice") as refused:
        declared_by(build)
    assert str(refused.value) == (
        "Function 'release' is declared twice, in 'a' and in 'b'; a name belongs to one of its kind in the whole stack"
    )


def test_every_failure_queue_is_found_with_its_url():
    assert watching().outputs["queues"] == {
        "mail-queue-failures": queue_url("shop-test-mail-queue-failures"),
        "mail-route-undelivered": queue_url("shop-test-mail-route-undelivered"),
    }


def test_the_topic_takes_alarms_of_its_account_only_and_nothing_in_the_clear():
    program = watching()

    assert program.only(TOPIC).inputs == {"name": "shop-test-alarms"}
    policy = program.only("aws:sns/topicPolicy:TopicPolicy")
    assert policy.inputs["arn"] == f"arn:aws:sns:{MADE_IN}:shop-test-alarms"
    assert json.loads(policy.inputs["policy"])["Version"] == "2012-10-17"
    assert statements(policy) == [
        {
            "Sid": "AlarmsOnly",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": ARN,
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": ARN,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def test_with_a_customer_key_the_topic_is_encrypted_with_it():
    assert watching(platform=KEYED).only(TOPIC).inputs["kmsMasterKeyId"] == "arn:key"


def test_nobody_is_mailed_unless_told():
    assert watching().of(SUBSCRIPTION) == []


def test_whoever_is_on_call_is_mailed():
    assert watching(email="on-call@example.com").only(SUBSCRIPTION).inputs == {
        "topic": f"arn:aws:sns:{MADE_IN}:shop-test-alarms",
        "protocol": "email",
        "endpoint": "on-call@example.com",
    }


def test_dashboard_and_topic_can_be_found():
    outputs = watching().outputs

    assert outputs["dashboard"] == "shop-test-overview"
    assert outputs["topic"] == f"arn:aws:sns:{MADE_IN}:shop-test-alarms"


def test_the_topic_is_the_one_that_alarms_notify():
    _, program = made(lambda: function("a"))

    for alarm in program.of("aws:cloudwatch/metricAlarm:MetricAlarm"):
        assert alarm.inputs["alarmActions"] == [ARN]
