"""Where functions run when a stack has a network of its own."""

from collections.abc import Callable, Sequence
from typing import Any

import pulumi
from pulumi_aws import lambda_

from components.link import Link, allow

INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda does with the role of a function in a network; it asks for all of them on `*`."""

Reach = Callable[[str, Sequence[Link]], list[pulumi.Resource]]
"""Opens the way to all that a function of some name is linked to; returns what that takes."""


class Placement(dict[str, Any]):
    """Subnets and security groups.

    It is plain data, because components record what they share; beside that it knows who opens the way to what a
    function uses.
    """

    def __init__(
        self,
        subnet_ids: Sequence[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        reach: Reach,
    ) -> None:
        super().__init__(subnet_ids=list(subnet_ids), security_group_ids=[security_group_id])
        self.reach = reach

    def vpc_config(self) -> lambda_.FunctionVpcConfigArgsDict:
        """Where a function runs."""
        return {
            "subnet_ids": self["subnet_ids"],
            "security_group_ids": self["security_group_ids"],
        }


def attaching(function_arn: str) -> list[dict[str, Any]]:
    """The statements that let Lambda attach a function to a network, and not the function's own code."""
    by_code = {"ArnEquals": {"lambda:SourceFunctionArn": function_arn}}
    denied = allow(INTERFACES, ["*"], by_code) | {"Effect": "Deny"}
    return [allow(INTERFACES, ["*"]), denied]
