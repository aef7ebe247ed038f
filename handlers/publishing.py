"""Puts an event on the bus that no state change is told by: a question, or the answer to one.

Whatever tells of a change goes through the outbox, in one transaction with the change.
"""

import os
from typing import Any

from events.envelope import Envelope, encode
from handlers.clients import client


class BusRefusedError(RuntimeError):
    """The bus did not take an event."""


def publish(envelope: Envelope[Any]) -> None:
    """Put one event on the bus; `ValueError` for one that belongs into an outbox."""
    if envelope.data.committed:
        raise ValueError(f"{envelope.type} tells of a change; put it into the outbox")
    entry = {
        "EventBusName": os.environ["BUS_NAME"],
        "Source": envelope.source,
        "DetailType": envelope.type,
        "Detail": encode(envelope),
    }
    answer = client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise BusRefusedError(
            f"{envelope.type}: {refused['ErrorCode']}: {refused.get('ErrorMessage', '')}"
        )
