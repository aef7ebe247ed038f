"""The proof of least privilege proves what is so, and nothing else: for one role, on the whole program."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from rich.progress import Progress

from proof.denials import denials
from proof.flows import FLOWS, Flow
from proof.grants import Grant
from proof.proof import Proof, prove
from proof.removal import Passed, needed_by
from proof.subject import Subject, deployed
from proof.visit import Missed, Visit

pytestmark = pytest.mark.embedded

ROLE = "users-api-role"
READING = Grant(ROLE, "dynamodb:GetItem", "table/users")
[REGISTERS] = [flow for flow in FLOWS if flow.name == "a user registers"]


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    with deployed() as found:
        yield found


@pytest.fixture(scope="module")
def proof(subject: Subject) -> Proof:
    return prove([subject], Progress(disable=True), flows=[REGISTERS], roles=[ROLE])


def test_each_grant_of_a_role_is_proven(proof: Proof):
    assert proof.unproven == []
    assert {
        (grant.action, because)
        for grant, because in proof.evidence.items()
        if "dynamodb" in grant.action
    } == {
        ("dynamodb:GetItem", "without it fails: a user registers"),
        ("dynamodb:PutItem", "without it fails: a user registers"),
        ("dynamodb:UpdateItem", "without it fails: a user registers"),
    }


def test_a_role_is_denied_what_others_may(proof: Proof):
    [denied] = proof.denials

    assert (denied.role, denied.admitted) == (ROLE, ())
    assert denied.denied > 100


def test_a_grant_that_was_never_declared_is_noticed(subject: Subject):
    iam, role = subject.emulator.client("iam"), subject.role_arn(ROLE).rsplit("/", 1)[1]
    wide = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"}]}'
    iam.put_role_policy(RoleName=role, PolicyName="wide", PolicyDocument=wide)
    try:
        [found] = denials(subject, [ROLE], lambda: None)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="wide")

    assert [line.split(":")[0:3] for line in found.admitted] == [
        [ROLE, " dynamodb", "Scan on table/orders"]
    ]


def test_a_flow_that_passes_without_a_grant_does_not_prove_it(subject: Subject):
    assert needed_by(subject, READING, [Passed(Flow("rests", lambda _: None), 0.0)]) is None


def test_a_flow_that_fails_for_another_reason_does_not_prove_a_grant(subject: Subject):
    def fails(_: Visit) -> None:
        raise Missed("something else")

    assert needed_by(subject, READING, [Passed(Flow("fails", fails), 0.0)]) is None


def test_everything_is_put_back(subject: Subject):
    kept = _permissions(subject)
    stack = ExitStack()
    stack.enter_context(subject.without(READING))

    assert _permissions(subject) != kept
    stack.close()
    assert _permissions(subject) == kept


def _permissions(subject: Subject) -> Any:
    iam, role = subject.emulator.client("iam"), subject.role_arn(ROLE).rsplit("/", 1)[1]
    return iam.get_role_policy(RoleName=role, PolicyName="permissions")["PolicyDocument"]


def test_a_grant_that_no_flow_uses_is_named(subject: Subject):
    rests = Flow("rests", lambda _: None)
    found = prove([subject], Progress(disable=True), flows=[rests], roles=[ROLE])

    assert [line for line in found.unproven if line.startswith(str(READING))] == [
        f"{READING}: no flow uses it; remove it, or add the flow to proof/flows.py"
    ]
