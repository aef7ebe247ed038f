"""Each resource is decoded once, however many policies there are, and nothing else changes."""

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy import policy as sdk

from policy.guardrails import shortcuts
from policy.guardrails.engine import configure, judge, seen
from policy.guardrails.resource import Secret
from policy.guardrails.rule import ResourceRule
from policy.guardrails.rules import RULES
from tests.policy.given import given, secret
from tests.policy.packs import InProcess, restored_afterwards

TYPES = frozenset({"aws:sqs/queue:Queue", "aws:cloudwatch/logGroup:LogGroup"})
"""What the policy judges that watches over all rules: everything."""
RESOURCES = [
    given("aws:sqs/queue:Queue", "a", tags={"owner": "orders"}),
    given("aws:cloudwatch/logGroup:LogGroup", "b", name=secret("logs")),
]


@pytest.fixture
def decoded(monkeypatch):
    """What has been decoded since decoding was told to remember."""
    found = []
    original = json_format.MessageToDict
    restored_afterwards(monkeypatch)
    monkeypatch.setattr(
        json_format, "MessageToDict", lambda message: found.append(message) or original(message)
    )
    shortcuts.take_shortcuts()
    return found


def test_a_resource_is_decoded_once_by_itself_and_once_as_part_of_the_stack(decoded):
    judge(InProcess(), RESOURCES)

    assert len(decoded) == 2 * len(RESOURCES)


def test_the_resources_of_a_stack_are_put_together_once(decoded, monkeypatch):
    made = []
    original = sdk.PolicyResource
    monkeypatch.setattr(sdk, "PolicyResource", lambda *args: made.append(args) or original(*args))
    pack = InProcess()

    for call in (1, 2):
        judge(pack, RESOURCES)
        assert len(made) == call * len(RESOURCES)


def test_a_stack_is_not_taken_for_the_one_before_it(decoded):
    pack = InProcess()
    [queue, _] = RESOURCES
    lonely = judge(pack, [queue])
    other = judge(pack, [given("aws:sqs/queue:Queue", "z", tags={"owner": "orders"})])

    assert {found.urn for found in lonely.violations if found.policy == "sqs-has-dlq"} == {
        queue.urn
    }
    assert queue.urn not in {found.urn for found in other.violations}


def test_the_report_is_the_same_as_without(request):
    without = judge(InProcess(), RESOURCES)
    request.getfixturevalue("decoded")

    assert judge(InProcess(), RESOURCES) == without
    assert without.violations != []


def test_only_the_policies_for_its_type_are_asked_about_a_resource(decoded, monkeypatch):
    asked = []
    original = sdk.ResourceValidationArgs
    monkeypatch.setattr(
        sdk, "ResourceValidationArgs", lambda *args: asked.append(args[0]) or original(*args)
    )

    judge(InProcess(), RESOURCES)

    assert asked == [
        resource.type
        for resource in RESOURCES
        for types in [*(rule.types for rule in RULES if isinstance(rule, ResourceRule)), TYPES]
        if resource.type in types
    ]


def test_the_others_are_told_not_to_apply_unless_they_are_off(request):
    properties = seen(RESOURCES[0])
    asked = proto.AnalyzeRequest(**properties)

    def not_applicable() -> dict[str, str]:
        pack = InProcess()
        configure(pack, {"lambda-runtime": "disabled"})
        return {it.policy_name: it.reason for it in pack.Analyze(asked).not_applicable}

    without = not_applicable()
    request.getfixturevalue("decoded")

    assert not_applicable() == without
    assert "log-retention" in without
    assert "lambda-runtime" not in without
    assert "sqs-has-dlq" not in without


def test_objects_that_are_equal_but_not_the_same_are_told_apart():
    memory = shortcuts.Memory()
    first, same = {"a": 1}, {"a": 1}

    assert memory.recall(first, lambda: "first") == "first"
    assert memory.recall(first, lambda: "again") == "first"
    assert memory.recall(same, lambda: "second") == "second"


def test_not_everything_is_remembered_for_ever(monkeypatch):
    monkeypatch.setattr(shortcuts, "MOST", 2)
    memory = shortcuts.Memory()
    things = [object() for _ in range(3)]
    for thing in things:
        memory.recall(thing, lambda: "first")

    assert [memory.recall(thing, lambda: "again") for thing in reversed(things)] == [
        "first",
        "again",
        "again",
    ]


def test_options_are_never_remembered(decoded):
    decode = getattr(sdk, "deserialize_properties")  # noqa: B009 (for the type checker)
    properties = {"a": secret("b")}

    assert decode(properties) == {"a": "b"}
    kept = decode(properties, proxy_secrets=True)
    assert type(kept) is not dict
    assert kept["a"] == "b"


def test_a_secret_says_so_and_is_otherwise_the_text_that_it_is(decoded):
    decode = getattr(sdk, "deserialize_properties")  # noqa: B009 (for the type checker)

    found = decode({"a": secret("b"), "c": {"d": [secret({"e": "f"}), "g"]}, "h": secret(1)})

    assert found == {"a": "b", "c": {"d": [{"e": "f"}, "g"]}, "h": 1}
    assert isinstance(found["a"], Secret)
    assert isinstance(found["c"]["d"][0]["e"], Secret)
    assert not isinstance(found["c"]["d"][1], Secret)
