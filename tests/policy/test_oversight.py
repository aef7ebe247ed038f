"""Nothing keeps a rule quiet: no unknown value, no error, no wrong setting, no old exception."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from policy.guardrails.engine import configure, judge
from policy.guardrails.exceptions import ResourceException, apply
from policy.guardrails.finding import Finding, messages
from policy.guardrails.oversight import RULE_RAN
from policy.guardrails.pack import policies
from policy.guardrails.resource import Resource, Stack
from policy.guardrails.rule import ADVISORY, LOW, Config, ResourceRule, StackRule
from policy.guardrails.rules import RULES
from tests.policy.given import UNKNOWN, allow, arn, document, given, role_policy, secret
from tests.policy.packs import InProcess

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
QUEUE = "aws:sqs/queue:Queue"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
WILD = role_policy(allow("sqs:Send*", arn("sqs", "orders")))
EXCEPTION = {
    "role": "permissions",
    "action": "sqs:Send*",
    "resource": "",
    "reason": "It is an example.",
    "owner": "orders",
    "expires": "2999-12-31",
}


def _only(*ids: str) -> InProcess:
    return InProcess([rule for rule in RULES if rule.id in ids])


def _judged(pack: Any, *resources: Any, **config: Any) -> list[tuple[str, str, str]]:
    configure(pack, {name.replace("_", "-"): settings for name, settings in config.items()})
    report = judge(pack, resources)
    return [(found.policy, found.level, found.message) for found in report.violations]


def _advisory(id_: str, check: Any, kind: Any = ResourceRule) -> Any:
    return kind(
        id=id_,
        level=ADVISORY,
        severity=LOW,
        reference="WA SEC01-BP06",
        demand="It is judged.",
        remedy="Judge it.",
        types=frozenset({QUEUE}),
        config=Config,
        check=check,
    )


def _fails_on_a_secret(queue: Resource, _config: Config) -> Iterator[Finding]:
    yield Finding("is a queue", "make it a topic")
    int(queue.props["name"])


def _fails_on_the_stack(queue: Resource, _config: Config, _stack: Stack) -> Iterator[Finding]:
    yield from _fails_on_a_secret(queue, Config())


@pytest.mark.parametrize(
    "policy",
    [UNKNOWN, secret(UNKNOWN), {"Statement": UNKNOWN}],
    ids=["all", "a secret", "a part"],
)
def test_an_unknown_document_is_one_mandatory_violation_and_no_rule_is_skipped(policy):
    report = judge(InProcess(), [given(ROLE_POLICY, policy=policy)])

    assert [(found.policy, found.level) for found in report.violations] == [
        ("iam-document-known", "mandatory")
    ]
    assert report.skipped == []


def test_a_document_that_is_no_json_is_a_mandatory_violation():
    assert [found[:2] for found in _judged(InProcess(), given(ROLE_POLICY, policy="{"))] == [
        ("iam-document-known", "mandatory")
    ]


def test_a_secret_document_is_judged_like_any_other():
    policy = secret(document(allow("*", "*")))

    found = _judged(InProcess(), given(ROLE_POLICY, policy=policy))

    assert ("iam-no-admin", "mandatory") in {each[:2] for each in found}


def test_another_unknown_value_is_told_by_the_sdk():
    group = given(LOG_GROUP, retentionInDays=UNKNOWN)

    report = judge(_only("log-retention"), [group])

    assert report.violations == []
    assert [each.urn for each in report.skipped] == [group.urn]
    assert [(each.policy, each.level) for each in report.skipped] == [("log-retention", "advisory")]
    assert "retentionInDays can't be known during preview" in report.skipped[0].message


def test_an_unknown_value_hides_no_violation_of_another_resource():
    task = "aws:ecs/taskDefinition:TaskDefinition"
    function = given("aws:lambda/function:Function", "orders", name="orders")

    report = judge(InProcess(), [given(task, "web", containerDefinitions=UNKNOWN), function])

    assert [each.urn for each in report.violations if each.policy == "log-group-declared"] == [
        function.urn
    ]
    assert [
        "web.containerDefinitions" in each.message
        for each in report.skipped
        if each.policy == "log-group-declared"
    ] == [True]


@pytest.mark.parametrize(
    ("rule", "watcher"),
    [
        (_advisory("fails", _fails_on_a_secret), "rule-ran"),
        (_advisory("fails", _fails_on_the_stack, StackRule), "stack-rule-ran"),
    ],
    ids=["resource", "stack"],
)
def test_an_error_in_a_rule_is_mandatory_hides_nothing_and_tells_no_value(rule, watcher):
    quiet = _advisory("quiet", lambda *_: iter(()))
    loud = _advisory("loud", lambda *_: iter([Finding("is loud", "be quiet")]))

    found = _judged(InProcess([rule, quiet, loud]), given(QUEUE, "q", name=secret("hunter2")))

    by_policy = {each[0]: each[1:] for each in found}
    assert by_policy.keys() == {"fails", "loud", watcher}
    assert by_policy["fails"] == ("advisory", "is a queue; make it a topic.")
    level, message = by_policy[watcher]
    assert level == "mandatory"
    line = _fails_on_a_secret.__code__.co_firstlineno + 2
    assert message == f"fails could not judge q: ValueError at test_oversight.py:{line}"
    assert "hunter2" not in message


def test_a_property_that_should_be_json_is_named():
    task = given("aws:ecs/taskDefinition:TaskDefinition", "web", containerDefinitions="[")

    found = _judged(InProcess(), task)

    message = "log-group-declared could not judge web: containerDefinitions is no JSON: Expecting value at 1"
    assert ("stack-rule-ran", "mandatory", message) in found


@pytest.mark.parametrize(
    ("definition", "wrong"),
    [
        ([], "definition is no state machine: it has no States"),
        ({"States": []}, "definition is no state machine: it has no States"),
        ({"States": {"Do": "Pass"}}, "definition is no state machine: its state Do is no object"),
        ({"States": {"Do": {"Branches": [{}, []]}}}, ""),
        ({"States": {"Do": {"Iterator": {"a": 1}}}}, "what is in Do is no state machine: it has no States"),
    ],
    ids=["a list", "states that are a list", "a text for a state", "empty branches", "a map of nothing"],
)  # fmt: skip
def test_a_definition_that_is_no_machine_is_named(definition, wrong):
    machine = given("aws:sfn/stateMachine:StateMachine", "m", definition=json.dumps(definition))

    found = _judged(_only("sfn-saga-safe"), machine)

    messages = [message for policy, _, message in found if policy == "rule-ran"]
    assert messages == ([f"sfn-saga-safe could not judge m: {wrong}"] if wrong else [])


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"minimum": "long"}, "Expected `int`, got `str` - at `$.minimum`"),
        ({"minimum": 0}, "Expected `int` >= 1 - at `$.minimum`"),
        ({"minimum": 30.5}, "Expected `int`, got `float` - at `$.minimum`"),
        ({"minimal": 7}, "Object contains unknown field `minimal`"),
        ({"exceptions": [{"name": "a"}]}, "Object missing required field `reason` - at `$.exceptions[0]`"),
        (
            {"exceptions": [{"name": "a", "reason": " ", "owner": "c", "expires": "2999-01-01"}]},
            "Expected `str` matching regex '\\\\S' - at `$.exceptions[0].reason`",
        ),
        (
            {"exceptions": [{"name": "a", "reason": "b", "owner": "c", "expires": "soon"}]},
            "Invalid RFC3339 encoded date - at `$.exceptions[0].expires`",
        ),
    ],
    ids=["type", "range", "half a day", "name", "exception without a reason", "blank reason", "exception without an end"],
)  # fmt: skip
def test_a_wrong_setting_is_named_once(settings, wrong):
    groups = [given(LOG_GROUP, name, retentionInDays=7) for name in ("a", "b")]

    found = _judged(_only("log-retention"), *groups, log_retention=settings)

    assert found == [
        ("rule-ran", "mandatory", f"the configuration of log-retention is wrong: {wrong}")
    ]


def test_a_wrong_setting_of_a_rule_on_the_stack_is_named():
    found = _judged(_only("sqs-has-dlq"), given(QUEUE), sqs_has_dlq={"minimum": 0})

    assert [each[:2] for each in found] == [("stack-rule-ran", "mandatory")]


def test_a_rule_that_checks_nothing_is_refused():
    with pytest.raises(TypeError, match="rule-ran checks nothing"):
        policies([RULE_RAN])


def test_a_configuration_for_no_rule_is_refused():
    with pytest.raises(ValueError, match="names 'log-retentoin', which is no rule of the pack"):
        configure(InProcess(), {"log-retentoin": {}})


@pytest.mark.parametrize("given_as", ["advisry", {"enforcementLevel": "advisry"}])
def test_a_level_that_there_is_not_is_refused(given_as):
    with pytest.raises(ValueError, match="level") as refused:
        configure(InProcess(), {"log-retention": given_as})

    assert str(refused.value) == (
        "the level of 'log-retention' is 'advisry'; "
        "levels are ['advisory', 'disabled', 'mandatory', 'remediate']"
    )


@pytest.mark.parametrize(
    ("level", "expected"),
    [("advisory", ["advisory"]), ("disabled", []), ("mandatory", ["mandatory"])],
)
def test_the_configuration_sets_the_level(level, expected):
    pack = _only("log-retention")
    configure(pack, {"log-retention": level})

    report = judge(pack, [given(LOG_GROUP)])

    assert [found.level for found in report.violations] == expected


def test_an_exception_excuses_exactly_its_grant():
    other = role_policy(allow(["sqs:Send*", "sqs:Get*"], arn("sqs", "orders")))

    assert _judged(InProcess(), WILD, iam_no_action_wildcard={"exceptions": [EXCEPTION]}) == []
    [found] = _judged(InProcess(), other, iam_no_action_wildcard={"exceptions": [EXCEPTION]})
    assert found[2].startswith("statement 1: sqs:Get*:")


def test_an_exception_may_name_the_role_that_the_policy_is_for():
    policy = given(ROLE_POLICY, "x", role="orders-role", policy=WILD.inputs["policy"])
    unknown = given(
        ROLE_POLICY, "y", role=UNKNOWN, policy=document(allow("xray:PutTraceSegments", "*"))
    )
    settings = {"exceptions": [EXCEPTION | {"role": "orders-role"}]}

    assert _judged(InProcess(), policy, iam_no_action_wildcard=settings) == []
    assert _judged(InProcess(), unknown, policy, iam_no_action_wildcard=settings) == []


def test_an_exception_may_name_the_role_that_holds_the_policy():
    inline = {"name": "all", "policy": WILD.inputs["policy"]}
    role = given("aws:iam/role:Role", "x", name="orders-role", inlinePolicies=[inline])
    settings = {"exceptions": [EXCEPTION | {"role": "orders-role"}]}

    assert _judged(_only("iam-no-action-wildcard"), role, iam_no_action_wildcard=settings) == []


def test_an_expired_exception_excuses_nothing_and_says_so():
    settings = {"exceptions": [EXCEPTION | {"expires": "2020-02-29"}]}

    [found] = _judged(InProcess(), WILD, iam_no_action_wildcard=settings)

    assert found[:2] == ("iam-no-action-wildcard", "mandatory")
    assert "(the exception of orders expired on 2020-02-29)" in found[2]


def test_of_several_expired_exceptions_the_last_is_named():
    expired = [
        EXCEPTION | {"owner": owner, "expires": expires}
        for owner, expires in (("a", "2020-02-29"), ("b", "2021-03-31"), ("c", "2019-01-01"))
    ]

    [found] = _judged(InProcess(), WILD, iam_no_action_wildcard={"exceptions": expired})

    assert "(the exception of b expired on 2021-03-31)" in found[2]


@pytest.mark.parametrize(
    "resources",
    [
        [],
        [given(LOG_GROUP, retentionInDays=7)],
        [role_policy()],
        [given(ROLE_POLICY, "others", policy=WILD.inputs["policy"])],
    ],
)
def test_an_exception_that_nothing_needs_is_a_violation(resources):
    settings = {"exceptions": [EXCEPTION]}
    resources = [*resources, given(QUEUE)]

    found = _judged(InProcess(), *resources, iam_no_action_wildcard=settings)

    [(_, level, message)] = [each for each in found if each[0] == "exception-used"]
    assert level == "mandatory"
    assert message.startswith(
        "nothing needs this exception to iam-no-action-wildcard: GrantException(role='permissions'"
    )


def test_all_exceptions_that_nothing_needs_are_told():
    settings = {"exceptions": [EXCEPTION | {"action": action} for action in ("sqs:*", "sns:*")]}

    found = _judged(InProcess(), given(QUEUE), iam_no_action_wildcard=settings)

    unused = [message for policy, _, message in found if policy == "exception-used"]
    assert ["sns:*" in message for message in unused] == [True, False]


def test_an_exception_to_a_rule_on_resources_names_one():
    settings = {"exceptions": [{"name": "a", "reason": "b", "owner": "c", "expires": "2999-01-01"}]}

    found = _judged(
        _only("log-retention"), *(given(LOG_GROUP, name) for name in "abc"), log_retention=settings
    )

    assert [each[0] for each in found] == ["log-retention"] * 2


def test_an_exception_holds_on_its_last_day():
    today, found = dt.date(2020, 2, 29), Finding("is wrong", "mend it")
    settings = {"reason": "It is an example.", "owner": "orders", "expires": today}
    exception = ResourceException(name="a", **settings)

    judged = [
        apply([found], [exception], frozenset({"a"}), day).findings
        for day in (today, today + dt.timedelta(days=1))
    ]

    assert [len(findings) for findings in judged] == [0, 1]


def test_a_message_names_what_there_is_to_name():
    grants = [
        Finding("w", "i", "statement 1", "a", "r"),
        Finding("w", "i", "statement 1", "b", "r"),
        Finding("w", "i", "statement 1"),
        Finding("x", "i", resource="r"),
        Finding("y", "i"),
    ]

    assert messages(grants) == ["statement 1: a, b on r: w; i.", "r: x; i.", "y; i."]


def test_every_message_says_what_to_do():
    found = _judged(InProcess(), WILD, given(LOG_GROUP))

    assert all("; " in message and message.endswith(".") for _, _, message in found)


def test_the_sdk_knows_all_that_a_rule_says_of_itself():
    info = InProcess(RULES).GetAnalyzerInfo(None)

    assert all(each.description and each.remediation_steps for each in info.policies)
    assert all(each.framework.name and each.framework.reference for each in info.policies)
    [retention] = [each for each in info.policies if each.name == "log-retention"]
    assert retention.configSchema.properties["minimum"]["default"] == 1
    exceptions = retention.configSchema.properties["exceptions"]
    assert list(exceptions["items"]["required"]) == ["name", "reason", "owner", "expires"]


def test_settings_that_change_count_from_then_on():
    pack = _only("log-retention")
    group = given(LOG_GROUP, "logs", retentionInDays=14)

    assert _judged(pack, group, log_retention={"minimum": 7}) == []
    assert [it for it, *_ in _judged(pack, group, log_retention={"minimum": 30})] == [
        "log-retention"
    ]
