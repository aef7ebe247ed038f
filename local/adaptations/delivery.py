"""EventBridge: how often an event reaches a target, and what becomes of it when it does not."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.services import eventbridge, sqs

from local.adaptations import targets
from local.adaptations.seam import Seams
from local.adaptations.settings import SETTINGS

Json = dict[str, Any]
Send = Callable[[], None]

SEAMS = Seams()

RETRIES, AGE_SECONDS = 185, 86_400
"""AWS's retry policy for a target that states none."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 480.0
"""Doubling from the one to the other, 185 attempts take a day, as AWS says that they do."""

logger = logging.getLogger(__name__)


@SEAMS.replaces(eventbridge, "_invoke_target")
def deliver(
    original: Callable[..., None], target: Json, event: Json, rule: Json, view: Any = None
) -> None:
    """AWS delivers at least once, tries again, and sets aside what it cannot deliver.

    It needs a permission of the target's or of a role's. With `deliver_twice` every event comes twice.
    """
    seen = view or eventbridge._pattern_event_view(event)

    def send() -> None:
        targets.check(target, rule)
        if target["Arn"].split(":")[2] in {"kinesis", "firehose"}:
            whole = seen.event_with_detail()
            targets.put_record(target, whole, _payload(target, rule, seen))
        else:
            original(target, event, rule, seen)

    for _ in range(2 if SETTINGS.deliver_twice else 1):
        try:
            send()
        except targets.UndeliveredError as failure:
            if failure.passing:
                spawn_background(_try_again, target, rule, seen, send, failure)
            else:
                _set_aside(target, rule, seen, failure)


def _payload(target: Json, rule: Json, view: Any) -> str:
    if transformer := target.get("InputTransformer"):
        return eventbridge._apply_input_transformer(transformer, rule, view)
    if "Input" in target:
        return target["Input"]
    return json.dumps(targets.at(target.get("InputPath", "$"), view.event_with_detail()))


def _try_again(
    target: Json, rule: Json, view: Any, send: Send, failure: targets.UndeliveredError
) -> None:
    policy = target.get("RetryPolicy", {})
    most = policy.get("MaximumRetryAttempts", RETRIES)
    age = policy.get("MaximumEventAgeInSeconds", AGE_SECONDS)
    waited, pause, attempts = 0.0, FIRST_PAUSE_SECONDS, 0
    while attempts < most and waited + pause <= age:
        threading.Event().wait(pause * SETTINGS.wait_scale)
        waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE_SECONDS)
        attempts += 1
        try:
            send()
        except targets.UndeliveredError as latest:
            failure = latest
            if not failure.passing:
                break
        else:
            return
    exhausted = {}
    if failure.passing:
        limit = "MaximumRetryAttempts" if attempts == most else "MaximumEventAgeInSeconds"
        exhausted = {"EXHAUSTED_RETRY_CONDITION": limit}
    _set_aside(target, rule, view, failure, RETRY_ATTEMPTS=str(attempts), **exhausted)


def _set_aside(
    target: Json, rule: Json, view: Any, failure: targets.UndeliveredError, **more: str
) -> None:
    """Put an event into the target's dead-letter queue, with what happened to it."""
    queue = target.get("DeadLetterConfig", {}).get("Arn")
    told = {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": str(failure),
        **more,
    }
    if not queue:
        logger.warning("EventBridge: an event is lost, for its target has no queue: %s", told)
        return
    try:
        targets.check({"Arn": queue}, rule)
    except targets.UndeliveredError as lost:
        logger.warning("EventBridge: an event is lost: %s, after %s", lost, told)
        return
    sqs._act_send_message(
        {
            "MessageBody": json.dumps(view.event_with_detail()),
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in told.items()
            },
        },
        sqs._queue_url(queue.split(":")[-1]),
    )
