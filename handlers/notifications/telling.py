"""Tells somebody about an event once, however many copies of the event arrive, and when."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from events.catalogue import NotificationSent, UserRegistered, UserWelcomed
from events.envelope import Event, Metadata
from handlers.logs import logger
from handlers.notifications import domain
from handlers.notifications.channels import AddressRefusedError, Channel
from handlers.notifications.domain import Notice
from handlers.notifications.templates import Announced, Message, compose
from handlers.rows import Rows, carry_out


@dataclass(frozen=True)
class Teller:
    """Who tells them, so that nobody else does at the same time."""

    id: str
    """The same when the same work is tried again, another one for another copy of the event."""
    seconds_left: Callable[[], float]
    """How long it may still be at it."""
    alone: bool = False
    """Whether a claim under the same id is certainly a dead worker's."""


def tell(
    event: Announced,
    metadata: Metadata,
    teller: Teller,
    notices: Rows[Notice],
    channels: Mapping[str, Channel],
) -> None:
    """Tell the customer, or the user, through every channel, unless another copy of the event did or is about to.

    A channel that refuses the address for good is told of and left out: no trying again would ever help, and no
    operator could; the order must not wait for that. About an order, or a user, there is at most one event of each type
    that people are told about.
    """
    key = f"{event.aggregate_id}#{event.name}"
    now = int(time.time() * 1000)
    # The claim lasts as long as this call can: nobody else begins while its worker may be alive.
    until = now + int(teller.seconds_left() * 1000)
    claim = partial(domain.claim, by=teller.id, now=now, until=until, alone=teller.alone)
    notice = carry_out(notices, key, claim)
    if not domain.is_claimed(notice, by=teller.id):
        return
    message = compose(event)
    try:
        for name, send in channels.items():
            if name not in notice.told:
                refused = _refuses(name, send, message)
                done = partial(domain.note, channel=name, by=teller.id, refused=refused)
                notice = carry_out(notices, key, done, known=notice)
        sent = _sent(event, message, metadata, notice)
        finish = partial(domain.finish, by=teller.id, sent=sent)
        carry_out(notices, key, finish, metadata, known=notice)
    except Exception:
        carry_out(notices, key, partial(domain.give_up, by=teller.id))
        raise


def _refuses(name: str, send: Channel, message: Message) -> bool:
    """Send through one channel; whether it will never take a message for this address."""
    try:
        send(message)
    except AddressRefusedError as error:
        logger().error("address refused for good", channel=name, reason=str(error))
        return True
    return False


def _sent(event: Announced, message: Message, metadata: Metadata, notice: Notice) -> Event:
    if isinstance(event, UserRegistered):
        return UserWelcomed(
            user_id=event.user_id, event_id=metadata.causation_id, refused_by=notice.refused
        )
    return NotificationSent(
        order_id=event.order_id,
        customer_id=event.customer_id,
        email=event.email,
        template=message.template,
        event_id=metadata.causation_id,
        refused_by=notice.refused,
    )
