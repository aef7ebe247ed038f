import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pytest

from components.function import Function
from components.link import Link
from components.network import Network
from components.platform import Platform
from local.program import Program, declare
from tests.programs import PLATFORM, declared_by, element, made, statements

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
GROUP, DEFAULT = "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"  # fmt: skip
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROUTES, ASSOCIATION = "aws:ec2/routeTable:RouteTable", "aws:ec2/routeTableAssociation:RouteTableAssociation"  # fmt: skip
FUNCTION, LOG_GROUP = "aws:lambda/function:Function", "aws:cloudwatch/logGroup:LogGroup"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
WAYS_OUT = {
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
}
ENDPOINT_OF = {"ses": "email", "kinesis": "kinesis-streams", "firehose": "kinesis-firehose"}
"""Services whose endpoint is not called like the prefix of their actions, as AWS lists them."""
ATTACHING = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


def link(*actions: str) -> Link:
    return {"environment": {}, "actions": actions, "resources": ["arn:x"]}


def with_functions(*links: Sequence[Link], zones: Sequence[str] = ("a", "b")) -> Program:
    """A network, and a function for each list of links."""

    def build() -> None:
        network = Network("net", {"platform": PLATFORM, "zones": zones})
        platform: Platform = {**PLATFORM, "network": network.placement}
        code = pulumi.AssetArchive({"app.py": pulumi.StringAsset("")})
        for position, used in enumerate(links):
            Function(
                f"f{position}",
                {"platform": platform, "code": code, "handler": "app.handler", "links": used},
            )

    return declared_by(build)


def awaited(program: Program, function: str) -> set[tuple[str, str]]:
    """Type and name of what a function waits for."""
    return {element(urn) for urn in program.named(FUNCTION, function).dependencies}


def services(program: Program) -> set[str]:
    return {it.inputs["serviceName"].rpartition(".")[2] for it in program.of(ENDPOINT)}


@pytest.fixture(scope="module", params=["dev", "prod"])
def program(request: pytest.FixtureRequest) -> Program:
    """The whole program with a network."""
    return declare(request.param, vpc=True, waf=True)


def test_a_network_spreads_over_two_zones_without_public_addresses():
    program = with_functions()

    assert program.only(VPC).inputs == {
        "cidrBlock": "10.0.0.0/16",
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "tags": {"Name": "shop-test-net"},
    }
    assert [
        (it.inputs["availabilityZone"], it.inputs["cidrBlock"], it.inputs["mapPublicIpOnLaunch"])
        for it in program.of(SUBNET)
    ] == [("eu-west-1a", "10.0.0.0/20", False), ("eu-west-1b", "10.0.16.0/20", False)]


def test_a_network_spreads_as_far_as_it_is_told():
    program = with_functions(zones=("a", "c", "d"))

    assert [it.inputs["availabilityZone"][-1] for it in program.of(SUBNET)] == ["a", "c", "d"]
    assert len(program.of(ASSOCIATION)) == 3


@pytest.mark.parametrize("zones", [[], ["a"], ["a", "a"], ["a", "b", "b"]])
def test_one_zone_is_no_network(zones):
    with pytest.raises(ValueError, match=r"^network 'net': zones are \[.*\]; take two or more"):
        with_functions(zones=zones)


def test_the_only_routes_out_are_to_dynamodb_and_s3(program):
    [routes] = program.of(ROUTES)
    gateways = [
        it.inputs["serviceName"].rpartition(".")[2]
        for it in program.of(ENDPOINT)
        if it.inputs["vpcEndpointType"] == "Gateway"
    ]

    assert "routes" not in routes.inputs
    assert {it.type for it in program} & WAYS_OUT == set()
    assert sorted(gateways) == ["dynamodb", "s3"]
    assert {it.inputs["subnetId"] for it in program.of(ASSOCIATION)} == {
        f"{it.name}-id" for it in program.of(SUBNET)
    }


def test_nothing_is_open_to_the_world(program):
    world = {"0.0.0.0/0", "::/0"}
    texts = {text for it in (*program.of(INGRESS), *program.of(EGRESS)) for text in it.inputs.values() if isinstance(text, str)}  # fmt: skip

    assert texts & world == set()
    for group in program.of(GROUP):
        assert group.inputs.keys() == {"name", "description", "vpcId", "tags"}


def test_the_group_that_aws_makes_itself_has_no_rules(program):
    assert program.only(DEFAULT).inputs == {"vpcId": "network-id"}


