"""A gateway that is down is left alone, by all instances, until one probe has found it up again."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.refusals import Refusal
from handlers.payments import breaker, guarding
from handlers.payments.breaker import Breaker, CircuitOpenError, Tolerance
from handlers.payments.charging import charge_card, refund_card
from handlers.payments.domain import Approved, Declined, Payment, Verdict
from handlers.payments.gateway import Book, GatewayDownError, GatewayError, SimulatedGateway
from handlers.payments.guarding import GATEWAY, PROBE_MS, GuardedGateway
from handlers.payments.store import breakers
from handlers.rows import Rows
from tests.handlers.given import METADATA, call, created
from tests.handlers.interleaving import Running, gate
from tests.handlers.memory import MemoryRows

TOLERANCE = Tolerance(failures=3, cool_down_ms=1000, probe_ms=200)


class Gateway:
    """Does what it is told next, and remembers how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Verdict | GatewayError = Approved()
        self.refunded: list[str] = []

    def charge(self, key: str, amount: str, token: str) -> Verdict:
        self.asked += 1
        if isinstance(self.answer, GatewayError):
            raise self.answer
        return self.answer

    def refund(self, key: str) -> str | None:
        self.refunded.append(key)
        return None


class World:
    """A gateway, a clock, and instances that share what they know of the gateway."""

    def __init__(self, rows: Rows[Breaker] | None = None) -> None:
        self.gateway = Gateway()
        self.rows = rows or MemoryRows[Breaker]()
        self.now = 1_000_000

    def instance(self) -> GuardedGateway:
        return GuardedGateway(self.gateway, self.rows, TOLERANCE, lambda: self.now)

    def charge(self) -> Verdict:
        """By another instance each time."""
        return self.instance().charge("order-1", "20.00", "card")

    def fails(self, times: int = 1) -> None:
        self.gateway.answer = GatewayDownError("down")
        for _ in range(times):
            with pytest.raises(GatewayDownError):
                self.charge()

    def is_open(self) -> bool:
        asked = self.gateway.asked
        with pytest.raises(CircuitOpenError, match=r"^the gateway is down and not asked for anoth"):
            self.charge()
        return self.gateway.asked == asked


def test_the_clock_counts_milliseconds_since_1970():
    gateway, rows = Gateway(), MemoryRows[Breaker]()
    gateway.answer = GatewayDownError("down")

    for _ in range(TOLERANCE.failures):
        with pytest.raises(GatewayDownError):
            GuardedGateway(gateway, rows, TOLERANCE).charge("order-1", "20.00", "card")

    until = rows.rows[GATEWAY].open_until / 1000
    assert abs(until - time.time() - TOLERANCE.cool_down_ms / 1000) < 60


@pytest.fixture
def world() -> World:
    return World()


def test_as_many_failures_in_a_row_as_are_tolerated_open_it_for_all_instances(world):
    world.fails(TOLERANCE.failures)

    assert world.is_open()
    assert world.gateway.asked == TOLERANCE.failures


def test_who_is_turned_away_hears_how_long_that_lasts():
    with pytest.raises(CircuitOpenError, match=r"for another 1\.5 s$"):
        breaker.admit(Breaker(open_until=10_500), now=9_000, tolerance=TOLERANCE)


def test_an_answer_in_between_begins_the_count_anew(world):
    world.fails(TOLERANCE.failures - 1)
    world.gateway.answer = Declined("no")
    assert world.charge() == Declined("no")

    world.fails(TOLERANCE.failures - 1)

    world.gateway.answer = Approved()
    assert world.charge() == Approved()


def test_errors_about_one_charge_say_nothing_of_the_gateway(world):
    world.gateway.answer = GatewayError("no answer about order-1")
    for _ in range(10 * TOLERANCE.failures):
        with pytest.raises(GatewayError):
            world.charge()

    assert world.gateway.asked == 10 * TOLERANCE.failures


def test_after_the_cool_down_a_probe_that_succeeds_closes_it(world):
    world.fails(TOLERANCE.failures)
    world.now += TOLERANCE.cool_down_ms
    world.gateway.answer = Approved()

    assert [world.charge(), world.charge()] == [Approved()] * 2
    world.fails(TOLERANCE.failures - 1)
    world.gateway.answer = Approved()
    assert world.charge() == Approved()


def test_after_the_cool_down_a_probe_that_fails_opens_it_again_at_once(world):
    world.fails(TOLERANCE.failures)
    world.now += TOLERANCE.cool_down_ms

    world.fails(1)

    assert world.is_open()
    world.now += TOLERANCE.cool_down_ms - 1
    assert world.is_open()


def test_of_many_instances_one_probes():
    rows = MemoryRows[Breaker](gate)
    world = World(rows)
    world.gateway.answer = GatewayError("no answer yet")
    rows.rows[GATEWAY] = Breaker(failures=3, open_until=world.now, version=1)
    running = [Running(f"{number}", world.charge) for number in range(3)]

    # All have read that it has cooled down before any of them writes that it probes.
    for one in running:
        one.step()
    while unfinished := [one for one in running if not one.finished]:
        for one in unfinished:
            one.step()

    assert world.gateway.asked == 1
    assert sorted(type(one.error).__name__ for one in running) == [
        "CircuitOpenError",
        "CircuitOpenError",
        "GatewayError",
    ]


