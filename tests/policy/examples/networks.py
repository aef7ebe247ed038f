"""Networks, their endpoints, and firewalls: what they let in and out, and what they write down."""

from policy.guardrails.aws import (
    DEFAULT_SECURITY_GROUP,
    FLOW_LOG,
    INGRESS_RULE,
    LOG_GROUP,
    ROLE,
    ROLE_POLICY,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    SUBNET,
    VPC,
    VPC_ENDPOINT,
    WEB_ACL,
    WEB_ACL_LOG,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, UNKNOWN, Given, allow, arn, document, given

NETWORK = given(VPC, "network", cidrBlock="10.0.0.0/16")
DEFAULT = given(DEFAULT_SECURITY_GROUP, "default", vpcId="vpc-1").taking("vpcId", NETWORK)
HTTPS = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
CLOSED, OPEN = "security-group-closed", "to the world; name the security group or the addresses"
FLOW_ROLE = given(ROLE, "role", name="flows")
RECORDED = given(
    FLOW_LOG,
    "flows",
    iamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/flows",
    logDestination=arn("logs", "log-group:/vpc"),
)
ACL = given(WEB_ACL, "acl", scope="REGIONAL")
PROOF, ENDPOINT = "iam-grants-match-definition", "resource-policy-narrow"
WRITING = allow(
    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    arn("logs", "log-group:/vpc:*"),
)
LISTING = allow("logs:DescribeLogGroups", "*")


def _inline(*blocks: str, first: int = 443, last: int = 443, protocol: str = "tcp") -> Given:
    rule = {"cidrBlocks": blocks, "fromPort": first, "toPort": last, "protocol": protocol}
    return given(SECURITY_GROUP, ingress=[rule])


def _flows(kind: str) -> Given:
    flows = given(FLOW_LOG, "flows", vpcId="vpc-1", trafficType=kind)
    return flows.taking("vpcId", NETWORK)


def _grants(*statements: dict[str, object]) -> Given:
    return given(ROLE_POLICY, "policy", role="flows", policy=document(*statements))


def _endpoint(resource: str = "*", **condition: str) -> Given:
    more = {"Condition": {"StringEquals": condition}} if condition else {}
    statement = allow("sqs:*", resource, Principal="*", **more)
    return given(VPC_ENDPOINT, policy=document(statement))


EXAMPLES = (
    passes(CLOSED, "a group without rules", given(SECURITY_GROUP), given(DEFAULT_SECURITY_GROUP)),
    passes(CLOSED, "some addresses", _inline("10.0.0.0/16", "192.0.2.0/24")),
    passes(CLOSED, "another group", given(INGRESS_RULE, referencedSecurityGroupId="sg-1", **HTTPS)),
    passes(CLOSED, "what goes out", given(SECURITY_GROUP_RULE, type="egress", cidrBlocks=["0.0.0.0/0"])),
    passes(CLOSED, "a port that the world may reach", _inline("0.0.0.0/0"), ports=[443]),
    fails(CLOSED, "the world, in the group", f"opens the ports 443 to 443 {OPEN}", _inline("10.0.0.0/16", "0.0.0.0/0")),
    fails(CLOSED, "the world, in a rule", f"opens the ports 443 to 443 {OPEN}", given(INGRESS_RULE, cidrIpv4="0.0.0.0/0", **HTTPS)),
    fails(CLOSED, "the world of IPv6", OPEN, given(INGRESS_RULE, cidrIpv6="::/0", **HTTPS)),
    fails(CLOSED, "the world, in a rule of the old kind", OPEN, given(SECURITY_GROUP_RULE, type="ingress", ipv6CidrBlocks=["::/0"], protocol="tcp", fromPort=22, toPort=22)),
    fails(CLOSED, "the world in two halves", OPEN, _inline("0.0.0.0/1", "128.0.0.0/1")),
    fails(CLOSED, "the world in many pieces", OPEN, _inline(*(f"{first}.0.0.0/8" for first in range(256)))),
    fails(CLOSED, "the world by another address", OPEN, _inline("10.0.0.0/0")),
    fails(CLOSED, "every port", f"opens every port {OPEN}", _inline("0.0.0.0/0", first=0, last=0, protocol="-1"), ports=[443]),
    fails(CLOSED, "every port, in a rule", f"opens every port {OPEN}", given(INGRESS_RULE, cidrIpv4="0.0.0.0/0", ipProtocol="-1")),
    fails(CLOSED, "every port, in a rule of the old kind", f"opens every port {OPEN}", given(SECURITY_GROUP_RULE, type="ingress", cidrBlocks=["0.0.0.0/0"], protocol="all")),
    fails(CLOSED, "ports that nobody names", f"opens the ports 0 to 65535 {OPEN}", given(INGRESS_RULE, cidrIpv4="0.0.0.0/0", ipProtocol="tcp")),
    fails(CLOSED, "more than the port that the world may reach", "opens the ports 22 to 443", _inline("0.0.0.0/0", first=22), ports=[443, 22]),
    passes("vpc-default-group-closed", "a default group that is declared without rules", NETWORK, DEFAULT),
    passes("vpc-default-group-closed", "one of a network that is not made yet", NETWORK, given(DEFAULT_SECURITY_GROUP, "default", vpcId=UNKNOWN).taking("vpcId", NETWORK)),
    fails("vpc-default-group-closed", "a network with the group that AWS makes", "a default security group that lets its members do everything", NETWORK),
    fails("vpc-default-group-closed", "the default group of another network", "lets its members do everything", NETWORK, given(DEFAULT_SECURITY_GROUP, vpcId="vpc-2")),
    fails("vpc-default-group-closed", "a default group with a rule", "has rules in its default security group default", NETWORK, given(DEFAULT_SECURITY_GROUP, "default", vpcId="vpc-1", egress=[{"cidrBlocks": ["0.0.0.0/0"]}]).taking("vpcId", NETWORK)),
    fails("vpc-default-group-closed", "a default group that lets its members in", "has rules in its default", NETWORK, given(DEFAULT_SECURITY_GROUP, ingress=[{"self": True}], vpcId=UNKNOWN).taking("vpcId", NETWORK)),
    passes("vpc-flow-logged", "a network with a flow log", NETWORK, _flows("ALL")),
    passes("vpc-flow-logged", "a record of what is refused", NETWORK, _flows("REJECT")),
    passes("vpc-flow-logged", "one of a network that is not made yet", NETWORK, given(FLOW_LOG, "flows", vpcId=UNKNOWN).taking("vpcId", NETWORK)),
    fails("vpc-flow-logged", "a network without", "keeps no record of its traffic; declare a FlowLog", NETWORK),
    fails("vpc-flow-logged", "a record of what is accepted only", "keeps no record of its traffic", NETWORK, _flows("ACCEPT")),
    fails("vpc-flow-logged", "a record of another network", "keeps no record", NETWORK, given(FLOW_LOG, vpcId="vpc-2")),
    passes("subnet-private", "a subnet", given(SUBNET), given(SUBNET, "other", mapPublicIpOnLaunch=False)),
    fails("subnet-private", "one with public addresses", "gives whatever starts in it a public address", given(SUBNET, mapPublicIpOnLaunch=True)),
    passes("vpc-endpoint-bounded", "an endpoint with a policy", _endpoint()),
    fails("vpc-endpoint-bounded", "one without", "lets everything through, to anybody's resources", given(VPC_ENDPOINT, serviceName="com.amazonaws.eu-west-1.sqs")),
    passes(ENDPOINT, "every action, as an endpoint grants nothing", _endpoint(**{"aws:PrincipalAccount": ACCOUNT})),
    passes(ENDPOINT, "an endpoint to named resources, whoever may use them", _endpoint(arn("sqs", "orders-*")), _endpoint("arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*")),
    passes(ENDPOINT, "an endpoint to what one account has", _endpoint(**{"aws:ResourceAccount": ACCOUNT})),
    fails(ENDPOINT, "an endpoint for anybody", "lets anybody in", _endpoint()),
    fails(ENDPOINT, "an endpoint for anybody to the queues of anybody", "lets anybody in", _endpoint("arn:aws:sqs:*:*:*")),
    fails(ENDPOINT, "an endpoint for anybody to the buckets of anybody", "lets anybody in", _endpoint("arn:aws:s3:::*")),
    passes("waf-logged", "a web ACL with a log", ACL, given(WEB_ACL_LOG, resourceArn="arn:acl").taking("resourceArn", ACL)),
    passes("waf-logged", "one that is not made yet", ACL, given(WEB_ACL_LOG, resourceArn=UNKNOWN).taking("resourceArn", ACL)),
    fails("waf-logged", "one without", "keeps no record of what it blocks", ACL),
    fails("waf-logged", "the log of another", "keeps no record of what it blocks", ACL, given(WEB_ACL_LOG, resourceArn="arn:other")),
    fails(
        "log-group-declared",
        "a firewall's log, but not one in a bucket",
        "the requests it sees go to the group arn:aws:logs",
        given(WEB_ACL_LOG, logDestinationConfigs=[arn("logs", "log-group:aws-waf-logs-x")]),
        given(WEB_ACL_LOG, "bucket", logDestinationConfigs=["arn:aws:s3:::aws-waf-logs-x"]),
    ),
    passes(
        "log-group-declared",
        "a firewall's log to a declared group",
        given(WEB_ACL_LOG, logDestinationConfigs=[arn("logs", "log-group:aws-waf-logs-x")]),
        given(LOG_GROUP, name="aws-waf-logs-x"),
    ),
    passes(PROOF, "a flow log that may write its group", FLOW_ROLE, RECORDED, _grants(WRITING, LISTING)),
    fails(PROOF, "a flow log that may not", "does not allow logs:PutLogEvents on log-group:/vpc:*, which flows needs", FLOW_ROLE, RECORDED, _grants(LISTING, allow(["logs:CreateLogStream", "logs:DescribeLogStreams"], arn("logs", "log-group:/vpc:*")))),
    fails(PROOF, "a flow log that may write elsewhere too", "is allowed, but the definition of flows does not need it", FLOW_ROLE, RECORDED, _grants(WRITING, LISTING, allow("logs:PutLogEvents", arn("logs", "log-group:/other:*")))),
    fails(CLOSED, "the world in the second rule", f"opens the ports 22 to 22 {OPEN}", given(SECURITY_GROUP, ingress=[{"cidrBlocks": ["0.0.0.0/0"], "fromPort": port, "toPort": port, "protocol": "tcp"} for port in (443, 22)]), ports=[443]),
    passes("vpc-default-group-closed", "one of a network by its id", given(VPC, "network", id="vpc-1"), given(DEFAULT_SECURITY_GROUP, "default", vpcId="vpc-1")),
    passes("vpc-flow-logged", "one of a network by its id", given(VPC, "network", id="vpc-1"), given(FLOW_LOG, "flows", vpcId="vpc-1")),
    passes("waf-logged", "a log of an ACL by its ARN", given(WEB_ACL, "acl", arn="arn:acl"), given(WEB_ACL_LOG, resourceArn="arn:acl")),
    passes(PROOF, "a flow log that does not say where it writes", FLOW_ROLE, given(FLOW_LOG, "flows", iamRoleArn=RECORDED.inputs["iamRoleArn"]), _grants(WRITING, LISTING)),
)  # fmt: skip
