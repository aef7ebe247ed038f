import re

import pytest

from ops import journal


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("2026-01-31T08:00", "2026-01-31T08:00:00.000Z"),
        ("2026-01-31T08:00:00.25Z", "2026-01-31T08:00:00.250Z"),
        ("2026-01-31T08:00:00+02:00", "2026-01-31T06:00:00.000Z"),
    ],
)
def test_a_moment_is_understood_as_utc_unless_it_says_otherwise(text, read):
    assert journal.moment(text) == read


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "0001-01-01T00:00+14:00"])
def test_another_text_is_no_moment(text):
    with pytest.raises(ValueError, match=f"'{re.escape(text)}' is no moment; write one as RFC"):
        journal.moment(text)
