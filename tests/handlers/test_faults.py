"""Failures are provoked where, when and how they were asked for, and only where that is allowed."""

import subprocess
import sys

import pytest

from handlers import faults
from handlers.faults import Fault, ProvokedError, parse


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("crash-before:once", Fault("crash", "once", "before")),
        ("crash-after:always", Fault("crash", "always", "after")),
        ("error-before:until-resumed", Fault("error", "until-resumed", "before")),
        ("error-after:once", Fault("error", "once", "after")),
        ("slow-20:always", Fault("slow", "always", "before", seconds=20)),
    ],
)
def test_a_fault_says_what_and_when(text, fault):
    assert parse(text) == fault


@pytest.mark.parametrize(
    "text",
    [
        "crash-before",
        "crash:once",
        "crash-before:twice",
        "slow:once",
        "slow-x:once",
        "slow-1000:once",
        "explode-before:once",
        "crash-before:once ",
        "",
        None,
        7,
        {},
    ],
)
def test_anything_else_is_named_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="<kind>:<when>") as refusal:
        parse(text)
    assert repr(text) in str(refusal.value)
    for allowed in (*faults.KINDS, *faults.WHENS):
        assert allowed in str(refusal.value)


@pytest.mark.parametrize(
    ("when", "attempt", "resumed", "due"),
    [
        ("once", 0, False, True),
        ("once", 1, False, False),
        ("once", 0, True, True),
        ("always", 3, True, True),
        ("until-resumed", 3, False, True),
        ("until-resumed", 0, True, False),
    ],
)
def test_a_fault_is_due_as_often_as_it_says(when, attempt, resumed, due):
    assert Fault("error", when).is_due(attempt=attempt, resumed=resumed) is due


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_fault_strikes_in_its_place_only(where):
    other = {"before": "after", "after": "before"}[where]
    fault = Fault("error", "always", where)

    fault.strike(other)
    with pytest.raises(ProvokedError, match=f"provoked {where} the effect"):
        fault.strike(where)


def test_a_slow_step_sleeps_before_its_work():
    fault = Fault("slow", "always", seconds=0)

    fault.strike("before")
    fault.strike("after")


def test_a_crash_ends_the_process():
    program = "from handlers.faults import parse; parse('crash-after:once').strike('after'); print('alive')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert ended.returncode == 1
    assert ended.stdout == b""


@pytest.mark.parametrize(
    ("value", "allowed"), [("true", True), ("false", False), ("True", False), (None, False)]
)
def test_faults_are_provoked_only_where_the_stack_says_so(monkeypatch, value, allowed):
    if value is None:
        monkeypatch.delenv("FAULT_INJECTION", raising=False)
    else:
        monkeypatch.setenv("FAULT_INJECTION", value)

    assert faults.injected() is allowed
