"""The whole program, as it comes and with all that a stack may choose: it answers, and its events are counted."""

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import urllib3

from local.deployment import Deployment, deploy
from local.emulator import Emulator
from ops.__main__ import main
from ops.analytics import QueryError, events_by_type, run, run_saved
from ops.stack import Stack
from tests.embedded.conftest import DEADLINE_SECONDS, eventually

pytestmark = pytest.mark.embedded

PUBLISHED = {"order.created": 5, "order.confirmed": 3, "order.cancelled": 2}
RECORDED = PUBLISHED | {"notification.sent": PUBLISHED["order.cancelled"]}
"""Whoever is told of a cancellation is told by an event's consumer, which says so on the bus."""
TOTAL = "0.10"
"""Not a number that floats add up."""
TIME = "2026-01-31T08:00:00.000Z"


@dataclass(frozen=True)
class Site:
    """A deployed stack, and what its services say of it."""

    deployment: Deployment
    stack: Stack

    def asked(self, method: str, path: str, **request: Any) -> int:
        """The status with which the API answers."""
        url = f"{self.stack.output('apiUrl')}{path}"
        return urllib3.request(
            method, url, retries=False, timeout=DEADLINE_SECONDS, **request
        ).status


AS_IT_COMES: Mapping[str, object] = {}
ALL_OPTIONS = {"vpc": True, "waf": True, "analyticsBuffer": "kinesis", "logRetentionDays": 3}


def _site(settings: Mapping[str, Any]) -> Iterator[Site]:
    """The program on an embedded AWS of its own, which delivers every event twice."""
    with Emulator() as emulator:
        emulator.configure(deliver_twice=True)
        deployment = deploy(emulator, **settings)
        stack = Stack(deployment.outputs, "us-east-1", emulator.endpoint)
        assert events_by_type(stack) == {}
        publish(
            stack, [event(type_, n) for type_, times in PUBLISHED.items() for n in range(times)]
        )
        # What is no event must not keep anybody from asking about those that are.
        publish(stack, [{"type": "order.created", "data": "not an order"}])
        eventually(lambda: events_by_type(stack) == RECORDED)
        yield Site(deployment, stack)


@pytest.fixture(scope="module")
def as_it_comes() -> Iterator[Site]:
    yield from _site(AS_IT_COMES)


@pytest.fixture(scope="module")
def with_all_options() -> Iterator[Site]:
    yield from _site(ALL_OPTIONS)


@pytest.fixture(scope="module", params=["as_it_comes", "with_all_options"])
def site(request: pytest.FixtureRequest) -> Site:
    return request.getfixturevalue(request.param)


@pytest.fixture
def stack(site: Site) -> Stack:
    return site.stack


def event(type_: str, number: int) -> dict[str, Any]:
    data = {"orderId": f"order-{number}", "customerId": "c", "total": TOTAL}
    if type_ == "order.cancelled":
        data["reason"] = "OutOfStock"
    return {
        "version": "1",
        "id": f"{type_}-{number}",
        "source": "orders",
        "type": type_,
        "time": TIME,
        "data": data,
        "metadata": {"correlationId": "r", "causationId": "r", "userId": "u"},
    }


def publish(stack: Stack, details: list[dict[str, Any]]) -> None:
    for detail in details:
        entry = {
            "EventBusName": stack.output("eventBusName"),
            "Source": "orders",
            "DetailType": detail["type"],
            "Detail": json.dumps(detail),
        }
        stack.client("events").put_events(Entries=[entry])


def objects(stack: Stack, prefix: str) -> list[str]:
    found = stack.client("s3").list_objects_v2(
        Bucket=stack.output("analyticsBucketName"), Prefix=prefix
    )
    return [one["Key"] for one in found.get("Contents", ())]


def test_it_is_deployed_and_answers(site: Site):
    sqs = site.stack.client("sqs")

    assert sum(declared.custom for declared in site.deployment.resources) > 150
    assert set(site.stack.output("failureQueues").values()) <= set(sqs.list_queues()["QueueUrls"])
    assert site.asked("GET", "/health") == HTTPStatus.OK
    user = {"name": "Ada", "email": "ada@example.com"}
    assert site.asked("POST", "/users", json=user) == HTTPStatus.CREATED
    # Without a body; the order is looked for, and there is none.
    assert site.asked("POST", f"/orders/{uuid.uuid4()}/cancel") == HTTPStatus.NOT_FOUND
    assert site.asked("GET", f"/orders/{uuid.uuid4()}/payment") == HTTPStatus.NOT_FOUND


def test_every_log_is_kept_as_long_as_the_stack_says(with_all_options: Site):
    groups = with_all_options.stack.client("logs").describe_log_groups()["logGroups"]

    assert {group["retentionInDays"] for group in groups} == {ALL_OPTIONS["logRetentionDays"]}


