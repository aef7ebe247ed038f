"""`make prove` fails when anything is left unproven, in whichever way the services are coordinated."""

import io

import pytest
from rich.console import Console

from proof.__main__ import conclude
from proof.denials import Denials
from proof.grants import Grant
from proof.proof import Proof

GRANT = Grant("users-api-role", "dynamodb:GetItem", "table/users")
PROVEN = Proof({GRANT: "used: a flow"}, (Denials("users-api-role", 7, ()),), ())
UNPROVEN = Proof({GRANT: ""}, (), (f"{GRANT}: no flow uses it",))


@pytest.mark.parametrize("unproven", ["orchestrated", "choreographed"])
def test_a_grant_that_is_unproven_in_one_way_to_coordinate_fails(unproven):
    proofs = {"orchestrated": PROVEN, "choreographed": PROVEN} | {unproven: UNPROVEN}
    printed = io.StringIO()

    assert conclude(Console(file=printed, width=200), proofs) == 1
    assert printed.getvalue() == f"unproven: {unproven}: {GRANT}: no flow uses it\n"


def test_what_is_proven_is_counted():
    printed = io.StringIO()

    assert conclude(Console(file=printed, width=200), {"choreographed": PROVEN}) == 0
    assert printed.getvalue() == (
        "Proven, choreographed: 1 grants of 1 roles; 7 calls beyond them were denied.\n"
    )
