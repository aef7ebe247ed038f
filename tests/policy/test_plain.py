"""What the SDK hands over is read as it was declared: unknown values, secrets, tags of the provider."""

import json

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy.proxy import UNKNOWN_NUMBER_VALUE, UNKNOWN_STRING_VALUE

from policy.guardrails.engine import judge
from policy.guardrails.plain import plain
from policy.guardrails.resource import UnknownValue
from policy.guardrails.rules import RULES
from tests.policy.given import UNKNOWN, given
from tests.policy.packs import InProcess

QUEUE = "aws:sqs/queue:Queue"


def _only(*ids):
    return InProcess([rule for rule in RULES if rule.id in ids])


def test_what_only_the_provider_will_know_is_not_taken_for_what_the_program_declares():
    computed = given(QUEUE, "inbox", name="inbox", redrivePolicy=UNKNOWN).taking("name")

    report = judge(_only("sqs-has-dlq"), [computed])

    assert [found.policy for found in report.violations] == ["sqs-has-dlq"]
    assert report.skipped == []


def test_what_the_program_declares_and_nobody_knows_yet_is_unknown():
    declared = given(QUEUE, "inbox", name="inbox", redrivePolicy=UNKNOWN).taking("redrivePolicy")

    report = judge(_only("sqs-has-dlq"), [declared])

    assert report.violations == []
    assert "inbox.redrivePolicy" in report.skipped[0].message


def test_an_unknown_value_knows_its_whole_path():
    found = plain({"rules": [{"days": UNKNOWN_NUMBER_VALUE}], "name": UNKNOWN_STRING_VALUE})

    with pytest.raises(UnknownValue, match=r"^rules\.0\.days$"):
        found["rules"][0]["days"].refuse()
    with pytest.raises(UnknownValue, match=r"^name$"):
        found["name"].refuse()


TAGS = {"tags": {"owner": "orders"}}


@pytest.mark.parametrize(
    ("settings", "lacking"),
    [
        ({"defaultTags": json.dumps(TAGS)}, "stage"),
        ({"defaultTags": TAGS}, "stage"),
        ({"defaultTags": {"tags": None}}, "owner, stage"),
        ({}, "owner, stage"),
    ],
    ids=["as text", "as an object", "no tags", "nothing"],
)
def test_tags_that_the_provider_gives_to_everything_count(settings, lacking):
    provider = struct_pb2.Struct()
    provider.update(settings)
    request = proto.AnalyzeRequest(
        type=QUEUE,
        urn="urn",
        name="q",
        provider=proto.AnalyzerProviderResource(properties=provider),
    )
    pack = _only("required-tags")
    config = proto.ConfigureAnalyzerRequest()
    config.policyConfig["required-tags"].enforcementLevel = proto.MANDATORY
    config.policyConfig["required-tags"].properties.update({"tags": ["owner", "stage"]})
    pack.Configure(config)

    [found] = pack.Analyze(request).diagnostics

    assert f"lacks the tags {lacking};" in found.message


def test_a_resource_that_pulumi_protects_is_protected():
    report = judge(_only("stateful-protected"), [given("aws:kinesis/stream:Stream", "s")])

    assert len(report.violations) == 1
