import pulumi
import pytest

from components.bus import Bus, BusArgs
from components.platform import Platform
from tests.programs import MADE_IN, PLATFORM, declared_by, made, statements

BUS, ARCHIVE = "aws:cloudwatch/eventBus:EventBus", "aws:cloudwatch/eventArchive:EventArchive"
QUEUE = "aws:sqs/queue:Queue"
ARN = "arn:aws:events:eu-west-1:123456789012:event-bus/shop-test-bus"
ARGS: BusArgs = {"platform": PLATFORM}
KEYED: Platform = {**PLATFORM, "key_arn": "arn:key"}


def test_events_can_be_replayed_for_two_weeks_unless_told():
    program = declared_by(lambda: Bus("bus", ARGS))

    assert program.only(BUS).inputs == {"name": "shop-test-bus"}
    assert program.only(ARCHIVE).inputs == {
        "name": "shop-test-bus-archive",
        "eventSourceArn": f"arn:aws:events:{MADE_IN}:event-bus/shop-test-bus",
        "retentionDays": 14,
    }


def test_a_bus_admits_nobody_from_outside_its_account():
    types = {it.type for it in declared_by(lambda: Bus("bus", ARGS)) if it.custom}

    assert types == {BUS, ARCHIVE}


@pytest.mark.parametrize("days", [1, 400])
def test_how_long_events_can_be_replayed_can_be_chosen(days):
    program = declared_by(lambda: Bus("bus", {**ARGS, "archive_days": days}))

    assert program.only(ARCHIVE).inputs["retentionDays"] == days


@pytest.mark.parametrize("days", [0, -1])
def test_an_archive_of_no_days_would_keep_events_for_ever(days):
    with pytest.raises(
        ValueError, match=f"^bus 'bus': archive_days is {days}; it must be 1 or more$"
    ):
        declared_by(lambda: Bus("bus", {**ARGS, "archive_days": days}))


def test_with_a_customer_key_events_are_encrypted_and_wait_while_it_cannot_be_used():
    program = declared_by(lambda: Bus("bus", {"platform": KEYED}))
    failures = "arn:aws:sqs:eu-west-1:123456789012:shop-test-bus-undelivered"

    assert program.only(BUS).inputs == {
        "name": "shop-test-bus",
        "kmsKeyIdentifier": "arn:key",
        "deadLetterConfig": {"arn": failures},
    }
    assert program.only(ARCHIVE).inputs["kmsKeyIdentifier"] == "arn:key"
    assert program.only(QUEUE).inputs["tags"] == {"failures": "delivery", "owner": "bus"}
    assert program.only(QUEUE).urn in program.only(BUS).dependencies
    [_, admitted] = statements(program.only("aws:sqs/queuePolicy:QueuePolicy"))
    assert admitted["Condition"] == {"ArnEquals": {"aws:SourceArn": [ARN]}}


def test_a_publisher_may_publish_its_own_events():
    bus, _ = made(lambda: Bus("bus", ARGS))

    assert bus.publishing("inventory") == {
        "environment": {"BUS_NAME": "shop-test-bus"},
        "actions": ["events:PutEvents"],
        "resources": [ARN],
        "condition": {
            "StringEquals": {
                "events:source": "inventory",
                "events:detail-type": [
                    "inventory.failed",
                    "inventory.low",
                    "inventory.released",
                    "inventory.reserved",
                    "inventory.restocked",
                    "inventory.updated",
                ],
            }
        },
    }


def test_a_publisher_of_another_system_names_its_events():
    bus, _ = made(lambda: Bus("bus", ARGS))

    link = bus.publishing("studio", "video.rejected", "video.published")

    assert link.get("condition") == {
        "StringEquals": {
            "events:source": "studio",
            "events:detail-type": ["video.published", "video.rejected"],
        }
    }


def test_a_bus_says_where_it_is():
    def build() -> Bus:
        bus = Bus("bus", ARGS)
        pulumi.export("name", bus.bus_name)
        pulumi.export("arn", bus.bus_arn)
        return bus

    bus, program = made(build)

    assert (bus.name, bus.physical_name, bus.static_arn) == ("bus", "shop-test-bus", ARN)
    assert program.outputs == {
        "name": "shop-test-bus",
        "arn": f"arn:aws:events:{MADE_IN}:event-bus/shop-test-bus",
    }
