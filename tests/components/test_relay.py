import json

import pulumi

from components.bus import Bus
from components.relay import Relay
from components.table import Table
from tests.programs import MADE_IN, PLATFORM, declared_by, policy_of, statements

FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
FAILURES = "arn:aws:sqs:eu-west-1:123456789012:shop-test-stock-relay-failures"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-test-stock"
BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/shop-test-bus"


def relaying():
    def build() -> None:
        table = Table("stock", {"platform": PLATFORM, "hash_key": "id", "streamed": True})
        bus = Bus("bus", {"platform": PLATFORM})
        Relay(
            "stock-relay",
            {
                "platform": PLATFORM,
                "table": table,
                "key": "id",
                "bus": bus,
                "source": "inventory",
                "code": pulumi.AssetArchive({}),
            },
        )

    return declared_by(build)


def test_only_new_outbox_items_are_relayed():
    mapping = relaying().only(MAPPING).inputs

    assert (
        mapping["eventSourceArn"]
        == f"arn:aws:dynamodb:{MADE_IN}:table/shop-test-stock/stream/2026-01-01T00:00:00.000"
    )
    assert mapping["functionName"] == "shop-test-stock-relay"
    assert [json.loads(it["pattern"]) for it in mapping["filterCriteria"]["filters"]] == [
        {
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"id": {"S": [{"prefix": "outbox#"}]}}},
        }
    ]
    assert mapping["destinationConfig"] == {"onFailure": {"destinationArn": FAILURES}}


def test_a_relay_may_read_its_table_and_publish_its_own_events():
    program = relaying()

    assert program.only(FUNCTION).inputs["handler"] == "handlers.relay.handler"
    allowed = policy_of(program, "stock-relay-permissions")
    assert [it for it in allowed if not it[0].startswith(("logs:", "xray:"))] == [
        ("events:PutEvents", BUS),
        ("dynamodb:DescribeStream", f"{TABLE}/stream/*"),
        ("dynamodb:GetRecords", f"{TABLE}/stream/*"),
        ("dynamodb:GetShardIterator", f"{TABLE}/stream/*"),
        ("dynamodb:ListStreams", "*"),
        ("sqs:SendMessage", FAILURES),
    ]
    [publishing] = [
        statement
        for statement in statements(
            program.named("aws:iam/rolePolicy:RolePolicy", "stock-relay-permissions")
        )
        if "events:PutEvents" in statement["Action"]
    ]
    assert publishing["Condition"]["StringEquals"]["events:source"] == "inventory"


def test_what_cannot_be_relayed_waits_for_an_operator():
    queue = relaying().only("aws:sqs/queue:Queue")

    assert queue.inputs["tags"] == {"failures": "processing", "owner": "stock-relay"}


def test_the_stream_is_followed_once_function_and_failure_queue_exist():
    program = relaying()

    types = [it.type for it in program]
    needed = [types.index(FUNCTION), types.index("aws:sqs/queue:Queue")]
    assert max(needed) < types.index(MAPPING)
