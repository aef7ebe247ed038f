"""What the demo orders: every path that an order can take, and how each has to end."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from local.ledger import FINAL

GATEWAY_FAILS = {"tok_error", "tok_charged_then_error", "tok_timeout"}
"""Cards for which the gateway never answers."""
BOUGHT, OUT_OF_STOCK, DECLINED = "FULFILLED", "CANCELLED/OutOfStock", "CANCELLED/PaymentDeclined"
FAILED, BY_CUSTOMER = "CANCELLED/Failed", "CANCELLED/ByCustomer"


@dataclass(frozen=True)
class Scenario:
    """One order and what must become of it."""

    path: str
    """Name of the path, for the report."""
    ends: str
    """Final status, with its reason if it has one."""
    items: tuple[tuple[str, int], ...] = (("prod-001", 1), ("prod-002", 2))
    """Products and quantities."""
    card: str = "tok_approved"
    faults: dict[str, str] = field(default_factory=dict)
    """Failures to provoke, by state of the saga."""
    cancelled_by_customer: bool = False
    parked: bool = False
    """Whether it waits for an operator before it ends."""
    posted: int = 1
    """How often the same request is sent."""
    ends_choreographed: str = ""
    """How it ends when no saga gives up on a step that has happened. Default: the same."""

    def before_deadline(self) -> set[str]:
        """The states in which it stays, without a saga, until a deadline passes."""
        if (self.ends_choreographed or self.ends) == FAILED:
            return FINAL | {"PLACED"}
        return FINAL | ({"CONFIRMED", "SHIPPED"} if self.parked else set())

    def failing(self) -> dict[str, str]:
        """Step to when it fails: `once`, `always` or `until-resumed`."""
        found = {step: fault.partition(":")[2] for step, fault in self.faults.items()}
        return found | ({"ChargeCard": "always"} if self.card in GATEWAY_FAILS else {})

    def request(self, number: int) -> dict[str, Any]:
        """The body of POST /orders."""
        body: dict[str, Any] = {
            "customerId": f"customer-{number % 7}",
            "email": f"customer-{number % 7}@example.com",
            "items": [
                {"productId": product, "quantity": quantity} for product, quantity in self.items
            ],
            "card": self.card,
        }
        return body | ({"faults": self.faults} if self.faults else {})


FAULTS = 0.1
"""Part of many orders on which something fails."""
STEPS = ("ReserveStock", "ChargeCard", "ConfirmOrder", "ShipOrder", "SendConfirmation")


def scenarios() -> list[Scenario]:
    """All orders of the demo, one path after the other."""
    return [
        *[Scenario("bought", BOUGHT) for _ in range(10)],
        *[Scenario("bought, posted twice", BOUGHT, posted=2) for _ in range(3)],
        *[Scenario("out of stock", OUT_OF_STOCK, items=(("prod-001", 1), ("prod-010", 1)))] * 3,
        *[Scenario("bought, the last ones", BOUGHT, items=(("prod-004", 2),)) for _ in range(4)],
        *[Scenario("card refused", DECLINED, card="tok_declined")] * 3,
        *[Scenario("card charged, then error", FAILED, card="tok_charged_then_error")] * 2,
        *[Scenario("gateway down", FAILED, card="tok_error")] * 2,
        *_failing_once(),
        *_failing_always(),
        Scenario(
            "cancelled by the customer",
            BY_CUSTOMER,
            faults={"ChargeCard": "slow-3:always"},
            cancelled_by_customer=True,
        ),
        *[
            Scenario(
                "undo fails until resumed",
                FAILED,
                card="tok_charged_then_error",
                faults={undo: "error-before:until-resumed"},
                parked=True,
            )
            for undo in ("UndoChargeCard", "UndoReserveStock")
        ],
    ]


def many(orders: int, seed: int) -> list[Scenario]:
    """So many orders, of which one in ten, at random, goes down one of the paths on which something fails."""
    chance = random.Random(seed)
    bought = Scenario("bought", BOUGHT)
    failing = [scenario for scenario in scenarios() if scenario.failing()]
    return [chance.choice(failing) if chance.random() < FAULTS else bought for _ in range(orders)]


def _failing_once() -> Iterator[Scenario]:
    for step in STEPS:
        for kind in ("crash-before", "crash-after"):
            yield Scenario(f"{step} fails once", BOUGHT, faults={step: f"{kind}:once"})


def _failing_always() -> Iterator[Scenario]:
    for step in STEPS[:2]:
        for kind in ("error-before", "crash-after"):
            yield Scenario(
                f"{step} always fails, {'after' if 'after' in kind else 'before'} it happened",
                FAILED,
                faults={step: f"{kind}:always"},
                # The event that it has happened is out, and the next service acts on it.
                ends_choreographed=BOUGHT if "after" in kind else "",
            )
    # Whether the pivot happened decides which way it goes, not whether its answer arrived.
    yield Scenario(
        "ConfirmOrder always fails, before it happens",
        FAILED,
        faults={"ConfirmOrder": "error-before:always"},
    )
    yield Scenario(
        "ConfirmOrder always fails, after it happened",
        BOUGHT,
        faults={"ConfirmOrder": "crash-after:always"},
    )
    yield Scenario(
        "SendConfirmation fails until resumed",
        BOUGHT,
        faults={"SendConfirmation": "error-before:until-resumed"},
    )
    for kind in ("error-before", "crash-after"):
        yield Scenario(
            "ShipOrder fails until resumed",
            BOUGHT,
            faults={"ShipOrder": f"{kind}:until-resumed"},
            parked=True,
        )
