"""The page about privileges is about the grants that there are, in each way to coordinate."""

import pytest

from proof.alike import settled
from proof.flows import FLOWS
from proof.grants import Grant, reviewed
from proof.page import PAGE, page, rows
from proof.proof import Proof
from proof.services import REASONS, reason

CREATED = Grant("orders-relay-role", "events:PutEvents", "event-bus/bus", "order.created")
READ = Grant("users-api-role", "dynamodb:GetItem", "table/users")
SWEPT = Grant("sweep-orders-role", "dynamodb:GetItem", "table/orders")


def _proof(**evidence: dict[Grant, str]) -> dict[str, Proof]:
    return {coordination: Proof(found, (), ()) for coordination, found in evidence.items()}


@pytest.mark.parametrize("coordination", FLOWS)
def test_every_grant_that_was_reviewed_was_proven_and_no_other(coordination):
    proven = rows(PAGE.read_text())[coordination]

    assert [*proven] == reviewed("dev", coordination), "run `make prove`"


def test_only_grants_of_roles_that_do_not_depend_on_coordination_were_taken_away_just_once():
    proven, once = rows(PAGE.read_text()), settled("choreographed", ["orchestrated"])
    used = {
        way: {grant.role for grant, shown in found.items() if shown.startswith("used: ")}
        for way, found in proven.items()
    }

    assert used["orchestrated"] == set()
    assert used["choreographed"] <= once, "run `make prove`"


def test_a_row_says_of_what_the_grant_is_and_which_way_to_coordinate_it_belongs_to():
    taken = "without it fails: a flow"
    text = page(
        _proof(
            orchestrated={CREATED: taken, READ: taken},
            choreographed={CREATED: "used: a flow", SWEPT: taken},
        )
    )

    assert rows(text) == {
        "orchestrated": {CREATED: taken, READ: taken},
        "choreographed": {CREATED: "used: a flow", SWEPT: taken},
    }
    assert (
        "| `sweep-orders-role` | `dynamodb:GetItem` | `table/orders` | - | without it fails: a flow |"
        in text
    )


def test_a_row_that_is_unproven_in_one_way_to_coordinate_is_no_proof_of_it():
    text = page(_proof(orchestrated={READ: "without it fails: a flow"}, choreographed={READ: ""}))

    assert "| without it fails: a flow | **unproven** |" in text
    assert rows(text)["choreographed"] == {}


def test_every_reason_is_one_for_a_grant_that_there_is():
    reasons = {reason(grant) for way in FLOWS for grant in reviewed("dev", way)}

    assert reasons - {None} == {*REASONS}


@pytest.mark.parametrize("coordination", FLOWS)
def test_a_grant_that_a_service_uses_by_itself_is_explained_by_that_service(coordination):
    proven = rows(PAGE.read_text())[coordination]
    explained = {grant: found.why for grant in proven if (found := reason(grant))}

    assert {grant: proven[grant] for grant in explained} == explained, "run `make prove`"
