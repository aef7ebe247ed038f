"""Who a policy names: services under their several names, and accounts."""

import re

from .arns import is_arn, segments

_REGION = r"\.[a-z]{2}(-[a-z]+)+-\d"
_SERVICE = re.compile(rf"(?P<name>.+?)(?:{_REGION})?\.amazonaws\.com(\.cn)?")
_ACCOUNT = re.compile(r"\d{12}")


def service_name(principal: str) -> str:
    """A service's name as it is everywhere: some also go by one for a region, or for China."""
    named = _SERVICE.fullmatch(principal)
    return f"{named['name']}.amazonaws.com" if named else principal


def account_of(principal: str) -> str:
    """The account of a principal of AWS; empty when it is everybody, or known by an id of its own."""
    if is_arn(principal):
        return segments(principal)[4]
    return principal if _ACCOUNT.fullmatch(principal) else ""


def is_whole_account(principal: str) -> bool:
    """Whether a principal stands for everybody in an account."""
    return principal.endswith(":root") or bool(_ACCOUNT.fullmatch(principal))
