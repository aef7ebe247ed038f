"""Traffic: many orders at the same time, and what becomes of them."""

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.progress import Progress

from local.coordination import coordination
from local.customer import Answer, Customer
from local.scenarios import Scenario
from ops.stack import Stack

REQUESTS = 12
"""Requests at the same time."""
DEADLINE_SECONDS = 120.0
POLL_SECONDS = 0.5


@dataclass
class Placed:
    """An order of the demo on its way."""

    scenario: Scenario
    customer_id: str
    answers: list[Answer]
    """One for each time it was sent."""
    sent: float
    """When it was first sent, in epoch seconds."""
    order: dict[str, Any] = field(default_factory=dict)
    """What the API last said of it."""

    @property
    def order_id(self) -> str:
        """The order's id, or nothing if it was not accepted."""
        return self.answers[0].body.get("orderId", "")

    @property
    def ended(self) -> str:
        """Status, with the reason if there is one."""
        status, reason = self.order.get("status", "NOT PLACED"), self.order.get("reason")
        return f"{status}/{reason}" if reason else status

    @property
    def seconds(self) -> float:
        """From the request to the final state."""
        return datetime.fromisoformat(self.order["updatedAt"]).timestamp() - self.sent


class Traffic:
    """Sends orders to a stack and waits for what becomes of them, while progress is shown."""

    def __init__(
        self, stack: Stack, progress: Progress, say: Callable[[str], None] = lambda _: None
    ) -> None:
        """`say` is told of each thing that was waited for: for logs, where nobody sees a bar move."""
        self.stack, self._progress, self._say = stack, progress, say
        self.coordination = coordination(stack)
        self.customer = Customer(stack.output("apiUrl"))
        self._followed: set[str] = set()

    def send(self, plan: Sequence[Scenario], name: str = "demo") -> list[Placed]:
        """Place all orders, several at the same time.

        Order ids follow from `name` and the position in the plan, so a run can be repeated exactly.
        """
        bar = self._progress.add_task("orders sent", total=len(plan))

        def place(numbered: tuple[int, Scenario]) -> Placed:
            number, scenario = numbered
            placed = self._place(scenario, number, f"{name}-{number}")
            self._progress.advance(bar)
            return placed

        with ThreadPoolExecutor(REQUESTS) as pool:
            placed = list(pool.map(place, enumerate(plan)))
        self._say(f"orders sent: {len(placed)}")
        return placed

    def settle(self, placed: Sequence[Placed]) -> None:
        """Ask after all accepted orders until only deadlines and operators move them on."""
        by_itself = self.coordination.by_itself
        self._follow("orders come to rest", placed, lambda order: by_itself(order.scenario))

    def follow(self, label: str, placed: Sequence[Placed], until: Collection[str]) -> None:
        """Ask after all accepted orders until they are in one of these states and all is at rest."""
        self._follow(label, placed, lambda _: until)

    def _follow(
        self, label: str, placed: Sequence[Placed], until: Callable[[Placed], Collection[str]]
    ) -> None:
        accepted = [order for order in placed if order.order_id]

        def missing() -> list[Placed]:
            return [order for order in accepted if order.order.get("status") not in until(order)]

        def arrived() -> int:
            # Asked for order by order, the answers would be most of what the stack has to do.
            customers = {order.customer_id for order in missing()}
            found = {
                order["orderId"]: order
                for each in pool.map(self._orders, customers)
                for order in each
            }
            for order in accepted:
                order.order = found.get(order.order_id, order.order)
            return len(accepted) - len(missing())

        with ThreadPoolExecutor(REQUESTS) as pool:
            self.wait(label, arrived, len(accepted))
        self.rest(placed)

    def _orders(self, customer_id: str) -> list[dict[str, Any]]:
        return list(self.customer.orders(customer_id))

    def rest(self, placed: Sequence[Placed]) -> None:
        """Wait until nothing goes on any more for these and all earlier orders."""
        self._followed |= {order.order_id for order in placed if order.order_id}
        self.wait("still at work", lambda: self.coordination.unrest(len(self._followed)), 0)

    def resume(self, placed: Sequence[Placed]) -> None:
        """Do what an operator would for all that is stuck."""
        bar = self._progress.add_task("resumed by an operator", total=None)
        resumed = self.coordination.resume(order.scenario for order in placed)
        self._progress.update(bar, completed=resumed, total=resumed)
        self._say(f"resumed by an operator: {resumed}")

    def wait(self, label: str, count: Callable[[], int], expected: int) -> None:
        """Wait until something is as it should be; give up, without an error, when it stays for two minutes."""
        bar = self._progress.add_task(label, total=max(expected, 1))
        last, deadline = None, 0.0
        while (found := count()) != expected:
            if found != last:
                last, deadline = found, time.monotonic() + DEADLINE_SECONDS
            elif time.monotonic() > deadline:
                break
            self._progress.update(bar, completed=min(found, expected))
            time.sleep(POLL_SECONDS)
        self._progress.update(bar, completed=max(expected, 1))
        self._say(f"{label}: {found} of {expected}")

    def _place(self, scenario: Scenario, number: int, key: str) -> Placed:
        sent, request = time.time(), scenario.request(number)
        answers = [self.customer.place(request, key=key) for _ in range(scenario.posted)]
        placed = Placed(scenario, request["customerId"], answers, sent)
        if scenario.cancelled_by_customer:
            self.customer.cancel(placed.order_id)
        return placed


def publish(stack: Stack, source: str, detail: Mapping[str, Any]) -> None:
    """Put one event on the bus, past every service."""
    entry = {
        "EventBusName": stack.output("eventBusName"),
        "Source": source,
        "DetailType": detail["type"],
        "Detail": json.dumps(dict(detail)),
    }
    stack.client("events").put_events(Entries=[entry])


def failures(stack: Stack) -> dict[str, int]:
    """Failure queue to the messages in it."""
    sqs = stack.client("sqs")
    return {
        name: int(
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])[
                "Attributes"
            ]["ApproximateNumberOfMessages"]
        )
        for name, url in stack.output("failureQueues").items()
    }
