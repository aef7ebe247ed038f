"""Parts of an ARN that keep it from naming anything, whatever the action."""

import re

from .arns import FILLED_IN, VARIABLE, has_wildcard, segments

_REGION = re.compile(rf"|[a-z]+(-[a-z]+)+-\d+|{FILLED_IN}")
_ACCOUNT = re.compile(rf"|\d{{12}}|aws|cloudfront|{FILLED_IN}")
"""Nothing, a number, one of AWS's own, or what a policy variable becomes."""
_KNOWN = re.compile(r"\$\{([\w./-]+:[^:}].*|[*?$])\}")
"""Variables as IAM knows them: keys of conditions, and characters that stand for themselves."""
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}
"""The partitions beside `aws`, by how their regions begin."""
_DOUBLED = "parameter//"
"""How the ARN of a parameter begins when the slash of its name was not left out."""


def flaw(arn: str) -> str:
    """What of an ARN names nothing, such as a placeholder that nobody has filled in; empty if all of it does."""
    for variable in VARIABLE.finditer(arn):
        if not _KNOWN.fullmatch(variable[0]):
            return f"IAM knows no variable {variable[0]}, and nobody has filled it in"
    _, partition, service, region, account, resource = segments(arn)
    if not (_REGION.fullmatch(region) or has_wildcard(region)):
        return f"{region!r} is no region"
    if not (_ACCOUNT.fullmatch(account) or has_wildcard(account)):
        return f"{account!r} is no account"
    if service == "ssm" and resource.startswith(_DOUBLED):
        return "the slash that the parameter's name begins with is there already"
    return _strange(region, partition)


def _strange(region: str, partition: str) -> str:
    """Which partition a region is in, if it is another than that of the ARN."""
    if region in {"", FILLED_IN} or has_wildcard(region) or has_wildcard(partition):
        return ""
    its = next(
        (name for start, name in _PARTITIONS.items() if region.startswith(start)),
        "aws",
    )
    return "" if its == partition else f"{region!r} is in the partition {its}"
