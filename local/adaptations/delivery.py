"""EventBridge: how often an event reaches a target."""

from collections.abc import Callable
from typing import Any

from ministack.services import eventbridge

from local.adaptations.seam import Seams
from local.adaptations.settings import SETTINGS

SEAMS = Seams()

Json = dict[str, Any]


@SEAMS.replaces(eventbridge, "_invoke_target")
def deliver_at_least_once(
    original: Callable[..., None], target: Json, event: Json, rule: Json, view: Any = None
) -> None:
    """AWS may deliver any event more than once; with `deliver_twice` every one comes twice."""
    original(target, event, rule, view)
    if SETTINGS.deliver_twice:
        original(target, event, rule, view)
