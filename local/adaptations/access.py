"""IAM: what the emulator does not tell the policies that it evaluates, and where it does not ask them."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import ParsedStatement
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1, stepfunctions

from local.adaptations.accesses import note
from local.adaptations.permissions import function_admits, role_allows
from local.adaptations.seam import Seams

SEAMS = Seams()

_published: ContextVar[tuple[dict[str, str], ...]] = ContextVar("published", default=())
"""Condition keys of each event in the request at hand."""
_role: ContextVar[str] = ContextVar("role", default="")
"""Role of the state machine that runs."""


@SEAMS.replaces(iam_evaluator, "_resolve_condition_key")
def count_as_encrypted(original: Callable[..., Any], key: str, context: Any) -> Any:
    """Requests to AWS arrive over TLS; plain HTTP on 127.0.0.1 stands for it."""
    return "true" if key.lower() == "aws:securetransport" else original(key, context)


@SEAMS.replaces(iam_evaluator, "parse_policy_document")
def parse_once(
    original: Callable[[object], list[ParsedStatement]], document: object
) -> list[ParsedStatement]:
    """No difference to AWS but in time: the same few texts are asked about at every call."""
    return _parsed(original, document) if isinstance(document, str) else original(document)


@lru_cache(maxsize=1024)
def _parsed(
    parse: Callable[[object], list[ParsedStatement]], document: str
) -> list[ParsedStatement]:
    return parse(document)


@SEAMS.replaces(iam_actions, "request_tag_context")
def note_published(
    original: Callable[..., dict[str, Any]], service: str, action: str, body: bytes, params: Any
) -> dict[str, Any]:
    """Remember source and detail type of the events that a request publishes, for the check that follows."""
    _published.set(tuple(_events(body)) if action == "events:PutEvents" else ())
    return original(service, action, body, params)


def _events(body: bytes) -> Iterator[dict[str, str]]:
    for entry in json.loads(body or b"{}").get("Entries", ()):
        yield {
            "events:source": entry.get("Source", ""),
            "events:detail-type": entry.get("DetailType", ""),
        }


@SEAMS.replaces(iam_evaluator, "enforce")
def check_each_event(
    original: Callable[..., Any],
    key: str,
    action: str,
    *where: Any,
    service_context: dict[str, Any] | None = None,
    **more: Any,
) -> Any:
    """AWS tells a policy `events:source` and `events:detail-type`, and checks each event of a request."""
    events = _published.get() if action == "events:PutEvents" else ()
    for event in events or ({},):
        context = {**(service_context or {}), **event}
        denied = original(key, action, *where, service_context=context, **more)
        note(
            _caller(key),
            action,
            more.get("resource_arn", "*"),
            event.get("events:detail-type", ""),
            allowed=not denied,
        )
        if denied:
            return denied
    return None


def _caller(key: str) -> str:
    """ARN of whoever has an access key; nothing for a key that nobody has."""
    found = iam_evaluator.resolve_credential(key, get_account_id())
    return getattr(found, "principal_arn", "")


@SEAMS.replaces(iam_actions, "extract_resource_arn")
def name_sender(original: Callable[..., str], service: str, *request: Any) -> str:
    """AWS allows or denies `ses:SendEmail` on the identity that the mail comes from."""
    *_, query_params, region, account_id = request
    sender = iam_actions._query_param(query_params, "Source") if service == "ses" else ""
    if sender:
        return f"arn:aws:ses:{region}:{account_id}:identity/{sender}"
    return original(service, *request)


@SEAMS.replaces(apigateway_v1, "_invoke_lambda_proxy_v1")
async def admit_api(
    original: Callable[..., Awaitable[Any]],
    integration: dict[str, Any],
    api: str,
    stage: str,
    *request: Any,
    **more: Any,
) -> Any:
    """An API calls a function only when the function's policy admits it, and answers 500 otherwise."""
    function = apigateway_v1._extract_lambda_ref_from_integration_uri(integration["uri"])
    _, _, path, method, *_ = request
    source = f"arn:aws:execute-api:{get_region()}:{get_account_id()}:{api}/{stage}/{method}{path}"
    if not function_admits(function, "apigateway.amazonaws.com", source):
        return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
    return await original(integration, api, stage, *request, **more)


@SEAMS.replaces(stepfunctions, "_run_execution")
def note_role(original: Callable[[str], None], arn: str) -> None:
    """Remember the role of the machine, for the checks of its tasks."""
    machine = stepfunctions._executions[arn]["stateMachineArn"]
    _role.set(stepfunctions._state_machines[machine]["roleArn"])
    original(arn)


@SEAMS.replaces(stepfunctions, "_invoke_resource")
def check_role(original: Callable[..., Any], resource: str, task: dict[str, Any]) -> Any:
    """A state machine calls functions and writes to tables only as its role allows.

    Other integrations are not checked.
    """
    action, target, error = _needed(resource, task)
    if action and not role_allows(_role.get(), action, target):
        cause = f"{_role.get()} is not authorized to perform: {action} on resource: {target}"
        raise stepfunctions._ExecutionError(error, cause)
    return original(resource, task)


def _needed(resource: str, task: dict[str, Any]) -> tuple[str, str, str]:
    """Action and resource that a task's role must allow, and the error that its lack is."""
    scope = f"{get_region()}:{get_account_id()}"
    if resource.endswith(":states:::lambda:invoke"):
        name = task["FunctionName"].rsplit(":function:", 1)[-1]
        function = f"arn:aws:lambda:{scope}:function:{name}"
        return "lambda:InvokeFunction", function, "Lambda.AWSLambdaException"
    if ":states:::dynamodb:" in resource:
        operation = resource.rsplit(":", 1)[-1]
        table = f"arn:aws:dynamodb:{scope}:table/{task['TableName']}"
        action = f"dynamodb:{operation[:1].upper()}{operation[1:]}"
        return action, table, "DynamoDB.AmazonDynamoDBException"
    return "", "", ""
