"""Which role was allowed and denied what: the emulator's own record of every decision about a role."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from ministack import app

from local.adaptations.seam import Seams

SEAMS = Seams()

Response = tuple[int, dict[str, str], bytes]


class Access(NamedTuple):
    """One kind of decision; the same decision again is counted, not kept again."""

    role: str
    """Name of the role, without its path."""
    action: str
    resource: str
    detail_type: str
    """For `events:PutEvents`, the detail type of the event; otherwise empty."""
    allowed: bool


_counts = Counter[Access]()
_lock = threading.Lock()


def note(role_arn: str, action: str, resource: str, detail_type: str, *, allowed: bool) -> None:
    """Count a decision about a role, by the role's ARN or by that of a session of it."""
    kind, *rest = role_arn.rsplit(":", 1)[-1].split("/")
    if rest and kind in {"role", "assumed-role"}:
        # A session's ARN ends with its name; a role's ARN may have a path before the role's own.
        name = rest[-1] if kind == "role" else rest[0]
        with _lock:
            _counts[Access(name, action, resource, detail_type, allowed)] += 1


@SEAMS.replaces(app, "_handle_admin_config_request")
async def tell(
    original: Callable[..., Any], path: str, method: str, body: bytes
) -> Response | None:
    """`GET /_local/accesses` lists every kind of decision so far, and how often each was made."""
    if (path, method) != ("/_local/accesses", "GET"):
        return await original(path, method, body)
    with _lock:
        found = [{**access._asdict(), "times": times} for access, times in _counts.items()]
    return HTTPStatus.OK, {"Content-Type": "application/json"}, json.dumps(found).encode()
