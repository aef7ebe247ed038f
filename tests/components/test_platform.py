import pytest

from components.platform import (
    Platform,
    arn,
    bucket_name,
    bus_arn,
    function_arn,
    log_group_arn,
    machine_arn,
    physical_name,
    queue_arn,
    role_arn,
    rule_arn,
    table_arn,
    topic_arn,
)
from tests.programs import PLATFORM

CHINA: Platform = {**PLATFORM, "partition": "aws-cn", "region": "cn-north-1"}


def test_a_physical_name_begins_with_the_stacks_prefix():
    assert physical_name(PLATFORM, "orders") == "shop-test-orders"


def test_a_physical_name_of_64_characters_is_taken():
    assert len(physical_name(PLATFORM, "o" * 54)) == 64


def test_a_longer_name_is_refused_with_its_length():
    expected = (
        f"^the name 'shop-test-{'o' * 55}' has 65 characters; AWS takes 64: "
        "choose a shorter prefix, stack or component name$"
    )

    with pytest.raises(ValueError, match=expected):
        physical_name(PLATFORM, "o" * 55)


@pytest.mark.parametrize("name", ["my orders", "orders.v2", "bücher"])
def test_a_name_that_aws_does_not_take_is_refused(name: str):
    expected = (
        f"^the name 'shop-test-{name}' has other characters than AWS takes: "
        "choose a prefix, stack and component name of A-Z, a-z, 0-9, - and _$"
    )

    with pytest.raises(ValueError, match=expected):
        physical_name(PLATFORM, name)


@pytest.mark.parametrize("prefix", ["shop-Test", "shop-my_stack"])
def test_a_name_that_only_s3_does_not_take_is_refused_for_a_bucket(prefix: str):
    platform: Platform = {**PLATFORM, "prefix": prefix}
    expected = (
        f"^the name '{prefix}-data-123456789012-eu-west-1' has other characters than S3 takes: "
        "choose a prefix, stack and component name of a-z, 0-9 and -$"
    )

    assert physical_name(platform, "data") == f"{prefix}-data"
    with pytest.raises(ValueError, match=expected):
        bucket_name(platform, "data")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (arn(CHINA, "ses", "identity/x"), "arn:aws-cn:ses:cn-north-1:123456789012:identity/x"),
        (role_arn(CHINA, "r"), "arn:aws-cn:iam::123456789012:role/shop-test-r"),
        (
            function_arn(PLATFORM, "f"),
            "arn:aws:lambda:eu-west-1:123456789012:function:shop-test-f",
        ),
        (table_arn(PLATFORM, "t"), "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-test-t"),
        (queue_arn(PLATFORM, "q"), "arn:aws:sqs:eu-west-1:123456789012:shop-test-q"),
        (topic_arn(PLATFORM, "t"), "arn:aws:sns:eu-west-1:123456789012:shop-test-t"),
        (bus_arn(PLATFORM, "b"), "arn:aws:events:eu-west-1:123456789012:event-bus/shop-test-b"),
        (
            rule_arn(PLATFORM, "b", "r"),
            "arn:aws:events:eu-west-1:123456789012:rule/shop-test-b/shop-test-r",
        ),
        (
            machine_arn(PLATFORM, "m"),
            "arn:aws:states:eu-west-1:123456789012:stateMachine:shop-test-m",
        ),
        (
            log_group_arn(PLATFORM, "/aws/lambda/f"),
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f:*",
        ),
    ],
)
def test_an_arn_follows_from_the_platform_and_the_name(made, expected):
    assert made == expected
