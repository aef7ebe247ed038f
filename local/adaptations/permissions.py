"""What services may do on the account's behalf, by a role or by the policy of what they call."""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from local.adaptations.accesses import note

ALLOW = "Allow"


def role_allows(role_arn: str, action: str, resource_arn: str) -> bool:
    """Whether a service that assumed a role may do this."""
    name = role_arn.rsplit("/", 1)[-1]
    policies = iam_evaluator._gather_role_policies(name, get_account_id())
    allowed = iam_evaluator.evaluate(_context(action, resource_arn), policies).decision == ALLOW
    note(role_arn, action, resource_arn, "", allowed=allowed)
    return allowed


def function_admits(function_arn: str, service: str, source_arn: str) -> bool:
    """Whether a function's own policy lets a service call it on behalf of a rule or an API."""
    found = lambda_svc.function_policy_for_arn(function_arn)
    context = _context("lambda:InvokeFunction", function_arn, source_arn)
    policy = found[0] if found else None
    decision = iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision
    return decision == ALLOW


def _context(action: str, resource_arn: str, source_arn: str = "") -> iam_evaluator.EvalContext:
    account = get_account_id()
    source = {"aws:sourcearn": source_arn, "aws:sourceaccount": account} if source_arn else {}
    return iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        service_context=source,
    )
