"""EC2: the network of functions, as declared; the emulator keeps it and lets every function reach everything."""

from typing import Any

from local.resources.declaration import Aws, Declaration, Made


def _tags(declared: Declaration, kind: str) -> dict[str, Any]:
    found = declared.tags()
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": found}]} if found else {}


def _arn(aws: Aws, kind: str, id_: str) -> str:
    return f"arn:aws:ec2:{aws('ec2').meta.region_name}:000000000000:{kind}/{id_}"


def vpc(aws: Aws, declared: Declaration) -> Made:
    ec2 = aws("ec2")
    found = ec2.create_vpc(CidrBlock=declared["cidrBlock"], **_tags(declared, "vpc"))["Vpc"]
    id_ = found["VpcId"]
    for property_, attribute in (
        ("enableDnsSupport", "EnableDnsSupport"),
        ("enableDnsHostnames", "EnableDnsHostnames"),
    ):
        if property_ in declared:
            ec2.modify_vpc_attribute(VpcId=id_, **{attribute: {"Value": declared[property_]}})
    return Made(id_, {"arn": _arn(aws, "vpc", id_)})


def subnet(aws: Aws, declared: Declaration) -> Made:
    found = aws("ec2").create_subnet(
        **declared.capitalised("vpcId", "cidrBlock", "availabilityZone"),
        **_tags(declared, "subnet"),
    )["Subnet"]
    id_ = found["SubnetId"]
    aws("ec2").modify_subnet_attribute(
        SubnetId=id_, MapPublicIpOnLaunch={"Value": declared.get("mapPublicIpOnLaunch", False)}
    )
    return Made(id_, {"arn": _arn(aws, "subnet", id_)})


def route_table(aws: Aws, declared: Declaration) -> Made:
    found = aws("ec2").create_route_table(VpcId=declared["vpcId"], **_tags(declared, "route-table"))
    id_ = found["RouteTable"]["RouteTableId"]
    return Made(id_, {"arn": _arn(aws, "route-table", id_)})


def route_table_association(aws: Aws, declared: Declaration) -> Made:
    found = aws("ec2").associate_route_table(**declared.capitalised("routeTableId", "subnetId"))
    return Made(found["AssociationId"], {})


def security_group(aws: Aws, declared: Declaration) -> Made:
    ec2 = aws("ec2")
    found = ec2.create_security_group(
        GroupName=declared.physical_name,
        **declared.capitalised("description", "vpcId"),
        **_tags(declared, "security-group"),
    )
    id_ = found["GroupId"]
    # As the provider does: what may go out is what is declared, not everything.
    _close(aws, id_)
    return Made(id_, {"arn": _arn(aws, "security-group", id_), "name": declared.physical_name})


def default_security_group(aws: Aws, declared: Declaration) -> Made:
    """The group that came with the network, without the rules that it came with."""
    filters = [
        {"Name": "vpc-id", "Values": [declared["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    [found] = aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    _close(aws, found["GroupId"])
    return Made(found["GroupId"], {"arn": _arn(aws, "security-group", found["GroupId"])})


def _close(aws: Aws, group: str) -> None:
    ec2 = aws("ec2")
    [found] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    if rules := found["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=rules)
    if rules := found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)


def _permission(declared: Declaration) -> dict[str, Any]:
    """The rule as a permission; the emulator keeps no prefix lists in one, so that such a rule leads nowhere."""
    permission: dict[str, Any] = declared.capitalised("ipProtocol", "fromPort", "toPort")
    for property_, places, key in (
        ("cidrIpv4", "IpRanges", "CidrIp"),
        ("cidrIpv6", "Ipv6Ranges", "CidrIpv6"),
        ("referencedSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ):
        if property_ in declared:
            described = declared.renamed(Description="description")
            permission[places] = [{key: declared[property_], **described}]
    return permission


def ingress_rule(aws: Aws, declared: Declaration) -> Made:
    group = declared["securityGroupId"]
    permissions = [_permission(declared)]
    aws("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)
    return Made(declared.name, {})


def egress_rule(aws: Aws, declared: Declaration) -> Made:
    group = declared["securityGroupId"]
    permissions = [_permission(declared)]
    aws("ec2").authorize_security_group_egress(GroupId=group, IpPermissions=permissions)
    return Made(declared.name, {})


def endpoint(aws: Aws, declared: Declaration) -> Made:
    service = declared["serviceName"]
    found = aws("ec2").create_vpc_endpoint(
        **declared.capitalised("vpcId", "serviceName", "vpcEndpointType"),
        **declared.capitalised("routeTableIds", "subnetIds"),
        **_tags(declared, "vpc-endpoint"),
    )["VpcEndpoint"]
    id_ = found["VpcEndpointId"]
    outputs: dict[str, Any] = {"arn": _arn(aws, "vpc-endpoint", id_)}
    if declared.get("vpcEndpointType") == "Gateway":
        filters = [{"Name": "prefix-list-name", "Values": [service]}]
        [listed] = aws("ec2").describe_prefix_lists(Filters=filters)["PrefixLists"]
        outputs["prefixListId"] = listed["PrefixListId"]
    return Made(id_, outputs)


def flow_log(aws: Aws, declared: Declaration) -> Made:
    found = aws("ec2").create_flow_logs(
        ResourceIds=[declared["vpcId"]],
        ResourceType="VPC",
        **declared.capitalised("trafficType", "maxAggregationInterval"),
        **declared.capitalised("logDestination", "logDestinationType"),
        **declared.renamed(DeliverLogsPermissionArn="iamRoleArn"),
    )
    return Made(found["FlowLogIds"][0], {})


TYPES = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": default_security_group,
    "aws:ec2/flowLog:FlowLog": flow_log,
    "aws:ec2/routeTable:RouteTable": route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": route_table_association,
    "aws:ec2/securityGroup:SecurityGroup": security_group,
    "aws:ec2/subnet:Subnet": subnet,
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": egress_rule,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ingress_rule,
}
