"""What the tests of the handlers share."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from handlers import rows
from handlers.logs import logger


@pytest.fixture(scope="session", autouse=True)
def no_pauses() -> Iterator[None]:
    """Decisions that were overtaken are made anew at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "PAUSE_SECONDS", 0.0)
        yield


@pytest.fixture
def logged(monkeypatch) -> Callable[[], list[dict[str, Any]]]:
    """Asks for what the test has logged so far."""
    stream = io.StringIO()
    monkeypatch.setattr(logger().registered_handler, "stream", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
