"""How it is known that orders are at rest, and what an operator does for those that are stuck.

A saga has executions to look at, and parked work to resume. Without one there are only queues: at rest is what
has nothing in its queues, and what is stuck waits in failure queues, to be redriven.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from local.ledger import FINAL
from local.scenarios import Scenario
from ops import failures
from ops.redrive import Options, redrive
from ops.resume import resume
from ops.stack import Stack

FAILURES = "-failures"
PARTICIPANTS = {
    "ReserveStock": "reserve-on-order-queue",
    "ChargeCard": "charge-on-reservation-queue",
    "ConfirmOrder": "confirm-on-payment-queue",
    "ShipOrder": "ship-on-confirmation-queue",
    "UndoReserveStock": "release-on-cancellation-queue",
    "UndoChargeCard": "refund-on-cancellation-queue",
}
"""Step to the queue of the participant that does it."""
COPIES = 2
"""Every event is delivered twice."""


class Coordination(Protocol):
    """What has to be known of how the services work together."""

    def unrest(self, orders: int, /) -> int:
        """How many things still have to come to an end by themselves, if so many orders were placed."""
        ...

    def by_itself(self, scenario: Scenario, /) -> set[str]:
        """The states in which an order stays until somebody resumes it or its deadline passes."""
        ...

    def resume(self, scenarios: Iterable[Scenario], /) -> int:
        """Do what an operator does for all that is stuck and mended; how many things that was."""
        ...

    def left(self, scenarios: Iterable[Scenario], /) -> Counter[str]:
        """Failure queue to the messages that may stay there, for they fail always."""
        ...


class Orchestrated:
    """Sagas run by a state machine."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def unrest(self, orders: int, /) -> int:
        """Sagas that have not started, and those that run."""
        running = sum(
            self._executions(machine, statusFilter="RUNNING")
            for machine in ("sagaArn", "sagaResumeArn")
        )
        return max(0, orders - self._executions("sagaArn")) + running

    def by_itself(self, _scenario: Scenario, /) -> set[str]:
        """A saga keeps its deadlines itself."""
        return FINAL | {"PARKED"}

    def resume(self, _scenarios: Iterable[Scenario], /) -> int:
        """Resume all that is parked."""
        return len(resume(self._stack))

    def left(self, _scenarios: Iterable[Scenario], /) -> Counter[str]:
        """Nothing: what fails for good is undone or parked."""
        return Counter()

    def _executions(self, output: str, **which: str) -> int:
        pages = self._stack.client("stepfunctions").get_paginator("list_executions")
        machine = self._stack.output(output)
        return sum(
            len(page["executions"]) for page in pages.paginate(stateMachineArn=machine, **which)
        )


class Choreographed:
    """Services that react to each other's events."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def unrest(self, _orders: int, /) -> int:
        """Messages in the listeners' queues; one that is delayed finds its order ended, and changes nothing."""
        return sum(map(self._messages, self._queues()))

    def by_itself(self, scenario: Scenario, /) -> set[str]:
        """What is stuck stays as it is, until its deadline."""
        return scenario.before_deadline()

    def resume(self, scenarios: Iterable[Scenario], /) -> int:
        """Redrive the failure queues of the steps that somebody has mended."""
        return sum(self._redrive(name) for name in sorted(_failing(scenarios, "until-resumed")))

    def left(self, scenarios: Iterable[Scenario], /) -> Counter[str]:
        """The messages of each step that fails always."""
        return _failing(scenarios, "always")

    def _queues(self) -> list[str]:
        """URLs of the queues in front of the listeners."""
        urls = self._stack.output("failureQueues")
        return [
            url.removesuffix(FAILURES)
            for name, url in urls.items()
            if name.endswith(f"-queue{FAILURES}")
        ]

    def _messages(self, url: str) -> int:
        names = ["", "NotVisible"]
        asked = [f"ApproximateNumberOfMessages{name}" for name in names]
        found = self._stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=asked)
        return sum(int(found["Attributes"][name]) for name in asked)

    def _redrive(self, name: str) -> int:
        queue = failures.find(self._stack, name)
        options = Options(limit=failures.depth(self._stack, queue), rate=1000)
        return redrive(self._stack, queue, options, lambda _: None).redriven


def coordination(stack: Stack) -> Coordination:
    """How a stack's services work together, which its outputs tell."""
    return Orchestrated(stack) if "sagaArn" in stack.outputs else Choreographed(stack)


def _failing(scenarios: Iterable[Scenario], when: str) -> Counter[str]:
    found = Counter[str]()
    for scenario in scenarios:
        for step, fails in scenario.failing().items():
            if fails == when and step in PARTICIPANTS:
                found[PARTICIPANTS[step] + FAILURES] += COPIES
    return found
