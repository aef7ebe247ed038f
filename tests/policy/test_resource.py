"""What rules see of a stack: values, references, and values that are not known yet."""

import operator

import pytest

from policy.guardrails.aws import (
    BUCKET,
    EVENT_BUS,
    EVENT_RULE,
    FIREHOSE,
    FUNCTION,
    KINESIS,
    KMS_KEY,
    LOG_GROUP,
    MACHINE,
    MANAGED_POLICY,
    QUEUE,
    ROLE,
    TABLE,
    TASK_DEFINITION,
    TOPIC,
    arn_of,
    name_in,
)
from policy.guardrails.policies import attached
from policy.guardrails.resource import Resource, Stack, Unknown, UnknownValue, Unreadable, is_set

UNKNOWN = Unknown("a.b")


def _resource(type_=QUEUE, name="it", depends_on=None, **props):
    return Resource(type_, name, f"urn:{type_}:{name}", props, depends_on=depends_on or {})


@pytest.mark.parametrize(
    "use",
    [
        *(bool, str, repr, len, iter, hash, int, float, "{}".format),
        *(operator.methodcaller("get", "x"), operator.itemgetter(0), lambda value: "x" in value),
        *(lambda value: value == "x", lambda value: value != "x", lambda value: value < 1),
        *(lambda value: value > 1, lambda value: value <= 1, lambda value: value >= 1),
        *(lambda value: value + "x", lambda value: "x" + value),
    ],
)
def test_an_unknown_value_refuses_to_be_used(use):
    with pytest.raises(UnknownValue, match=r"a\.b"):
        use(UNKNOWN)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("name",), "inbox"),
        (("nested", "key"), 1),
        (("listed", "key"), 2),
        (("empty", "key"), None),
        (("name", "key"), None),
        (("none",), None),
        (("missing", "key"), None),
    ],
)
def test_a_value_is_found_at_its_path(path, expected):
    props = {"name": "inbox", "nested": {"key": 1}, "listed": [{"key": 2}, {"key": 3}]}
    resource = Resource(QUEUE, "it", "urn", {**props, "empty": [], "none": None})

    assert resource.get(*path) == expected
    assert resource.get(*path, default=0) == (expected or 0)


def test_what_is_below_an_unknown_value_is_unknown():
    with pytest.raises(UnknownValue):
        _resource(nested=UNKNOWN).get("nested", "key")


def test_an_unknown_value_itself_may_be_passed_on():
    assert _resource(key=UNKNOWN).get("key") is UNKNOWN


def test_a_property_may_be_an_object_or_its_text():
    assert _resource(policy='{"a": 1}').json("policy") == {"a": 1}
    assert _resource(policy={"a": 1}).json("policy") == {"a": 1}
    assert _resource().json("policy", default=[]) == []


def test_a_property_that_is_no_json_is_named():
    with pytest.raises(Unreadable, match="policy is no JSON"):
        _resource(policy="{").json("policy")


def test_an_unknown_text_is_unknown():
    with pytest.raises(UnknownValue):
        _resource(policy=UNKNOWN).json("policy")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, True), ("x", True), ("", False), (None, False), ([], False)],
    ids=["unknown", "text", "no text", "nothing", "an empty list"],
)
def test_an_unknown_value_counts_as_given(value, expected):
    assert is_set(value) is expected


@pytest.mark.parametrize(
    "text",
    [
        *("inbox", "arn:aws:sqs:eu-west-1:1:inbox", "https://sqs.eu-west-1.amazonaws.com/1/inbox"),
        *("generated-id", "generated-url", "arn:aws:sqs:eu-west-1:1:generated"),
    ],
)
def test_a_resource_is_found_by_every_text_that_means_it(text):
    given = {"id": "generated-id", "url": "generated-url", "name": "inbox"}
    queue = Resource(QUEUE, "it", "urn", {**given, "arn": "arn:aws:sqs:eu-west-1:1:generated"})

    assert Stack([queue]).find(text, TOPIC, QUEUE) is queue


@pytest.mark.parametrize(
    "text", ["outbox", "arn:aws:sns:eu-west-1:1:inbox", "arn:aws:sqs:eu-west-1:1:outbox"]
)
def test_a_resource_is_not_found_by_what_means_another(text):
    queue = Resource(QUEUE, "it", "urn", {"name": "inbox"})

    assert Stack([queue]).find(text, QUEUE) is None
    assert Stack([queue]).find("inbox", TOPIC) is None


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("inbox", "eu-west-1", True),
        ("inbox", "us-east-1", False),
        ("inbox", None, True),
        ("arn:aws:sqs:eu-west-1:1:inbox", "us-east-1", True),
        ("arn:aws:sqs:us-east-1:1:inbox", "eu-west-1", False),
        ("https://sqs.us-east-1.amazonaws.com/1/inbox", "eu-west-1", False),
        ("https://queue.example/1/inbox", "eu-west-1", True),
    ],
)
def test_a_resource_is_found_in_its_region(text, region, found):
    queue = Resource(QUEUE, "it", "urn", {"name": "inbox", "region": "eu-west-1"})

    assert Stack([queue]).find(text, QUEUE, region=region) is (queue if found else None)


def test_of_one_name_in_two_regions_that_of_the_same_region_is_meant():
    here, there = (
        Resource(QUEUE, region, f"urn:{region}", {"name": "inbox", "region": region})
        for region in ("eu-west-1", "us-east-1")
    )
    user = Resource(FUNCTION, "user", "urn", {"region": "us-east-1"})

    assert Stack([there, here]).named_by(user, "target", "inbox", QUEUE) == [there]


