"""Copies of an event are worked on at the same time, and crash anywhere: nobody is told twice or never."""

from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from events.catalogue import OrderConfirmed
from handlers.notifications.domain import Notice, Status
from handlers.notifications.telling import Teller, tell
from handlers.notifications.templates import Message
from tests.handlers.given import envelope
from tests.handlers.interleaving import Running, gate
from tests.handlers.memory import MemoryRows

EVENT = envelope(OrderConfirmed(order_id="order-1", customer_id="customer-1", total="20.00"))


class World:
    """Notices, and two channels that pass the gate before they send."""

    def __init__(self) -> None:
        self.notices = MemoryRows[Notice](gate)
        self.received = {"topic": 0, "email": 0}

    def tell(self, message_id: str, seconds_left: float) -> None:
        channels = {name: partial(self._receive, name) for name in self.received}
        teller = Teller(message_id, lambda: seconds_left)
        tell(EVENT.data, EVENT.causes(), teller, self.notices, channels)

    def _receive(self, channel: str, _message: Message) -> None:
        gate()
        self.received[channel] += 1


@settings(max_examples=200, deadline=None)
@given(choices=st.lists(st.integers(0, 2), max_size=40))
def test_copies_at_the_same_time_tell_the_customer_once(choices):
    world = World()
    copies = [
        Running(name, partial(world.tell, name, 60.0))
        for name in ("message-1", "message-2", "message-3")
    ]
    for choice in [*choices, *([0] * 60)]:
        waiting = [copy for copy in copies if not copy.finished]
        if waiting:
            waiting[choice % len(waiting)].step()

    assert [copy.error for copy in copies] == [None, None, None]
    assert world.received == {"topic": 1, "email": 1}
    assert world.notices.told() == ["notification.sent"]


@settings(max_examples=200, deadline=None)
@given(crash_after=st.integers(0, 12))
def test_a_message_whose_worker_crashed_is_told_once_its_claim_has_run_out(crash_after):
    world = World()
    first = Running("first", partial(world.tell, "message-1", 0.0))
    for _ in range(crash_after):
        if not first.finished:
            first.step()
    at_work = not first.finished
    if at_work:
        first.crash()
    before = dict(world.received)

    world.tell("message-1", 60.0)

    assert world.notices.rows["order-1#order.confirmed"].status is Status.SENT
    assert world.notices.told() == ["notification.sent"]
    # Only what was sent just before the crash, and could not be noted any more, is sent again.
    repeated = {name for name, times in world.received.items() if times == 2}
    assert sum(world.received.values()) == 2 + len(repeated)
    assert len(repeated) <= 1
    assert all(before[name] for name in repeated)
