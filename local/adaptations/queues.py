"""Queues: how soon a message comes that was delayed, or comes again that failed."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import lambda_svc, sqs

from local.adaptations.seam import Seams
from local.adaptations.settings import SETTINGS

Json = dict[str, Any]

SEAMS = Seams()


@SEAMS.replaces(sqs, "queue_delay")
def delay(original: Callable[[Json], int], queue: Json) -> float:
    """AWS takes up to 15 minutes; `delay_scale` makes it bearable."""
    return original(queue) * SETTINGS.delay_scale


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
