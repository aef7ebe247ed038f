"""Firehose's buffers: many records become one object, as their delivery stream says."""

import gzip
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.services import firehose

from local.adaptations.seam import Seams

Json = dict[str, Any]
Record = tuple[str, bytes]
"""Its id and its data."""

SEAMS = Seams()

INTERVAL_SECONDS, SIZE_MB = 300, 5
"""Firehose's defaults."""
MB = 1_048_576
DELIMITER = b"\n"


@dataclass
class Buffer:
    """What one destination has gathered since its last object."""

    records: list[Record] = field(default_factory=list)
    size: int = 0
    full: threading.Event = field(default_factory=threading.Event)


_buffers: dict[str, Buffer] = {}
_lock = threading.Lock()


@SEAMS.replaces(firehose, "_deliver_records_to_s3")
def gather(original: Callable[..., None], stream: Json, dest: Json, records: list[Record]) -> None:
    """Firehose writes an object when the interval of its buffer is over or its size is reached.

    It puts nothing between two records unless it is told to, and compresses what it is told to.
    """
    settings = dest["config"]
    if settings.get("DynamicPartitioningConfiguration", {}).get("Enabled"):
        original(stream, dest, records)
        return
    hints = settings.get("BufferingHints", {})
    most = hints.get("SizeInMBs", SIZE_MB) * MB
    # Streams of one name may follow one another; their ids are never the same.
    key = f"{stream['arn']} {dest['id']}"
    with _lock:
        first = key not in _buffers
        buffer = _buffers.setdefault(key, Buffer())
        buffer.records += records
        buffer.size += sum(len(data) for _, data in records)
        if buffer.size >= most:
            buffer.full.set()
    if first:
        seconds = hints.get("IntervalInSeconds", INTERVAL_SECONDS)
        spawn_background(_deliver, key, stream, dest, buffer, seconds)


def _deliver(key: str, stream: Json, dest: Json, buffer: Buffer, seconds: float) -> None:
    buffer.full.wait(seconds)
    with _lock:
        del _buffers[key]
    # A delivery stream can be changed while it gathers.
    settings = dest["config"]
    kept = firehose._apply_lambda_processors(stream, dest, buffer.records)
    end = DELIMITER if _delimits(settings) else b""
    body = b"".join(data + end for _, data in kept)
    if not body:
        return
    if settings.get("CompressionFormat") == "GZIP":
        settings = {"FileExtension": ".gz", **settings}
        body = gzip.compress(body)
    firehose._deliver_to_s3(stream, {**dest, "config": settings}, body)


def _delimits(settings: Json) -> bool:
    processing = settings.get("ProcessingConfiguration", {})
    types = {one["Type"] for one in processing.get("Processors", ())}
    return bool(processing.get("Enabled")) and "AppendDelimiterToRecord" in types
