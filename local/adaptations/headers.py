"""HTTP: what an answer says besides the answer."""

from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app

from local.adaptations.seam import Seams

SEAMS = Seams()

Answer = tuple[int, dict[str, str], Any]

FOR_BROWSERS = {
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
}
OF_S3 = {"x-amz-request-id", "x-amz-id-2"}


@SEAMS.replaces(app, "_dispatch_service_request")
async def say_no_more(
    original: Callable[..., Awaitable[Answer]],
    method: str,
    path: str,
    headers: dict[str, str],
    *request: Any,
) -> Answer:
    """AWS tells only pages in browsers what they may read, and only S3 has ids of its own for an answer.

    The SDK takes longer to read a header than to read the body of most answers.
    """
    status, found, body = await original(method, path, headers, *request)
    # S3 says what its buckets' owners let it say.
    if "origin" not in headers and found.keys() >= FOR_BROWSERS:
        found = {name: text for name, text in found.items() if name not in FOR_BROWSERS | OF_S3}
    return status, found, body
