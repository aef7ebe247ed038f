"""The credentials of a role, as a function gets them."""

import json

import pulumi

from local.resources.archives import zipped
from proof.subject import Subject

SOURCE = """
import os

def handler(event, context):
    return {
        name.lower(): os.environ[name]
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    }
"""


def credentials(subject: Subject, role: str) -> dict[str, str]:
    """The arguments by which boto3 calls as this role.

    They come from a function that runs with the role, since only services may assume it. The embedded AWS does not
    ask whether that service is Lambda, so this works for the roles of state machines and rules too.
    """
    functions, name = subject.emulator.client("lambda"), f"proof-{role}"
    archive = pulumi.AssetArchive({"app.py": pulumi.StringAsset(SOURCE)})
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=subject.role_arn(role),
        Code={"ZipFile": zipped(archive)},
    )
    try:
        answer = functions.invoke(FunctionName=name, Payload=b"{}")
        return json.loads(answer["Payload"].read())
    finally:
        functions.delete_function(FunctionName=name)
