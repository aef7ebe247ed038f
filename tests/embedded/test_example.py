"""The example of videos on an embedded AWS: published, or given up so that nothing of it is left."""

import ast
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from local.cloud import Cloud
from local.emulator import Emulator
from local.program import ROOT, Declared, declare, run_checkout
from policy import check
from policy.guardrails.server import serving
from tests.embedded.conftest import eventually

pytestmark = pytest.mark.embedded

EXAMPLE = ROOT / "examples/video"
FREE_MB = 100


class Studio:
    """The example, deployed."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.cloud = Cloud(emulator.client)
        program = run_checkout("local", self.cloud, {}, root=EXAMPLE)
        self.outputs = program.outputs

    def channel(self) -> str:
        """A new channel with room for some videos."""
        channel = f"channel-{uuid.uuid4()}"
        item = {"id": {"S": f"channel#{channel}"}, "freeMb": {"N": str(FREE_MB)}}
        table = self.outputs["videosTableName"]
        self.emulator.client("dynamodb").put_item(TableName=table, Item=item)
        return channel

    def upload(self, channel: str, size: int = 30, format_: str = "mp4") -> str:
        """Tell the bus of an upload; the video's id."""
        video = f"v-{uuid.uuid4()}"
        self.tell(
            {"videoId": video, "channelId": channel, "sizeMb": size, "format": format_},
        )
        return video

    def tell(self, upload: dict[str, Any]) -> None:
        self.emulator.client("events").put_events(
            Entries=[
                {
                    "EventBusName": self.outputs["eventBusName"],
                    "Source": "tests",
                    "DetailType": "video.uploaded",
                    "Detail": json.dumps(upload),
                }
            ]
        )

    def call(self, function: str, video: str, channel: str, error: str = "TooLate") -> str | None:
        """Call a function of the saga that gave up for an error; the name of its own error, if any."""
        payload = {
            "event": {"videoId": video, "channelId": channel, "sizeMb": 30, "format": "mp4"},
            "saga": {"failure": {"error": error}, "parked": []},
        }
        answer = self.emulator.client("lambda").invoke(
            FunctionName=f"video-local-{function}", Payload=json.dumps(payload)
        )
        return (json.loads(answer["Payload"].read()) or {}).get("errorType")

    def executions(self, video: str) -> list[dict[str, Any]]:
        """The executions about a video that have ended, each with its output."""
        machines = self.emulator.client("stepfunctions")
        found = machines.list_executions(stateMachineArn=self.outputs["sagaArn"])["executions"]
        all_ = [machines.describe_execution(executionArn=each["executionArn"]) for each in found]
        return [one for one in all_ if video in one["input"] and one["status"] != "RUNNING"]

    def notice(self, video: str) -> dict[str, Any]:
        """What its uploader was told, once that is so."""
        return eventually(lambda: self._row("noticesTableName", "videoId", video))

    def row(self, key: str) -> dict[str, Any]:
        return self._row("videosTableName", "id", key)

    def _row(self, table: str, attribute: str, key: str) -> dict[str, Any]:
        found = self.emulator.client("dynamodb").get_item(
            TableName=self.outputs[table], Key={attribute: {"S": key}}, ConsistentRead=True
        )
        read = TypeDeserializer().deserialize
        return {name: read(value) for name, value in found.get("Item", {}).items()}

    def failures(self) -> dict[str, int]:
        """How many messages wait in each failure queue."""
        sqs, name = self.emulator.client("sqs"), "ApproximateNumberOfMessages"
        return {
            queue: int(
                sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
            )
            for queue, url in self.outputs["failureQueues"].items()
        }


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """The example on an embedded AWS that enforces what its functions may do, and delivers twice."""
    with Emulator(environment={"LOCAL_WAIT_SCALE": "0"}) as emulator:
        emulator.configure(deliver_twice=True)
        yield Studio(emulator)


def test_a_video_is_encoded_published_and_announced(studio: Studio):
    channel = studio.channel()

    video = studio.upload(channel, size=30)

    notice = studio.notice(video)
    assert notice == {"videoId": video, "result": "video.published"}
    row = studio.row(f"video#{video}")
    assert row == {
        "id": f"video#{video}",
        "heldMb": 30,
        "renditions": [f"{video}-480p.mp4", f"{video}-720p.mp4", f"{video}-1080p.mp4"],
        "published": True,
    }
    assert studio.row(f"channel#{channel}")["freeMb"] == FREE_MB - 30
    [*ended] = eventually(lambda: studio.executions(video))
    assert {each["output"] for each in ended} == {'{"outcome": "completed"}'}


