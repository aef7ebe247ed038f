"""The network of a stack's functions: private, without a way to the internet, and with its traffic on record."""

import ipaddress
from collections.abc import Sequence
from typing import NotRequired, TypedDict, cast

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from components.arguments import check_arguments
from components.endpoints import Endpoints
from components.link import allow, document, trust
from components.placement import Placement, Reaching
from components.platform import Platform, arn, log_group_arn, physical_name, role_arn

CIDR = "10.0.0.0/16"
SUBNET_PREFIX = 20
"""Length of a subnet's prefix, which leaves room for 4,091 addresses."""
ZONES = ("a", "b")
FEWEST_ZONES = 2
RECORD_SECONDS = 600
"""How long flows are summed up before they are written."""


class NetworkArgs(TypedDict):
    """Where the network spreads."""

    platform: Platform
    """What the stack's components share."""
    zones: NotRequired[Sequence[str]]
    """Letters of the availability zones, two or more. Default: a and b."""


class Network(pulumi.ComponentResource):
    """A VPC with a private subnet in each zone, closed by default, whose only ways out are VPC endpoints."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, NetworkArgs)
        super().__init__("ordermesh:index:Network", name, {**args}, opts)
        self.name, self._platform = name, args["platform"]
        self._child = pulumi.ResourceOptions(parent=self)
        zones = list(args.get("zones", ZONES))
        if len(set(zones)) < FEWEST_ZONES or len(set(zones)) < len(zones):
            raise ValueError(
                f"network {name!r}: zones are {zones}; take two or more, each once, so that one may fail"
            )

        network = ec2.Vpc(
            name,
            cidr_block=CIDR,
            # Both let an endpoint answer under its service's own name.
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._named(name),
            opts=self._child,
        )
        self.vpc_id = network.id
        # The group that AWS makes by itself lets its members talk to everybody; declared so, it has no rules.
        ec2.DefaultSecurityGroup(f"{name}-default", vpc_id=self.vpc_id, opts=self._child)
        self._record(name)
        routes = ec2.RouteTable(
            f"{name}-private", vpc_id=self.vpc_id, tags=self._named(name), opts=self._child
        )
        subnets = self._subnets(zones)
        attached = [
            ec2.RouteTableAssociation(
                f"{name}-{zone}", subnet_id=subnet.id, route_table_id=routes.id, opts=self._child
            )
            for zone, subnet in zip(zones, subnets, strict=True)
        ]
        functions = ec2.SecurityGroup(
            f"{name}-functions",
            name=physical_name(self._platform, f"{name}-functions"),
            description="Functions, which nobody calls over the network",
            vpc_id=self.vpc_id,
            tags=self._named(f"{name}-functions"),
            opts=self._child,
        )
        subnet_ids = [subnet.id for subnet in subnets]
        endpoints = Endpoints(
            f"{name}-endpoints",
            {
                "platform": self._platform,
                "vpc_id": self.vpc_id,
                "subnet_ids": subnet_ids,
                "route_table_id": routes.id,
                "caller_group_id": functions.id,
            },
            self._child,
        )
        placement: Placement = {"subnet_ids": subnet_ids, "security_group_ids": [functions.id]}
        reaching = Reaching(
            placement,
            lambda function, links: [*attached, *endpoints.reach(function, links)],
        )
        self.placement = cast(Placement, reaching)
        self.register_outputs({"vpc_id": self.vpc_id})

    # In quotes, for `ec2` takes half a second to load, which stacks without one are spared.
    def _subnets(self, zones: Sequence[str]) -> "list[ec2.Subnet]":
        blocks = ipaddress.ip_network(CIDR).subnets(new_prefix=SUBNET_PREFIX)
        return [
            ec2.Subnet(
                f"{self.name}-{zone}",
                vpc_id=self.vpc_id,
                cidr_block=str(block),
                availability_zone=f"{self._platform['region']}{zone}",
                map_public_ip_on_launch=False,
                tags=self._named(f"{self.name}-{zone}"),
                opts=self._child,
            )
            for zone, block in zip(zones, blocks, strict=False)
        ]

    def _record(self, name: str) -> None:
        """Keep who talked to whom, and who was refused."""
        platform, role_name = self._platform, f"{name}-flows-role"
        group_name = f"/aws/vpc/{physical_name(platform, name)}"
        group = cloudwatch.LogGroup(
            f"{name}-flows",
            name=group_name,
            retention_in_days=platform["log_retention_days"],
            kms_key_id=platform.get("key_arn"),
            opts=self._child,
        )
        role = iam.Role(
            role_name,
            name=physical_name(platform, role_name),
            assume_role_policy=trust("vpc-flow-logs.amazonaws.com", platform["account"]),
            opts=self._child,
        )
        streams = log_group_arn(platform, group_name)
        writing = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        # DescribeLogGroups knows no resources.
        statements = [allow(writing, [streams]), allow(["logs:DescribeLogGroups"], ["*"])]
        allowed = iam.RolePolicy(
            f"{name}-flows-permissions",
            name="permissions",
            role=role.name,
            policy=document(statements),
            opts=self._child,
        )
        ec2.FlowLog(
            f"{name}-flows",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            max_aggregation_interval=RECORD_SECONDS,
            log_destination_type="cloud-watch-logs",
            log_destination=arn(platform, "logs", f"log-group:{group_name}"),
            iam_role_arn=role_arn(platform, role_name),
            tags=self._named(name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group, allowed]),
        )

    def _named(self, name: str) -> dict[str, str]:
        """The tag that takes the place of the name which these resources do not have."""
        return {"Name": physical_name(self._platform, name)}
