"""The main job: deploy the program to an embedded AWS, send orders down every path, check the ledger."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.customer import Answer, Customer
from local.deployment import Deployment, deploy
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.scenarios import Scenario, scenarios
from ops import products
from ops.resume import resume
from ops.stack import Stack

STOCK = Path(__file__).with_name("products.json")
REQUESTS = 12
"""Requests at the same time."""
DEADLINE_SECONDS = 120.0
POLL_SECONDS = 0.2
WAIT_SCALE = 0.05
"""A saga waits a twentieth of its time between attempts; nothing else is hurried."""
ACCEPTED = 202
POISON = {"type": "order.shipped", "data": "not an order"}
POISONED = ("track-order", "deliver-order", "notify-customer")
"""Listeners to the type of event that the poison claims to be."""


@dataclass
class Placed:
    """An order of the demo on its way."""

    scenario: Scenario
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


def run(console: Console) -> int:
    """Run the demo; 0 when every order ended as it has to and the ledger is exact."""
    started = time.monotonic()
    with Emulator(environment={"SFN_WAIT_SCALE": str(WAIT_SCALE)}) as emulator:
        emulator.configure(deliver_twice=True)
        deployment = deploy(emulator)
        _introduce(console, deployment)
        stack = Stack(deployment.outputs, "us-east-1", emulator.endpoint)
        stock = products.read(STOCK)
        products.put(stack, stock)
        with _progress(console) as progress:
            placed = _Run(stack, progress).orders()
        ledger = Ledger.read(stack)
        violations = [*_unexpected(placed), *ledger.violations(stock), *_unquiet(stack, ledger)]
        _report(console, placed)
        _show_failures(console, stack)
    _conclude(console, violations, time.monotonic() - started)
    return 1 if violations else 0


class _Run:
    """The orders of one demo, sent and waited for while progress is shown."""

    def __init__(self, stack: Stack, progress: Progress) -> None:
        self._stack, self._progress = stack, progress
        self._customer = Customer(stack.output("apiUrl"))

    def orders(self) -> list[Placed]:
        plan = scenarios()
        with ThreadPoolExecutor(REQUESTS) as pool:
            bar = self._progress.add_task("orders sent", total=len(plan))

            def place(numbered: tuple[int, Scenario]) -> Placed:
                placed = self._place(*numbered)
                self._progress.advance(bar)
                return placed

            placed = list(pool.map(place, enumerate(plan)))
            self._poison()
            accepted = [order for order in placed if order.order_id]
            self._follow(pool, "orders ended or parked", accepted, FINAL | {"PARKED"})
            self._wait("sagas at rest", self._running, 0)
            self._resume()
            self._follow(pool, "orders ended", accepted, FINAL)
        self._wait("sagas at rest", self._running, 0)
        self._wait("poison set aside", lambda: _depth(self._stack, POISONED), 2 * len(POISONED))
        self._wait("customers not told yet", lambda: len(Ledger.read(self._stack).untold()), 0)
        return placed

    def _place(self, number: int, scenario: Scenario) -> Placed:
        sent = time.time()
        answers = [
            self._customer.place(scenario.request(number), key=f"demo-{number}")
            for _ in range(scenario.posted)
        ]
        placed = Placed(scenario, answers, sent)
        if scenario.cancelled_by_customer:
            self._customer.cancel(placed.order_id)
        return placed

    def _poison(self) -> None:
        entry = {
            "EventBusName": self._stack.output("eventBusName"),
            "Source": "shipping",
            "DetailType": POISON["type"],
            "Detail": json.dumps(POISON),
        }
        self._stack.client("events").put_events(Entries=[entry])

    def _follow(
        self, pool: ThreadPoolExecutor, label: str, placed: Sequence[Placed], until: set[str]
    ) -> None:
        """Ask after the orders until all are in one of these states."""

        def ask(order: Placed) -> bool:
            if order.order.get("status") not in until:
                order.order = self._customer.look_up(order.order_id).body
            return order.order.get("status") in until

        self._wait(label, lambda: sum(pool.map(ask, placed)), len(placed))

    def _resume(self) -> None:
        bar = self._progress.add_task("parked sagas resumed", total=None)
        results = resume(self._stack, done=lambda _: self._progress.advance(bar))
        self._progress.update(bar, total=len(results))

    def _running(self) -> int:
        states = self._stack.client("stepfunctions")
        return sum(
            len(
                states.list_executions(
                    stateMachineArn=self._stack.output(machine), statusFilter="RUNNING"
                )["executions"]
            )
            for machine in ("sagaArn", "sagaResumeArn")
        )

    def _wait(self, label: str, count: Callable[[], int], expected: int) -> None:
        """Wait until something is as it should be; what is not in time shows up as a violation."""
        bar = self._progress.add_task(label, total=max(expected, 1))
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (found := count()) != expected and time.monotonic() < deadline:
            self._progress.update(bar, completed=min(found, expected))
            time.sleep(POLL_SECONDS)
        self._progress.update(bar, completed=max(expected, 1))


def _depth(stack: Stack, listeners: Sequence[str]) -> int:
    return sum(_failures(stack).get(f"{listener}-queue-failures", 0) for listener in listeners)


def _failures(stack: Stack) -> dict[str, int]:
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


def _unexpected(placed: Sequence[Placed]) -> Iterator[str]:
    """Orders that did not end as their path has to."""
    for order in placed:
        scenario = order.scenario
        first, *others = order.answers
        if first.status != ACCEPTED:
            yield f"{scenario.path}: answered {first.status} {first.body}"
        elif order.ended != scenario.ends:
            yield f"{scenario.path}: {order.order_id} is {order.ended}, it must be {scenario.ends}"
        if any(other != first for other in others):
            yield f"{scenario.path}: the same request got different answers: {order.answers}"


def _unquiet(stack: Stack, ledger: Ledger) -> Iterator[str]:
    """What is left behind although everything has ended."""
    expected = {f"{listener}-queue-failures": 2 for listener in POISONED}
    for name, depth in _failures(stack).items():
        if depth != expected.get(name, 0):
            yield f"{name} holds {depth} messages; {expected.get(name, 0)} poisoned ones belong there"
    for order_id, type_ in ledger.untold():
        yield f"order {order_id}: the customer was never told of {type_}"


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _introduce(console: Console, deployment: Deployment) -> None:
    console.print(
        f"Deployed {deployment.resources} resources to the embedded AWS "
        f"in [bold]{deployment.seconds:.1f} s[/]; IAM is enforced for every function."
    )
    for type_ in deployment.not_emulated:
        console.print(f"[yellow]declared, not emulated:[/] {type_}")


def _report(console: Console, placed: Sequence[Placed]) -> None:
    paths: dict[str, list[Placed]] = defaultdict(list)
    for order in placed:
        paths[order.scenario.path].append(order)
    table = Table("path", "orders", "ended as", "p50 s", "p95 s", title="Orders")
    for path, orders in paths.items():
        ended = ", ".join(sorted({order.ended for order in orders}))
        seconds = [order.seconds for order in orders if "updatedAt" in order.order]
        p50, p95 = _percentiles(seconds) if seconds else ("-", "-")
        table.add_row(path, str(len(orders)), ended, p50, p95)
    console.print(table)


def _percentiles(seconds: Sequence[float]) -> tuple[str, str]:
    cuts = quantiles([*seconds, seconds[-1]], n=20, method="inclusive")
    return f"{cuts[9]:.2f}", f"{cuts[18]:.2f}"


def _show_failures(console: Console, stack: Stack) -> None:
    table = Table("failure queue", "messages", title="Failure queues")
    depths = _failures(stack)
    for name, depth in depths.items():
        if depth:
            table.add_row(name, str(depth))
    table.add_row(f"{sum(not depth for depth in depths.values())} others", "0")
    console.print(table)


def _conclude(console: Console, violations: Sequence[str], seconds: float) -> None:
    for violation in violations:
        console.print(f"[red]violation:[/] {violation}", highlight=False)
    verdict = (
        "[red]The ledger does not add up.[/]"
        if violations
        else "[green]Nothing was lost, charged twice or shipped twice:[/] stock taken = lines shipped, "
        "money charged - refunded = totals of shipped orders, every order has its final state."
    )
    console.print(f"{verdict} ({seconds:.0f} s)")