def test_functions_reach_endpoints_over_https_and_nobody_reaches_functions():
    program = with_functions([link("sqs:SendMessage")])
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    keys = ("securityGroupId", "referencedSecurityGroupId", "prefixListId")

    rules = {
        it.name: {key: it.inputs[key] for key in keys if key in it.inputs}
        for it in (*program.of(INGRESS), *program.of(EGRESS))
    }

    assert rules == {
        "net-endpoints-from-functions": {
            "securityGroupId": "net-endpoints-group-id",
            "referencedSecurityGroupId": "net-functions-id",
        },
        "net-endpoints-to-interfaces": {
            "securityGroupId": "net-functions-id",
            "referencedSecurityGroupId": "net-endpoints-group-id",
        },
        "net-endpoints-to-dynamodb": {
            "securityGroupId": "net-functions-id",
            "prefixListId": "pl-net-endpoints-dynamodb",
        },
        "net-endpoints-to-s3": {
            "securityGroupId": "net-functions-id",
            "prefixListId": "pl-net-endpoints-s3",
        },
    }
    for it in (*program.of(INGRESS), *program.of(EGRESS)):
        assert it.inputs.items() >= https.items(), it.name


def test_every_service_that_a_function_of_the_program_uses_has_an_endpoint(program):
    used = {
        action.partition(":")[0]
        for policy in program.of(ROLE_POLICY)
        if element(policy.parent)[0] == "ordermesh:index:Function"
        for statement in statements(policy)
        for action in statement["Action"]
    }
    # Lambda itself writes logs and traces and attaches functions, outside the network.
    by_code = used - {"logs", "xray", "ec2"}

    assert len(by_code) > 4
    assert services(program) - {"s3"} == {ENDPOINT_OF.get(name, name) for name in by_code}


def test_a_service_that_nobody_uses_has_no_endpoint_and_one_that_two_use_has_one():
    program = with_functions(
        [link("sqs:SendMessage"), link("events:PutEvents")], [link("sqs:DeleteMessage")]
    )

    assert sorted(it.name for it in program.of(ENDPOINT)) == [
        "net-endpoints-dynamodb",
        "net-endpoints-events",
        "net-endpoints-s3",
        "net-endpoints-sqs",
    ]


def test_an_interface_answers_under_the_name_of_its_service_in_every_subnet():
    program = with_functions([link("ses:SendEmail")])

    inputs = dict(program.named(ENDPOINT, "net-endpoints-ses").inputs)

    del inputs["policy"], inputs["tags"]
    assert inputs == {
        "vpcId": "net-id",
        "serviceName": "com.amazonaws.eu-west-1.email",
        "vpcEndpointType": "Interface",
        "privateDnsEnabled": True,
        "subnetIds": ["net-a-id", "net-b-id"],
        "securityGroupIds": ["net-endpoints-group-id"],
    }


@pytest.mark.parametrize(
    ("action", "name", "resource"),
    [
        ("sqs:SendMessage", "sqs", "arn:aws:sqs:eu-west-1:123456789012:shop-test-*"),
        ("events:PutEvents", "events", "arn:aws:events:eu-west-1:123456789012:event-bus/shop-test-*"),
        ("states:StartExecution", "states", "arn:aws:states:eu-west-1:123456789012:*:shop-test-*"),
        ("ses:SendEmail", "ses", "arn:aws:ses:eu-west-1:123456789012:identity/*"),
        ("dynamodb:GetItem", "dynamodb", "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-test-*"),
    ],
)  # fmt: skip
def test_only_requests_of_this_account_about_this_stack_s_resources_pass(action, name, resource):
    program = with_functions([link(action)])

    assert statements(program.named(ENDPOINT, f"net-endpoints-{name}")) == [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": f"{action.partition(':')[0]}:*",
            "Resource": resource,
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}},
        }
    ]


def test_a_bucket_of_somebody_else_cannot_be_reached():
    [statement] = statements(with_functions().named(ENDPOINT, "net-endpoints-s3"))

    assert statement["Resource"] == "arn:aws:s3:::shop-test-*"
    assert statement["Condition"]["StringEquals"]["aws:ResourceAccount"] == "123456789012"


def test_a_service_without_a_known_endpoint_is_refused_by_name():
    with pytest.raises(
        ValueError,
        match=r"^function 'f0' uses moon:Land, and no endpoint of 'moon' is known; there are those of "
        r"\['athena', 'dynamodb', .*\]$",
    ):
        with_functions([link("moon:Land")])


def test_a_function_waits_for_the_way_to_all_that_it_uses():
    program = with_functions([link("sqs:SendMessage"), link("dynamodb:GetItem")])

    assert awaited(program, "f0") >= {
        (ASSOCIATION, "net-a"),
        (ASSOCIATION, "net-b"),
        (ENDPOINT, "net-endpoints-sqs"),
        (INGRESS, "net-endpoints-from-functions"),
        (EGRESS, "net-endpoints-to-interfaces"),
        (ENDPOINT, "net-endpoints-dynamodb"),
        (EGRESS, "net-endpoints-to-dynamodb"),
        (ROLE_POLICY, "f0-permissions"),
    }


