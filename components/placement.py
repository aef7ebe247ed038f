"""Where functions run when a stack has a network of its own."""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import pulumi

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


class Placement(TypedDict):
    """Where functions run: in a `Network`, or in one that is there already and has its own ways out."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Subnets that functions run in."""
    security_group_ids: Sequence[pulumi.Input[str]]
    """What functions may reach."""


class Reaching(dict[str, Any]):
    """A placement that also opens the ways out; still plain data, because components record what they share."""

    def __init__(self, placement: Placement, reach: Reach) -> None:
        super().__init__(placement)
        self.reach = reach


def opened(placement: Placement, function: str, links: Sequence[Link]) -> list[pulumi.Resource]:
    """What a function with some links has to wait for, made if it is missing."""
    # A TypedDict is a plain dict at run time, and so can be more than its type says.
    known: object = placement
    return known.reach(function, links) if isinstance(known, Reaching) else []


def attaching(function_arn: str) -> list[dict[str, Any]]:
    """The statements that let Lambda attach a function to a network, and not the function's own code."""
    by_code = {"ArnEquals": {"lambda:SourceFunctionArn": function_arn}}
    denied = allow(INTERFACES, ["*"], by_code) | {"Effect": "Deny"}
    return [allow(INTERFACES, ["*"]), denied]
