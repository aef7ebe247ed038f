"""One visit to the system: a flow's requests, and its waiting for what must come of them."""

import itertools
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from local.customer import Customer
from local.demo import FAR_AWAY
from local.scenarios import Scenario
from ops import journal
from ops.parked import Parked, recorded
from proof.subject import Subject

POLL_SECONDS = 0.05
ENDED = {"FULFILLED", "CANCELLED", "PARKED"}
TOLD = {"order.paid", "order.confirmed", "order.cancelled", "order.shipped", "order.fulfilled"}
"""Events that a customer is told of."""
_numbers = itertools.count()


class Missed(Exception):  # noqa: N818 (it is an outcome, and the wanted one while a grant is away)
    """Something that a flow must bring about did not come about; the message says what."""


class Visit:
    """A flow at work; what it waits for is `Missed` once `lost` says that it will not come."""

    def __init__(self, subject: Subject, lost: Callable[[], bool]) -> None:
        self.subject, self.stack = subject, subject.stack
        self.customer = Customer(self.stack.output("apiUrl"))
        self._lost = lost

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """The first truthy answer."""
        while not (found := look()):
            if self._lost():
                raise Missed(what)
            time.sleep(POLL_SECONDS)
        return found

    def expect(self, what: str, *, holds: bool) -> None:
        """What must be so at once."""
        if not holds:
            raise Missed(what)

    def place(self, scenario: Scenario) -> dict[str, Any]:
        """Place an order; what the API answered."""
        request = scenario.request(next(_numbers))
        answer = self.customer.place(request, key=str(uuid.uuid4()))
        self.expect(
            f"POST /orders answered {answer.status}", holds=answer.status == HTTPStatus.ACCEPTED
        )
        return answer.body | {"customerId": request["customerId"]}

    def ends(self, order: dict[str, Any], status: str, *, resumed: bool = False) -> None:
        """Wait until an order has come to an end, which must be this one; a `resumed` order was parked before."""
        ends = ENDED - {"PARKED"} if resumed else ENDED

        def look() -> str:
            now = self.status(order)
            return now if now.partition("/")[0] in ends else ""

        ended = self.until(f"the order is not {status}", look)
        self.expect(f"the order is {ended}", holds=ended.startswith(status))

    def status(self, order: dict[str, Any]) -> str:
        """How an order stands, with the reason if there is one."""
        body = self.customer.look_up(order["orderId"]).body
        reason = f"/{body['reason']}" if body.get("reason") else ""
        return f"{body.get('status', '')}{reason}"

    @contextmanager
    def overdue(self) -> Iterator[None]:
        """For as long as the context lasts, every deadline has passed."""
        self.subject.emulator.configure(delay_scale=0)
        try:
            yield
        finally:
            self.subject.emulator.configure(delay_scale=FAR_AWAY)

    def events(self, order: dict[str, Any], *types: str) -> None:
        """Wait until these events have come of an order, and the customer was told of those that concern them."""
        expected = Counter({*types, "order.created"})
        expected["notification.sent"] = len(TOLD & {*types})

        def missing() -> Counter[str]:
            found = journal.of_request(self.stack, order["correlationId"])
            return expected - Counter(event["type"] for event in found)

        self.until(f"not all of {sorted(expected)} happened", lambda: not missing())

    def parked(self, order: dict[str, Any]) -> list[Parked]:
        """The parked work of an order, as recorded: without a record it would be found as well."""
        return [
            work
            for work in recorded(self.stack)
            if work.input["data"]["orderId"] == order["orderId"]
        ]
