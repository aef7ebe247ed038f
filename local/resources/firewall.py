"""WAF: web ACLs and what they protect; the emulator keeps both and lets every request through."""

from local.resources.declaration import Aws, Declaration, Made, pascal, respelled

SPELLING = {"cloudwatchMetricsEnabled": "cloudWatchMetricsEnabled"}


def web_acl(aws: Aws, declared: Declaration) -> Made:
    found = aws("wafv2").create_web_acl(
        Name=declared.physical_name,
        Scope=declared["scope"],
        DefaultAction=pascal(declared["defaultAction"]),
        Rules=pascal(respelled(declared.get("rules", []), SPELLING)),
        VisibilityConfig=pascal(respelled(declared["visibilityConfig"], SPELLING)),
    )["Summary"]
    return Made(found["Id"], {"arn": found["ARN"], "name": found["Name"]})


def association(aws: Aws, declared: Declaration) -> Made:
    acl, resource = declared["webAclArn"], declared["resourceArn"]
    aws("wafv2").associate_web_acl(WebACLArn=acl, ResourceArn=resource)
    return Made(f"{acl},{resource}", {})


TYPES = {
    "aws:wafv2/webAcl:WebAcl": web_acl,
    "aws:wafv2/webAclAssociation:WebAclAssociation": association,
}