def test_a_refused_video_gives_its_room_back_and_its_uploader_hears_why(studio: Studio):
    channel = studio.channel()

    video = studio.upload(channel, format_="gif")

    reason = "UnsupportedFormat"
    assert studio.notice(video) == {
        "videoId": video,
        "result": "video.rejected",
        "reason": reason,
    }
    assert studio.row(f"video#{video}") == {"id": f"video#{video}", "withdrawn": reason}
    assert eventually(lambda: studio.row(f"channel#{channel}")["freeMb"] == FREE_MB)
    assert {
        (each["status"], json.loads(each["output"])["outcome"])
        for each in eventually(lambda: studio.executions(video))
    } == {("SUCCEEDED", "cancelled")}


def test_a_video_that_its_channel_has_no_room_for_is_refused_before_anything_is_done(
    studio: Studio,
):
    channel = studio.channel()

    video = studio.upload(channel, size=FREE_MB + 1)

    assert studio.notice(video)["reason"] == "QuotaExceeded"
    assert studio.row(f"video#{video}") == {"id": f"video#{video}", "withdrawn": "QuotaExceeded"}
    assert eventually(lambda: studio.row(f"channel#{channel}")["freeMb"] == FREE_MB)


def test_an_upload_that_breaks_a_step_is_undone_as_a_failure(studio: Studio):
    channel, video = studio.channel(), f"v-{uuid.uuid4()}"

    # Without a format, the encoder breaks; its room was held by then.
    studio.tell({"videoId": video, "channelId": channel, "sizeMb": 30})

    assert studio.notice(video)["reason"] == "KeyError"
    assert eventually(lambda: studio.row(f"channel#{channel}")["freeMb"] == FREE_MB)
    # The upload is delivered twice, and a second saga may find it withdrawn by the first.
    assert eventually(
        lambda: [each for each in studio.executions(video) if each.get("error") == "Compensated"]
    )


def test_what_comes_after_an_upload_was_given_up_changes_nothing(studio: Studio):
    channel = studio.channel()
    video = studio.upload(channel, format_="gif")
    studio.notice(video)

    late = [studio.call(step, video, channel) for step in ("reserve-quota", "encode-video")]
    late.append(studio.call("publish-video", video, channel))
    undone = [
        studio.call(undo, video, channel)
        for undo in ("withdraw-video", "discard-video", "free-quota")
    ]

    assert late == ["UploadWithdrawn", "UploadWithdrawn", "UploadWithdrawn"]
    assert undone == [None, None, None]
    assert studio.row(f"video#{video}") == {
        "id": f"video#{video}",
        "withdrawn": "UnsupportedFormat",
    }
    assert eventually(lambda: studio.row(f"channel#{channel}")["freeMb"] == FREE_MB)


def test_the_reason_that_was_given_first_is_the_one_that_is_told(studio: Studio):
    channel, video = studio.channel(), f"v-{uuid.uuid4()}"

    studio.call("withdraw-video", video, channel, "First")
    studio.call("withdraw-video", video, channel, "Second")
    studio.call("settle-upload", video, channel, "Second")

    assert studio.notice(video)["reason"] == "First"


def test_an_upload_is_not_given_up_once_it_is_published(studio: Studio):
    channel = studio.channel()
    video = studio.upload(channel)
    studio.notice(video)

    assert studio.call("withdraw-video", video, channel) == "PivotPassed"
    assert studio.row(f"video#{video}")["published"] is True


def test_everything_is_emulated_and_nothing_waits_for_an_operator(studio: Studio):
    video = studio.upload(studio.channel())

    studio.notice(video)

    assert studio.cloud.not_emulated == [
        "aws:cloudwatch/queryDefinition:QueryDefinition",
        "aws:sfn/stateMachine:StateMachine.tracingConfiguration",
    ]
    assert len(studio.failures()) > 0
    assert set(studio.failures().values()) == {0}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_functions_need_nothing_but_what_lambda_has():
    files = (EXAMPLE / "studio").glob("*.py")

    needed = {name.partition(".")[0] for path in files for name in _imported(path)}

    # The embedded AWS has the libraries of this repository, so only a look at the imports can tell.
    assert needed - set(sys.stdlib_module_names) == {"boto3", "botocore", "studio"}


def _declared(mode: str) -> list[Declared]:
    return list(declare("dev", preview=mode == check.MODES[0], root=EXAMPLE))


@pytest.mark.parametrize("mode", check.MODES)
def test_the_pack_finds_nothing_mandatory_in_it(mode: str):
    with serving(check.PACK) as pack:
        checked = check.check(pack, "dev", mode, _declared(mode))

    assert checked.report.of("mandatory") == []
    assert checked.report.skipped == []
