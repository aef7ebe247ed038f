import pytest

from components.queue import Queue
from components.saga import Saga
from local.program import declare
from tests.programs import PLATFORM, declared_by
from tests.sagas import step

QUEUE, MACHINE = "aws:sqs/queue:Queue", "aws:sfn/stateMachine:StateMachine"


@pytest.mark.parametrize(("idempotent", "tags"), [(False, None), (True, {"idempotent": "true"})])
def test_a_queue_says_that_its_consumer_is_idempotent_only_when_told(idempotent, tags):
    program = declared_by(
        lambda: Queue(
            "q",
            {"platform": PLATFORM, "consumer_timeout_seconds": 10, "idempotent": idempotent},
        )
    )

    assert program.named(QUEUE, "q").inputs.get("tags") == tags


def test_both_machines_of_a_saga_say_that_they_are_idempotent():
    program = declared_by(lambda: Saga("s", {"platform": PLATFORM, "steps": (step("Reserve"),)}))

    assert [machine.inputs["tags"] for machine in program.of(MACHINE)] == [
        {"idempotent": "true"}
    ] * 2


def test_every_listener_of_the_program_vouches_for_its_queue():
    queues = declare("dev").of(QUEUE)
    consumed = {queue.name for queue in queues if "redrivePolicy" in queue.inputs}
    vouched = {queue.name for queue in queues if queue.inputs.get("tags") == {"idempotent": "true"}}

    assert "notify-customer-queue" in consumed
    assert vouched == consumed
