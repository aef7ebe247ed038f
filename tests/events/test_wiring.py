import re

import pytest

from components.saga_definition import PIVOT_PASSED
from events.catalogue import (
    CATALOGUE,
    AvailabilityRequested,
    OrderConfirmed,
    OrderCreated,
    OrderShipped,
    PaymentFailed,
)
from events.refusals import OrderWithdrawn, OutOfStock, PaymentDeclined, PivotPassed, Refusal
from events.routing import matched
from events.wiring import family_pattern, pattern, publishing_condition


def test_a_pattern_matches_source_and_name_of_an_event():
    assert pattern(OrderCreated) == {"source": ["orders"], "detail-type": ["order.created"]}


def test_a_pattern_of_several_events_names_each_source_once():
    assert pattern(OrderShipped, OrderCreated, OrderConfirmed) == {
        "source": ["orders", "shipping"],
        "detail-type": ["order.confirmed", "order.created", "order.shipped"],
    }


def test_a_pattern_can_be_narrowed_by_fields_of_the_data():
    matchers = [{"prefix": "9"}, "10.00"]

    assert pattern(OrderCreated, where={"total": matchers, "customerId": ["c"]}) == {
        "source": ["orders"],
        "detail-type": ["order.created"],
        "detail": {"data": {"total": [{"prefix": "9"}, "10.00"], "customerId": ["c"]}},
    }


def test_a_pattern_of_no_event_is_refused():
    with pytest.raises(ValueError, match=r"^a pattern needs at least one event of the catalogue$"):
        pattern()


@pytest.mark.parametrize("given", ["order.created", (OrderCreated,), dict])
def test_a_pattern_of_what_is_no_event_is_refused(given):
    expected = f"{given!r} is no event; a pattern takes classes of the catalogue"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        pattern(OrderCreated, given)


@pytest.mark.parametrize("name", ["customer_id", "colour"])
def test_a_pattern_on_a_field_that_an_event_lacks_is_refused(name):
    fields = r"\['card', 'customerId', 'email', 'items', 'orderId', 'total'\]"

    with pytest.raises(
        ValueError, match=f"^order.created has no field '{name}'; its fields are {fields}$"
    ):
        pattern(OrderCreated, where={name: ["x"]})


def test_a_pattern_on_a_field_that_one_of_its_events_lacks_is_refused():
    with pytest.raises(ValueError, match=r"^order.shipped has no field 'total'"):
        pattern(OrderCreated, OrderShipped, where={"total": ["1.00"]})


def test_a_publisher_may_publish_its_own_events_only():
    assert publishing_condition("shipping") == {
        "StringEquals": {
            "events:source": "shipping",
            "events:detail-type": ["order.fulfilled", "order.shipped"],
        }
    }


def test_a_publisher_may_be_held_to_one_event_of_its_own():
    assert publishing_condition("orders", AvailabilityRequested.name) == {
        "StringEquals": {
            "events:source": "orders",
            "events:detail-type": ["inventory.check.requested"],
        }
    }


def test_what_is_put_on_the_bus_directly_is_not_the_relays_to_publish():
    told = publishing_condition("orders")["StringEquals"]["events:detail-type"]

    assert "order.created" in told
    assert "inventory.check.requested" not in told


def test_a_publisher_without_events_is_refused():
    with pytest.raises(ValueError, match=r"^no event has the source 'billing'"):
        publishing_condition("billing")


def test_refusals_keep_the_names_that_sagas_catch():
    assert {refusal.__name__ for refusal in Refusal.__subclasses__()} == {
        "OrderWithdrawn",
        "OutOfStock",
        "PaymentDeclined",
        "PivotPassed",
    }
    assert {OrderWithdrawn, OutOfStock, PaymentDeclined, PivotPassed} == set(
        Refusal.__subclasses__()
    )


def test_the_saga_goes_on_at_what_the_pivots_undo_raises():
    assert PivotPassed.__name__ == PIVOT_PASSED


def test_a_family_is_known_by_what_its_names_begin_with():
    assert family_pattern(OrderShipped, OrderCreated, PaymentFailed) == {
        "source": ["orders", "payments", "shipping"],
        "detail-type": [{"prefix": "order."}, {"prefix": "payment."}],
    }


def test_a_family_is_what_stands_before_the_first_dot():
    assert AvailabilityRequested.name.count(".") == 2
    assert family_pattern(AvailabilityRequested)["detail-type"] == [{"prefix": "inventory."}]


def test_a_family_has_all_events_of_its_sources_and_no_others():
    found = matched(family_pattern(OrderCreated), CATALOGUE)

    assert OrderConfirmed in found
    assert {(event.source, event.name.split(".")[0]) for event in found} == {("orders", "order")}


def test_a_family_of_no_event_is_refused():
    with pytest.raises(ValueError, match=r"^a pattern needs at least one event of the catalogue$"):
        family_pattern()
