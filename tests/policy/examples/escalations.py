"""What the policies of a role allow together, whoever declares the role, and who assumes it."""

from typing import Any

from policy.guardrails.aws import FUNCTION, MANAGED_POLICY, ROLE, ROLE_ATTACHMENT, ROLE_POLICY
from policy.guardrails.iam.escalation import BOUNDED, WAYS
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, REGION, UNKNOWN, Given, allow, arn, document, given

ESCALATION = "iam-no-privilege-escalation"
ATTACHMENTS = "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment"
LAMBDA = {"Service": "lambda.amazonaws.com"}
MAKES = allow(["lambda:CreateFunction", "lambda:InvokeFunction"], arn("lambda", "function:web"))
CHANGES = allow("lambda:UpdateFunctionCode", arn("lambda", "function:web"))
SHELL = f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript"
MAY_MAKE = "may do iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction, and so run code with another role; take"
MAY_CHANGE = "may do lambda:UpdateFunctionCode"


def _arn(role: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def _role(principal: object, name: str = "app") -> Given:
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return given(ROLE, name, name=name, assumeRolePolicy=document(trust))


def _may(*statements: dict[str, Any], role: object = "app", name: str = "policy") -> Given:
    return given(ROLE_POLICY, name, role=role, policy=document(*statements))


def _passing(service: str, suffix: str = "amazonaws.com") -> dict[str, Any]:
    to_service = {"StringEquals": {"iam:PassedToService": f"{service}.{suffix}"}}
    return allow("iam:PassRole", _arn("job"), Condition=to_service)


def _managed(*statements: dict[str, Any]) -> Given:
    return given(MANAGED_POLICY, "managed", name="managed", policy=document(*statements))


ELSEWHERE = given("aws:cloudformation/stack:Stack", "elsewhere")

EXAMPLES = (
    # every way there is
    *(
        fails(ESCALATION, f"a function that may do {', '.join(way.actions)} with any role", f"may do {' and '.join(way.needs)}, and so {way.means}", _role(LAMBDA), _may(*([allow("iam:PassRole", "*")] if way.passed_to else []), allow(way.actions, "*")))
        for way in WAYS
    ),
    *(
        passes(ESCALATION, f"a function that may do {', '.join(way.actions)} with a role that it names", _role(LAMBDA), _may(_passing(way.passed_to), allow(way.actions, "*")))
        for way in WAYS
        if way.passed_to and not BOUNDED.isdisjoint(way.actions)
    ),
    passes(ESCALATION, "a function that sends what commands it names to instances that it names", _role(LAMBDA), _may(allow("ssm:SendCommand", [SHELL, arn("ec2", "instance/i-1")])), _may(allow("ssm:SendCommand", arn("ec2", "instance/*"), Condition={"StringEquals": {"ssm:resourceTag/Team": "ops"}}), name="b")),
    fails(ESCALATION, "a function that sends a command to any instance", "may do ssm:SendCommand", _role(LAMBDA), _may(allow("ssm:SendCommand", [SHELL, arn("ec2", "instance/*")]))),
    passes(ESCALATION, "a role that is passed to a service which does not run functions", _role(LAMBDA), _may(_passing("ecs-tasks"), MAKES)),
    passes(ESCALATION, "tasks that end with an event, which needs no role", _role({"Service": "states.amazonaws.com"}), _may(_passing("ecs-tasks"), allow("ecs:RunTask", arn("ecs", "task-definition/web:1")), allow(["events:PutRule", "events:PutTargets"], arn("events", "rule/x")))),
    fails(ESCALATION, "a role that is passed to both", MAY_MAKE, _role(LAMBDA), _may(_passing("ecs-tasks"), _passing("lambda"), MAKES)),
    fails(ESCALATION, "a role that is passed to a service under the name that it has in China", MAY_MAKE, _role(LAMBDA), _may(_passing("lambda", suffix="amazonaws.com.cn"), MAKES)),
    # roles of other stacks
    fails(ESCALATION, "a policy of a role of another stack", MAY_MAKE, _may(_passing("lambda"), MAKES, role="existing")),
    fails(ESCALATION, "two policies of such a role, and one of another", MAY_MAKE, _may(_passing("lambda"), role="existing", name="a"), _may(MAKES, role=_arn("existing"), name="b"), _may(MAKES, role="third", name="c")),
    passes(ESCALATION, "two such roles", _may(_passing("lambda"), role="one", name="a"), _may(MAKES, role="other", name="b")),
    fails(ESCALATION, "a policy that a role of another stack attaches", MAY_CHANGE, _managed(CHANGES), given(ROLE_ATTACHMENT, role="existing", policyArn=UNKNOWN).taking("policyArn", _managed(CHANGES))),
    fails(ESCALATION, "such a policy and one of that role's own", MAY_MAKE, _may(_passing("lambda"), role="existing"), _managed(MAKES), given(ROLE_ATTACHMENT, role="existing", policyArn=f"arn:aws:iam::{ACCOUNT}:policy/managed")),
    fails(ESCALATION, "a policy that nobody here has", MAY_CHANGE, _managed(CHANGES)),
    passes(ESCALATION, "a policy for people, who deploy what they name", _managed(CHANGES), given(ATTACHMENTS, customerManagedPolicyReference={"name": "managed"})),
    passes(ESCALATION, "a policy of a pipeline's role, which is judged for that role", _role({"Service": "codebuild.amazonaws.com"}), _may(CHANGES)),
    # who assumes a role
    passes(ESCALATION, "a role for people and pipelines of another stack", _role({"AWS": _arn("ci")}), _may(CHANGES)),
    passes(ESCALATION, "a role for the role of a pipeline", _role({"AWS": _arn("ci")}), _role({"Service": "codebuild.amazonaws.com"}, "ci"), _may(CHANGES)),
    passes(ESCALATION, "roles that people may change between", _role({"AWS": [_arn("other"), f"arn:aws:iam::{ACCOUNT}:root"]}), _role({"AWS": _arn("app")}, "other"), _may(CHANGES)),
    fails(ESCALATION, "a role for the role of a function", MAY_CHANGE, _role({"AWS": _arn("f")}), _role(LAMBDA, "f"), given(FUNCTION, role=_arn("f")), _may(CHANGES)),
    fails(ESCALATION, "a role for a role for the role of a function", MAY_CHANGE, _role({"AWS": _arn("between")}), _role({"AWS": _arn("f")}, "between"), _role(LAMBDA, "f"), _may(CHANGES)),
    passes(ESCALATION, "a policy for people that has no name yet", _managed(CHANGES), given(ATTACHMENTS, customerManagedPolicyReference={"name": UNKNOWN}).taking("customerManagedPolicyReference", _managed(CHANGES))),
    fails(ESCALATION, "a role that is passed to both, the other way round", MAY_MAKE, _role(LAMBDA), _may(_passing("lambda"), _passing("ecs-tasks"), MAKES)),
    fails(ESCALATION, "a policy of another stack's role that deploys, as anybody might", MAY_CHANGE, _may(CHANGES, role="existing")),
    fails(ESCALATION, "two policies that one role attaches", MAY_MAKE, _role(LAMBDA), given(MANAGED_POLICY, "a", name="a", policy=document(_passing("lambda"))), given(MANAGED_POLICY, "b", name="b", policy=document(MAKES)), *(given(ROLE_ATTACHMENT, f"attach-{name}", role="app", policyArn=f"arn:aws:iam::{ACCOUNT}:policy/{name}") for name in "ab")),
    fails(ESCALATION, "a policy that a role of this stack attaches, beside one that such a role has", MAY_MAKE, _role(LAMBDA), _managed(MAKES), _may(_passing("lambda")), given(ROLE_ATTACHMENT, role=_arn("app"), policyArn=UNKNOWN).taking("policyArn", _managed(MAKES))),
    fails(ESCALATION, "policies of two roles that are not known, of which each is judged", [MAY_CHANGE, MAY_MAKE], _managed(CHANGES), given(ROLE_ATTACHMENT, "x", role=UNKNOWN, policyArn=UNKNOWN).taking("policyArn", _managed(CHANGES)).taking("role", ELSEWHERE), given(ROLE_POLICY, "own", role=UNKNOWN, policy=document(_passing("lambda"), MAKES)).taking("role", ELSEWHERE), ELSEWHERE),
)  # fmt: skip
