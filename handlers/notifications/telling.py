"""Tells a customer about an event once, however many copies of the event arrive, and when."""

import time
from collections.abc import Mapping
from functools import partial

from events.catalogue import NotificationSent
from handlers.batch import Delivery
from handlers.notifications import domain
from handlers.notifications.channels import Channel
from handlers.notifications.domain import Notice
from handlers.notifications.templates import Message, compose
from handlers.rows import Rows, carry_out


def tell(delivery: Delivery, notices: Rows[Notice], channels: Mapping[str, Channel]) -> None:
    """Tell the customer through every channel, unless another copy of the event did or is about to."""
    envelope, message_id = delivery.envelope, delivery.message_id
    metadata = envelope.causes()
    now = int(time.time() * 1000)
    # The claim lasts as long as this call can: nobody else begins while its worker may be alive.
    until = now + int(delivery.seconds_left() * 1000)
    claim = partial(domain.claim, message_id=message_id, now=now, until=until)
    notice = carry_out(notices, envelope.id, claim, metadata)
    if not domain.is_claimed(notice, message_id=message_id):
        return
    message = compose(envelope.data)
    try:
        for name, send in channels.items():
            if name not in notice.told:
                send(message)
                note = partial(domain.note, channel=name, message_id=message_id)
                carry_out(notices, envelope.id, note, metadata)
        finish = partial(domain.finish, message_id=message_id, sent=_sent(delivery, message))
        carry_out(notices, envelope.id, finish, metadata)
    except Exception:
        give_up = partial(domain.give_up, message_id=message_id)
        carry_out(notices, envelope.id, give_up, metadata)
        raise


def _sent(delivery: Delivery, message: Message) -> NotificationSent:
    event = delivery.envelope.data
    return NotificationSent(
        order_id=event.order_id,
        customer_id=event.customer_id,
        email=event.email,
        template=message.template,
        event_id=delivery.envelope.id,
    )
