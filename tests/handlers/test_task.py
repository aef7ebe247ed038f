"""A task reads the saga's payload, answers or raises, and fails on request."""

import json

import msgspec
import pytest

from events.envelope import Metadata, UnparsableEventError
from events.refusals import OutOfStock
from handlers.faults import ProvokedError
from handlers.task import Answer, Call, task
from tests.handlers.given import METADATA, Context, created, sent

CALLS: list[Call] = []


@pytest.fixture(autouse=True)
def no_calls():
    CALLS.clear()


@task
def work(call: Call) -> Answer:
    CALLS.append(call)
    if call.order.card == "tok_refused":
        raise OutOfStock("nothing left")
    return {"done": True}


def payload(event=None, *, faults=None, **saga):
    metadata = Metadata(
        correlation_id="corr-1", causation_id="req-1", user_id="customer-1", faults=faults or {}
    )
    return {
        "event": sent(event or created(), metadata),
        "saga": {"execution": "exec-1", "step": "ReserveStock", "attempt": 0, "resumed": False}
        | saga,
    }


def test_a_task_gets_the_order_and_the_sagas_state():
    given = payload(
        failure={
            "execution": "exec-0",
            "step": "ChargeCard",
            "refused": True,
            "error": "PaymentDeclined",
            "cause": "no money",
            "undo": "UndoReserveStock",
        },
        parked=["UndoChargeCard"],
        attempt=2,
    )

    assert work(given, Context(seconds_left=7.5)) == {"done": True}

    [call] = CALLS
    assert call.order == created()
    assert call.metadata.correlation_id == METADATA.correlation_id
    assert call.metadata.causation_id == given["event"]["id"]
    assert (call.saga.execution, call.saga.step, call.saga.attempt) == ("exec-1", "ReserveStock", 2)
    assert (call.saga.resumed, call.saga.parked) == (False, ("UndoChargeCard",))
    assert call.saga.failure
    assert (call.saga.failure.error, call.saga.failure.refused) == ("PaymentDeclined", True)
    assert call.resumed_at is None
    assert call.seconds_left() == 7.5


def test_a_task_learns_where_an_operator_resumed():
    given = payload(resumed=True)
    given["event"]["resume"] = {"step": "UndoChargeCard", "failure": {}}

    work(given, Context())

    assert CALLS[0].resumed_at == "UndoChargeCard"
    assert CALLS[0].saga.resumed


@pytest.mark.parametrize("something", [None, "x", [], {"step": "UndoChargeCard"}])
def test_a_field_that_is_called_resume_is_nothing_to_a_saga_that_was_not_resumed(something):
    given = payload()
    given["event"]["resume"] = something

    work(given, Context())

    assert CALLS[0].resumed_at is None


def test_a_payload_without_an_order_is_an_error():
    given = payload()
    given["event"]["type"] = "order.shipped"

    with pytest.raises(UnparsableEventError, match=r"order\.shipped"):
        work(given, Context())


def test_a_payload_without_the_saga_is_an_error():
    given = payload()
    given["saga"] = {"execution": "exec-1"}

    with pytest.raises(msgspec.ValidationError, match="step"):
        work(given, Context())


def test_a_refusal_is_raised_and_logged_with_the_order(logged):
    with pytest.raises(OutOfStock):
        work(payload(created(card="tok_refused")), Context())

    [line] = logged()
    assert (line["message"], line["refusal"], line["answer"]) == (
        "refused",
        "OutOfStock",
        "nothing left",
    )
    assert (line["correlation_id"], line["order_id"], line["step"]) == (
        "corr-1",
        "order-1",
        "ReserveStock",
    )


def test_nothing_of_the_card_or_the_address_is_logged(logged):
    with pytest.raises(OutOfStock):
        work(payload(created(card="tok_refused")), Context())

    text = json.dumps(logged())
    assert "order-1" in text
    assert "tok_refused" not in text
    assert "@" not in text


class TestFaults:
    """Where faults may be provoked."""

    @pytest.fixture(autouse=True)
    def injected(self, monkeypatch):
        monkeypatch.setenv("FAULT_INJECTION", "true")

    def test_before_the_effect_there_is_none(self):
        with pytest.raises(ProvokedError):
            work(payload(faults={"ReserveStock": "error-before:once"}), Context())
        assert CALLS == []

    def test_after_the_effect_there_is_one(self):
        with pytest.raises(ProvokedError):
            work(payload(faults={"ReserveStock": "error-after:once"}), Context())
        assert len(CALLS) == 1

    def test_a_slow_step_does_its_work_after_all(self):
        answer = work(payload(faults={"ReserveStock": "slow-0:always"}), Context())

        assert answer == {"done": True}

    def test_another_attempt_works(self):
        work(payload(faults={"ReserveStock": "error-before:once"}, attempt=1), Context())

        assert len(CALLS) == 1

    def test_a_resumed_saga_works(self):
        work(
            payload(faults={"ReserveStock": "error-before:until-resumed"}, resumed=True), Context()
        )

        assert len(CALLS) == 1

    def test_faults_of_other_steps_are_not_this_ones(self):
        work(payload(faults={"UndoReserveStock": "error-before:always"}), Context())

        assert len(CALLS) == 1

    def test_a_refusal_comes_before_a_fault_after_the_effect(self):
        given = payload(created(card="tok_refused"), faults={"ReserveStock": "error-after:once"})

        with pytest.raises(OutOfStock):
            work(given, Context())

    def test_a_fault_that_cannot_be_read_is_named(self):
        with pytest.raises(ValueError, match="'explode:now'"):
            work(payload(faults={"ReserveStock": "explode:now"}), Context())


def test_without_permission_faults_are_ignored(monkeypatch):
    monkeypatch.delenv("FAULT_INJECTION", raising=False)

    work(payload(faults={"ReserveStock": "error-before:always"}), Context())

    assert len(CALLS) == 1
