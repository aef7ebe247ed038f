"""An order's history is in order, says what caused what, and keeps to itself what is private."""

import itertools

import msgspec
import pytest

from events.catalogue import OrderConfirmed, UserRegistered
from events.envelope import Metadata
from handlers.journal import domain
from handlers.journal.domain import Recorded, UnknownOrderError
from tests.handlers.given import created, envelope


def recorded(identity: str, second: int, cause: str = "req-1") -> Recorded:
    return Recorded(
        version="1",
        id=identity,
        source="orders",
        type=f"order.{identity}",
        time=f"2026-01-01T00:00:0{second}.000Z",
        data={"orderId": "order-1", "card": "tok_approved", "email": "a@example.com"},
        metadata=Metadata(correlation_id="corr-1", causation_id=cause, user_id="customer-1"),
    )


def ids(events) -> list[str]:
    return [event.id for event in events]


def test_events_are_told_by_time_in_whichever_order_they_arrived():
    events = [recorded("a", 1), recorded("b", 2), recorded("c", 3)]

    told = {tuple(ids(domain.in_order(found))) for found in itertools.permutations(events)}

    assert told == {("a", "b", "c")}


def test_no_event_is_told_before_its_cause_although_its_clock_was_behind():
    late = recorded("cause", 3)
    events = [recorded("effect", 1, cause="cause"), recorded("other", 2), late]

    assert ids(domain.in_order(events)) == ["other", "cause", "effect"]


def test_events_that_caused_each_other_are_told_in_that_order_whatever_their_clocks_say():
    events = [recorded("third", 1, "second"), recorded("second", 2, "first"), recorded("first", 3)]

    assert ids(domain.in_order(events)) == ["first", "second", "third"]


def test_events_that_claim_to_have_caused_each_other_are_told_all_the_same():
    events = [recorded("b", 2, cause="a"), recorded("a", 1, cause="b"), recorded("c", 3)]

    assert ids(domain.in_order(events)) == ["c", "a", "b"]


def test_a_history_says_what_happened_and_why_and_nothing_private():
    history = domain.history("order-1", [recorded("confirmed", 2, "e-1"), recorded("e-1", 1)])

    assert history["orderId"] == "order-1"
    assert ids_of(history) == ["e-1", "confirmed"]
    assert history["events"][1] == {
        "id": "confirmed",
        "type": "order.confirmed",
        "source": "orders",
        "time": "2026-01-01T00:00:02.000Z",
        "causationId": "e-1",
        "correlationId": "corr-1",
        "data": {"orderId": "order-1"},
    }


def ids_of(history) -> list[str]:
    return [event["id"] for event in history["events"]]


def test_an_order_without_events_is_unknown():
    with pytest.raises(UnknownOrderError, match="nothing is known of an order 'order-1'"):
        domain.history("order-1", [])


def test_an_order_and_a_user_of_one_id_are_two_things():
    order = OrderConfirmed(order_id="1", customer_id="c", total="1.00")
    user = UserRegistered(user_id="1", full_name="Ada", email="ada@example.com")

    assert [domain.aggregate_of(event) for event in (order, user)] == ["order#1", "user#1"]


def test_copies_of_an_event_have_one_position_and_positions_sort_by_time():
    first = envelope(created())
    later = msgspec.structs.replace(first, time="9999-01-01T00:00:00.000Z", id="0")

    assert domain.position(first) == domain.position(msgspec.structs.replace(first))
    assert domain.position(first) < domain.position(later)
