"""The relay puts every event on the bus, and never a later one before an earlier one of the same order."""

import itertools
import json
import uuid
from collections import defaultdict
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import Envelope, encode
from handlers import relay
from handlers.relay import MOST_BYTES, MOST_ENTRIES, Outgoing, batches
from tests.handlers.conftest import make_queue, received
from tests.handlers.given import created, envelope

ORDERS = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m")


def outgoing(number: int, aggregate: str, size: int = 10) -> Outgoing:
    return Outgoing(sequence_number=str(number), aggregate=aggregate, entry={}, size=size)


def record(sequence_number: int, told: Envelope[Any]) -> dict[str, Any]:
    image = {
        "orderId": {"S": f"outbox#{told.id}"},
        "event": {"S": encode(told)},
        "aggregate": {"S": told.data.order_id},
        "expiresAt": {"N": "1"},
    }
    return {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": str(sequence_number), "NewImage": image},
    }


class Bus:
    """Stands for EventBridge's client: refuses the entries that it is told to, as AWS does."""

    def __init__(self, refused: set[str] | None = None, error: Exception | None = None) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self._refused, self._error = refused or set(), error

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        self.calls.append(Entries)
        if self._error:
            raise self._error
        results = [
            {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
            if json.loads(entry["Detail"])["id"] in self._refused
            else {"EventId": "1"}
            for entry in Entries
        ]
        return {"FailedEntryCount": 0, "Entries": results}


@pytest.fixture
def bus(monkeypatch):
    """Takes the place of EventBridge."""
    monkeypatch.setenv("BUS_NAME", "bus")

    def replace(**behaviour) -> Bus:
        stand_in = Bus(**behaviour)
        monkeypatch.setattr(relay, "client", {"events": stand_in}.__getitem__)
        return stand_in

    return replace


@given(st.lists(st.tuples(st.sampled_from(ORDERS), st.integers(1, MOST_BYTES)), max_size=60))
def test_calls_keep_the_order_and_the_limits_of_the_bus(events):
    waiting = [outgoing(number, *event) for number, event in enumerate(events)]

    cut = list(batches(iter(waiting)))

    assert [each for batch in cut for each in batch] == waiting
    for batch in cut:
        assert 1 <= len(batch) <= MOST_ENTRIES
        assert sum(each.size for each in batch) <= MOST_BYTES
        assert len({each.aggregate for each in batch}) == len(batch)


@given(st.lists(st.tuples(st.sampled_from(ORDERS), st.integers(1, MOST_BYTES)), max_size=60))
def test_calls_are_as_few_as_they_can_be(events):
    cut = list(batches(outgoing(number, *event) for number, event in enumerate(events)))

    for batch, following in itertools.pairwise(cut):
        joined = [*batch, following[0]]
        assert (
            len(joined) > MOST_ENTRIES
            or sum(each.size for each in joined) > MOST_BYTES
            or len({each.aggregate for each in joined}) < len(joined)
        )


def test_a_call_takes_ten_events():
    cut = list(batches(outgoing(number, f"order-{number}", size=1) for number in range(25)))

    assert [len(batch) for batch in cut] == [10, 10, 5]


def test_an_event_larger_than_a_call_goes_alone():
    cut = list(batches([outgoing(1, "a"), outgoing(2, "b", MOST_BYTES + 1), outgoing(3, "c")]))

    assert [len(batch) for batch in cut] == [1, 1, 1]


def test_an_entry_says_what_its_envelope_says(bus):
    events, told = bus(), envelope(created())

    assert relay.handler({"Records": [record(1, told)]}, None) == {"batchItemFailures": []}

    assert events.calls == [
        [
            {
                "Time": told.time,
                "Source": "orders",
                "DetailType": "order.created",
                "Detail": encode(told),
                "EventBusName": "bus",
            }
        ]
    ]


def test_what_holds_no_event_holds_no_event_up(bus):
    stand_in = bus()
    row = {"orderId": {"S": "outbox#of-a-stranger"}, "status": {"S": "CHARGED"}}
    stranger = {"dynamodb": {"SequenceNumber": "1", "NewImage": row}}
    told = envelope(created())

    assert relay.handler({"Records": [stranger, record(2, told)]}, None) == {
        "batchItemFailures": []
    }

    [[entry]] = stand_in.calls
    assert json.loads(entry["Detail"])["id"] == told.id


def test_the_size_of_an_entry_is_counted_as_the_bus_counts_it(bus):
    events = bus()
    told = [envelope(created(f"order-{number}-{'ö' * 60}")) for number in range(9)]
    size = 14 + len("orders") + len("order.created") + len(encode(told[0]).encode())
    relay_bytes = 3 * size

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relay, "MOST_BYTES", relay_bytes)
        relay.handler({"Records": [record(n, each) for n, each in enumerate(told)]}, None)

    assert [len(call) for call in events.calls] == [3, 3, 3]


