"""Write the list of services that SDKs name otherwise than policies do, from the models of botocore.

Run `python -m policy.generate_prefixes` after an update of boto3 or of the action table, and read the difference.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import botocore
import msgspec

from policy.guardrails.iam.actions import services

TABLE = Path(__file__).parent / "guardrails" / "iam" / "prefixes.json"
OTHERWISE: Mapping[str, str] = {
    # Step Functions and schedules call the APIs that somebody has made by it; for the service itself, its SDK does.
    "apigateway": "execute-api",
    # What they sign as is no service of a policy.
    "cloudcontrol": "cloudformation",
    "iotdataplane": "iot",
    "iotjobsdataplane": "iotjobsdata",
    "iotsecuretunneling": "iot",
    "mturk": "mechanicalturk",
    "partnercentralaccount": "partnercentral",
    "partnercentralbenefits": "partnercentral",
    "partnercentralchannel": "partnercentral",
    "partnercentralselling": "partnercentral",
    "resourcegroupstaggingapi": "tag",
}
"""Services whose prefix is not what their requests are signed for."""


class _Metadata(msgspec.Struct, rename="camel"):
    service_id: str
    endpoint_prefix: str
    signing_name: str = ""


class _Model(msgspec.Struct):
    metadata: _Metadata


def text() -> str:
    """The list as it is kept in git."""
    return json.dumps(dict(sorted(_prefixes())), indent=0) + "\n"


def _prefixes() -> Iterator[tuple[str, str]]:
    known = services()
    for service in _services():
        # The SDK for Java, whose names Step Functions and schedules have taken over, leaves the last word out.
        name = re.sub(r"[^a-z0-9]|service$", "", service.service_id.lower())
        prefix = OTHERWISE.get(name) or service.signing_name or service.endpoint_prefix
        if name != prefix and prefix in known:
            yield name, prefix


def _services() -> Iterator[_Metadata]:
    folder = Path(botocore.__file__).parent / "data"
    # In the order of their versions, so that the newest of each comes last.
    for model in sorted(folder.glob("*/*/service-2.json.gz")):
        yield msgspec.json.decode(gzip.decompress(model.read_bytes()), type=_Model).metadata


if __name__ == "__main__":
    TABLE.write_text(text())
