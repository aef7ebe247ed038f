"""The journal hears of every event, and can add to what it keeps but never change it."""

import json

import pytest

from components.bus import Bus
from components.services.journal import Journal
from events.catalogue import CATALOGUE
from local.program import Program
from tests.programs import PLATFORM, declared_by, statements


@pytest.fixture(scope="module")
def declared() -> Program:
    def build() -> None:
        Journal(PLATFORM, Bus("bus", {"platform": PLATFORM, "archive_days": 1}))

    return declared_by(build)


def test_every_event_that_tells_of_a_change_goes_to_the_journal(declared):
    rule = declared.only("aws:cloudwatch/eventRule:EventRule")

    pattern = json.loads(rule.inputs["eventPattern"])

    questions = {"inventory.check.requested", "inventory.check.answered"}
    assert set(pattern["detail-type"]) == {event.name for event in CATALOGUE} - questions
    assert pattern["source"] == sorted({event.source for event in CATALOGUE})


def test_events_are_found_by_what_they_are_about_by_type_and_by_request(declared):
    table = declared.only("aws:dynamodb/table:Table").inputs

    indexes = {
        index["name"]: [key["attributeName"] for key in index["keySchemas"]]
        for index in table["globalSecondaryIndexes"]
    }
    assert (table["hashKey"], table["rangeKey"]) == ("aggregate", "position")
    assert indexes == {
        "byType": ["type", "position"],
        "byCorrelation": ["correlationId", "position"],
    }
    assert "ttl" not in table


def test_no_function_may_change_or_remove_what_was_recorded(declared):
    granted = {
        policy.name: sorted(
            action
            for statement in statements(policy)
            for action in statement["Action"]
            if action.startswith("dynamodb:")
        )
        for policy in declared.of("aws:iam/rolePolicy:RolePolicy")
    }

    assert granted == {
        "record-event-permissions": ["dynamodb:PutItem"],
        "journal-api-permissions": ["dynamodb:Query"],
    }
