"""What operators did, as events on the bus."""

import uuid

from events.catalogue import FailuresRedriven
from events.envelope import Metadata, encode, wrap
from ops.failures import FailureQueue
from ops.stack import Stack


def record(stack: Stack, queue: FailureQueue, redriven: int, kept: int) -> None:
    """Tell the bus that failures were redriven, by whom and how many; `ValueError` if it refuses."""
    act = str(uuid.uuid4())
    operator = stack.client("sts").get_caller_identity()["Arn"]
    event = FailuresRedriven(queue_id=queue.name, redriven=redriven, kept=kept)
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
            f"{redriven} messages were redriven, but the bus refused to record it: "
            f"{refused['ErrorCode']}: {refused['ErrorMessage']}"
        )
