"""What a program sees of what it declares, when nothing is made of it."""

import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs

from local.mocks import Applied, FirstPreview


def _declared(type_: str, **inputs: object) -> MockResourceArgs:
    return MockResourceArgs(
        typ=type_, name="q", inputs=inputs, provider="", resource_id="", custom=True
    )


def test_after_an_update_resources_have_the_arns_that_follow_from_their_names():
    id_, state = Applied().new_resource(_declared("aws:sqs/queue:Queue", name="orders"))

    assert id_ == "q-id"
    assert state["arn"] == "arn:aws:sqs:us-east-1:222222222222:orders"
    assert state["url"] == "https://sqs.us-east-1.amazonaws.com/222222222222/orders"


def test_they_are_where_their_stack_is():
    cloud = Applied.of({"aws:region": "eu-west-1", "aws:allowedAccountIds": '["111111111111"]'})

    _, state = cloud.new_resource(_declared("aws:dynamodb/table:Table", name="orders"))

    assert state["arn"] == "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"


def test_in_a_first_preview_nothing_is_known_but_what_was_declared():
    assert FirstPreview().new_resource(_declared("aws:sqs/queue:Queue", name="orders")) == (
        None,
        {"name": "orders"},
    )


def test_a_program_that_looks_something_up_is_told_that_there_is_nothing():
    with pytest.raises(AssertionError, match="looks nothing up, yet it called aws:index/getRegion"):
        Applied().call(MockCallArgs(token="aws:index/getRegion", args={}, provider=""))