def test_it_lies_in_a_network_that_leads_nowhere_else(with_all_options: Site):
    ec2 = with_all_options.stack.client("ec2")
    [network] = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    within = [{"Name": "vpc-id", "Values": [network["VpcId"]]}]
    groups = {
        group["GroupName"]: group
        for group in ec2.describe_security_groups(Filters=within)["SecurityGroups"]
    }
    routes = [
        route["DestinationCidrBlock"]
        for table in ec2.describe_route_tables(Filters=within)["RouteTables"]
        for route in table["Routes"]
    ]
    function = with_all_options.stack.client("lambda").get_function_configuration(
        FunctionName=with_all_options.stack.output("orderServiceName")
    )

    assert function["VpcConfig"]["VpcId"] == network["VpcId"]
    assert len(function["VpcConfig"]["SubnetIds"]) == 2
    assert set(routes) == {"10.0.0.0/16"}
    assert groups["default"]["IpPermissions"] == groups["default"]["IpPermissionsEgress"] == []
    assert [
        pair["GroupId"]
        for rule in groups["ordermesh-local-network-functions"]["IpPermissionsEgress"]
        for pair in rule["UserIdGroupPairs"]
    ] == [groups["ordermesh-local-network-endpoints"]["GroupId"]]


def test_its_api_is_behind_a_firewall(with_all_options: Site):
    waf = with_all_options.stack.client("wafv2")
    [acl] = waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
    protected = waf.list_resources_for_web_acl(WebACLArn=acl["ARN"], ResourceType="API_GATEWAY")

    assert [arn.rpartition("/")[2] for arn in protected["ResourceArns"]] == ["v1"]
    assert "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration" in (
        with_all_options.deployment.not_emulated
    )


def test_each_event_is_counted_once_although_it_came_twice(stack: Stack):
    # Those of the user who has just registered may still be on their way.
    rows = run(stack, "SELECT id FROM events WHERE type NOT LIKE 'user.%' AND id IS NOT NULL").rows
    counted = events_by_type(stack).items()

    assert {type_: n for type_, n in counted if not type_.startswith("user.")} == RECORDED
    assert set(Counter(rows).values()) == {2}
    assert len(set(rows)) == sum(RECORDED.values())


def test_orders_are_counted_by_how_they_ended(stack: Stack):
    answer = run_saved(stack, "orders by day and outcome")

    assert answer.columns == ("date", "outcome", "orders")
    assert answer.rows == (("2026-01-31", "OutOfStock", "2"),)


def test_revenue_is_exact(stack: Stack):
    assert run_saved(stack, "revenue by day").rows == (("2026-01-31", "3", "0.30"),)


def test_an_event_is_found_by_the_day_on_which_it_came(stack: Stack):
    today = run(stack, "SELECT DISTINCT CAST(day AS varchar) AS day FROM events").rows

    assert len(today) in {1, 2}
    for (day,) in today:
        assert objects(stack, f"events/day={day}/")


def test_events_that_come_together_share_an_object(stack: Stack):
    # Twice ten events and twice what is none: gathered for a second at a time, not written one by one.
    assert 1 <= len(objects(stack, "events/")) < 2 * sum(RECORDED.values())


def test_the_command_shows_what_a_saved_query_answers(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    outputs = tmp_path / "outputs.json"
    outputs.write_text(
        json.dumps(
            {"endpoint": stack.endpoint, "region": stack.region, "outputs": dict(stack.outputs)}
        )
    )

    shown = main(["--outputs", str(outputs), "analytics"])
    told = capsys.readouterr().out
    refused = main(["--outputs", str(outputs), "analytics", "losses"])

    assert (shown, refused) == (0, 2)
    for type_, times in RECORDED.items():
        assert re.search(rf"{re.escape(type_)} +│ {times} ", told)
    assert "no query 'losses' is saved" in capsys.readouterr().err


def test_answers_are_kept_in_a_place_of_their_own(stack: Stack):
    before = len(objects(stack, "results/"))

    run(stack, "SELECT 1 AS one")

    assert len(objects(stack, "results/")) == before + 2


def test_a_query_that_cannot_be_run_is_told_of_with_its_reason(stack: Stack):
    with pytest.raises(QueryError, match=r"is FAILED: .*colour"):
        run(stack, "SELECT colour FROM events")


def test_a_failed_delivery_would_wait_in_a_queue_of_its_own(stack: Stack):
    url = stack.output("failureQueues")["analytics-route-undelivered"]

    found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert found["Attributes"]["ApproximateNumberOfMessages"] == "0"
