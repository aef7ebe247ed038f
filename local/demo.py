"""The main job: deploy the program to an embedded AWS, send orders down every path, check the ledger."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.audit import audit, miscounted, unrecorded
from local.customer import Answer, Customer
from local.deployment import Deployment, deploy, load_components
from local.emulator import Emulator
from local.ledger import FINAL, Ledger
from local.poison import POISON, surprises, unpoisoned
from local.restocking import show_restocked, unrestocked
from local.scenarios import Scenario, scenarios
from local.traffic import Placed, Traffic, failures, publish
from ops import products
from ops.analytics import events_by_type
from ops.lineage import lineage, trees
from ops.stack import Stack

STOCK = Path(__file__).with_name("products.json")
WAIT_SCALE = 0.05
"""A saga waits a twentieth of its time between attempts; nothing else is hurried."""
REDELIVERY_SCALE = 0.01
"""A message whose call has failed comes again after a hundredth of its time."""
PATIENCE = 10
"""Factor on the timeouts of tasks: a busy machine must not look like a failing function."""
USUAL_ORDERS = 50
"""Among more than these, a call waits longer for its turn on one machine; a task's timeout counts that too."""
FAR_AWAY = 100
"""Factor on deadlines until all that can happen without them has happened."""
OK, CREATED, ACCEPTED, CONFLICT = 200, 201, 202, 409
NEWCOMERS = (("Ada Lovelace", "ada@example.com"), ("Somebody Else", "Ada@Example.com"))
"""Two who register under one address, which only the first may do."""
COPIES = 2
"""How often each event is delivered."""


def run(
    console: Console,
    coordination: str = "orchestrated",
    plan: Sequence[Scenario] = tuple(scenarios()),
) -> int:
    """Send the orders of a plan; 0 when every order ended as it has to and the ledger is exact."""
    started = time.monotonic()
    load_components()
    with Emulator() as emulator:
        emulator.configure(
            deliver_twice=True,
            wait_scale=WAIT_SCALE,
            redelivery_scale=REDELIVERY_SCALE,
            delay_scale=FAR_AWAY,
            task_timeout_scale=PATIENCE * max(1, len(plan) / USUAL_ORDERS),
        )
        deployment = deploy(emulator, coordination=coordination)
        _introduce(console, deployment, coordination)
        stack = Stack(deployment.outputs, "us-east-1", emulator.endpoint)
        stock = products.read(STOCK)
        products.put(stack, stock)
        with _progress(console) as progress:
            say = console.print if progress.disable else (lambda _: None)
            traffic = Traffic(stack, progress, say)
            registered = [traffic.customer.register(*newcomer) for newcomer in NEWCOMERS]
            placed = _orders(emulator, traffic, plan)
        ledger = Ledger.read(stack)
        violations = [
            *_unexpected(placed, coordination),
            *_newcomers(registered),
            *ledger.violations(stock),
            *audit(ledger, stock),
            *miscounted(ledger, events_by_type(stack)),
            *unrestocked(ledger, stock),
            *_untold_histories(traffic.customer, placed, ledger),
            *_unquiet(traffic, placed, ledger),
        ]
        _report(console, placed)
        show_restocked(console, ledger)
        _trace(console, stack, placed)
        _show_failures(console, stack)
    _conclude(console, violations, time.monotonic() - started)
    return 1 if violations else 0


def _orders(emulator: Emulator, traffic: Traffic, plan: Sequence[Scenario]) -> list[Placed]:
    """Send every order, poison the bus, let deadlines pass, resume what was parked, and wait until all is at rest."""
    placed = traffic.send(plan)
    publish(traffic.stack, "shipping", POISON)
    traffic.settle(placed)
    emulator.configure(delay_scale=0)
    traffic.follow("orders ended or parked", placed, FINAL | {"PARKED"})
    traffic.resume(placed)
    traffic.follow("orders ended", placed, FINAL)
    traffic.wait("poison not set aside yet", lambda: unpoisoned(traffic.stack, COPIES), 0)
    traffic.wait("low products", lambda: len(Ledger.read(traffic.stack).unrestocked()), 0)
    traffic.wait("people not told yet", lambda: len(Ledger.read(traffic.stack).untold()), 0)
    traffic.wait("events not recorded yet", lambda: len(unrecorded(Ledger.read(traffic.stack))), 0)
    traffic.wait("types of events not analysed yet", lambda: _unanalysed(traffic.stack), 0)
    return placed


