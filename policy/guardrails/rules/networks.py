"""Rules on networks: nothing is open to the world, nothing passes unrecorded, and endpoints lead to one account."""

from collections.abc import Iterator
from typing import Annotated, Any

from msgspec import Meta

from ..aws import (
    DEFAULT_SECURITY_GROUP,
    FLOW_LOG,
    INGRESS_RULE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    SUBNET,
    VPC,
    VPC_ENDPOINT,
    WEB_ACL,
    WEB_ACL_LOG,
)
from ..finding import Finding
from ..iam.addresses import are_anybodys
from ..resource import Resource, Stack, is_set, value_at
from ..rule import HIGH, LOW, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

_BLOCKS = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")


class IngressConfig(Config, frozen=True, kw_only=True):
    """What may be reached from anywhere."""

    ports: Annotated[
        tuple[int, ...], Meta(description="Ports that the world may reach, such as a balancer's.")
    ] = ()


def _ingress(group: Resource, config: IngressConfig) -> Iterator[Finding]:
    for rule in _incoming(group):
        blocks = [block for key in _BLOCKS for block in _listed(value_at(rule, key))]
        first = value_at(rule, "fromPort", default=0)
        last = value_at(rule, "toPort", default=65_535)
        if not are_anybodys(blocks) or (first == last and first in config.ports):
            continue
        every = value_at(rule, "protocol", default=value_at(rule, "ipProtocol")) in {"-1", "all"}
        ports = "every port" if every else f"the ports {first:.0f} to {last:.0f}"
        yield Finding(
            f"opens {ports} to the world", "name the security group or the addresses that may come"
        )


def _incoming(group: Resource) -> Iterator[Any]:
    """The rules for what comes in, whichever way they are declared."""
    if group.type in {SECURITY_GROUP, DEFAULT_SECURITY_GROUP}:
        yield from group.get("ingress", default=())
    elif group.type == INGRESS_RULE or group.get("type") == "ingress":
        yield group.props


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _default_closed(network: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    groups = [
        group
        for group in stack.of(DEFAULT_SECURITY_GROUP)
        if network in stack.named_by(group, "vpcId", group.props.get("vpcId"), VPC)
    ]
    if not groups:
        wrong = "has a default security group that lets its members do everything"
        yield Finding(wrong, "declare a DefaultSecurityGroup for it without rules")
    for group in groups:
        if is_set(group.props.get("ingress")) or is_set(group.props.get("egress")):
            wrong = f"has rules in its default security group {group.name}"
            yield Finding(wrong, "declare the rules in a group of their own")


def _flows_recorded(network: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    recorded = any(
        network in stack.named_by(flows, "vpcId", flows.props.get("vpcId"), VPC)
        and flows.get("trafficType", default="ALL") in {"ALL", "REJECT"}
        for flows in stack.of(FLOW_LOG)
    )
    if not recorded:
        yield Finding("keeps no record of its traffic", "declare a FlowLog for it")


def _private(subnet: Resource, _config: Config) -> Iterator[Finding]:
    if subnet.get("mapPublicIpOnLaunch"):
        wrong = "gives whatever starts in it a public address"
        yield Finding(wrong, "set mapPublicIpOnLaunch to false")


def _endpoint(endpoint: Resource, _config: Config) -> Iterator[Finding]:
    if not is_set(endpoint.props.get("policy")):
        yield Finding(
            "lets everything through, to anybody's resources",
            "give it a policy that names this account in aws:PrincipalAccount, and its resources",
        )


def _firewall_logged(acl: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    logged = any(
        acl in stack.named_by(log, "resourceArn", log.props.get("resourceArn"), WEB_ACL)
        for log in stack.of(WEB_ACL_LOG)
    )
    if not logged:
        yield Finding(
            "keeps no record of what it blocks", "declare a WebAclLoggingConfiguration for it"
        )


RULES = (
    ResourceRule(
        id="security-group-closed",
        level=MANDATORY,
        severity=HIGH,
        reference="FSBP EC2.18",
        demand="No security group lets the world in.",
        remedy="Name the group or the addresses that may come; allow public ports in the configuration.",
        types=frozenset(
            {DEFAULT_SECURITY_GROUP, INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE}
        ),
        config=IngressConfig,
        check=_ingress,
    ),
    StackRule(
        id="vpc-default-group-closed",
        level=MANDATORY,
        severity=HIGH,
        reference="FSBP EC2.2",
        demand="The default security group of every network has no rules.",
        remedy="Declare a DefaultSecurityGroup without rules.",
        types=frozenset({VPC}),
        check=_default_closed,
    ),
    StackRule(
        id="vpc-flow-logged",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP EC2.6",
        demand="Every network keeps a record of its traffic.",
        remedy="Declare a FlowLog.",
        types=frozenset({VPC}),
        check=_flows_recorded,
    ),
    ResourceRule(
        id="subnet-private",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP EC2.15",
        demand="No subnet gives out public addresses by itself.",
        remedy="Set mapPublicIpOnLaunch to false.",
        types=frozenset({SUBNET}),
        check=_private,
    ),
    ResourceRule(
        id="vpc-endpoint-bounded",
        level=MANDATORY,
        severity=MEDIUM,
        reference="WA SEC05-BP02",
        demand="Every VPC endpoint has a policy of its own.",
        remedy="Limit it to principals of this account and to their resources.",
        types=frozenset({VPC_ENDPOINT}),
        check=_endpoint,
    ),
    StackRule(
        id="waf-logged",
        level=MANDATORY,
        severity=LOW,
        reference="FSBP WAF.11",
        demand="Every web ACL keeps a record of the requests that it judges.",
        remedy="Declare a WebAclLoggingConfiguration.",
        types=frozenset({WEB_ACL}),
        check=_firewall_logged,
    ),
)
