"""The proof of least privilege proves what is so, and nothing else: for a few roles, on the whole program."""

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
NO_FLOW = "no flow uses it; remove it, or add the flow to proof/flows"
LISTENER, RELAY = "cancel-on-refusal-role", "orders-relay-role"


def _flow(coordination: str, name: str) -> Flow:
    [found] = [flow for flow in FLOWS[coordination] if flow.name == name]
    return found


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    with deployed("orchestrated") as found:
        yield found


@pytest.fixture(scope="module")
def proof(subject: Subject) -> Proof:
    registers = _flow("orchestrated", "a user registers")
    return prove([subject], [registers], Progress(disable=True), roles=[ROLE])


@pytest.fixture(scope="module")
def choreographed() -> Iterator[Proof]:
    """What the services that react to a refusal need, as far as triggers and one such order show it."""
    names = ("triggers are accepted", "an order is out of stock")
    flows = [_flow("choreographed", name) for name in names]
    roles = [LISTENER, RELAY]
    with deployed("choreographed") as found:
        yield prove([found], flows, Progress(disable=True), roles=roles, settled={RELAY})


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
    found = prove([subject], [rests], Progress(disable=True), roles=[ROLE])

    assert [line for line in found.unproven if line.startswith(str(READING))] == [
        f"{READING}: {NO_FLOW}"
    ]


def test_a_participant_without_a_saga_is_proven_by_taking_its_grants_away(choreographed: Proof):
    taken = {
        (grant.action, because)
        for grant, because in choreographed.evidence.items()
        if grant.role == LISTENER and grant.action.startswith(("dynamodb", "sqs:Receive"))
    }

    assert taken == {
        ("dynamodb:GetItem", "without it fails: an order is out of stock"),
        ("dynamodb:PutItem", "without it fails: an order is out of stock"),
        ("dynamodb:UpdateItem", "without it fails: an order is out of stock"),
        ("sqs:ReceiveMessage", "without it fails: triggers are accepted"),
    }


def test_a_role_that_was_proven_elsewhere_has_only_to_use_its_grants(choreographed: Proof):
    told = {
        grant.detail_type: because
        for grant, because in choreographed.evidence.items()
        if grant.role == RELAY and because and grant.detail_type
    }

    assert told == dict.fromkeys(
        ("order.cancelled", "order.created"), "used: an order is out of stock"
    )


def test_every_grant_without_a_saga_that_is_not_shown_to_be_needed_is_named(choreographed: Proof):
    events = ("order.confirmed", "order.paid", "order.parked")
    unused = [
        Grant(LISTENER, "sqs:ChangeMessageVisibility", "cancel-on-refusal-queue"),
        Grant(LISTENER, "sqs:SendMessage", "cancel-on-refusal-queue-failures"),
        *(Grant(RELAY, "events:PutEvents", "event-bus/bus", event) for event in events),
    ]

    assert [*choreographed.unproven] == [f"{grant}: {NO_FLOW}" for grant in unused]
