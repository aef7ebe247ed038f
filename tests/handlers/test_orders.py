"""An order is confirmed or given up, never both, and every ending is told once."""

import pytest
from msgspec import structs

from events.refusals import OrderWithdrawn, PivotPassed
from handlers.orders import domain
from handlers.orders.order import (
    Order,
    Status,
    UnknownOrderError,
    existing,
    lost,
    place_once,
)
from handlers.orders.tasks import confirm_order, settle_order, withdraw_order
from handlers.rows import Change
from handlers.task import Answer
from tests.handlers.given import METADATA, call, created, envelope, failed, order, refused
from tests.handlers.memory import MemoryOrders


@pytest.fixture
def orders() -> MemoryOrders:
    found = MemoryOrders()
    found.rows["order-1"] = order()
    return found


def status(orders: MemoryOrders) -> Status:
    return orders.rows["order-1"].status


def settle(orders: MemoryOrders, *parked: str, resumed_at: str | None = None, **saga) -> Answer:
    return settle_order(call(parked=parked, resumed_at=resumed_at, **saga), orders)


def test_a_placed_order_is_confirmed_once(orders):
    answer = confirm_order(call(), orders)

    assert confirm_order(call(), orders) == answer == {"orderId": "order-1", "status": "CONFIRMED"}
    assert orders.told() == ["order.paid", "order.confirmed"]
    told = orders.events[0].data
    assert (told.customer_id, told.email, told.total) == (
        "customer-1",
        "customer-1@example.com",
        "20.00",
    )


@pytest.mark.parametrize("later", [Status.SHIPPED, Status.FULFILLED, Status.PARKED])
def test_confirming_a_confirmed_order_does_not_set_it_back(orders, later):
    orders.rows["order-1"] = order(status=later, confirmed=True)

    assert confirm_order(call(), orders) == {"orderId": "order-1", "status": later}
    assert orders.told() == []


@pytest.mark.parametrize("was", [Status.PLACED, Status.CANCELLED, Status.PARKED])
def test_a_withdrawn_order_cannot_be_confirmed(orders, was):
    orders.rows["order-1"] = order(status=was, withdrawn="OutOfStock")

    with pytest.raises(OrderWithdrawn, match="order order-1 was withdrawn: OutOfStock"):
        confirm_order(call(), orders)
    assert status(orders) is was
    assert orders.told() == []


def test_an_order_parked_before_its_pivot_can_still_be_confirmed(orders):
    orders.rows["order-1"] = order(status=Status.PARKED, parked=("UndoConfirmOrder",))

    assert confirm_order(call(), orders)["status"] == "CONFIRMED"
    assert orders.told() == ["order.paid", "order.confirmed"]


def test_an_unknown_order_cannot_be_confirmed():
    with pytest.raises(UnknownOrderError, match="there is no order 'order-1'"):
        confirm_order(call(), MemoryOrders())


def test_what_was_done_for_an_unknown_order_can_be_undone():
    orders = MemoryOrders()

    assert withdraw_order(call(), orders) == {"orderId": "order-1", "status": None}
    assert settle_order(call(), orders) == {"orderId": "order-1", "status": None}
    assert orders.rows == {}


def test_the_first_reason_for_withdrawing_stands(orders):
    answer = withdraw_order(call(failure=refused("OutOfStock")), orders)
    withdraw_order(call(failure=failed()), orders)

    assert answer == {"orderId": "order-1", "status": "PLACED"}
    assert orders.rows["order-1"].withdrawn == "OutOfStock"
    assert orders.told() == []


@pytest.mark.parametrize("failure", [failed(), refused("OrderWithdrawn"), None])
def test_a_failure_withdraws_the_order_as_failed(orders, failure):
    withdraw_order(call(failure=failure), orders)

    assert orders.rows["order-1"].withdrawn == "Failed"


