"""The page about privileges is about the grants that there are."""

from proof.grants import Grant, reviewed
from proof.page import PAGE, page, rows
from proof.services import REASONS, reason


def test_every_grant_that_was_reviewed_was_proven_and_no_other():
    proven, granted = rows(PAGE.read_text()), reviewed("dev")

    assert proven == granted, "run `make prove`"


def test_a_row_says_of_what_the_grant_is():
    grants = [
        Grant("orders-relay-role", "events:PutEvents", "event-bus/bus", "order.created"),
        Grant("users-api-role", "dynamodb:GetItem", "table/users"),
    ]

    assert rows(page(dict.fromkeys(grants, "without it fails: a flow"), [])) == grants


def test_every_reason_is_one_for_a_grant_that_there_is():
    reasons = {reason(grant) for grant in reviewed("dev")}

    assert reasons - {None} == {*REASONS}