def test_a_function_waits_for_no_endpoint_that_it_does_not_use():
    program = with_functions([link("sqs:SendMessage")], [link("dynamodb:GetItem")])

    assert (ENDPOINT, "net-endpoints-sqs") not in awaited(program, "f1")
    assert (ENDPOINT, "net-endpoints-dynamodb") not in awaited(program, "f0")


def test_every_function_of_the_program_runs_in_the_network(program):
    for function in program.of(FUNCTION):
        assert function.inputs["vpcConfig"] == {
            "subnetIds": ["network-a-id", "network-b-id"],
            "securityGroupIds": ["network-functions-id"],
        }, function.name


def test_lambda_may_attach_a_function_and_the_function_s_code_may_not():
    program = with_functions([])
    policy = statements(program.named(ROLE_POLICY, "f0-permissions"))
    function = "arn:aws:lambda:eu-west-1:123456789012:function:shop-test-f0"

    attaching = [each for each in policy if each["Action"] == ATTACHING]

    assert attaching == [
        {"Effect": "Allow", "Action": ATTACHING, "Resource": ["*"]},
        {
            "Effect": "Deny",
            "Action": ATTACHING,
            "Resource": ["*"],
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": function}},
        },
    ]


def test_the_network_s_traffic_is_recorded_in_a_group_that_expires():
    program = with_functions()
    group = program.named(LOG_GROUP, "net-flows").inputs
    flows = program.only("aws:ec2/flowLog:FlowLog")

    assert group == {"name": "/aws/vpc/shop-test-net", "retentionInDays": 30}
    assert flows.inputs == {
        "vpcId": "net-id",
        "trafficType": "ALL",
        "maxAggregationInterval": 600,
        "logDestinationType": "cloud-watch-logs",
        "logDestination": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vpc/shop-test-net",
        "iamRoleArn": "arn:aws:iam::123456789012:role/shop-test-net-flows-role",
        "tags": {"Name": "shop-test-net"},
    }
    assert {element(urn) for urn in flows.dependencies} >= {
        (LOG_GROUP, "net-flows"),
        (ROLE_POLICY, "net-flows-permissions"),
    }


def test_the_record_s_role_may_write_it_and_is_assumed_on_our_behalf_only():
    program = with_functions()
    [trusted] = json.loads(
        program.named("aws:iam/role:Role", "net-flows-role").inputs["assumeRolePolicy"]
    )["Statement"]

    assert trusted["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert [
        (each["Action"], each["Resource"])
        for each in statements(program.named(ROLE_POLICY, "net-flows-permissions"))
    ] == [
        (
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vpc/shop-test-net:*"],
        ),
        (["logs:DescribeLogGroups"], ["*"]),
    ]


def test_what_components_record_of_a_network_is_plain_data():
    def build() -> dict[str, Any]:
        network = Network("net", {"platform": PLATFORM})
        pulumi.export("placement", network.placement)
        return dict(network.placement)

    placement, program = made(build)

    assert set(placement) == {"subnet_ids", "security_group_ids"}
    assert program.outputs["placement"] == {
        "subnet_ids": ["net-a-id", "net-b-id"],
        "security_group_ids": ["net-functions-id"],
    }


def test_a_function_can_run_in_a_network_that_is_there_already():
    platform: Platform = {
        **PLATFORM,
        "network": {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]},
    }
    code = pulumi.AssetArchive({"app.py": pulumi.StringAsset("")})

    program = declared_by(
        lambda: Function("f", {"platform": platform, "code": code, "handler": "app.handler"})
    )

    assert program.only(FUNCTION).inputs["vpcConfig"] == {
        "subnetIds": ["subnet-1"],
        "securityGroupIds": ["sg-1"],
    }
    assert program.of(ENDPOINT) == []


def test_policies_are_known_in_the_first_preview():
    program = declare("prod", preview=True, vpc=True, waf=True)

    assert all(isinstance(it.inputs["policy"], str) for it in program.of(ENDPOINT))
    assert program.only("aws:ec2/flowLog:FlowLog").inputs["logDestination"].endswith("network")


def test_a_stack_without_a_network_declares_nothing_of_one():
    program = declare("prod")

    assert [it.type for it in program if ":ec2/" in it.type or ":vpc/" in it.type] == []
    assert all("vpcConfig" not in it.inputs for it in program.of(FUNCTION))
