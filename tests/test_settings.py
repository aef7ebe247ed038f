import json
import re
import runpy
from collections.abc import Mapping

import pytest
import yaml
from pulumi.runtime import MockResourceArgs
from pulumi_aws import sqs

from local.mocks import Applied
from local.program import ROOT, run, run_checkout, stack_config
from settings import ALLOWED, Settings, partition

KEPT = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]
KEPT += [1096, 1827, 2192, 2557, 2922, 3288, 3653]
"""What CloudWatch Logs accepts, in days, as its API reference lists it."""
COORDINATIONS = (
    "orchestrated (a state machine runs the saga) or choreographed (services react to events)"
)
UNITS = {"read": 5, "write": 6, "max": 100}


def loaded(changes: Mapping[str, str | None], stack: str = "dev") -> Settings:
    """The settings of a stack whose configuration is changed; None takes a key away."""
    given = {**stack_config(stack), **changes}
    found: list[Settings] = []
    run(
        lambda: found.append(Settings.load()),
        stack=stack,
        config={key: text for key, text in given.items() if text is not None},
        cloud=Applied(),
    )
    return found[0]


def provisioned(**units: object) -> str:
    return json.dumps({"mode": "provisioned", **units})


GOOD = [
    ("prefix", "ab", "ab"),
    ("prefix", "a" * 16, "a" * 16),
    ("prefix", "shop-2", "shop-2"),
    ("lambdaMemorySize", "128", 128),
    ("lambdaMemorySize", "10240", 10_240),
    ("tableCapacity", '{"mode": "on-demand"}', {"mode": "on-demand"}),
    ("tableCapacity", provisioned(**UNITS), {"mode": "provisioned", **UNITS}),
    (
        "tableCapacity",
        provisioned(read=1, write=40_000, max=40_000),
        {"mode": "provisioned", "read": 1, "write": 40_000, "max": 40_000},
    ),
    ("archiveDays", "1", 1),
    ("archiveDays", "3650", 3650),
    ("tracing", "false", False),
    ("tracing", "True", True),
    ("coordination", "orchestrated", "orchestrated"),
    ("coordination", "choreographed", "choreographed"),
    ("analyticsBuffer", "direct", "direct"),
    ("analyticsBuffer", "kinesis", "kinesis"),
    ("analyticsBufferSeconds", "0", 0),
    ("analyticsBufferSeconds", "900", 900),
    ("customerKey", "true", True),
    ("retainData", "true", True),
    ("alarmEmail", "", ""),
    ("alarmEmail", "on-call@example.com", "on-call@example.com"),
    ("senderEmail", "shop@example.com", "shop@example.com"),
    ("notificationSubscribers", "[]", ()),
    (
        "notificationSubscribers",
        '["desk@example.com", "+4915112345678"]',
        ("desk@example.com", "+4915112345678"),
    ),
    ("paymentSuccessRate", "0", 0.0),
    ("paymentSuccessRate", "0.25", 0.25),
    ("paymentSuccessRate", "1", 1.0),
    ("faultInjection", "false", False),
    ("vpc", "true", True),
    ("vpc", "false", False),
    ("waf", "true", True),
    ("waf", "false", False),
]


@pytest.mark.parametrize(("key", "text", "value"), GOOD)
def test_a_good_value_is_taken(key, text, value):
    settings = loaded({f"ordermesh:{key}": text})

    assert getattr(settings, re.sub("([A-Z])", r"_\1", key).lower()) == value


@pytest.mark.parametrize("days", KEPT)
def test_logs_can_be_kept_as_long_as_cloudwatch_offers(days):
    assert loaded({"ordermesh:logRetentionDays": str(days)}).log_retention_days == days


