"""A video studio: an upload is encoded and published, or nothing of it is left."""

from pathlib import Path

import pulumi

from components.bus import Bus
from components.consumer import QueueConsumer
from components.function import Function
from components.link import Link
from components.observability import Observability, failure_queues
from components.platform import Platform, rule_arn
from components.queue import Queue
from components.route import Route
from components.saga import Saga
from components.saga_steps import Step
from components.table import Table
from studio.refusals import QuotaExceeded, UnsupportedFormat, UploadWithdrawn

STUDIO = "studio"
UPLOADED, PUBLISHED, REJECTED = "video.uploaded", "video.published", "video.rejected"
TIMEOUT_SECONDS = 10
CODE = Path(__file__).resolve().parent / "studio"

aws = pulumi.Config("aws")
platform: Platform = {
    "prefix": f"{pulumi.get_project()}-{pulumi.get_stack()}",
    "partition": "aws",
    "region": aws.require("region"),
    "account": aws.require_object("allowedAccountIds")[0],
    "log_retention_days": 14,
    "memory_mb": 256,
    "tracing": True,
    "retain_data": False,
    "capacity": {"mode": "on-demand"},
}

bus = Bus("bus", {"platform": platform})
videos = Table("videos", {"platform": platform, "hash_key": "id"})
notices = Table("notices", {"platform": platform, "hash_key": "videoId"})


def function(name: str, handler: str, *links: Link) -> Function:
    """A function of the studio, which may do what its links say and nothing else."""
    files = {f"studio/{path.name}": pulumi.FileAsset(str(path)) for path in CODE.glob("*.py")}
    return Function(
        name,
        {
            "platform": platform,
            "code": pulumi.AssetArchive(dict(sorted(files.items()))),
            "handler": f"studio.{handler}",
            "links": links,
            "timeout_seconds": TIMEOUT_SECONDS,
        },
    )


reading = videos.allowing("VIDEOS_TABLE", "GetItem")
writing = videos.allowing("VIDEOS_TABLE", "UpdateItem")
adding = videos.allowing("VIDEOS_TABLE", "GetItem", "PutItem", "UpdateItem")
publishing = bus.publishing(STUDIO, PUBLISHED, REJECTED)

reserve = function("reserve-quota", "steps.reserve", adding)
free = function("free-quota", "steps.free", reading, writing)
encode = function("encode-video", "steps.encode", writing)
discard = function("discard-video", "steps.discard", writing)
publish = function("publish-video", "steps.publish", writing)
withdraw = function("withdraw-video", "steps.withdraw", writing)
announce = function("announce-video", "telling.announce", publishing)
settle = function("settle-upload", "telling.settle", reading, publishing)

saga = Saga(
    "publishing",
    {
        "platform": platform,
        "steps": [
            Step(
                "ReserveQuota",
                do=reserve.static_arn,
                undo=free.static_arn,
                refusals=(QuotaExceeded, UploadWithdrawn),
            ),
            Step(
                "EncodeVideo",
                do=encode.static_arn,
                undo=discard.static_arn,
                refusals=(UnsupportedFormat, UploadWithdrawn),
            ),
            Step(
                "PublishVideo",
                do=publish.static_arn,
                undo=withdraw.static_arn,
                refusals=(UploadWithdrawn,),
                pivot=True,
            ),
            Step("AnnounceVideo", do=announce.static_arn),
        ],
        "settle_arn": settle.static_arn,
    },
)
uploads = Route(
    "start-publishing",
    {
        "platform": platform,
        "bus": bus.name,
        "bus_name": bus.bus_name,
        "pattern": {"detail-type": [UPLOADED], "detail": {"videoId": [{"exists": True}]}},
        "targets": [{"arn": saga.static_arn, "input_path": "$.detail"}],
    },
    pulumi.ResourceOptions(depends_on=[saga]),
)

results = Queue(
    "results",
    {
        "platform": platform,
        "consumer_timeout_seconds": TIMEOUT_SECONDS,
        # A notice that is written twice is the same notice.
        "idempotent": True,
        "senders": [rule_arn(platform, bus.name, "tell-results")],
    },
)
outcomes = Route(
    "tell-results",
    {
        "platform": platform,
        "bus": bus.name,
        "bus_name": bus.bus_name,
        "pattern": {"source": [STUDIO], "detail-type": [PUBLISHED, REJECTED]},
        "targets": [{"arn": results.static_arn}],
    },
    pulumi.ResourceOptions(depends_on=[results]),
)
notify = function(
    "notify-uploader",
    "telling.notify",
    results.receiving(),
    notices.allowing("NOTICES_TABLE", "PutItem"),
)
consumer = QueueConsumer(
    "read-results",
    {
        "platform": platform,
        "queue_arn": results.static_arn,
        "queue_name": results.physical_name,
        "function_name": notify.physical_name,
        "window_seconds": 0,
    },
    pulumi.ResourceOptions(depends_on=[notify, results]),
)

work = [reserve, free, encode, discard, publish, withdraw, announce, settle, notify]
parts = [bus, videos, notices, *work, saga, uploads, results, outcomes]
overview = Observability("overview", {"platform": platform, "watched": parts})

pulumi.export("eventBusName", bus.bus_name)
pulumi.export("sagaArn", saga.machine_arn)
pulumi.export("videosTableName", videos.table_name)
pulumi.export("noticesTableName", notices.table_name)
pulumi.export("failureQueues", failure_queues(parts))
