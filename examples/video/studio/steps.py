"""The saga's steps on a video, and their undos: each is right when called twice, and the undos also too early.

A row of the table says what is true of a video: `heldMb` while room is held for it, `renditions` once it is
encoded, `published`, and why it was `withdrawn`, for ever. `withdraw` is called before anything is undone, so that no
step that comes late finds an upload that it may still work on.
"""

from typing import Any

from studio.refusals import PivotPassed, QuotaExceeded, UnsupportedFormat, UploadWithdrawn
from studio.store import ConditionFailedError, load, put, transact, update, video_key

FORMATS = ("mov", "mp4", "webm")
HEIGHTS = (480, 720, 1080)
STILL_WANTED = "attribute_not_exists(withdrawn)"

Call = dict[str, Any]


def reserve(call: Call, _context: object) -> None:
    """Entry point: hold room for the video in its channel; refused when there is not enough."""
    upload = call["event"]
    video, size = video_key(upload["videoId"]), upload["sizeMb"]
    hold = put(video, {"heldMb": size}, "attribute_not_exists(id)")
    take = update(_channel(upload), "SET freeMb = freeMb - :size", "freeMb >= :size", size=size)
    try:
        transact(hold, take)
    except ConditionFailedError:
        row = load(video)
        if row.get("withdrawn"):
            raise UploadWithdrawn(video) from None
        if "heldMb" not in row:
            raise QuotaExceeded(f"{video} has {size} MB, too many for its channel") from None


def free(call: Call, _context: object) -> None:
    """Entry point: give the room back, if any is held."""
    upload = call["event"]
    video = video_key(upload["videoId"])
    held = load(video).get("heldMb")
    if held is not None:
        release = update(video, "REMOVE heldMb", "heldMb = :held", held=held)
        give = update(_channel(upload), "SET freeMb = freeMb + :held", held=held)
        transact(release, give)


def encode(call: Call, _context: object) -> None:
    """Entry point: make the renditions; refused for a format that cannot be read."""
    upload = call["event"]
    video, format_ = video_key(upload["videoId"]), upload["format"]
    if format_ not in FORMATS:
        raise UnsupportedFormat(f"{video} is {format_!r}; it can be one of {FORMATS}")
    renditions = [f"{upload['videoId']}-{height}p.mp4" for height in HEIGHTS]
    _change(video, "SET renditions = :renditions", renditions=renditions)


def discard(call: Call, _context: object) -> None:
    """Entry point: throw the renditions away, if there are any."""
    transact(update(video_key(call["event"]["videoId"]), "REMOVE renditions"))


def publish(call: Call, _context: object) -> None:
    """Entry point: let everybody see the video; the pivot."""
    _change(video_key(call["event"]["videoId"]), "SET published = :yes", yes=True)


def withdraw(call: Call, _context: object) -> None:
    """Entry point: give the upload up, for the reason that was given first, unless it is published."""
    video, reason = video_key(call["event"]["videoId"]), call["saga"]["failure"]["error"]
    give_up = "SET withdrawn = if_not_exists(withdrawn, :reason)"
    try:
        transact(update(video, give_up, "attribute_not_exists(published)", reason=reason))
    except ConditionFailedError:
        raise PivotPassed(video) from None


def _change(video: str, expression: str, **values: object) -> None:
    try:
        transact(update(video, expression, STILL_WANTED, **values))
    except ConditionFailedError:
        raise UploadWithdrawn(video) from None


def _channel(upload: dict[str, Any]) -> str:
    return f"channel#{upload['channelId']}"
