"""Customers are told of each event once, through every channel, in the words of its outcome."""

import os
import time
from collections.abc import Mapping

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from events.catalogue import (
    OrderCancelled,
    OrderConfirmed,
    OrderEvent,
    OrderFulfilled,
    OrderPaid,
    OrderParked,
    OrderShipped,
    UserRegistered,
)
from events.envelope import Envelope
from handlers.clients import client
from handlers.notifications import domain
from handlers.notifications.channels import AddressRefusedError, Channel, channels
from handlers.notifications.domain import Notice, Status, StillClaimedError
from handlers.notifications.telling import Teller, tell
from handlers.notifications.templates import Message, compose
from tests.handlers.given import envelope
from tests.handlers.memory import MemoryRows

ABOUT = {"order_id": "order-1", "customer_id": "customer-1", "email": "someone@example.com"}
CONFIRMED = OrderConfirmed(**ABOUT, total="20.00")


class Mailbox:
    """A channel that remembers, and that fails as often as it is told to, or refuses its address."""

    def __init__(self, failures: int = 0, *, refuses: bool = False) -> None:
        self.received: list[str] = []
        self.asked = 0
        self._failures, self._refuses = failures, refuses

    def __call__(self, message: Message) -> None:
        self.asked += 1
        if self._refuses:
            raise AddressRefusedError("Missing final '@domain'")
        if self._failures:
            self._failures -= 1
            raise ConnectionError("the mailbox is full")
        self.received.append(message.template)


KEY = "order-1#order.confirmed"


def say(
    found: Envelope[OrderEvent],
    notices: MemoryRows[Notice],
    channels: Mapping[str, Channel],
    by: str = "message-1",
    *,
    seconds_left: float = 10.0,
    alone: bool = False,
) -> None:
    """Tell the customer about an event, as the worker of one message."""
    teller = Teller(by, lambda: seconds_left, alone)
    tell(found.data, found.causes(), teller, notices, channels)


def claimed(until: int, by: str = "message-1", **state) -> Notice:
    return Notice(status=Status.CLAIMED, claimed_by=by, claimed_until=until, version=1, **state)


def test_a_customer_is_told_through_every_channel_and_that_is_remembered():
    notices, topic, email = MemoryRows[Notice](), Mailbox(), Mailbox()
    found = envelope(CONFIRMED)

    say(found, notices, {"topic": topic, "email": email})

    assert topic.received == email.received == ["order-confirmed"]
    assert notices.rows[KEY].status is Status.SENT
    [told] = notices.events
    assert told.type == "notification.sent"
    assert (told.data.event_id, told.data.template) == (found.id, "order-confirmed")
    assert (told.data.order_id, told.data.customer_id) == ("order-1", "customer-1")
    assert told.data.email == "someone@example.com"
    assert told.metadata == found.causes()


@pytest.mark.parametrize("again", ["message-1", "message-2"])
def test_a_second_copy_of_an_event_is_not_told_again(again):
    notices, topic = MemoryRows[Notice](), Mailbox()
    found = envelope(CONFIRMED)

    say(found, notices, {"topic": topic})
    say(found, notices, {"topic": topic}, again)

    assert topic.received == ["order-confirmed"]
    assert notices.told() == ["notification.sent"]


def test_a_channel_that_failed_is_tried_again_and_the_others_are_not():
    notices, topic, email = MemoryRows[Notice](), Mailbox(), Mailbox(failures=1)
    found, channels = envelope(CONFIRMED), {"topic": topic, "email": email}

    with pytest.raises(ConnectionError):
        say(found, notices, channels)
    assert notices.told() == []
    say(found, notices, channels)

    assert topic.received == email.received == ["order-confirmed"]
    assert notices.told() == ["notification.sent"]


def test_an_address_that_is_refused_for_good_holds_nothing_up():
    notices, email, text = MemoryRows[Notice](), Mailbox(refuses=True), Mailbox(failures=1)
    found, channels = envelope(CONFIRMED), {"email": email, "text": text}

    with pytest.raises(ConnectionError):
        say(found, notices, channels)
    say(found, notices, channels)

    assert (email.asked, text.received) == (1, ["order-confirmed"])
    assert notices.rows[KEY].status is Status.SENT
    [told] = notices.events
    assert told.data.refused_by == ("email",)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidParameterValue", AddressRefusedError),
        # Both can be mended: the sender is to be verified, or SES to be asked more slowly.
        ("MessageRejected", ClientError),
        ("Throttling", ClientError),
    ],
)
@pytest.mark.usefixtures("aws")
def test_only_an_address_that_is_none_is_refused_for_good(code: str, error: type[Exception]):
    send = channels(CONFIRMED)["email"]

    with Stubber(client("ses")) as ses:
        ses.add_client_error("send_email", code, "Domain contains dot-dot")
        with pytest.raises(error, match="Domain contains dot-dot"):
            send(compose(CONFIRMED))


