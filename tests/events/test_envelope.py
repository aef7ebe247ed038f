import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import OrderCreated, PaymentFailed, PaymentProcessed, PricedLine
from events.envelope import (
    Envelope,
    Metadata,
    UnparsableEventError,
    encode,
    parse,
    rfc3339,
    utc_now,
    wrap,
)
from tests.events.published import published_detail

REQUEST = Metadata(correlation_id="request-1", causation_id="request-1", user_id="customer-1")
PAID = PaymentProcessed(order_id="order-1", amount="59.98")

ids = st.text(min_size=1, max_size=128)
money = st.from_regex(r"\A[0-9]{1,9}\.[0-9]{2}\Z")
lines = st.builds(PricedLine, product_id=ids, quantity=st.integers(1, 10_000), price=money)
orders = st.builds(
    OrderCreated,
    order_id=ids,
    customer_id=ids,
    email=st.none() | st.text(),
    items=st.lists(lines, max_size=5).map(tuple),
    total=money,
    card=st.text(),
)
metadata = st.builds(
    Metadata,
    correlation_id=st.text(),
    causation_id=st.text(),
    user_id=st.text(),
    faults=st.dictionaries(st.text(), st.text(), max_size=3),
)


@given(orders, metadata)
def test_an_event_arrives_as_it_was_sent(order, origin):
    sent = wrap(order, origin)

    assert parse(json.loads(encode(sent)), OrderCreated) == sent


def test_an_event_gets_an_envelope_of_its_own():
    first, second = wrap(PAID, REQUEST), wrap(PAID, REQUEST)

    assert first.id != second.id
    assert (first.version, first.source, first.type) == ("1", "payments", "payment.processed")
    assert (first.data, first.metadata) == (PAID, REQUEST)


def test_an_event_happens_when_it_is_wrapped():
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    happened = datetime.fromisoformat(wrap(PAID, REQUEST).time)

    assert before <= happened <= datetime.now(UTC)


def test_time_is_in_utc_with_milliseconds():
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", utc_now())


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock shows the time of Tokyo, nine hours ahead."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_time_is_in_utc_wherever_the_clock_is():
    moment = datetime(2026, 11, 22, 1, 30, tzinfo=timezone(timedelta(hours=2)))

    assert rfc3339(moment) == "2026-11-21T23:30:00.000Z"
    assert abs(datetime.fromisoformat(utc_now()) - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_an_event_causes_belongs_to_the_same_request():
    envelope = wrap(PAID, msgspec.structs.replace(REQUEST, faults={"ShipOrder": "slow"}))

    assert envelope.causes() == Metadata(
        correlation_id="request-1",
        causation_id=envelope.id,
        user_id="customer-1",
        faults={"ShipOrder": "slow"},
    )


def test_an_event_that_its_consumers_could_not_read_is_not_sent():
    broken = wrap(msgspec.structs.replace(PAID, amount="59.9"), REQUEST)

    with pytest.raises(msgspec.ValidationError, match=r"matching regex .* - at `\$.data.amount`"):
        encode(broken)


def test_fields_unknown_to_a_consumer_are_ignored():
    detail = published_detail("payment.processed")
    later = detail | {"region": "eu", "data": {"orderId": "o", "amount": "1.00", "card": "visa"}}

    assert parse(later, PaymentProcessed).data == PaymentProcessed(order_id="o", amount="1.00")


def test_of_several_expected_events_the_one_that_came_is_read():
    envelope = parse(published_detail("payment.failed"), PaymentProcessed, PaymentFailed)

    assert envelope.data == PaymentFailed(order_id="order-1", amount="59.98", reason="declined")


def test_an_event_that_was_not_expected_is_unparsable():
    with pytest.raises(
        UnparsableEventError,
        match=r"^event type 'order.shipped' was not expected here; "
        r"expected one of \['payment.failed', 'payment.processed'\]$",
    ):
        parse(published_detail("order.shipped"), PaymentProcessed, PaymentFailed)


@pytest.mark.parametrize(
    ("detail", "found"),
    [
        (None, None),
        ("payment.processed", None),
        ([{"type": "payment.processed"}], None),
        ({}, None),
        ({"type": None}, None),
        ({"type": ["payment.processed"]}, ["payment.processed"]),
        ({"type": {}}, {}),
    ],
    ids=repr,
)
def test_what_is_no_envelope_is_unparsable(detail, found):
    with pytest.raises(UnparsableEventError, match=f"^event type {re.escape(repr(found))} was not"):
        parse(detail, PaymentProcessed)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": 7}, r"Expected `str`, got `int` - at `\$.id`"),
        ({"data": None}, r"Expected `object`, got `null` - at `\$.data`"),
        ({"data": {"orderId": "", "amount": "1.00"}}, r"length >= 1 - at `\$.data.orderId`"),
        ({"metadata": {}}, r"missing required field `correlationId` - at `\$.metadata`"),
        ({"version": "2"}, "version '2' cannot be read here; version '1' can"),
    ],
    ids=repr,
)
def test_an_envelope_that_is_not_as_published_is_unparsable(change, complaint):
    with pytest.raises(UnparsableEventError, match=f"^payment.processed: .*{complaint}"):
        parse(published_detail("payment.processed") | change, PaymentProcessed)


@pytest.mark.parametrize("key", ["version", "id", "source", "time", "data", "metadata"])
def test_an_envelope_with_a_part_missing_is_unparsable(key):
    detail = published_detail("payment.processed")
    del detail[key]

    with pytest.raises(UnparsableEventError, match=f"missing required field `{key}`"):
        parse(detail, PaymentProcessed)


@pytest.mark.parametrize(
    ("part", "field"), [(REQUEST, "user_id"), (wrap(PAID, REQUEST), "id"), (PAID, "amount")]
)
def test_nothing_of_an_event_can_be_changed(part, field):
    with pytest.raises(AttributeError, match="immutable type"):
        setattr(part, field, "another")


@pytest.mark.parametrize("kind", [Metadata, Envelope])
def test_the_parts_of_an_envelope_are_given_by_name(kind):
    with pytest.raises(TypeError, match="Extra positional arguments provided"):
        kind("request-1", "request-1", "customer-1")
