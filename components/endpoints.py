"""VPC endpoints: the ways out of a network that has no other, each to one AWS service."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi
from pulumi_aws import ec2, vpc

from components.arguments import check_arguments
from components.link import Link
from components.platform import Platform, arn, physical_name

HTTPS = 443
GATEWAYS = {"dynamodb": "table/", "s3": ""}
"""Services reached through the route table, which costs nothing, and what precedes a name in their ARNs."""
INTERFACES: Mapping[str, tuple[str, str]] = {
    "athena": ("athena", "workgroup/"),
    "events": ("events", "event-bus/"),
    "firehose": ("kinesis-firehose", "deliverystream/"),
    "kinesis": ("kinesis-streams", "stream/"),
    "lambda": ("lambda", "function:"),
    "scheduler": ("scheduler", "schedule/*/"),
    "secretsmanager": ("secretsmanager", "secret:"),
    "ses": ("email", "identity/"),
    "sns": ("sns", ""),
    "sqs": ("sqs", ""),
    "ssm": ("ssm", "parameter/"),
    "states": ("states", "*:"),
}
"""Prefix of a service's actions: the name of its endpoint, and what precedes a name in its ARNs."""
UNNAMED = frozenset({"ses"})
"""Services whose resources have no name of ours; a mail's sender is an address."""


class EndpointsArgs(TypedDict):
    """Whose ways out these are, and where they begin."""

    platform: Platform
    """What the stack's components share."""
    vpc_id: pulumi.Input[str]
    """The network."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Where interface endpoints have their addresses."""
    route_table_id: pulumi.Input[str]
    """Gets the routes to gateway endpoints."""
    caller_group_id: pulumi.Input[str]
    """Security group of those who may use the endpoints; nothing else is opened to it."""


class Endpoints(pulumi.ComponentResource):
    """Gateways to DynamoDB and S3, and an interface to each further service once a function uses it."""

    def __init__(
        self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, EndpointsArgs)
        super().__init__("ordermesh:index:Endpoints", name, {}, opts)
        self.name, self._args, self._platform = name, args, args["platform"]
        self._child = pulumi.ResourceOptions(parent=self)
        self._interfaces: dict[str, list[pulumi.Resource]] = {}

        self._group = ec2.SecurityGroup(
            f"{name}-group",
            name=physical_name(self._platform, name),
            description="Endpoints of AWS services",
            vpc_id=args["vpc_id"],
            tags={"Name": physical_name(self._platform, name)},
            opts=self._child,
        )
        self._open = vpc.SecurityGroupIngressRule(
            f"{name}-from-functions",
            security_group_id=self._group.id,
            referenced_security_group_id=args["caller_group_id"],
            description="HTTPS from the functions",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=self._child,
        )
        self._out = self._egress(f"{name}-to-interfaces", "the endpoints", group_id=self._group.id)
        self._gateways = {service: self._gateway(service) for service in GATEWAYS}
        self.register_outputs({})

    def reach(self, function: str, links: Sequence[Link]) -> list[pulumi.Resource]:
        """What a function with some links has to wait for; makes the endpoints that are still missing.

        Raises `ValueError` for an action of a service whose endpoint is not known here.
        """
        actions = {action.partition(":")[0]: action for link in links for action in link["actions"]}
        found: list[pulumi.Resource] = []
        for service, action in sorted(actions.items()):
            if service in GATEWAYS:
                found += self._gateways[service]
            elif service in INTERFACES:
                if service not in self._interfaces:
                    self._interfaces[service] = self._interface(service)
                found += self._interfaces[service]
            else:
                raise ValueError(
                    f"function {function!r} uses {action}, and no endpoint of {service!r} is known; "
                    f"there are those of {sorted({*GATEWAYS, *INTERFACES})}"
                )
        return found

    def _gateway(self, service: str) -> list[pulumi.Resource]:
        endpoint = ec2.VpcEndpoint(
            f"{self.name}-{service}",
            vpc_id=self._args["vpc_id"],
            service_name=self._service_name(service),
            vpc_endpoint_type="Gateway",
            route_table_ids=[self._args["route_table_id"]],
            policy=self._policy(service, GATEWAYS[service]),
            tags={"Name": physical_name(self._platform, service)},
            opts=self._child,
        )
        label = f"{self.name}-to-{service}"
        return [endpoint, self._egress(label, service, prefix_list_id=endpoint.prefix_list_id)]

    def _interface(self, service: str) -> list[pulumi.Resource]:
        name, before = INTERFACES[service]
        endpoint = ec2.VpcEndpoint(
            f"{self.name}-{service}",
            vpc_id=self._args["vpc_id"],
            service_name=self._service_name(name),
            vpc_endpoint_type="Interface",
            subnet_ids=self._args["subnet_ids"],
            security_group_ids=[self._group.id],
            private_dns_enabled=True,
            policy=self._policy(service, before),
            tags={"Name": physical_name(self._platform, service)},
            opts=self._child,
        )
        return [endpoint, self._open, self._out]

    def _egress(
        self,
        name: str,
        to: str,
        *,
        group_id: pulumi.Input[str] | None = None,
        prefix_list_id: pulumi.Input[str] | None = None,
    ) -> pulumi.Resource:
        return vpc.SecurityGroupEgressRule(
            name,
            security_group_id=self._args["caller_group_id"],
            description=f"HTTPS to {to}",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            referenced_security_group_id=group_id,
            prefix_list_id=prefix_list_id,
            opts=self._child,
        )

    def _service_name(self, service: str) -> str:
        return f"com.amazonaws.{self._platform['region']}.{service}"

    def _policy(self, service: str, before: str) -> str:
        """What may pass: requests of this account, about this stack's resources."""
        platform = self._platform
        name = "*" if service in UNNAMED else f"{platform['prefix']}-*"
        resource = arn(platform, service, before + name)
        condition: dict[str, Any] = {"aws:PrincipalAccount": platform["account"]}
        if service == "s3":
            # A bucket's ARN does not say whose it is, so that somebody else's could have a name like ours.
            resource = f"arn:{platform['partition']}:s3:::{name}"
            condition["aws:ResourceAccount"] = platform["account"]
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": f"{service}:*",
            "Resource": resource,
            "Condition": {"StringEquals": condition},
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
