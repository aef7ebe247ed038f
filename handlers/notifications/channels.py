"""Where people are told: about orders at a topic that anyone may subscribe to, and in their own mailboxes."""

import os
from collections.abc import Callable
from functools import partial

from events.catalogue import OrderEvent
from handlers.clients import client
from handlers.notifications.templates import Announced, Message

Channel = Callable[[Message], None]

NO_ADDRESS = "InvalidParameterValue"
"""SES's code for an address that is none. Whatever else it refuses, such as a sender that is not verified, can be
mended and is tried again."""


class AddressRefusedError(ValueError):
    """A channel takes no message for this address, now or ever; nobody has got one."""


def channels(event: Announced) -> dict[str, Channel]:
    """The channels for an event, in order: an address that bounces does not keep the topic from knowing."""
    found = dict[str, Channel]()
    # Who registers is nobody else's business.
    if isinstance(event, OrderEvent):
        found["topic"] = partial(_publish, os.environ["TOPIC_ARN"], event)
    if event.email:
        found["email"] = partial(_send, os.environ["SENDER_EMAIL"], event.email)
    return found


def _publish(topic_arn: str, event: OrderEvent, message: Message) -> None:
    client("sns").publish(
        TopicArn=topic_arn,
        Subject=message.subject[:100],
        Message=message.text,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value}
            for name, value in {"event": event.name, "template": message.template}.items()
        },
    )


def _send(sender: str, recipient: str, message: Message) -> None:
    ses = client("ses")
    try:
        ses.send_email(
            Source=sender,
            Destination={"ToAddresses": [recipient]},
            Message={
                "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
            },
        )
    except ses.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != NO_ADDRESS:
            raise
        raise AddressRefusedError(error.response["Error"]["Message"]) from error
