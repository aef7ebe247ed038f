"""`python -m ops resume`: how long it waits."""

import pytest

from ops.__main__ import main


@pytest.mark.parametrize("text", ["-5", "0", "nan", "inf", "soon"])
def test_a_deadline_that_is_no_duration_is_refused_before_anything_is_resumed(
    capsys: pytest.CaptureFixture[str], text: str
):
    with pytest.raises(SystemExit) as refused:
        main(["--outputs", "/nonexistent", "resume", f"--deadline={text}"])

    assert refused.value.code == 2
    assert f"{text!r} is no duration; take a number above 0" in capsys.readouterr().err
