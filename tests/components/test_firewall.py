import pytest

from components.firewall import Firewall, FirewallArgs
from local.program import Program, declare
from tests.programs import MADE_IN, PLATFORM, declared_by, element

ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ARGS: FirewallArgs = {"platform": PLATFORM, "stage_arn": "arn:stage"}


def firewall(args: FirewallArgs = ARGS) -> Program:
    return declared_by(lambda: Firewall("wall", args))


def test_known_attackers_and_known_bad_inputs_are_blocked_by_rules_that_aws_maintains():
    inputs = firewall().only(ACL).inputs
    managed = [rule for rule in inputs["rules"] if "managedRuleGroupStatement" in rule["statement"]]

    assert (inputs["name"], inputs["scope"]) == ("shop-test-wall", "REGIONAL")
    assert inputs["defaultAction"] == {"allow": {}}
    assert [rule["statement"]["managedRuleGroupStatement"] for rule in managed] == [
        {"name": "AWSManagedRulesAmazonIpReputationList", "vendorName": "AWS"},
        {"name": "AWSManagedRulesCommonRuleSet", "vendorName": "AWS"},
        {"name": "AWSManagedRulesKnownBadInputsRuleSet", "vendorName": "AWS"},
    ]
    # "none" leaves the groups' own verdict; "count" would only watch.
    assert [rule["overrideAction"] for rule in managed] == [{"none": {}}] * 3


def test_rules_are_looked_at_one_after_the_other():
    rules = firewall().only(ACL).inputs["rules"]

    assert [rule["priority"] for rule in rules] == [0, 1, 2, 3]


@pytest.mark.parametrize(("given", "limit"), [({}, 2_000), ({"requests_per_address": 10}, 10)])
def test_an_address_that_asks_too_often_is_blocked(given, limit):
    [*_, rate] = firewall({**ARGS, **given}).only(ACL).inputs["rules"]

    assert rate["action"] == {"block": {}}
    assert rate["statement"] == {
        "rateBasedStatement": {
            "aggregateKeyType": "IP",
            "evaluationWindowSec": 300,
            "limit": limit,
        }
    }


@pytest.mark.parametrize("limit", [-1, 0, 9, 2_000_000_001])
def test_a_limit_that_waf_does_not_take_is_refused(limit):
    with pytest.raises(
        ValueError, match=f"^firewall 'wall': requests_per_address is {limit}; WAF takes 10 to"
    ):
        firewall({**ARGS, "requests_per_address": limit})


def test_every_rule_is_counted_and_no_request_is_sampled():
    inputs = firewall().only(ACL).inputs
    shown = [rule["visibilityConfig"] for rule in inputs["rules"]] + [inputs["visibilityConfig"]]

    assert len({each["metricName"] for each in shown}) == 5
    assert all(each["cloudwatchMetricsEnabled"] for each in shown)
    assert not any(each["sampledRequestsEnabled"] for each in shown)


def test_the_log_expires_and_holds_no_credentials():
    program = firewall()
    group = program.only(LOG_GROUP)
    log = program.only(LOGGING)

    assert group.inputs == {"name": "aws-waf-logs-shop-test-wall", "retentionInDays": 30}
    assert log.inputs == {
        "resourceArn": "arn:aws:mock:::wall",
        "logDestinationConfigs": [
            "arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-shop-test-wall"
        ],
        "redactedFields": [{"singleHeader": {"name": "authorization"}}],
    }
    assert (LOG_GROUP, "wall-log") in {element(urn) for urn in log.dependencies}


def test_somebody_is_told_when_much_is_blocked():
    [alarm] = firewall().of(ALARM)

    assert alarm.inputs["namespace"] == "AWS/WAFV2"
    assert alarm.inputs["metricName"] == "BlockedRequests"
    assert alarm.inputs["dimensions"] == {
        "WebACL": "shop-test-wall",
        "Region": "eu-west-1",
        "Rule": "ALL",
    }
    assert (alarm.inputs["threshold"], alarm.inputs["period"]) == (1_000, 300)
    assert alarm.inputs["alarmActions"] == ["arn:aws:sns:eu-west-1:123456789012:shop-test-alarms"]


def test_the_firewall_is_in_front_of_the_api_when_the_stack_says_so():
    program = declare("prod", vpc=True, waf=True)
    [association] = program.of(ASSOCIATION)

    assert association.inputs["resourceArn"] == "arn:aws:mock:::api-v1"
    assert association.inputs["webAclArn"] == "arn:aws:mock:::api-firewall"
    assert program.named(LOG_GROUP, "api-firewall-log").inputs["retentionInDays"] == 90
    assert (
        program.named(LOG_GROUP, "api-firewall-log").inputs["kmsKeyId"]
        == f"arn:aws:kms:{MADE_IN}:key/data"
    )


def test_without_the_setting_there_is_no_firewall():
    assert [it for it in declare("prod") if ":wafv2/" in it.type] == []
