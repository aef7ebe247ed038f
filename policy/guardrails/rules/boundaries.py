"""Rule on permissions boundaries: they bound, and do not grant."""

from collections.abc import Iterator

from ..aws import MANAGED_POLICY
from ..finding import Finding
from ..policies import attached, is_aws_managed, is_boundary, is_boundary_name
from ..policy_properties import ATTACHED
from ..resource import Resource, Stack
from ..rule import CRITICAL, MANDATORY, GrantConfig, StackRule


def _granting(attachment: Resource, _config: GrantConfig, stack: Stack) -> Iterator[Finding]:
    for arn in attached(attachment):
        if isinstance(arn, str) and is_aws_managed(arn):
            continue
        at = ATTACHED[attachment.type].partition(".")[0]
        declared = stack.named_by(attachment, at, arn, MANAGED_POLICY)
        bounds = [policy.name for policy in declared if is_boundary(policy)]
        if not declared and is_boundary_name(arn.rpartition("/")[2]):
            bounds = [arn]
        for name in bounds:
            yield Finding(
                f"grants {name}, whose name says that it is a boundary and bounds what is granted",
                "set it as permissionsBoundary of the role, or call it something else to have it judged as a grant",
            )


RULES = (
    StackRule(
        id="iam-boundary-only-bounds",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA SEC03-BP05",
        demand="A policy that is called a boundary is attached to nobody.",
        remedy="Set it as permissionsBoundary; attach a policy with what is needed.",
        types=frozenset(ATTACHED),
        config=GrantConfig,
        check=_granting,
    ),
)
