"""Every rule finds what its examples say: as a function, as a policy of the SDK, and as a server over gRPC."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import astuple
from functools import partial
from itertools import chain

import pytest

from policy.guardrails.engine import configure, judge
from policy.guardrails.oversight import OVERSIGHT
from policy.guardrails.rules import RULES
from policy.guardrails.shortcuts import take_shortcuts
from tests.policy.examples import Example
from tests.policy.examples.all import EXAMPLES
from tests.policy.given import findings, found
from tests.policy.packs import InProcess, restored_afterwards

BY_ID = {rule.id: rule for rule in RULES}
OF_STATEMENTS = {
    "iam-known-condition-key",
    "iam-no-not-elements",
    "iam-trust-narrow",
    "resource-policy-narrow",
}
"""Rules whose every finding is about a statement, though not about one of its actions."""
# Examples by the thousand: as tests of their own they would take longer to be called than to be tried.
each_rule = pytest.mark.parametrize("rule", BY_ID)


def _wrong(
    examples: Iterable[Example], find: Callable[[Example], list[str]]
) -> dict[str, list[str]]:
    """The examples that do not come out as they say, and what was said instead."""
    return {
        str(example): said for example in examples if not _as_said(example, said := find(example))
    }


def _as_said(example: Example, said: list[str]) -> bool:
    return len(said) == len(example.finds) and all(
        any(part in message for message in said) for part in example.finds
    )


def _of(rule: str) -> list[Example]:
    return [example for example in EXAMPLES if example.rule == rule]


def _reported(pack, example: Example) -> list[str]:
    configure(pack, {example.rule: example.config})
    report = judge(pack, example.resources)
    return [each.message for each in report.violations if each.policy == example.rule]


@each_rule
def test_a_rule_finds_what_its_examples_say(rule):
    def find(example: Example) -> list[str]:
        return findings(BY_ID[rule], example.config, example.resources)

    assert _wrong(_of(rule), find) == {}


@each_rule
def test_a_finding_says_what_is_wrong_what_to_write_instead_and_in_which_statement(rule):
    for example in _of(rule):
        for finding in chain(*found(BY_ID[rule], example.config, example.resources)):
            parts = astuple(finding)
            assert all(isinstance(part, str) and "None" not in part for part in parts), example
            assert finding.wrong, example
            assert finding.instead, example
            assert finding.statement or not (finding.action or rule in OF_STATEMENTS), example
            assert finding.statement.startswith("statement ") or not finding.statement, example


@pytest.fixture
def as_the_pack_decodes(monkeypatch):
    """Let the SDK decode as it does in the pack's own process, for one test."""
    restored_afterwards(monkeypatch)
    take_shortcuts()


@each_rule
@pytest.mark.usefixtures("as_the_pack_decodes")
def test_the_sdk_reports_what_the_examples_say(rule):
    pack = InProcess([BY_ID[rule]])

    assert _wrong(_of(rule), partial(_reported, pack)) == {}


@each_rule
def test_the_server_answers_what_the_examples_say(rule, server):
    first = {(bool(each.finds), bool(each.config)): each for each in reversed(_of(rule))}

    # One that fails and one that passes, with and without settings: the server asks the same SDK.
    assert _wrong(first.values(), partial(_reported, server)) == {}


@each_rule
def test_every_rule_has_an_example_that_passes_and_one_that_fails(rule):
    verdicts = {bool(example.finds) for example in _of(rule)}

    assert verdicts == {True, False}


def test_no_rule_is_there_twice():
    ids = Counter(rule.id for rule in (*RULES, *OVERSIGHT))

    assert [rule for rule, times in ids.items() if times > 1] == []