@pytest.mark.parametrize(
    "later", [Status.CONFIRMED, Status.SHIPPED, Status.FULFILLED, Status.PARKED]
)
def test_a_confirmed_order_cannot_be_withdrawn(orders, later):
    orders.rows["order-1"] = order(status=later, confirmed=True)

    with pytest.raises(PivotPassed, match="order order-1 is confirmed and can only be completed"):
        withdraw_order(call(failure=failed()), orders)
    assert orders.rows["order-1"].withdrawn is None


def test_an_order_parked_before_its_pivot_can_be_withdrawn(orders):
    orders.rows["order-1"] = order(status=Status.PARKED, parked=("UndoConfirmOrder",))

    assert withdraw_order(call(failure=failed()), orders)["status"] == "PARKED"
    assert orders.rows["order-1"].withdrawn == "Failed"


def test_a_withdrawn_order_is_cancelled_once_with_its_reason(orders):
    withdraw_order(call(failure=refused("PaymentDeclined")), orders)

    answer = settle(orders, failure=failed())
    assert settle(orders) == answer == {"orderId": "order-1", "status": "CANCELLED"}

    assert orders.told() == ["order.cancelled"]
    assert orders.events[0].data.reason == "PaymentDeclined"
    assert orders.events[0].data.total == "20.00"


def test_a_saga_that_gave_up_an_order_nobody_withdrew_cancels_it_for_its_own_reason(orders):
    settle(orders, failure=refused("OutOfStock"))

    assert orders.rows["order-1"].withdrawn == "OutOfStock"
    assert orders.events[0].data.reason == "OutOfStock"


def test_a_confirmed_order_is_never_cancelled(orders):
    confirm_order(call(), orders)

    assert settle(orders, failure=failed())["status"] == "CONFIRMED"
    assert orders.told() == ["order.paid", "order.confirmed"]


@pytest.mark.parametrize("final", [Status.SHIPPED, Status.FULFILLED, Status.CANCELLED])
def test_an_order_that_has_ended_or_is_on_its_way_is_not_parked(orders, final):
    orders.rows["order-1"] = order(status=final)

    assert settle(orders, "UndoChargeCard")["status"] == final
    assert orders.told() == []


@pytest.mark.parametrize("confirmed", [True, False])
def test_work_that_waits_for_an_operator_parks_the_order_and_is_told_once(orders, confirmed):
    before = Status.CONFIRMED if confirmed else Status.PLACED
    orders.rows["order-1"] = order(status=before, confirmed=confirmed)

    assert settle(orders, "UndoChargeCard", "UndoReserveStock")["status"] == "PARKED"
    settle(orders, "UndoChargeCard", "UndoReserveStock")

    assert orders.told() == ["order.parked"]
    told = orders.events[0].data
    assert (told.steps, told.reason) == (("UndoChargeCard", "UndoReserveStock"), "Failed")
    assert (told.customer_id, told.email) == (order().customer_id, order().email)


def test_a_parked_order_tells_why_it_was_withdrawn(orders):
    withdraw_order(call(failure=refused("PaymentDeclined")), orders)
    settle(orders, "UndoReserveStock", failure=failed())

    assert orders.events[0].data.reason == "PaymentDeclined"


def test_the_work_of_two_executions_waits_together(orders):
    settle(orders, "UndoChargeCard")
    settle(orders, "UndoReserveStock", "UndoChargeCard", execution="exec-2")

    assert orders.rows["order-1"].parked == ("UndoChargeCard", "UndoReserveStock")
    assert [event.data.steps for event in orders.events] == [
        ("UndoChargeCard",),
        ("UndoChargeCard", "UndoReserveStock"),
    ]


def test_another_execution_that_undid_all_of_its_own_does_not_cancel_a_parked_order(orders):
    orders.rows["order-1"] = order(
        status=Status.PARKED, withdrawn="Failed", parked=("UndoChargeCard",)
    )

    assert settle(orders)["status"] == "PARKED"
    assert orders.told() == []


def parked_order(*states: str) -> Order:
    return order(status=Status.PARKED, withdrawn="Failed", parked=states)


