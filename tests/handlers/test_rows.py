"""Decisions are made on the row as it is, and again when somebody was faster."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from components.function import TIMEOUT_SECONDS
from handlers import rows
from handlers.inventory.domain import Reservation, Status
from handlers.rows import Change, OvertakenError, carry_out
from tests.handlers.given import METADATA, created
from tests.handlers.memory import MemoryRows

RELEASED = Reservation(status=Status.RELEASED)


class Contended(MemoryRows[Reservation]):
    """Somebody else writes before each of the first saves."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def save(self, key, row, outbox) -> None:
        if self.times:
            self.times -= 1
            version = self.rows[key].version if key in self.rows else 0
            self.rows[key] = Reservation(status=Status.RESERVED, version=version + 1)
        super().save(key, row, outbox)


def test_a_decision_is_written_with_its_events_and_their_origin():
    stored = MemoryRows[Reservation]()

    carry_out(stored, "order-1", lambda _: Change(RELEASED, (created(),)), METADATA)

    assert stored.rows["order-1"].status is Status.RELEASED
    assert [event.metadata for event in stored.events] == [METADATA]


def test_a_decision_that_was_overtaken_is_made_again_on_what_is_there_now():
    stored, seen = Contended(times=1), []

    def decide(found: Reservation | None) -> Change[Reservation]:
        seen.append(found.status if found else None)
        return Change(Reservation(status=Status.RELEASED, version=found.version if found else 0))

    assert carry_out(stored, "order-1", decide).status is Status.RELEASED
    assert seen == [None, Status.RESERVED]


def test_a_decision_is_not_made_for_ever():
    stored, decisions = Contended(times=1000), []

    def decide(found: Reservation | None) -> Change[Reservation]:
        decisions.append(found)
        return Change(Reservation(status=Status.RELEASED, version=found.version if found else 0))

    with pytest.raises(OvertakenError):
        carry_out(stored, "order-1", decide)
    assert len(decisions) == rows.ATTEMPTS


def test_all_pauses_leave_a_function_time_to_decide(monkeypatch: pytest.MonkeyPatch):
    slept: list[float] = []
    monkeypatch.setattr(rows, "PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(rows.random, "uniform", lambda _, longest: longest)
    monkeypatch.setattr(rows.time, "sleep", slept.append)

    with pytest.raises(OvertakenError):
        carry_out(Contended(times=1000), "order-1", because("late"))

    assert slept == [0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 1.28, 1.28, 1.28]
    assert sum(slept) < TIMEOUT_SECONDS - 2


def test_the_last_attempt_counts():
    stored = Contended(times=rows.ATTEMPTS - 1)

    def decide(found: Reservation | None) -> Change[Reservation]:
        return Change(Reservation(status=Status.RELEASED, version=found.version if found else 0))

    assert carry_out(stored, "order-1", decide).status is Status.RELEASED


def because(reason: str) -> Callable[[Reservation | None], Change[Reservation]]:
    return lambda found: Change(replace(found or RELEASED, reason=reason))


def test_a_row_that_was_just_written_is_not_read_again():
    accesses = []
    stored = MemoryRows[Reservation](gate=lambda: accesses.append("one"))

    first = carry_out(stored, "order-1", because("first"))
    second = carry_out(stored, "order-1", because("second"), known=first)

    assert len(accesses) == 3
    assert (first.version, second.version) == (1, 2)
    assert stored.rows["order-1"] == second


def test_a_row_that_somebody_else_has_written_since_is_read_after_all():
    stored, seen = MemoryRows[Reservation](), []
    first = carry_out(stored, "order-1", because("first"))
    others = carry_out(stored, "order-1", because("others"))

    def decide(found: Reservation | None) -> Change[Reservation]:
        seen.append(found)
        return because("second")(found)

    second = carry_out(stored, "order-1", decide, known=first)

    assert (second.version, second.reason) == (3, "second")
    assert (seen[0], seen[-1]) == (first, others)


def test_that_nothing_is_to_be_written_is_decided_on_the_row_as_it_is():
    stored = MemoryRows[Reservation]()
    first = carry_out(stored, "order-1", because("first"))
    others = carry_out(stored, "order-1", because("others"))

    assert carry_out(stored, "order-1", because("first"), known=first).reason == "first"
    assert carry_out(stored, "order-1", lambda row: Change(row or first), known=others).version == 3


def test_a_row_that_stays_as_it_is_is_not_written():
    stored = MemoryRows[Reservation]()
    stored.rows["order-1"] = Reservation(status=Status.RELEASED, version=7)

    def keep(found: Reservation | None) -> Change[Reservation]:
        assert found
        return Change(found)

    assert carry_out(stored, "order-1", keep).version == 7
    assert stored.rows["order-1"].version == 7


def test_events_need_an_origin():
    with pytest.raises(ValueError, match=r"\['order\.created'\] cannot be told without metadata"):
        carry_out(MemoryRows[Reservation](), "k", lambda _: Change(RELEASED, (created(),)))
