import json

import msgspec
import pytest

from events.catalogue import CATALOGUE, Line, Money, PricedLine, published_by
from events.envelope import Envelope, Event, UnparsableEventError, encode, parse
from tests.events.published import EMAIL, OPTIONAL, PUBLISHED, SOURCES, published_detail

EACH = pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.name)


def test_every_event_is_in_the_catalogue_once_and_has_a_published_form():
    assert [event.name for event in CATALOGUE] == list(PUBLISHED), (
        "give each its published form in tests/events/published.py"
    )
    assert {event.name: event.source for event in CATALOGUE} == SOURCES


def test_every_event_class_is_in_the_catalogue():
    def below(parent: type[Event]) -> set[type[Event]]:
        return {parent, *(found for child in parent.__subclasses__() for found in below(child))}

    assert {
        event
        for event in below(Event)
        if event.__module__ == "events.catalogue" and hasattr(event, "name")
    } == set(CATALOGUE)


@EACH
def test_an_event_is_named_after_what_happened_and_says_what_that_means(event):
    entity, _, happened = event.name.partition(".")

    assert entity in {"order", "inventory", "payment", "notification", "user", "failures", "work"}
    assert happened.endswith(("ed", "sent", "redriven", "low", "paid"))
    assert event.__doc__.endswith(".")


@EACH
def test_an_event_is_read_and_written_exactly_as_it_was_published(event):
    detail = published_detail(event.name)

    envelope = parse(detail, *CATALOGUE)

    assert type(envelope.data) is event
    assert envelope.source == event.source
    assert json.loads(encode(envelope)) == detail


@EACH
def test_an_event_is_unparsable_without_any_of_its_fields(event):
    for field in set(PUBLISHED[event.name]) - OPTIONAL.get(event.name, EMAIL):
        detail = published_detail(event.name)
        detail["data"] = {
            key: value for key, value in PUBLISHED[event.name].items() if key != field
        }

        with pytest.raises(
            UnparsableEventError, match=f"^{event.name}: .* missing required field `{field}` - at `"
        ):
            parse(detail, event)


@EACH
def test_an_event_may_leave_out_only_what_is_optional(event):
    detail = published_detail(event.name)
    detail["data"] = {
        key: value
        for key, value in PUBLISHED[event.name].items()
        if key not in OPTIONAL.get(event.name, EMAIL)
    }

    assert json.loads(encode(parse(detail, event))) == detail


@EACH
def test_the_schema_of_an_event_is_what_was_published(event):
    schema = msgspec.json.schema(Envelope[event])

    data = schema["$defs"][event.__name__]
    assert set(data["properties"]) == set(PUBLISHED[event.name])
    assert set(data["required"]) == set(PUBLISHED[event.name]) - OPTIONAL.get(event.name, EMAIL)
    assert data["description"] == event.__doc__
    assert set(schema["$defs"]["Metadata"]["required"]) == {
        "correlationId",
        "causationId",
        "userId",
    }


@EACH
def test_an_event_never_changes(event):
    happened = parse(published_detail(event.name), event).data

    with pytest.raises(AttributeError, match="immutable type"):
        happened.order_id = "another"


@EACH
def test_the_fields_of_an_event_are_given_by_name(event):
    happened = parse(published_detail(event.name), event).data

    with pytest.raises(TypeError, match="Extra positional arguments provided"):
        event(*msgspec.structs.astuple(happened))


@pytest.mark.parametrize("kind", [Line, PricedLine])
def test_a_line_never_changes_and_is_given_by_name(kind):
    fields = {"product_id": "p", "quantity": 1, "price": "1.00"}
    given = {field: fields[field] for field in kind.__struct_fields__}

    with pytest.raises(AttributeError, match="immutable type"):
        kind(**given).quantity = 2
    with pytest.raises(TypeError, match="Extra positional arguments provided"):
        kind(*given.values())


@pytest.mark.parametrize("amount", ["0.00", "29.99", "999999999.99"])
def test_money_is_a_decimal_with_two_places(amount):
    assert msgspec.convert(amount, type=Money) == amount
    assert msgspec.json.schema(Money)["description"] == "USD, two decimals"


@pytest.mark.parametrize(
    "amount", ["1", "1.5", "1.500", "-1.00", "1,00", "1e2", ".50", "1234567890.00"]
)
def test_money_of_any_other_form_is_refused(amount):
    with pytest.raises(msgspec.ValidationError, match="matching regex"):
        msgspec.convert(amount, type=Money)


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("quantity", 0, "`int` >= 1"),
        ("quantity", 10_001, "`int` <= 10000"),
        ("quantity", 1.5, "`int`, got `float`"),
        ("productId", "", "`str` of length >= 1"),
        ("productId", "p" * 129, "`str` of length <= 128"),
    ],
)
def test_a_line_outside_its_limits_is_refused(field, value, allowed):
    line = {"productId": "p", "quantity": 1, field: value}

    with pytest.raises(msgspec.ValidationError, match=f"{allowed}.* - at `\\$.{field}`"):
        msgspec.convert(line, type=Line)


@pytest.mark.parametrize("line", [("p", 1), ("p" * 128, 10_000)])
def test_a_line_at_its_limits_is_read(line):
    product, quantity = line

    read = msgspec.convert({"productId": product, "quantity": quantity}, type=Line)

    assert (read.product_id, read.quantity) == line


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (
            "orders",
            [
                "order.created",
                "order.confirmed",
                "order.cancelled",
                "order.parked",
                "order.paid",
                "inventory.check.requested",
            ],
        ),
        (
            "inventory",
            [
                "inventory.reserved",
                "inventory.failed",
                "inventory.released",
                "inventory.updated",
                "inventory.low",
                "inventory.restocked",
                "inventory.check.answered",
            ],
        ),
        ("payments", ["payment.processed", "payment.failed", "payment.refunded"]),
        ("shipping", ["order.shipped", "order.fulfilled"]),
        ("notifications", ["notification.sent", "user.welcomed"]),
    ],
)
def test_a_service_publishes_its_own_events(source, names):
    assert [event.name for event in published_by(source)] == names


def test_a_service_that_publishes_nothing_is_unknown():
    known = (
        r"\['inventory', 'notifications', 'operations', 'orders', 'payments', 'shipping', 'users'\]"
    )

    with pytest.raises(ValueError, match=f"^no event has the source 'order'; sources are {known}$"):
        published_by("order")