def test_resuming_at_the_first_parked_state_finishes_all_of_them(orders):
    orders.rows["order-1"] = parked_order("UndoChargeCard", "UndoReserveStock")

    assert settle(orders, resumed_at="UndoChargeCard")["status"] == "CANCELLED"
    assert orders.rows["order-1"].parked == ()
    assert orders.told() == ["order.cancelled"]


def test_resuming_at_a_later_parked_state_leaves_the_earlier_ones(orders):
    orders.rows["order-1"] = parked_order("UndoChargeCard", "UndoReserveStock")

    assert settle(orders, resumed_at="UndoReserveStock")["status"] == "PARKED"
    assert orders.rows["order-1"].parked == ("UndoChargeCard",)
    assert settle(orders, resumed_at="UndoChargeCard")["status"] == "CANCELLED"


def test_what_fails_again_after_a_resume_stays_parked_without_being_told_again(orders):
    orders.rows["order-1"] = parked_order("UndoChargeCard")

    assert settle(orders, "UndoChargeCard", resumed_at="UndoChargeCard")["status"] == "PARKED"
    assert orders.told() == []


def test_resuming_the_settling_itself_does_not_finish_what_is_parked(orders):
    orders.rows["order-1"] = parked_order("UndoChargeCard")

    assert settle(orders, resumed_at="Settle")["status"] == "PARKED"


def test_resuming_the_settling_of_an_order_without_other_parked_work_cancels_it(orders):
    orders.rows["order-1"] = order(withdrawn="Failed")

    assert settle(orders, resumed_at="Settle")["status"] == "CANCELLED"


def test_a_resume_that_does_not_say_where_finishes_everything(orders):
    orders.rows["order-1"] = parked_order("UndoChargeCard", "UndoReserveStock")

    assert settle(orders, resumed=True)["status"] == "CANCELLED"


@pytest.mark.parametrize(
    ("was", "reached", "becomes"),
    [
        (Status.CONFIRMED, Status.SHIPPED, Status.SHIPPED),
        (Status.CONFIRMED, Status.FULFILLED, Status.FULFILLED),
        (Status.PARKED, Status.SHIPPED, Status.SHIPPED),
        (Status.SHIPPED, Status.SHIPPED, Status.SHIPPED),
        (Status.SHIPPED, Status.FULFILLED, Status.FULFILLED),
        (Status.FULFILLED, Status.SHIPPED, Status.FULFILLED),
        (Status.FULFILLED, Status.FULFILLED, Status.FULFILLED),
        (Status.PLACED, Status.SHIPPED, Status.SHIPPED),
    ],
)
def test_an_order_follows_its_parcel_and_never_goes_back(was, reached, becomes):
    followed = domain.track(order(status=was, parked=("ShipOrder",)), reached=reached).row

    assert followed.status is becomes
    if was is not becomes:
        assert followed.parked == ()
        assert followed.confirmed


def test_a_parcel_of_a_withdrawn_order_is_an_error():
    with pytest.raises(domain.OrderClosedError, match=r"order-1 is SHIPPED, .* withdrawn: Failed"):
        domain.track(order(withdrawn="Failed"), reached=Status.SHIPPED)


def test_an_order_is_placed_once():
    placed = order()

    assert place_once(None, order=placed, created=created()) == Change(placed, (created(),))
    assert place_once(placed, order=order(version=0), created=created()) == Change(placed)


def test_a_decision_about_an_order_needs_one():
    decide = existing("order-7", domain.confirm)

    with pytest.raises(UnknownOrderError, match="'order-7'"):
        decide(None)


def test_an_order_that_was_only_told_of_is_known_by_what_was_told():
    metadata = structs.replace(METADATA, faults={"Reserve": "refuse:always"})
    told = envelope(created(), metadata)

    assert lost(told) == order(
        request_hash="",
        created_at=told.time,
        updated_at=told.time,
        faults=metadata.faults,
        version=0,
    )
