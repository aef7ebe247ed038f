"""IAM: what the emulator does not tell the policies that it evaluates."""

import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from local.adaptations.seam import Seams

SEAMS = Seams()

_published: ContextVar[tuple[dict[str, str], ...]] = ContextVar("published", default=())
"""Condition keys of each event in the request at hand."""


@SEAMS.replaces(iam_evaluator, "_resolve_condition_key")
def count_as_encrypted(original: Callable[..., Any], key: str, context: Any) -> Any:
    """Requests to AWS arrive over TLS; plain HTTP on 127.0.0.1 stands for it."""
    return "true" if key.lower() == "aws:securetransport" else original(key, context)


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
        if denied := original(key, action, *where, service_context=context, **more):
            return denied
    return None


@SEAMS.replaces(iam_actions, "extract_resource_arn")
def name_sender(original: Callable[..., str], service: str, *request: Any) -> str:
    """AWS allows or denies `ses:SendEmail` on the identity that the mail comes from."""
    *_, query_params, region, account_id = request
    sender = iam_actions._query_param(query_params, "Source") if service == "ses" else ""
    if sender:
        return f"arn:aws:ses:{region}:{account_id}:identity/{sender}"
    return original(service, *request)
