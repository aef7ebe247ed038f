"""The web application firewall in front of the API: what is known to be hostile, or too much, does not get in."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, wafv2

from components.alarm import alarm
from components.arguments import check_arguments
from components.platform import Platform, arn, physical_name

MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
"""Rule groups that AWS keeps up to date, the cheapest to evaluate first."""
REQUESTS_PER_ADDRESS = 2_000
WINDOW_SECONDS = 300
BLOCKED_REQUESTS = 1_000
"""So many in one window are no longer the noise that every public address gets."""


class FirewallArgs(TypedDict):
    """What is protected."""

    platform: Platform
    """What the stack's components share."""
    stage_arn: pulumi.Input[str]
    """ARN of the API's stage."""
    requests_per_address: NotRequired[int]
    """Requests in five minutes above which an address is refused, 10 or more. Default: 2,000."""


class Firewall(pulumi.ComponentResource):
    """A web ACL of AWS's managed rules and a limit for each address, with its log."""

    def __init__(
        self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, FirewallArgs)
        super().__init__("ordermesh:index:Firewall", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        limit = args.get("requests_per_address", REQUESTS_PER_ADDRESS)
        if not 10 <= limit <= 2_000_000_000:  # noqa: PLR2004 (WAF's limits)
            raise ValueError(
                f"firewall {name!r}: requests_per_address is {limit}; WAF takes 10 to 2000000000"
            )

        acl = wafv2.WebAcl(
            name,
            name=physical_name(platform, name),
            scope="REGIONAL",
            default_action={"allow": {}},
            rules=[*(_managed(group, at) for at, group in enumerate(MANAGED)), _rate(limit)],
            visibility_config=_visible(physical_name(platform, name)),
            opts=child,
        )
        wafv2.WebAclAssociation(
            f"{name}-stage", resource_arn=args["stage_arn"], web_acl_arn=acl.arn, opts=child
        )
        self._log(name, platform, acl)
        alarm(
            f"{name}-blocked",
            {
                "platform": platform,
                "description": f"{name}: many requests are blocked. Look into its log for who sends them, and whether "
                "a rule blocks customers.",
                "namespace": "AWS/WAFV2",
                "metric": "BlockedRequests",
                "dimensions": {
                    "WebACL": physical_name(platform, name),
                    "Region": platform["region"],
                    "Rule": "ALL",
                },
                "threshold": BLOCKED_REQUESTS,
                "period_seconds": WINDOW_SECONDS,
            },
            parent=self,
        )
        self.register_outputs({})

    # In quotes, for `wafv2` takes half a second to load, which stacks without one are spared.
    def _log(self, name: str, platform: Platform, acl: "wafv2.WebAcl") -> None:
        # WAF writes to groups of this prefix only.
        group_name = f"aws-waf-logs-{physical_name(platform, name)}"
        group = cloudwatch.LogGroup(
            f"{name}-log",
            name=group_name,
            retention_in_days=platform["log_retention_days"],
            kms_key_id=platform.get("key_arn"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        wafv2.WebAclLoggingConfiguration(
            f"{name}-log",
            resource_arn=acl.arn,
            log_destination_configs=[arn(platform, "logs", f"log-group:{group_name}")],
            redacted_fields=[{"single_header": {"name": "authorization"}}],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group]),
        )


def _managed(group: str, priority: int) -> "wafv2.WebAclRuleArgsDict":
    return {
        "name": group,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {"managed_rule_group_statement": {"name": group, "vendor_name": "AWS"}},
        "visibility_config": _visible(group),
    }


def _rate(limit: int) -> "wafv2.WebAclRuleArgsDict":
    return {
        "name": "RequestsPerAddress",
        "priority": len(MANAGED),
        # No answer of its own: the API then answers, as problem+json like everything else.
        "action": {"block": {}},
        "statement": {
            "rate_based_statement": {
                "aggregate_key_type": "IP",
                "evaluation_window_sec": WINDOW_SECONDS,
                "limit": limit,
            }
        },
        "visibility_config": _visible("RequestsPerAddress"),
    }


def _visible(metric: str) -> "wafv2.WebAclVisibilityConfigArgsDict":
    return {
        "cloudwatch_metrics_enabled": True,
        "metric_name": metric,
        # Samples would hold the headers that are left out of the log.
        "sampled_requests_enabled": False,
    }