def test_the_first_entry_that_failed_is_where_the_stream_resumes(bus, logged):
    told = [envelope(created(f"order-{number}")) for number in range(4)]
    events = bus(refused={told[1].id, told[2].id})

    answer = relay.handler({"Records": [record(n, each) for n, each in enumerate(told)]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert len(events.calls) == 1
    [line] = logged()
    assert (line["message"], line["aggregate"], line["error"], line["reason"]) == (
        "event not taken by the bus",
        "order-1",
        "ThrottlingException",
        "slow down",
    )


def test_after_a_failure_nothing_more_is_sent(bus):
    told = [envelope(created("order-1")) for _ in range(3)]
    events = bus(refused={told[0].id})

    answer = relay.handler({"Records": [record(n, each) for n, each in enumerate(told)]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert [len(call) for call in events.calls] == [1]


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied"}}, "PutEvents"),
        EndpointConnectionError(endpoint_url="https://events"),
    ],
)
def test_a_bus_that_does_not_answer_is_asked_again_from_the_same_place(bus, logged, error):
    told = [envelope(created("order-1")), envelope(created("order-2"))]
    bus(error=error)

    answer = relay.handler({"Records": [record(n, each) for n, each in enumerate(told)]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert type(error).__name__ in logged()[0]["exception"]


@given(
    orders=st.lists(st.sampled_from(ORDERS[:4]), min_size=1, max_size=30),
    failing=st.lists(st.booleans(), max_size=40),
)
def test_whatever_fails_each_orders_events_arrive_in_order_and_none_is_lost(orders, failing):
    told = [envelope(created(order)) for order in orders]
    records = [record(number, each) for number, each in enumerate(told)]
    failures, arrived = iter(failing), defaultdict(list)

    class Moody(Bus):
        """Refuses entries as it likes, for a while."""

        def put_events(self, Entries):  # noqa: N803 (AWS's name)
            results = []
            for entry in Entries:
                if next(failures, False):
                    results.append({"ErrorCode": "InternalFailure"})
                else:
                    results.append({"EventId": "1"})
                    event = json.loads(entry["Detail"])
                    arrived[event["data"]["orderId"]].append(event["id"])
            return {"Entries": results}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUS_NAME", "bus")
        patch.setattr(relay, "client", lambda _: Moody())
        resume = 0
        while resume < len(records):
            answer = relay.handler({"Records": records[resume:]}, None)["batchItemFailures"]
            resume = int(answer[0]["itemIdentifier"]) if answer else len(records)

    for order, ids in arrived.items():
        first_arrivals = list(dict.fromkeys(ids))
        assert first_arrivals == [each.id for each in told if each.data.order_id == order]


def test_events_reach_the_bus(aws):
    order_id = str(uuid.uuid4())
    told = [envelope(created(order_id)) for _ in range(3)]
    queue = make_queue(aws, f"seen-{order_id}")
    pattern = {"source": ["orders"], "detail-type": ["order.created"]}
    aws("events").put_rule(Name=order_id, EventBusName="bus", EventPattern=json.dumps(pattern))
    target = {"Id": "seen", "Arn": queue.arn}
    aws("events").put_targets(Rule=order_id, EventBusName="bus", Targets=[target])

    relay.handler({"Records": [record(n, each) for n, each in enumerate(told)]}, None)

    messages = received(aws, queue, lambda found: len(found) == 3)
    events = [json.loads(each["Body"]) for each in messages]
    assert [event["detail"]["id"] for event in events] == [each.id for each in told]
