"""What can be changed about the embedded AWS, from the environment at its start or while it runs."""

import json
import math
import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from ministack import app
from ministack.services import lambda_svc, stepfunctions

from local.adaptations.seam import Seams

SEAMS = Seams()

Response = tuple[int, dict[str, str], bytes]


def _scale(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def _switch(text: str) -> bool:
    return {"0": False, "false": False, "1": True, "true": True}[text.lower()]


_KINDS: dict[str, tuple[Callable[[str], Any], str]] = {
    "concurrency": (_count, "a whole number of 1 or more"),
    "task_timeout_scale": (_scale, "a number of 0 or more"),
    "wait_scale": (_scale, "a number of 0 or more"),
    "delay_scale": (_scale, "a number of 0 or more"),
    "redelivery_scale": (_scale, "a number of 0 or more"),
    "deliver_twice": (_switch, "0, 1, false or true"),
    "outage": (str, "the ARN of a target"),
}


class Settings:
    """The settings, each also an environment variable: `LOCAL_TASK_TIMEOUT_SCALE` and so on."""

    concurrency: int = 4
    """Calls of one function at the same time; further callers wait."""
    task_timeout_scale: float = 1
    """Factor on the timeouts of state machines and of their tasks."""
    delay_scale: float = 1
    """Factor on the delays of queues."""
    redelivery_scale: float = 1
    """Factor on the time until a message comes again, from when its call has failed."""
    deliver_twice: bool = False
    """Whether EventBridge hands every event to every target twice, as it may at any time on AWS."""
    outage: str = ""
    """ARN of a target that answers nothing to EventBridge."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        for name in _KINDS:
            variable = f"LOCAL_{name.upper()}"
            if variable in environment:
                self.set(name, environment[variable], called=variable)

    def set(self, name: str, value: object, *, called: str) -> None:
        """Change one setting; `ValueError` names what is wrong by what the user `called` it."""
        if name not in _KINDS:
            raise ValueError(f"{called!r} is no setting; there are {sorted(_KINDS)}")
        kind, allowed = _KINDS[name]
        try:
            parsed = kind(str(value))
        except (ValueError, KeyError):
            raise ValueError(f"{called} is {value!r}; take {allowed}") from None
        setattr(self, name, parsed)

    @property
    def wait_scale(self) -> float:
        """Factor on waits and retry intervals of state machines, which the emulator applies itself."""
        return stepfunctions._SFN_WAIT_SCALE

    @wait_scale.setter
    def wait_scale(self, scale: float) -> None:
        stepfunctions._SFN_WAIT_SCALE = scale


SETTINGS = Settings(os.environ)


@SEAMS.replaces(app, "_handle_admin_config_request")
async def control(
    original: Callable[..., Any], path: str, method: str, body: bytes
) -> Response | None:
    """`POST /_local/settings` changes settings while the emulator runs; `GET /_local/calls` counts calls."""
    if (path, method) == ("/_local/calls", "GET"):
        in_flight, _ = lambda_svc.executions_in_flight()
        return HTTPStatus.OK, {"Content-Type": "text/plain"}, str(in_flight).encode()
    if (path, method) != ("/_local/settings", "POST"):
        return await original(path, method, body)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        for name, value in json.loads(body).items():
            SETTINGS.set(name, value, called=name)
    except ValueError as refusal:
        return HTTPStatus.BAD_REQUEST, headers, str(refusal).encode()
    return HTTPStatus.OK, headers, b""
