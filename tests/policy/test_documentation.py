"""What is written about the pack is what it is."""

import json

from policy import check, generate_readme, grants
from policy.guardrails.oversight import OVERSIGHT
from policy.guardrails.rule import configured
from policy.guardrails.rules import RULES
from policy.peers import PEERS


def test_the_tables_of_the_readme_are_those_of_the_rules():
    assert generate_readme.README.read_text() == generate_readme.text()


def test_every_rule_is_compared_with_others():
    assert {rule.id for rule in RULES} == PEERS.keys()


def test_every_rule_says_what_it_demands_in_a_sentence():
    for rule in (*RULES, *OVERSIGHT):
        assert rule.demand.endswith("."), rule.id
        assert rule.remedy.endswith("."), rule.id
        assert rule.reference.split(" ")[0] in {"FSBP", "WA"}, rule.id


def test_no_rule_knows_what_the_program_of_this_repository_is_about():
    words = {"order", "orders", "payment", "inventory", "shipment"}
    for rule in RULES:
        assert not words & set(f"{rule.id} {rule.demand} {rule.remedy}".lower().split()), rule.id


def test_the_configurations_fit_their_rules():
    rules = {rule.id: rule for rule in RULES}
    for stack in check.STACKS:
        for name, given in json.loads(check.config_of(stack).read_text()).items():
            settings = {} if isinstance(given, str) else given
            configured(
                rules[name],
                {key: value for key, value in settings.items() if key != "enforcementLevel"},
            )


def test_the_roles_may_do_what_was_reviewed():
    assert grants.SNAPSHOT.read_text() == grants.text(), (
        "review the difference: python -m policy.grants"
    )
