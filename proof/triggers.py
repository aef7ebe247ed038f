"""What a deployment asks of roles: Lambda checks them before it takes a mapping or a failure destination."""

from typing import Any

from botocore.exceptions import ClientError

from proof.visit import Missed, Visit

KEPT = (
    "EventSourceArn",
    "FunctionName",
    "BatchSize",
    "StartingPosition",
    "FunctionResponseTypes",
    "DestinationConfig",
)
"""What makes one mapping as demanding as another."""


def accepted(visit: Visit) -> None:
    """Every mapping and every failure destination of the system would be accepted again."""
    functions = visit.subject.emulator.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        _again(visit, mapping)
    for function in functions.list_functions()["Functions"]:
        name = function["FunctionName"]
        pages = functions.list_function_event_invoke_configs(FunctionName=name)
        for config in pages["FunctionEventInvokeConfigs"]:
            destinations = config["DestinationConfig"]
            _asked(
                functions.put_function_event_invoke_config,
                FunctionName=name,
                MaximumRetryAttempts=config["MaximumRetryAttempts"],
                MaximumEventAgeInSeconds=config["MaximumEventAgeInSeconds"],
                DestinationConfig=destinations,
            )


def _again(visit: Visit, mapping: dict[str, Any]) -> None:
    """Make a second mapping like one that there is, which never runs."""
    functions = visit.subject.emulator.client("lambda")
    known = {"FunctionName": mapping["FunctionArn"], **mapping}
    asked = {name: known[name] for name in KEPT if name in known}
    made = _asked(functions.create_event_source_mapping, **asked, Enabled=False)
    functions.delete_event_source_mapping(UUID=made["UUID"])


def _asked(call: Any, **asked: Any) -> dict[str, Any]:
    try:
        return call(**asked)
    except ClientError as refusal:
        raise Missed(f"{asked['FunctionName']}: {refusal}") from refusal
