"""What a need is about, and what a definition needs that names something nobody knows yet."""

import pytest

from policy.guardrails.aws import EVENT_TARGET, FUNCTION, PIPE, QUEUE, TABLE
from policy.guardrails.needs.calls import running
from policy.guardrails.needs.need import Need, on, place_of
from policy.guardrails.needs.routes import of_target
from policy.guardrails.resource import Resource, Stack, Unknown, UnknownValue
from tests.policy.given import ACCOUNT, arn

UNKNOWN = Unknown("a.b")
INBOX = arn("sqs", "inbox")
[SEND] = on(QUEUE, "inbox", "sqs:SendMessage", place=place_of(INBOX))
[INVOKE] = on(FUNCTION, "orders", "lambda:InvokeFunction")
READ_CATALOG = Need("glue:GetTable", "glue", ("*",))


@pytest.mark.parametrize(
    ("need", "resource", "allowed", "met"),
    [
        (SEND, INBOX, True, True),
        (SEND, arn("sns", "inbox"), False, False),
        (SEND, arn("sqs", "inbox:1"), False, False),
        (SEND, arn("sqs", "in*"), False, True),
        (SEND, f"arn:aws:sqs:*:{ACCOUNT}:inbox", True, True),
        (SEND, f"arn:aws:sqs:us-east-1:{ACCOUNT}:inbox", False, False),
        (SEND, "arn:aws:sqs:eu-west-1:999999999999:inbox", False, False),
        (SEND, "*", False, True),
        (INVOKE, arn("lambda", "function:orders:live"), True, True),
        (READ_CATALOG, arn("glue", "catalog"), True, True),
        (READ_CATALOG, INBOX, False, False),
        (READ_CATALOG, "*", False, True),
        (Need("xray:PutTraceSegments", "", ("*",)), "*", True, True),
        (Need("xray:PutTraceSegments", "", ("*",)), INBOX, False, False),
        (Need("glue:*", "*", ("*",)), "*", True, True),
    ],
    ids=str,
)
def test_a_need_is_about_its_resource(need, resource, allowed, met):
    assert (need.allows(resource), need.met_by(resource)) == (allowed, met)


def _resource(type_, depends_on=None, **props):
    return Resource(type_, "it", f"urn:{type_}", props, depends_on=depends_on or {})


@pytest.mark.parametrize("source", [_resource(TABLE), _resource(QUEUE, name=UNKNOWN)])
def test_a_target_that_is_not_known_yet_is_unknown(source):
    target = _resource(EVENT_TARGET, {"arn": [source.urn]}, arn=UNKNOWN)

    with pytest.raises(UnknownValue):
        list(of_target(target, Stack([source, target])))


def test_a_task_that_is_not_known_yet_is_unknown():
    with pytest.raises(UnknownValue):
        list(running(UNKNOWN, _resource(PIPE), "targetParameters", Stack([])))
