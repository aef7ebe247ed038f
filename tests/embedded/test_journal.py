"""The journal and the users on the embedded AWS: from the bus and the API to the tables and back."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pulumi
import pytest

from components.bus import Bus
from components.platform import Platform, physical_name
from components.services.journal import Journal
from components.services.users import Users
from events.catalogue import OrderCancelled, OrderConfirmed, OrderCreated, PricedLine
from events.envelope import Envelope, Metadata, encode, wrap
from local.cloud import Cloud
from local.emulator import Emulator
from local.program import run
from ops import journal
from ops.lineage import lineage
from ops.stack import Stack
from tests.embedded.conftest import eventually
from tests.handlers.given import message
from tests.programs import PLATFORM

pytestmark = pytest.mark.embedded

EMBEDDED: Platform = {
    **PLATFORM,
    "prefix": "journal-test",
    "region": "us-east-1",
    "account": "000000000000",
}


def _program() -> None:
    bus = Bus("bus", {"platform": EMBEDDED, "archive_days": 1})
    kept, users = Journal(EMBEDDED, bus), Users(EMBEDDED, bus)
    pulumi.export("eventBusName", bus.bus_name)
    pulumi.export("journalTableName", kept.table.table_name)
    pulumi.export("recorder", physical_name(EMBEDDED, "record-event"))
    pulumi.export("journalApi", kept.api.function_name)
    pulumi.export("usersApi", users.api.function_name)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Both services on an embedded AWS that enforces what their functions may do."""
    with Emulator() as emulator:
        emulator.configure(deliver_twice=True)
        program = run(_program, stack="test", config={}, cloud=Cloud(emulator.client))
        yield Stack(program.outputs, "us-east-1", emulator.endpoint)


def story(order_id: str, correlation_id: str) -> list[Envelope[Any]]:
    """An order is placed, confirmed and, against all rules, cancelled."""
    about = {"order_id": order_id, "customer_id": "customer-1", "email": "someone@example.com"}
    lines = (PricedLine(product_id="lamp", quantity=1, price="5.00"),)
    request = Metadata(correlation_id=correlation_id, causation_id="req-1", user_id="customer-1")
    placed = wrap(OrderCreated(**about, items=lines, total="5.00", card="tok_approved"), request)
    confirmed = wrap(OrderConfirmed(**about, total="5.00"), placed.causes())
    cancelled = wrap(OrderCancelled(**about, total="5.00", reason="Failed"), confirmed.causes())
    times = ("2026-01-01T00:00:01.000Z", "2026-01-01T00:00:02.000Z", "2026-01-02T00:00:00.000Z")
    return [
        msgspec.structs.replace(envelope, time=time)
        for envelope, time in zip((placed, confirmed, cancelled), times, strict=True)
    ]


def tell(stack: Stack, envelopes: list[Envelope[Any]]) -> list[dict[str, Any]]:
    """Publish events, wait until the journal has them, and give them back as they were published."""
    published = [json.loads(encode(envelope)) for envelope in envelopes]
    entries = [
        {
            "EventBusName": stack.output("eventBusName"),
            "Source": detail["source"],
            "DetailType": detail["type"],
            "Detail": json.dumps(detail),
        }
        for detail in published
    ]
    stack.client("events").put_events(Entries=entries)
    wanted = {detail["id"] for detail in published}
    eventually(lambda: wanted <= {found["id"] for found in journal.all_events(stack)}, 60)
    return published


def call(
    stack: Stack, function: str, method: str, path: str, body: Any = None
) -> tuple[int, Any, str]:
    """The status, body and content type with which a function answers a request of API Gateway."""
    request = {
        "httpMethod": method,
        "path": path,
        "headers": {"X-Correlation-Id": "corr-http"},
        "requestContext": {"requestId": "req-7"},
        "body": None if body is None else json.dumps(body),
    }
    answered = stack.client("lambda").invoke(
        FunctionName=stack.output(function), Payload=json.dumps(request)
    )
    answer = json.loads(answered["Payload"].read())
    return (
        answer["statusCode"],
        json.loads(answer["body"]),
        answer["multiValueHeaders"]["Content-Type"][0],
    )


def test_every_event_is_kept_once_although_each_is_delivered_twice(stack):
    order_id = str(uuid.uuid4())
    told = story(order_id, f"corr-{order_id}")

    published = tell(stack, [*told, *told])

    assert journal.of_order(stack, order_id) == published[:3]