LETTER = Message("order-confirmed", subject=f"Räder {'!' * 200}", text="Danke, René.")


@pytest.mark.usefixtures("aws")
def test_a_topic_gets_a_short_subject_and_what_to_filter_by():
    said = {
        "TopicArn": os.environ["TOPIC_ARN"],
        # SNS takes a hundred characters.
        "Subject": LETTER.subject[:100],
        "Message": LETTER.text,
        "MessageAttributes": {
            "event": {"DataType": "String", "StringValue": "order.confirmed"},
            "template": {"DataType": "String", "StringValue": "order-confirmed"},
        },
    }

    with Stubber(client("sns")) as sns:
        sns.add_response("publish", {"MessageId": "1"}, said)
        channels(CONFIRMED)["topic"](LETTER)
        sns.assert_no_pending_responses()


@pytest.mark.usefixtures("aws")
def test_a_mail_has_the_letters_of_every_language():
    said = {
        "Source": "shop@example.com",
        "Destination": {"ToAddresses": [CONFIRMED.email]},
        "Message": {
            "Subject": {"Data": LETTER.subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": LETTER.text, "Charset": "UTF-8"}},
        },
    }

    with Stubber(client("ses")) as ses:
        ses.add_response("send_email", {"MessageId": "1"}, said)
        channels(CONFIRMED)["email"](LETTER)
        ses.assert_no_pending_responses()


def test_a_copy_that_meets_anothers_claim_leaves_it_to_that_one():
    notices, topic = MemoryRows[Notice](), Mailbox()
    found = envelope(CONFIRMED)
    notices.rows[KEY] = claimed(until=2**62, by="message-2")

    say(found, notices, {"topic": topic})

    assert topic.received == []
    assert notices.rows[KEY].status is Status.CLAIMED


def test_a_message_that_meets_its_own_claim_comes_back_later():
    notices, topic = MemoryRows[Notice](), Mailbox()
    found = envelope(CONFIRMED)
    notices.rows[KEY] = claimed(until=2**62)

    with pytest.raises(StillClaimedError, match="message-1 is being worked on"):
        say(found, notices, {"topic": topic})
    assert topic.received == []


def test_an_execution_that_meets_its_own_claim_goes_on_where_the_dead_worker_stopped():
    notices, topic, email = MemoryRows[Notice](), Mailbox(), Mailbox()
    notices.rows[KEY] = claimed(until=2**62, by="exec-1", told=("topic",))

    say(envelope(CONFIRMED), notices, {"topic": topic, "email": email}, "exec-1", alone=True)

    assert (topic.received, email.received) == ([], ["order-confirmed"])


def test_an_execution_leaves_the_claim_of_another_alone():
    notices, topic = MemoryRows[Notice](), Mailbox()
    notices.rows[KEY] = claimed(until=2**62, by="message-1")

    say(envelope(CONFIRMED), notices, {"topic": topic}, "exec-1", alone=True)

    assert topic.received == []


def test_a_claim_lasts_as_long_as_the_function_that_made_it():
    notices, until = MemoryRows[Notice](), []
    found = envelope(CONFIRMED)

    def look(_message: Message) -> None:
        until.append(notices.rows[KEY].claimed_until)

    say(found, notices, {"topic": look}, seconds_left=0.0)
    later = MemoryRows[Notice]()
    notices = later
    say(found, notices, {"topic": look}, seconds_left=3600.0)

    assert 3_599_000 <= until[1] - until[0] <= 3_610_000
    # Milliseconds since 1970, as whoever meets the claim compares them.
    assert abs(until[0] - time.time() * 1000) < 60_000


@pytest.mark.parametrize("by", ["message-1", "message-2"])
def test_a_claim_that_has_run_out_is_taken_over_with_what_is_done(by):
    old = claimed(until=1000, by="message-1", told=("topic",))

    taken = domain.claim(old, by=by, now=1000, until=2000).row

    assert (taken.claimed_by, taken.claimed_until) == (by, 2000)
    assert taken.told == ("topic",)


def test_a_claim_holds_to_its_last_moment():
    old = claimed(until=1000)

    assert domain.claim(old, by="message-2", now=999, until=2000).row is old


def test_a_note_whose_answer_was_lost_is_made_once():
    noted = domain.note(claimed(until=2**62), channel="email", by="message-1", refused=True).row

    again = domain.note(noted, channel="email", by="message-1", refused=True).row

    assert (again.told, again.refused) == (("email",), ("email",))


def test_a_worker_that_lost_its_claim_stops():
    taken = claimed(until=2**62, by="message-2")

    for notice in (None, taken):
        with pytest.raises(StillClaimedError, match="taken over from message-1"):
            domain.note(notice, channel="topic", by="message-1")
    with pytest.raises(StillClaimedError):
        domain.give_up(taken, by="message-1")


def test_a_worker_that_gives_up_leaves_the_rest_to_the_next_delivery():
    notices, email = MemoryRows[Notice](), Mailbox(failures=1)
    found = envelope(CONFIRMED)

    with pytest.raises(ConnectionError):
        say(found, notices, {"email": email})
    say(found, notices, {"email": email}, "message-2")

    assert email.received == ["order-confirmed"]


@pytest.mark.parametrize(
    ("event", "template", "says"),
    [
        (
            OrderPaid(**ABOUT, total="20.00"),
            "order-paid",
            "This is your receipt: we charged 20.00 USD for your order order-1",
        ),
        (CONFIRMED, "order-confirmed", "We charged 20.00 USD and are packing your order order-1"),
        (OrderShipped(**ABOUT, shipment_id="shp-7", lines=()), "order-shipped", "number is shp-7"),
        (OrderFulfilled(**ABOUT, shipment_id="shp-7"), "order-fulfilled", "order-1 has arrived"),
        *[
            (OrderCancelled(**ABOUT, total="20.00", reason=reason), f"order-cancelled-{name}", says)
            for reason, name, says in [
                ("OutOfStock", "OutOfStock", "in stock"),
                ("PaymentDeclined", "PaymentDeclined", "Nothing was charged"),
                ("ByCustomer", "ByCustomer", "as you asked"),
                ("Failed", "Failed", "wrong on our side"),
                ("SomethingNew", "Failed", "wrong on our side"),
            ]
        ],
    ],
)
def test_each_outcome_has_its_own_words(event, template, says):
    message = compose(event)

    assert message.template == template
    assert says in message.text
    assert "order-1" in message.subject


def test_no_two_templates_say_the_same():
    events = [
        CONFIRMED,
        OrderShipped(**ABOUT, shipment_id="shp-7", lines=()),
        OrderFulfilled(**ABOUT, shipment_id="shp-7"),
        *[
            OrderCancelled(**ABOUT, total="20.00", reason=reason)
            for reason in ("OutOfStock", "PaymentDeclined", "ByCustomer", "Failed")
        ],
    ]

    assert len({compose(event).text for event in events}) == len(events)
    assert len({compose(event).subject for event in events}) == 4


REGISTERED = UserRegistered(user_id="user-1", full_name="Ada Lovelace", email="ada@example.com")


def test_a_user_is_welcomed_once_and_that_is_told():
    notices, email = MemoryRows[Notice](), Mailbox()
    found = envelope(REGISTERED)

    say(found, notices, {"email": email})
    say(found, notices, {"email": email}, "message-2")

    assert email.received == ["user-welcomed"]
    [told] = notices.events
    assert (told.type, told.data.aggregate_id) == ("user.welcomed", "user-1")
    assert (told.data.event_id, told.data.refused_by) == (found.id, ())
    assert told.metadata == found.causes()


def test_a_user_whose_address_is_none_was_not_told():
    notices = MemoryRows[Notice]()

    say(envelope(REGISTERED), notices, {"email": Mailbox(refuses=True)})

    [told] = notices.events
    assert told.data.refused_by == ("email",)


@pytest.mark.usefixtures("aws")
def test_who_registers_is_told_to_nobody_else():
    assert [*channels(REGISTERED)] == ["email"]
    assert [*channels(CONFIRMED)] == ["topic", "email"]


def test_a_user_is_welcomed_by_name():
    welcome = compose(REGISTERED)

    assert welcome.subject == "Welcome"
    assert welcome.text.startswith("Welcome, Ada Lovelace.")


def test_what_nobody_is_told_about_is_an_error():
    with pytest.raises(ValueError, match=r"nobody is told about order\.parked"):
        compose(OrderParked(**ABOUT, reason="Failed", steps=()))