PREFIX = "2 to 20 of a-z, 0-9 and -, a letter first"
DAYS = f"one of {KEPT}"
MEMORY = "a whole number from 128 to 10240 (MiB)"
CAPACITY = (
    '{"mode": "on-demand"}, or {"mode": "provisioned", "read": n, "write": n, "max": n} '
    "with n a whole number from 1 to 40000 and max not below the others"
)
ARCHIVE = "a whole number from 1 to 3650 (days)"
FLAG = "true or false"
MAIL = "an e-mail address"
SUBSCRIBERS = (
    '["desk@example.com", "+4915112345678"]: e-mail addresses and phone numbers, each once, or []'
)
SHARE = "0 to 1"
BAD = [
    *(("prefix", text, PREFIX) for text in ("", "a", "a" * 21, "1a", "-a", "Shop", "a_b", "ab\n")),
    *(
        ("logRetentionDays", text, DAYS)
        for text in ("0", "2", "-1", "14.0", "1_4", " 14", "many", "")
    ),
    *(
        ("lambdaMemorySize", text, MEMORY)
        for text in ("127", "10241", "1GB", "1_024", " 256 ", "٢٥٦", "")
    ),
    *(
        ("tableCapacity", text, CAPACITY)
        for text in (
            "",
            "on-demand",
            "5",
            "[]",
            "{}",
            '{"mode": "reserved"}',
            '{"mode": ["on-demand"]}',
            '{"mode": "on-demand", "read": 5}',
            '{"mode": "on-demand", "color": "red"}',
            provisioned(),
            provisioned(read=5, write=6),
            provisioned(read=5, max=100),
            provisioned(write=5, max=100),
            provisioned(**UNITS, color="red"),
            provisioned(**UNITS | {"read": 0}),
            provisioned(**UNITS | {"write": 0}),
            provisioned(**UNITS | {"max": 40_001}),
            provisioned(**UNITS | {"max": 5}),
            provisioned(**UNITS | {"read": 101}),
            provisioned(**UNITS | {"read": 5.5}),
            provisioned(**UNITS | {"read": True}),
            provisioned(**UNITS | {"read": "1_0"}),
        )
    ),
    *(
        ("archiveDays", text, ARCHIVE)
        for text in ("0", "3651", "-1", "14.5", "7\n", "٣", "ever", "")
    ),
    *(
        (key, text, FLAG)
        for key in ("tracing", "customerKey", "retainData", "vpc", "waf")
        for text in ("yes", "1", "")
    ),
    *(
        ("notificationSubscribers", text, SUBSCRIBERS)
        for text in (
            "",
            "desk@example.com",
            "{}",
            "[1]",
            "[[]]",
            "[" * 100_000,
            '["desk"]',
            '["0151 12345678"]',
            '["+12"]',
            '["+49१५१1234567"]',
            '["a@b.c", "a@b.c"]',
        )
    ),
    ("faultInjection", "sometimes", "true or false; true on the stack 'local' only"),
    ("coordination", "anarchic", COORDINATIONS),
    ("coordination", "", COORDINATIONS),
    *(
        ("analyticsBuffer", text, "direct or kinesis")
        for text in ("", "Kinesis", "none", "direct|kinesis")
    ),
    *(
        ("analyticsBufferSeconds", text, "a whole number from 0 to 900 (seconds)")
        for text in ("", "-1", "901", "1.5", "soon")
    ),
    *(
        ("alarmEmail", text, f"{MAIL}, or empty")
        for text in ("on-call", "on-call@", "@example.com", "on call@example.com", "a@b@c")
    ),
    *(
        ("senderEmail", text, f"{MAIL} without * and ?")
        for text in (
            "",
            "shop",
            "shop@",
            "@example.com",
            "*@*",
            "*@example.com",
            "shop@example.co?",
        )
    ),
    *(
        ("paymentSuccessRate", text, SHARE)
        for text in ("-0.1", "1.1", "nan", "inf", "half", "0_1", " 0.5", "१", "")
    ),
]


@pytest.mark.parametrize("stack", ["Dev", "my_stack", "dev.eu"])
def test_a_stack_whose_name_no_bucket_may_have_is_refused(stack):
    with pytest.raises(ValueError, match="stack") as refused:
        run(Settings.load, stack=stack, config=stack_config("dev"), cloud=Applied())

    assert str(refused.value) == (
        f"the stack is called {stack!r}; allowed: a-z, 0-9 and -, since names of buckets have it in them"
    )


@pytest.mark.parametrize(("key", "text", "allowed"), BAD)
def test_a_bad_value_is_named_with_what_is_allowed(key, text, allowed):
    expected = f"ordermesh:{key} is {text!r}; allowed: {allowed}"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        loaded({f"ordermesh:{key}": text})


@pytest.mark.parametrize("key", ALLOWED)
def test_a_missing_setting_is_named_with_what_is_allowed(key):
    expected = f"ordermesh:{key} is not set; allowed: {ALLOWED[key][1]}"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        loaded({f"ordermesh:{key}": None})


def test_an_unknown_setting_is_refused_with_those_there_are():
    expected = f"ordermesh:archiveDay is no setting; settings are {sorted(ALLOWED)}"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        loaded({"ordermesh:archiveDay": "7"})


def test_settings_of_others_are_none_of_ours():
    assert loaded({"aws:profile": "work", "ordermesh-tools:color": "red"}).stack == "dev"


@pytest.mark.parametrize(
    ("prefix", "stack", "region", "most"),
    [
        ("a" * 19, "dev", "us-east-1", 22),
        ("shop", "x" * 18, "us-east-1", 22),
        ("a" * 17, "dev", "ap-southeast-1", 20),
    ],
)
def test_a_prefix_that_makes_too_long_names_with_its_stack_is_refused(prefix, stack, region, most):
    config = {**stack_config("dev"), "ordermesh:prefix": prefix, "aws:region": region}
    expected = (
        f"ordermesh:prefix is {prefix!r} on stack {stack!r}, so names begin with "
        f"'{prefix}-{stack}'; allowed: {most} characters together in {region}"
    )

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        run(Settings.load, stack=stack, config=config, cloud=Applied())