def test_what_is_kept_is_not_replaced_by_another_event_of_its_id(stack):
    order_id = str(uuid.uuid4())
    [placed, *_] = tell(stack, story(order_id, f"corr-{order_id}"))
    forged = placed | {"data": placed["data"] | {"total": "0.01"}}

    answered = stack.client("lambda").invoke(
        FunctionName=stack.output("recorder"),
        Payload=json.dumps({"Records": [message(forged)]}),
    )

    assert json.loads(answered["Payload"].read()) == {"batchItemFailures": []}
    assert journal.of_order(stack, order_id)[0] == placed


def test_events_are_found_by_request_and_by_type_and_time(stack):
    order_id = str(uuid.uuid4())
    placed, confirmed, cancelled = tell(stack, story(order_id, f"corr-{order_id}"))

    def between(since: str, until: str) -> list[str]:
        found = journal.of_type(stack, "order.confirmed", since=since, until=until)
        return [event["id"] for event in found if event["data"]["orderId"] == order_id]

    assert lineage(stack, f"corr-{order_id}") == [placed, confirmed, cancelled]
    assert lineage(stack, order_id) == [placed, confirmed, cancelled]
    assert between("2026-01-01T00:00:02", "2026-01-01T00:00:03") == [confirmed["id"]]
    assert between("2026-01-01T00:00:03", "2026-01-01T00:00:04") == []
    assert between("2025", "2026-01-01T00:00:02.000Z") == []
    with pytest.raises(ValueError, match="'nobody' is neither an order nor a correlation id"):
        lineage(stack, "nobody")


def test_an_orders_history_is_told_with_what_caused_what(stack):
    order_id = str(uuid.uuid4())
    published = tell(stack, story(order_id, f"corr-{order_id}"))

    status, body, _ = call(stack, "journalApi", "GET", f"/orders/{order_id}/history")

    assert (status, body["orderId"]) == (200, order_id)
    assert [event["id"] for event in body["events"]] == [event["id"] for event in published]
    assert [event["causationId"] for event in body["events"]] == [
        "req-1",
        published[0]["id"],
        published[1]["id"],
    ]
    assert "tok_approved" not in json.dumps(body)


@pytest.mark.parametrize("order_id", ["9f0f0a52-0000-4000-8000-000000000000", "nonsense"])
def test_an_order_that_nothing_happened_to_is_a_problem(stack, order_id):
    path = f"/orders/{order_id}/history"

    assert call(stack, "journalApi", "GET", path) == (
        404,
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": f"nothing is known of an order {order_id!r}",
            "instance": path,
        },
        "application/problem+json",
    )


def test_a_history_can_only_be_read(stack):
    status, body, type_ = call(stack, "journalApi", "POST", "/orders/x/history", {})

    assert (status, body["detail"], type_) == (
        405,
        "there is only GET here",
        "application/problem+json",
    )


def test_a_registered_user_is_in_the_journal(stack):
    email = f"{uuid.uuid4()}@example.com"

    status, body, type_ = call(stack, "usersApi", "POST", "/users", {"name": "Ada", "email": email})

    assert (status, list(body), type_) == (201, ["userId"], "application/json")
    told = eventually(
        lambda: [
            event
            for event in journal.of_request(stack, "corr-http")
            if event["data"]["userId"] == body["userId"]
        ],
        60,
    )
    assert [event["data"] for event in told] == [
        {"userId": body["userId"], "fullName": "Ada", "email": email}
    ]
    assert told[0]["metadata"]["causationId"] == "req-7"


def test_of_many_who_register_under_one_address_at_once_one_does(stack):
    name = str(uuid.uuid4())
    spellings = [f"{name}@example.com", f"{name.upper()}@Example.com"] * 3

    with ThreadPoolExecutor(len(spellings)) as pool:
        answers = list(
            pool.map(
                lambda email: call(
                    stack, "usersApi", "POST", "/users", {"name": "Ada", "email": email}
                ),
                spellings,
            )
        )

    assert sorted(status for status, _, _ in answers) == [201, 409, 409, 409, 409, 409]
    [detail] = {body["detail"] for status, body, _ in answers if status == 409}
    assert detail == "a user with this e-mail address is registered already"


def test_everything_that_is_wrong_with_a_registration_is_a_problem_of_its_own(stack):
    status, body, type_ = call(stack, "usersApi", "POST", "/users", {"name": "", "admin": True})

    assert (status, type_) == (422, "application/problem+json")
    assert body["errors"] == [
        {"field": "/admin", "detail": "is unknown; the fields are name, email"},
        {"field": "/name", "detail": "must be a text of 1 to 128 printable characters"},
        {"field": "/email", "detail": "is required"},
    ]
