"""What became of an upload: told on the bus, and from there to whoever uploaded it."""

import json
import os
from functools import cache
from typing import Any

import boto3

from studio.store import load, video_key


def announce(call: dict[str, Any], _context: object) -> None:
    """Entry point: tell that the video is published."""
    _tell("video.published", {"videoId": call["event"]["videoId"]})


def settle(call: dict[str, Any], _context: object) -> None:
    """Entry point: tell that the upload was given up, unless an operator still has to resume something."""
    video_id = call["event"]["videoId"]
    if not call["saga"]["parked"]:
        # Not this saga's own reason: another that was started by the same upload may have been first.
        reason = load(video_key(video_id))["withdrawn"]
        _tell("video.rejected", {"videoId": video_id, "reason": reason})


def notify(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Entry point: leave a notice for each message; those that fail come again."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            _notice(json.loads(record["body"]))
        except Exception as error:  # noqa: BLE001 (whatever it is, the others are worked on)
            print(json.dumps({"message": record["messageId"], "error": repr(error)}))  # noqa: T201
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _tell(name: str, detail: dict[str, Any]) -> None:
    answer = _events().put_events(
        Entries=[
            {
                "EventBusName": os.environ["BUS_NAME"],
                "Source": "studio",
                "DetailType": name,
                "Detail": json.dumps(detail),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        # The saga tries again, and parks the step rather than forget it.
        raise RuntimeError(f"the bus did not take {name}: {answer['Entries']}")


def _notice(event: dict[str, Any]) -> None:
    detail = event["detail"]
    texts = {"result": event["detail-type"], **detail}
    _dynamodb().put_item(
        TableName=os.environ["NOTICES_TABLE"],
        Item={name: {"S": text} for name, text in texts.items()},
    )


@cache
def _events() -> Any:
    return boto3.client("events")


@cache
def _dynamodb() -> Any:
    return boto3.client("dynamodb")