def test_buckets_and_what_says_no_region_are_found_from_everywhere():
    bucket = Resource(BUCKET, "it", "urn", {"bucket": "lake", "region": "eu-west-1"})
    role = Resource(ROLE, "role", "urn", {"name": "orders"})

    assert Stack([bucket]).find("lake", BUCKET, region="us-east-1") is bucket
    assert Stack([role]).find("orders", ROLE, region="us-east-1") is role
    assert Stack([role]).find("orders", ROLE, region=UNKNOWN) is role


def test_a_name_that_is_not_known_yet_names_nothing():
    assert Stack([Resource(QUEUE, "it", "urn", {"name": UNKNOWN})]).find("inbox", QUEUE) is None


def test_an_unknown_value_is_followed_to_where_it_comes_from():
    queue, topic = _resource(QUEUE, "queue"), _resource(TOPIC, "topic")
    user = _resource(FUNCTION, "user", {"target": [queue.urn, topic.urn, "urn:elsewhere"]})
    stack = Stack([queue, topic, user])

    assert stack.named_by(user, "target", UNKNOWN, QUEUE) == [queue]
    assert stack.named_by(user, "target", UNKNOWN, ROLE) == []


@pytest.mark.parametrize("depends_on", [{}, {"target": ["urn:elsewhere"]}, {"other": ["urn:x"]}])
def test_an_unknown_value_that_comes_from_nowhere_is_unknown(depends_on):
    user = _resource(FUNCTION, "user", depends_on)

    with pytest.raises(UnknownValue):
        Stack([user]).named_by(user, "target", UNKNOWN, QUEUE)


def test_a_known_value_says_more_than_where_it_comes_from():
    named = Resource(QUEUE, "a", "urn:a", {"name": "a"})
    other = Resource(QUEUE, "b", "urn:b", {"name": "b"})
    user = _resource(FUNCTION, "user", {"target": ["urn:b"]})

    assert Stack([named, other, user]).named_by(user, "target", "a", QUEUE) == [named]


def test_what_means_something_else_is_not_followed_to_where_another_value_comes_from():
    queue, network = _resource(QUEUE), _resource("aws:ec2/vpc:Vpc")
    user = _resource(FUNCTION, "user", {"target": [queue.urn, network.urn]})
    stack = Stack([queue, network, user])

    def named(value):
        return stack.named_by(user, "target", value, QUEUE, network.type)

    assert named(UNKNOWN) == named("generated") == [queue, network]
    assert named("arn:aws:sqs:eu-west-1:1:generated") == [queue, network]
    assert named("arn:aws:lambda:eu-west-1:1:function:orders") == [network]


@pytest.mark.parametrize(
    ("text", "type_", "name"),
    [
        ("arn:aws:lambda:eu-west-1:1:function:orders", FUNCTION, "orders"),
        ("arn:aws:lambda:eu-west-1:1:function:orders:live", FUNCTION, "orders"),
        ("arn:aws:dynamodb:eu-west-1:1:table/orders/stream/1", TABLE, "orders"),
        ("arn:aws:ecs:eu-west-1:1:task-definition/orders:3", TASK_DEFINITION, "orders"),
        ("arn:aws:events:eu-west-1:1:event-bus/orders", EVENT_BUS, "orders"),
        ("arn:aws:events:eu-west-1:1:rule/bus/orders", EVENT_RULE, "orders"),
        ("arn:aws:firehose:eu-west-1:1:deliverystream/orders", FIREHOSE, "orders"),
        ("arn:aws:iam::1:policy/path/orders", MANAGED_POLICY, "orders"),
        ("arn:aws:kinesis:eu-west-1:1:stream/orders/consumer/c:1", KINESIS, "orders"),
        ("arn:aws:kms:eu-west-1:1:key/orders", KMS_KEY, "orders"),
        ("arn:aws:logs:eu-west-1:1:log-group:orders:*", LOG_GROUP, "orders"),
        ("arn:aws:s3:::orders/2026/*", BUCKET, "orders"),
        ("arn:aws:sns:eu-west-1:1:orders:c9135db0", TOPIC, "orders"),
        ("arn:aws:sqs:eu-west-1:1:orders", QUEUE, "orders"),
        ("arn:aws:states:eu-west-1:1:stateMachine:orders:live", MACHINE, "orders"),
        ("arn:aws:lambda:eu-west-1:1:layer:orders", FUNCTION, ""),
        ("arn:aws:iam::1:role/service/orders", ROLE, "orders"),
        ("arn:aws:sqs:eu-west-1:1", QUEUE, ""),
        ("arn:aws:sqs:eu-west-1:1:orders", "aws:some/type:Type", ""),
        ("https://sqs.eu-west-1.amazonaws.com/1/orders", TOPIC, ""),
        ("orders", TOPIC, "orders"),
    ],
)
def test_a_name_is_read_out_of_what_means_a_resource(text, type_, name):
    assert name_in(text, type_) == name


def test_the_arn_that_is_made_of_a_name_means_that_name():
    for type_ in (FUNCTION, QUEUE, ROLE, TOPIC):
        assert name_in(arn_of(type_, "orders", "eu-west-1", "1"), type_) == "orders"
    assert arn_of(QUEUE, "orders", "eu-west-1", "1") == "arn:aws:sqs:eu-west-1:1:orders"
    assert arn_of("aws:s3/bucket:Bucket", "lake", "eu-west-1", "1") == "arn:aws:s3:::lake"
    assert arn_of("aws:some/type:Type", "orders", "eu-west-1", "1") == ""


def test_a_policy_that_is_not_known_yet_hides_none_that_is():
    arns = [Unknown("managedPolicyArns.0"), "arn:aws:iam::aws:policy/AdministratorAccess"]
    role = Resource(ROLE, "role", "urn", {"managedPolicyArns": arns})

    known, *unknown = attached(role)

    assert known == arns[1]
    assert len(unknown) == 1
