"""What a program in another language makes through the plugin, on the embedded AWS."""

import json

import pytest

from local.cloud import Cloud
from tests.components.engine import construct, plugin
from tests.embedded.conftest import Workbench, eventually

pytestmark = pytest.mark.embedded

REGION, ACCOUNT = "us-east-1", "000000000000"


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def test_an_event_goes_from_a_packaged_bus_into_a_packaged_queue_and_saga(bench: Workbench):
    prefix, cloud = bench.name(), Cloud(bench.client)
    code = "def handler(event, _): return event['event']['videoId']"
    platform = {
        "prefix": prefix,
        "partition": "aws",
        "region": REGION,
        "account": ACCOUNT,
        "logRetentionDays": 1,
        "memoryMb": 128,
        "tracing": False,
        "retainData": False,
        "capacity": {"mode": "on-demand"},
    }
    do, undo = (bench.function_arn(bench.function(code)) for _ in range(2))
    steps = [
        {"name": "Encode", "do": do, "undo": undo},
        {"name": "Publish", "do": do, "pivot": True},
    ]
    senders = [_arn("events", f"rule/{prefix}-bus/{prefix}-uploads")]
    queue = {"platform": platform, "consumerTimeoutSeconds": 30, "senders": senders}

    with plugin() as provider:
        _, bus = construct(provider, "Bus", "bus", {"platform": platform}, cloud=cloud)
        _, encode = construct(provider, "Queue", "encode", queue, cloud=cloud)
        _, saga = construct(
            provider, "Saga", "publishing", {"platform": platform, "steps": steps}, cloud=cloud
        )
        route = {
            "platform": platform,
            "bus": "bus",
            "busName": bus["busName"],
            "pattern": {"detail-type": ["video.uploaded"]},
            "targets": [
                {"arn": _arn("sqs", f"{prefix}-encode"), "inputPath": "$.detail"},
                {
                    "arn": _arn("states", f"stateMachine:{prefix}-publishing"),
                    "inputPath": "$.detail",
                },
            ],
        }
        construct(provider, "Route", "uploads", route, cloud=cloud)
    bench.client("events").put_events(
        Entries=[
            {
                "EventBusName": bus["busName"],
                "Source": "tests",
                "DetailType": "video.uploaded",
                "Detail": json.dumps({"videoId": "v-1"}),
            }
        ]
    )

    assert bench.bodies(encode["queueUrl"]) == [{"videoId": "v-1"}]
    machines = bench.client("stepfunctions")
    [execution] = eventually(
        lambda: machines.list_executions(stateMachineArn=saga["machineArn"])["executions"]
    )
    ended = bench.ended(execution["executionArn"])
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"outcome": "completed"})