def _unanalysed(stack: Stack) -> int:
    return sum(1 for _ in miscounted(Ledger.read(stack), events_by_type(stack)))


def _unexpected(placed: Sequence[Placed], coordination: str) -> Iterator[str]:
    """Orders that did not end as their path has to."""
    for order in placed:
        scenario = order.scenario
        ends = scenario.ends
        if coordination == "choreographed":
            ends = scenario.ends_choreographed or ends
        first, *others = order.answers
        if first.status != ACCEPTED:
            yield f"{scenario.path}: answered {first.status} {first.body}"
        elif order.ended != ends:
            yield f"{scenario.path}: {order.order_id} is {order.ended}, it must be {ends}"
        if any(other != first for other in others):
            yield f"{scenario.path}: the same request got different answers: {order.answers}"


def _newcomers(answers: Sequence[Answer]) -> Iterator[str]:
    """Registrations that did not end as they have to."""
    for (name, email), answered, must in zip(NEWCOMERS, answers, (CREATED, CONFLICT), strict=True):
        if answered.status != must:
            yield f"{name} <{email}>: answered {answered.status} {answered.body}, it must be {must}"


def _untold_histories(
    customer: Customer, placed: Sequence[Placed], ledger: Ledger
) -> Iterator[str]:
    """Orders whose history is not all that was committed about them."""
    committed: dict[str, set[str]] = defaultdict(set)
    for event in ledger.events:
        committed[event["data"].get("orderId", "")].add(event["id"])
    for order in (order for order in placed if order.order_id):
        answered = customer.history(order.order_id)
        told = [event["id"] for event in answered.body.get("events", ())]
        if answered.status != OK or sorted(told) != sorted(committed[order.order_id]):
            yield f"order {order.order_id}: its history is {answered.status} with the events {told}"


def _unquiet(traffic: Traffic, placed: Sequence[Placed], ledger: Ledger) -> Iterator[str]:
    """What is left behind although everything has ended."""
    left = traffic.coordination.left(order.scenario for order in placed)
    yield from surprises(traffic.stack, COPIES, left)
    for about, type_ in ledger.untold():
        yield f"{type_} of {about} was never told"


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)


def _introduce(console: Console, deployment: Deployment, coordination: str) -> None:
    made = sum(declared.custom for declared in deployment.resources)
    console.print(
        f"Deployed {made} resources to the embedded AWS "
        f"in [bold]{deployment.seconds:.1f} s[/]; IAM is enforced for every function. "
        f"The saga is {coordination}."
    )
    for type_ in deployment.not_emulated:
        console.print(f"[yellow]declared, not emulated:[/] {type_}")


def _report(console: Console, placed: Sequence[Placed]) -> None:
    paths: dict[str, list[Placed]] = defaultdict(list)
    for order in placed:
        paths[order.scenario.path].append(order)
    table = Table("path", "orders", "ended as", "p50 s", "p95 s", title="Orders")
    for path, orders in paths.items():
        counts = Counter(order.ended for order in orders)
        ended = ", ".join(
            f"{count} {status}" if len(counts) > 1 else status
            for status, count in counts.most_common()
        )
        seconds = [order.seconds for order in orders if "updatedAt" in order.order]
        p50, p95 = _percentiles(seconds) if seconds else ("-", "-")
        table.add_row(path, str(len(orders)), ended, p50, p95)
    console.print(table)


def _trace(console: Console, stack: Stack, placed: Sequence[Placed]) -> None:
    """What came of one order that an operator had to resume."""
    resumed = [order.order_id for order in placed if order.scenario.parked and order.order_id]
    for order_id in resumed[:1]:
        console.print("What one resumed order's request caused:")
        for tree in trees(lineage(stack, order_id)):
            console.print(tree)


def _percentiles(seconds: Sequence[float]) -> tuple[str, str]:
    cuts = quantiles([*seconds, seconds[-1]], n=20, method="inclusive")
    return f"{cuts[9]:.2f}", f"{cuts[18]:.2f}"


def _show_failures(console: Console, stack: Stack) -> None:
    table = Table("failure queue", "messages", title="Failure queues")
    depths = failures(stack)
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
        "money charged - refunded = totals of shipped orders, every order has its final state, "
        "and all of that follows from the journal's events alone."
    )
    console.print(f"{verdict} ({seconds:.0f} s)")
