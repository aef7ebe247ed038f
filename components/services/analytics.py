"""Analytics: keeps every event where it can be asked about, and slows nothing down."""

import pulumi

from components.bucket import Bucket
from components.bus import Bus
from components.delivery_stream import DeliveryStream, DeliveryStreamArgs
from components.lake import RESULTS, Lake, Query, partitioned
from components.platform import Platform
from components.route import Route
from components.stream import Stream
from events.catalogue import (
    CATALOGUE,
    OrderCancelled,
    OrderConfirmed,
    OrderFulfilled,
)
from events.columns import columns
from events.wiring import family_pattern

DIRECT, KINESIS = "direct", "kinesis"
BUFFERS = (DIRECT, KINESIS)
"""What is in front of Firehose: nothing, or a stream that takes peaks and that others can read, too."""
TABLE, ERRORS = "events", "errors/"
SINCE = "2025-01-01"
"""Before this system had its first event."""
RESULT_DAYS, ERROR_DAYS, ACCESS_LOG_DAYS = 7, 90, 90

QUERIES: dict[str, Query] = {
    "events by type": {
        "description": "How many events of each type there were.",
        "sql": f"""\
SELECT type, count(DISTINCT id) AS events
FROM {TABLE}
WHERE id IS NOT NULL
GROUP BY type
ORDER BY type""",  # noqa: S608 (names of ours alone)
    },
    "orders by day and outcome": {
        "description": "How many orders ended on each of the last 30 days, and how.",
        "sql": f"""\
SELECT
  substr(time, 1, 10) AS date,
  coalesce(data.reason, 'Fulfilled') AS outcome,
  count(DISTINCT data.orderid) AS orders
FROM {TABLE}
WHERE type IN ('{OrderFulfilled.name}', '{OrderCancelled.name}')
  AND day >= current_date - interval '30' day
GROUP BY substr(time, 1, 10), coalesce(data.reason, 'Fulfilled')
ORDER BY date, outcome""",  # noqa: S608
    },
    "revenue by day": {
        "description": "Orders that were confirmed on each of the last 30 days, and their totals in USD.",
        "sql": f"""\
SELECT
  substr(time, 1, 10) AS date,
  count(*) AS orders,
  sum(total) AS usd
FROM (
  SELECT DISTINCT id, time, CAST(data.total AS decimal(12, 2)) AS total
  FROM {TABLE}
  WHERE type = '{OrderConfirmed.name}'
    AND day >= current_date - interval '30' day
)
GROUP BY substr(time, 1, 10)
ORDER BY date""",  # noqa: S608
    },
}
"""Queries that come with every stack. An event may arrive twice, so that each counts ids or orders."""


class Analytics(pulumi.ComponentResource):
    """Owns a copy of what has happened; nobody waits for it, and it changes nothing."""

    def __init__(
        self,
        platform: Platform,
        bus: Bus,
        buffer: str,
        buffer_seconds: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ordermesh:index:Analytics", "analytics", {}, opts)
        if buffer not in BUFFERS:
            raise ValueError(f"analytics: buffer is {buffer!r}; take one of {list(BUFFERS)}")
        child = pulumi.ResourceOptions(parent=self)

        bucket = self._bucket(platform)
        delivery = self._delivery(platform, bucket, buffer, buffer_seconds)
        Route(
            "analytics-route",
            {
                "platform": platform,
                "bus": bus.name,
                "bus_name": bus.bus_name,
                "pattern": family_pattern(*CATALOGUE),
                "targets": [{"arn": delivery.entrance_arn, "input_path": "$.detail"}],
            },
            child,
        )
        lake = Lake(
            "analytics",
            {
                "platform": platform,
                "bucket": bucket,
                "table": TABLE,
                "columns": [{"name": one.name, "type": one.type} for one in columns(CATALOGUE)],
                "since": SINCE,
                "queries": QUERIES,
            },
            child,
        )

        self.bucket_name = bucket.bucket_name
        self.database_name = lake.database_name
        self.workgroup_name = lake.workgroup_name
        self.register_outputs({})

    def _delivery(
        self, platform: Platform, bucket: Bucket, buffer: str, buffer_seconds: int
    ) -> DeliveryStream:
        child = pulumi.ResourceOptions(parent=self)
        args: DeliveryStreamArgs = {
            "platform": platform,
            "bucket": bucket,
            "prefix": partitioned(TABLE),
            "error_prefix": ERRORS,
            "buffer_seconds": buffer_seconds,
            "idempotent": True,
        }
        if buffer == KINESIS:
            args["source"] = Stream(
                "analytics-buffer", {"platform": platform, "idempotent": True}, child
            )
        return DeliveryStream("analytics-delivery", args, child)

    def _bucket(self, platform: Platform) -> Bucket:
        child = pulumi.ResourceOptions(parent=self)
        name = "analytics-data"
        logs = Bucket(
            "access-logs",
            {"platform": platform, "expiry": {"": ACCESS_LOG_DAYS}, "logs_of": [name]},
            child,
        )
        return Bucket(
            name,
            {
                "platform": platform,
                "expiry": {RESULTS: RESULT_DAYS, ERRORS: ERROR_DAYS},
                "access_logs": logs.bucket_name,
            },
            child,
        )
