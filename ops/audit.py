"""What operators did, as events on the bus."""

import uuid

from events.envelope import Event, Metadata, encode, wrap
from ops.stack import Stack


def record(stack: Stack, event: Event) -> None:
    """Tell the bus what was done, and by whom; `ValueError` if it refuses."""
    act = str(uuid.uuid4())
    operator = stack.client("sts").get_caller_identity()["Arn"]
    envelope = wrap(event, Metadata(correlation_id=act, causation_id=act, user_id=operator))
    answer = stack.client("events").put_events(
        Entries=[
            {
                "EventBusName": stack.output("eventBusName"),
                "Source": event.source,
                "DetailType": event.name,
                "Detail": encode(envelope),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise ValueError(
            f"the bus refused to record {event}: {refused['ErrorCode']}: {refused['ErrorMessage']}"
        )