@pytest.mark.parametrize(
    ("coordination", "characters", "region"),
    [
        # The longest name of a queue is without a saga, that of a bucket in the region of the longest.
        ("choreographed", 18, "us-east-1"),
        ("orchestrated", 16, "ap-southeast-1"),
    ],
)
def test_the_longest_prefix_leaves_enough_for_every_name(coordination, characters, region):
    longest = {"prefix": "a" * characters, "coordination": coordination, "vpc": True, "waf": True}
    config = {**stack_config("dev", settings=longest), "aws:region": region}

    program = run(
        lambda: runpy.run_path(str(ROOT), run_name="__main__"),
        stack="dev",
        config=config,
        cloud=Applied.of(config),
    )

    assert len(program.declared) > 500


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_failures_cannot_be_provoked_but_on_the_local_stack(stack):
    with pytest.raises(
        ValueError,
        match=f"^ordermesh:faultInjection is true on stack '{stack}'; "
        "only 'local' may provoke failures$",
    ):
        loaded({"ordermesh:faultInjection": "true"}, stack)


def test_failures_can_be_provoked_on_the_local_stack():
    assert loaded({"ordermesh:faultInjection": "true"}, "local").fault_injection is True


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1"])
def test_a_region_of_aws_is_taken(region):
    assert loaded({"aws:region": region}).region == region


@pytest.mark.parametrize(
    "region", [None, "", "us-east", "us_east_1", "US-EAST-1", "us-east-1a", "us-east-१"]
)
def test_anything_else_is_no_region(region):
    expected = f"aws:region is {region!r}; set an AWS region, such as us-east-1"

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        loaded({"aws:region": region})


@pytest.mark.parametrize("accounts", ['["123456789012"]', '[ "123456789012" ]', "[123456789012]"])
def test_the_account_is_the_one_that_the_provider_may_deploy_to(accounts):
    assert loaded({"aws:allowedAccountIds": accounts}).account == "123456789012"


@pytest.mark.parametrize(
    "accounts",
    [
        None,
        "[]",
        '["12345678901"]',
        '["12345678901१"]',
        '["1234567890123"]',
        '["my-account"]',
        '["111111111111", "222222222222"]',
        "111111111111",
        '{"dev": "111111111111"}',
        "my-account",
        "",
    ],
)
def test_anything_but_one_account_is_refused_with_how_to_set_it(accounts):
    expected = (
        f"aws:allowedAccountIds is {accounts!r}; set the one account of this stack: "
        "pulumi config set --path 'aws:allowedAccountIds[0]' 123456789012"
    )

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        loaded({"aws:allowedAccountIds": accounts})


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("eu-west-1", "aws"),
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
def test_a_region_belongs_to_a_partition(region, expected):
    assert partition(region) == expected


def test_components_are_told_what_they_share():
    changes = {
        "ordermesh:prefix": "shop",
        "ordermesh:logRetentionDays": "30",
        "ordermesh:lambdaMemorySize": "1024",
        "ordermesh:tracing": "false",
        "ordermesh:retainData": "true",
        "aws:region": "cn-north-1",
        "aws:allowedAccountIds": '["123456789012"]',
    }

    assert loaded(changes).platform() == {
        "prefix": "shop-dev",
        "partition": "aws-cn",
        "region": "cn-north-1",
        "account": "123456789012",
        "log_retention_days": 30,
        "memory_mb": 1024,
        "tracing": False,
        "retain_data": True,
        "capacity": {"mode": "on-demand"},
    }


def test_functions_are_told_that_failures_may_be_provoked():
    settings = loaded({"ordermesh:faultInjection": "true"}, "local")

    assert settings.platform().get("environment") == {"FAULT_INJECTION": "true"}


def test_every_setting_is_described_and_has_a_default_or_a_value_in_each_stack():
    described = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]

    # An object, which Pulumi.yaml has no type for.
    assert set(described) == set(ALLOWED) - {"tableCapacity"}
    for key, declared in described.items():
        assert declared["description"], key
        assert "default" in declared, key
    for stack in ("local", "dev", "prod"):
        assert {f"ordermesh:{key}" for key in ALLOWED} <= set(stack_config(stack))


class Listing(Applied):
    """Lists what is declared."""

    def __init__(self) -> None:
        super().__init__()
        self.declared: list[str] = []

    def new_resource(self, args: MockResourceArgs):
        self.declared.append(args.name)
        return super().new_resource(args)


@pytest.mark.parametrize("key", ALLOWED)
def test_with_a_bad_setting_nothing_is_declared(key):
    cloud = Listing()

    with pytest.raises(ValueError, match=f"^ordermesh:{key} is "):
        run_checkout("local", cloud, {key: "?"})
    assert cloud.declared == []


def test_what_a_program_declares_is_listed():
    cloud = Listing()

    run(lambda: sqs.Queue("orders"), stack="local", config={}, cloud=cloud)

    assert "orders" in cloud.declared
