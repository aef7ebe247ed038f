"""Queues: how soon a message comes that was delayed, or comes again that failed."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import lambda_svc, sqs

from local.adaptations.seam import Seams
from local.adaptations.settings import SETTINGS

Json = dict[str, Any]

SEAMS = Seams()


@SEAMS.replaces(sqs, "_collect_msgs")
def collect(original: Callable[..., list[Json]], queue: Json, *how: Any) -> list[Json]:
    """AWS delays up to 15 minutes; `delay_scale` stretches and shortens that, also for what waits already."""
    delay = sqs.queue_delay(queue)
    for message in queue["messages"] if delay else ():
        if not message["receive_count"]:
            message["visible_at"] = message["sent_at"] + delay * SETTINGS.delay_scale
    return original(queue, *how)


@SEAMS.replaces(lambda_svc, "_run_sqs_batch")
def run_batch(
    original: Callable[..., None],
    mapping: Json,
    function: Json,
    event: Json,
    batch: Sequence[Json],
    *where: str,
) -> None:
    """What AWS would hand over again after minutes comes sooner by `redelivery_scale`.

    Only once the call has ended: a message that is being worked on stays hidden as long as on AWS.
    """
    original(mapping, function, event, batch, *where)
    now = time.time()
    for message in batch:
        message["visible_at"] = now + (message["visible_at"] - now) * SETTINGS.redelivery_scale
    lambda_svc.esm_wake.set()