def test_a_probe_that_never_reports_is_made_again_once_its_time_is_over(world):
    world.fails(TOLERANCE.failures)
    world.now += TOLERANCE.cool_down_ms
    world.gateway.answer = GatewayError("no answer about order-1")
    with pytest.raises(GatewayError):
        world.charge()

    assert world.is_open()
    world.now += TOLERANCE.probe_ms
    world.gateway.answer = Approved()
    assert world.charge() == Approved()


def test_money_is_given_back_whatever_the_breaker_says(world):
    world.fails(TOLERANCE.failures)

    assert world.instance().refund("order-1") is None
    assert world.gateway.refunded == ["order-1"]


def test_an_order_that_meets_an_open_circuit_fails_and_is_not_charged(world):
    books, payments = MemoryRows[Book](), MemoryRows[Payment]()
    simulated = SimulatedGateway(books, 1.0, lambda: None)
    guarded = GuardedGateway(simulated, world.rows, TOLERANCE, lambda: world.now)
    for number in range(TOLERANCE.failures):
        asked = call(created(f"down-{number}", card="tok_gateway_down"))
        with pytest.raises(GatewayDownError):
            charge_card(asked, payments, guarded)

    with pytest.raises(CircuitOpenError) as refused:
        charge_card(call(created("order-1")), payments, guarded)

    # A failure, which the saga tries again and then undoes; no business answer.
    assert not isinstance(refused.value, Refusal)
    assert books.rows == {}
    assert payments.told() == []
    refunded = refund_card("order-1", "20.00", METADATA, payments, guarded)
    assert refunded["status"] == "REFUNDED"
    world.now += TOLERANCE.cool_down_ms
    charged = charge_card(call(created("order-2")), payments, guarded)
    assert charged["status"] == "CHARGED"


@pytest.mark.parametrize("card", ["tok_error", "tok_timeout", "tok_charged_then_error"])
def test_cards_that_fail_by_themselves_leave_others_alone(world, card):
    simulated = SimulatedGateway(MemoryRows[Book](), 1.0, lambda: None)
    guarded = GuardedGateway(simulated, world.rows, TOLERANCE, lambda: world.now)
    for number in range(10):
        with pytest.raises(GatewayError):
            guarded.charge(f"order-{number}", "1.00", card)

    assert guarded.charge("sound", "1.00", "tok_approved") == Approved()


STEPS = st.lists(
    st.tuples(st.sampled_from(["up", "down", "error"]), st.integers(0, 1500)), max_size=40
)


@given(steps=STEPS)
def test_whatever_happens_the_gateway_is_asked_only_when_it_may_be(steps):
    """Against a model that knows the whole history: failures in a row, and when the last was."""
    world, in_a_row, opened, probed = World(), 0, None, None
    for kind, pause in steps:
        world.now += pause
        world.gateway.answer = {
            "up": Approved(),
            "down": GatewayDownError("down"),
            "error": GatewayError("this one"),
        }[kind]
        cooled = opened is None or (
            world.now >= opened + TOLERANCE.cool_down_ms
            and (probed is None or world.now >= probed + TOLERANCE.probe_ms)
        )
        asked = world.gateway.asked
        with suppress(GatewayError, CircuitOpenError):
            world.charge()
        assert (world.gateway.asked == asked + 1) is cooled
        if not cooled:
            continue
        if kind == "up":
            in_a_row, opened, probed = 0, None, None
        elif kind == "down":
            in_a_row += 1
            opened = world.now if opened is not None or in_a_row >= TOLERANCE.failures else None
            probed = None
        elif opened is not None:
            probed = world.now


@given(
    known=st.builds(Breaker, failures=st.integers(0, 9), open_until=st.integers(0, 99)),
    now=st.integers(0, 99),
)
def test_a_late_failure_never_shortens_the_cool_down(known, now):
    after = breaker.failed(known, now=now, tolerance=TOLERANCE).row

    assert after.open_until >= known.open_until
    assert after.failures == known.failures + 1


def test_a_healthy_gateway_costs_one_read_and_no_write(world):
    for _ in range(3):
        world.charge()

    assert world.rows.rows[GATEWAY].version == 1


@pytest.mark.usefixtures("aws")
def test_instances_agree_through_the_table():
    world = World(breakers())

    world.fails(TOLERANCE.failures)
    assert world.is_open()

    world.now += TOLERANCE.cool_down_ms
    world.gateway.answer = Approved()
    assert world.charge() == Approved()
    found = breakers().load(GATEWAY)
    assert found is not None
    assert (found.failures, found.open_until) == (0, 0)


def test_a_probe_has_longer_than_a_function_can_run():
    from components.function import TIMEOUT_SECONDS  # noqa: PLC0415

    assert PROBE_MS > 1000 * TIMEOUT_SECONDS


@pytest.mark.parametrize("value", ["0", "-1", "five", "", "1.5"])
@pytest.mark.parametrize("variable", ["BREAKER_FAILURES", "BREAKER_COOL_DOWN_SECONDS"])
def test_a_wrong_tolerance_is_named(monkeypatch, variable, value):
    monkeypatch.setenv("BREAKER_FAILURES", "5")
    monkeypatch.setenv("BREAKER_COOL_DOWN_SECONDS", "30")
    monkeypatch.setenv(variable, value)
    make: Callable[[], Tolerance] = guarding.tolerance.__wrapped__

    with pytest.raises(ValueError, match=f"^{variable} is '{value}'; it must be a whole number"):
        make()
