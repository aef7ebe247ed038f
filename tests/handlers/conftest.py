"""What the tests of the handlers share."""

from collections.abc import Iterator

import pytest

from handlers import rows


@pytest.fixture(scope="session", autouse=True)
def no_pauses() -> Iterator[None]:
    """Decisions that were overtaken are made anew at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "PAUSE_SECONDS", 0.0)
        yield
