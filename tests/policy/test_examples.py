"""Every rule finds what its examples say: as a function, as a policy of the SDK, and as a server over gRPC."""

from collections import Counter

import pytest

from policy.guardrails.engine import configure, judge
from policy.guardrails.oversight import OVERSIGHT
from policy.guardrails.rules import RULES
from policy.guardrails.shortcuts import take_shortcuts
from tests.policy.examples import Example
from tests.policy.examples.all import EXAMPLES
from tests.policy.given import findings
from tests.policy.packs import InProcess, restored_afterwards

BY_ID = {rule.id: rule for rule in RULES}
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)


def _expect(example: Example, found: list[str]) -> None:
    assert len(found) == len(example.finds), found
    for part in example.finds:
        assert any(part in message for message in found), found


def _reported(pack, example: Example) -> list[str]:
    configure(pack, {example.rule: example.config})
    report = judge(pack, example.resources)
    return [found.message for found in report.violations if found.policy == example.rule]


@each_example
def test_a_rule_finds_what_its_example_says(example):
    found = findings(BY_ID[example.rule], example.config, example.resources)

    _expect(example, found)


@pytest.fixture
def as_the_pack_decodes(monkeypatch):
    """Let the SDK decode as it does in the pack's own process, for one test."""
    restored_afterwards(monkeypatch)
    take_shortcuts()


@each_example
@pytest.mark.usefixtures("as_the_pack_decodes")
def test_the_sdk_reports_what_the_example_says(example):
    _expect(example, _reported(InProcess([BY_ID[example.rule]]), example))


FIRST = {
    (each.rule, bool(each.finds), bool(each.config)): each for each in reversed(EXAMPLES)
}.values()
"""Of each rule one that fails and one that passes, with and without settings: the server asks the same SDK."""


@pytest.mark.parametrize("example", FIRST, ids=str)
def test_the_server_answers_what_the_example_says(example, server):
    _expect(example, _reported(server, example))


@pytest.mark.parametrize("rule", BY_ID)
def test_every_rule_has_an_example_that_passes_and_one_that_fails(rule):
    verdicts = {bool(example.finds) for example in EXAMPLES if example.rule == rule}

    assert verdicts == {True, False}


def test_no_rule_is_there_twice():
    ids = Counter(rule.id for rule in (*RULES, *OVERSIGHT))

    assert [rule for rule, times in ids.items() if times > 1] == []
