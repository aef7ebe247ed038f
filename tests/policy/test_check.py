"""The command that judges the stacks: what it prints, what it returns, and what it says when it cannot."""

import re
import subprocess
from contextlib import contextmanager, nullcontext

import pytest

from policy import check
from policy.guardrails.engine import configure
from policy.guardrails.server import serving
from tests.policy.given import UNKNOWN, given

GOOD = given("aws:cloudwatch/logGroup:LogGroup", "good", retentionInDays=90, kmsKeyId="k")
FOR_EVER = given("aws:cloudwatch/logGroup:LogGroup", "bad", kmsKeyId="k")
NOT_KNOWN = given(
    "aws:cloudwatch/logGroup:LogGroup", "later", retentionInDays=UNKNOWN, kmsKeyId="k"
)


@pytest.fixture
def run(monkeypatch, capsys, server):
    """Judge some resources instead of the program; returns the exit code and what was printed."""
    # No exception is configured here, of which a pack would know from one stack to the next.
    monkeypatch.setattr(check, "serving", lambda _: nullcontext(server))

    def judged(*resources, stacks=("prod",)):
        monkeypatch.setattr(check, "declared", lambda _stack, _mode, _options: list(resources))
        return check.main(stacks), capsys.readouterr().out

    return judged


def test_a_program_without_a_violation_passes(run):
    code, printed = run(GOOD)

    assert code == 0
    assert re.search(r"prod +│ applied +│ +│ +1 │ +\d+ │ +0 │ +0 │ +0 │", printed)


def test_each_program_is_judged_by_a_pack_of_its_own(monkeypatch):
    packs = []

    @contextmanager
    def counted(folder):
        with serving(folder) as pack:
            packs.append(pack)
            yield pack

    monkeypatch.setattr(check, "serving", counted)
    monkeypatch.setattr(check, "declared", lambda _stack, _mode, _options: [GOOD])
    monkeypatch.setattr(check, "OPTIONS", {"": {}})

    assert check.main(["prod"]) == 0
    assert len(packs) == len({*packs}) == len(check.MODES)


def test_a_mandatory_violation_fails_and_is_told_once_for_all_modes(run):
    code, printed = run(GOOD, FOR_EVER)

    assert code == 1
    assert (
        printed.count("mandatory log-retention: bad: keeps its logs for ever; set retentionInDays")
        == 1
    )
    assert (
        "(prod first preview, prod applied, prod first preview with vpc, waf, prod applied with vpc, waf, "
        "prod first preview with choreographed, prod applied with choreographed)"
    ) in printed


def test_an_advisory_violation_is_told_and_passes(run):
    code, printed = run(given("aws:cloudwatch/eventBus:EventBus", "bus", name="bus"))

    assert code == 0
    assert "advisory eventbridge-archive: bus: keeps no events to replay" in printed


def test_what_fails_is_told_last(run):
    _, printed = run(FOR_EVER, given("aws:cloudwatch/eventBus:EventBus", "bus", name="bus"))

    assert printed.index("advisory eventbridge-archive") < printed.index("mandatory log-retention")


def test_a_rule_that_could_not_run_fails(run):
    code, printed = run(NOT_KNOWN)

    assert code == 1
    assert "advisory log-retention: later: can't run policy 'log-retention'" in printed


def test_what_is_wrong_with_several_resources_is_told_in_one_line(run):
    again = given("aws:cloudwatch/logGroup:LogGroup", "worse", kmsKeyId="k")

    _, printed = run(FOR_EVER, again)

    assert "log-retention: bad, worse: keeps its logs for ever" in printed


def test_a_stack_without_a_configuration_is_named(run):
    code, printed = run(GOOD, stacks=["prod", "moon"])

    assert code == 2
    assert printed == "'moon' has no configuration of the pack; there is one for ('dev', 'prod')\n"


def test_a_pack_that_does_not_start_says_why(tmp_path):
    (tmp_path / "__main__.py").write_text("raise ValueError('no pack here')")

    with (
        pytest.raises(RuntimeError, match=r"did not start: (.|\n)*no pack here"),
        serving(tmp_path),
    ):
        pass


def test_the_server_ends_with_its_context(monkeypatch):
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(
        subprocess,
        "Popen",
        lambda *args, **more: started.append(start(*args, **more)) or started[-1],
    )

    with serving(check.PACK) as pack:
        configure(pack, {})

    with pytest.raises(ValueError, match="closed channel"):
        configure(pack, {})
    assert [process.poll() is not None for process in started] == [True]
