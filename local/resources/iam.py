"""IAM: roles and what they may do."""

from local.resources.declaration import Aws, Declaration, Made


def role(aws: Aws, declared: Declaration) -> Made:
    found = aws("iam").create_role(
        RoleName=declared.physical_name,
        AssumeRolePolicyDocument=declared["assumeRolePolicy"],
        Tags=declared.tags(),
        **declared.capitalised("description", "path", "permissionsBoundary", "maxSessionDuration"),
    )["Role"]
    return Made(
        found["RoleName"],
        {"arn": found["Arn"], "name": found["RoleName"], "uniqueId": found["RoleId"]},
    )


def role_policy(aws: Aws, declared: Declaration) -> Made:
    name = declared.physical_name
    aws("iam").put_role_policy(
        RoleName=declared["role"], PolicyName=name, PolicyDocument=declared["policy"]
    )
    return Made(f"{declared['role']}:{name}", {"name": name})


def policy(aws: Aws, declared: Declaration) -> Made:
    found = aws("iam").create_policy(
        PolicyName=declared.physical_name,
        PolicyDocument=declared["policy"],
        Tags=declared.tags(),
        **declared.capitalised("description", "path"),
    )["Policy"]
    outputs = {"arn": found["Arn"], "name": found["PolicyName"], "policyId": found["PolicyId"]}
    return Made(found["Arn"], outputs)


def role_policy_attachment(aws: Aws, declared: Declaration) -> Made:
    aws("iam").attach_role_policy(RoleName=declared["role"], PolicyArn=declared["policyArn"])
    return Made(f"{declared['role']}/{declared['policyArn']}", {})


TYPES = {
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:iam/policy:Policy": policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": role_policy_attachment,
}
