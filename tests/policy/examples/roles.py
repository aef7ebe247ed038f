"""Roles: who assumes them, who uses them, what their policies allow together."""

from typing import Any

from policy.guardrails.aws import (
    EVENT_TARGET,
    FIREHOSE,
    FUNCTION,
    MACHINE,
    MANAGED_POLICY,
    ROLE,
    ROLE_ATTACHMENT,
    ROLE_POLICY,
    TASK_DEFINITION,
    TOPIC,
)
from policy.guardrails.role_users import POLICY_ATTACHMENT
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, UNKNOWN, Given, allow, arn, document, given

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/orders"
FOR_ACCOUNT: dict[str, Any] = {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
SUBJECT = {"token.actions.githubusercontent.com:sub": "repo:acme/orders:ref:refs/heads/main"}
GITHUB = {
    "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
}
POOL = {"Federated": "cognito-identity.amazonaws.com"}
OF_POOL = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}}
CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/A"
PODS = {"Service": "pods.eks.amazonaws.com"}
WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


def _trust(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> Given:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return given(ROLE, "role", name="orders", assumeRolePolicy=document(statement))


def _service(*names: str, **more: Any) -> Given:
    principal = {"Service": [f"{name}.amazonaws.com" for name in names]}
    return _trust(principal, **more)


def _assuming(principal: Any, action: str = "sts:AssumeRole") -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action}


def _of_account(key: str, value: str) -> Given:
    statement = _assuming({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    condition = {"Condition": {"StringEquals": {key: value}}}
    return given(ROLE, key, assumeRolePolicy=document({**statement, **condition}))


def _passing(service: str, role: str = "job") -> Given:
    passed = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
    statement = allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{role}", Condition=passed)
    return given(ROLE_POLICY, "passes", role="orders", policy=document(statement))


def _role(**more: Any) -> Given:
    return given(ROLE, "role", **{"name": "orders"} | more)


def _policy(*actions: str, name: str = "policy") -> Given:
    return given(ROLE_POLICY, name, role="orders", policy=document(allow(actions, "*")))


def _function(name: str, **more: Any) -> Given:
    return given(FUNCTION, name, role=ROLE_ARN, **more)


def _of_length(characters: int) -> str:
    """A policy of so many characters; IAM counts no blanks."""
    without = document(allow("sqs:SendMessage", QUEUE_ARN, Sid=""))
    missing = characters - len("".join(without.split()))
    return document(allow("sqs:SendMessage", QUEUE_ARN, Sid="a" * missing))


QUEUE_ARN = arn("sqs", "orders")
LONG = document(
    *(allow("sqs:SendMessage", arn("sqs", f"orders-{number}")) for number in range(110))
)
ESCALATION = "iam-no-privilege-escalation"

EXAMPLES = (
    passes("iam-role-not-shared", "one user", _role(), _function("orders")),
    passes("iam-role-not-shared", "no user", _role()),
    fails("iam-role-not-shared", "two functions", "is used by a, b, so each may do", _role(), _function("b"), _function("a")),
    fails(
        "iam-role-not-shared",
        "a function and a machine, before the role has an ARN",
        "is used by it, saga",
        _role(),
        given(FUNCTION, role=UNKNOWN).taking("role", _role()),
        given(MACHINE, "saga", roleArn=ROLE_ARN),
    ),
    fails("iam-role-not-shared", "two functions with a role of another stack", "has the role orders, which is used by a, b, so each may do", _function("a"), given(FUNCTION, "b", role="orders")),
    passes("iam-role-not-shared", "two roles of another stack", _function("a"), given(FUNCTION, "b", role=f"{ROLE_ARN}-b")),
    passes("iam-role-not-shared", "a role that a service has for itself", *(given("aws:ssm/maintenanceWindowTask:MaintenanceWindowTask", name, serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM") for name in "ab")),
    fails("ecs-roles-distinct", "one role of another stack", "runs with the role that pulls its image", given(TASK_DEFINITION, taskRoleArn=ROLE_ARN, executionRoleArn=ROLE_ARN)),
    passes("ecs-roles-distinct", "no role", given(TASK_DEFINITION)),
    passes("ecs-roles-distinct", "two roles of another stack", given(TASK_DEFINITION, taskRoleArn=ROLE_ARN, executionRoleArn=f"{ROLE_ARN}-pull")),
    passes("ecs-roles-distinct", "two roles", _role(), given(ROLE, "pull", name="pull"), given(TASK_DEFINITION, taskRoleArn=ROLE_ARN, executionRoleArn=ROLE_ARN.replace("orders", "pull"))),
    passes("ecs-roles-distinct", "only one of them", _role(), given(TASK_DEFINITION, executionRoleArn=ROLE_ARN)),
    fails("ecs-roles-distinct", "one role", "runs with the role that pulls its image", _role(), given(TASK_DEFINITION, taskRoleArn=ROLE_ARN, executionRoleArn=ROLE_ARN)),
    passes("iam-trust-narrow", "a service", _service("lambda")),
    passes("iam-trust-narrow", "a service for this account", _service("states", **FOR_ACCOUNT)),
    passes("iam-trust-narrow", "a role", _trust({"AWS": ROLE_ARN})),
    passes("iam-trust-narrow", "another account with a secret", _trust({"AWS": "arn:aws:iam::1:root"}, Condition={"StringEquals": {"sts:ExternalId": "x"}})),
    passes("iam-trust-narrow", "a branch of a repository", _trust(GITHUB, WEB_IDENTITY, Condition={"StringEquals": SUBJECT})),
    passes("iam-trust-narrow", "the configuration says that the service does not tell", _service("states"), services=[]),
    fails("iam-trust-narrow", "a service for anybody", "lets states.amazonaws.com assume the role on behalf of any account", _service("states")),
    fails(
        "iam-trust-narrow",
        "a condition that need not be met",
        "on behalf of any account",
        _service("events", Condition={"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}),
    ),
    fails("iam-trust-narrow", "two services", "lets several assume the role: lambda.amazonaws.com, ec2.amazonaws.com", _service("lambda", "ec2")),
    fails("iam-trust-narrow", "anybody", "statement 1: lets anybody assume the role", _trust("*")),
    fails("iam-trust-narrow", "anybody, as an account", "lets anybody", _trust({"AWS": "*"})),
    fails("iam-trust-narrow", "a whole account", "lets everybody in arn:aws:iam::1:root assume", _trust({"AWS": "arn:aws:iam::1:root"})),
    fails("iam-trust-narrow", "every repository", "lets everybody whom arn:aws:iam::123456789012:oidc-provider", _trust(GITHUB, WEB_IDENTITY)),
    fails("iam-trust-narrow", "any repository", "lets everybody whom", _trust(GITHUB, WEB_IDENTITY, Condition={"StringLike": dict.fromkeys(SUBJECT, "*")})),
    fails("iam-trust-narrow", "more than assuming", "sts:*: is more than assuming the role", _trust({"Service": "lambda.amazonaws.com"}, "sts:*")),
    passes("iam-trust-fits-user", "its service", _service("lambda"), _function("orders")),
    passes("iam-trust-fits-user", "one of its services", _service("states", "lambda"), _function("orders")),
    fails(
        "iam-trust-fits-user",
        "another service",
        "is the role of orders, which states.amazonaws.com cannot assume for it; let lambda.amazonaws.com",
        _service("states"),
        _function("orders"),
    ),
    fails("iam-trust-fits-user", "a rule's target", "let events.amazonaws.com assume it", _service("lambda"), given(EVENT_TARGET, roleArn=ROLE_ARN)),
    passes("iam-no-users", "a role", _role()),
    fails("iam-no-users", "a user", "belongs to a user or group", given("aws:iam/user:User")),
    fails("iam-no-users", "a key", "whose keys do not expire", given("aws:iam/accessKey:AccessKey", user="a")),
    passes("iam-no-mixed-management", "one way", _role(), _policy("sqs:SendMessage")),
    passes("iam-no-mixed-management", "the other way", _role(inlinePolicies=[{"name": "a", "policy": document()}])),
    fails("iam-no-mixed-management", "both ways", "has inlinePolicies, which at every deployment remove extra", _role(inlinePolicies=[{"name": "a", "policy": document()}]), _policy(name="extra")),
    fails(
        "iam-no-mixed-management",
        "attached in both ways",
        "has managedPolicyArns, which at every deployment remove attachment",
        _role(managedPolicyArns=["arn:aws:iam::123456789012:policy/a"]),
        given(ROLE_ATTACHMENT, "attachment", role="orders", policyArn="arn:aws:iam::123456789012:policy/b"),
    ),
    passes(
        "iam-no-mixed-management",
        "a role that shows, after an update, what was declared separately",
        _role(inlinePolicies=[{"name": "policy", "policy": document()}], managedPolicyArns=["arn:aws:iam::1:policy/b"]),
        _policy(),
        given(ROLE_ATTACHMENT, role="orders", policyArn="arn:aws:iam::1:policy/b"),
    ),
    passes("iam-no-mixed-management", "its own name for a policy that is declared separately", _role(inlinePolicies=[{"name": "mine", "policy": document()}]), given(ROLE_POLICY, "policy", name="mine", role="orders", policy=document())),
    passes("iam-no-mixed-management", "attached by the role, and to another", _role(managedPolicyArns=["arn:aws:iam::1:policy/a"]), given(ROLE_ATTACHMENT, role="other", policyArn="arn:aws:iam::1:policy/b")),
    fails("iam-no-mixed-management", "attached in both ways, to a role that has no name yet", "has managedPolicyArns", _role(managedPolicyArns=["arn:aws:iam::1:policy/a"]), given(ROLE_ATTACHMENT, role=UNKNOWN, policyArn="arn:aws:iam::1:policy/b").taking("role", _role())),
    passes("iam-no-mixed-management", "a policy without an ARN yet", _role(), given(MANAGED_POLICY), given(ROLE_ATTACHMENT, role="orders", policyArn=UNKNOWN).taking("policyArn", given(MANAGED_POLICY))),
    passes(
        "iam-no-mixed-management",
        "as long as IAM takes, whoever may assume it",
        _role(assumeRolePolicy=LONG),
        given(ROLE_POLICY, role="orders", policy=_of_length(10_240)),
        given(MANAGED_POLICY, "managed", name="managed", policy=_of_length(6_144)),
        given(ROLE_ATTACHMENT, role="orders", policyArn=UNKNOWN).taking("policyArn", given(MANAGED_POLICY, "managed")),
    ),
    fails(
        "iam-no-mixed-management",
        "a character more than IAM takes",
        ["has inline policies of 10241 characters", "is a managed policy of more than 6144 characters"],
        _role(),
        given(ROLE_POLICY, role="orders", policy=_of_length(10_241)),
        given(MANAGED_POLICY, "managed", name="managed", policy=_of_length(6_145)),
        given(ROLE_ATTACHMENT, role="orders", policyArn=UNKNOWN).taking("policyArn", given(MANAGED_POLICY, "managed")),
    ),
    passes("iam-no-mixed-management", "a policy that is an object", _role(), given(ROLE_POLICY, role="orders", policy={"Statement": []})),
    fails("iam-no-mixed-management", "too long", "has inline policies of 11", _role(), given(ROLE_POLICY, role="orders", policy=LONG)),
    fails(
        "iam-no-mixed-management",
        "a managed policy that is too long",
        "of more than 6144 characters; divide it",
        _role(),
        given(MANAGED_POLICY, "long", name="long", policy=LONG),
        given(ROLE_ATTACHMENT, role="orders", policyArn=UNKNOWN).taking("policyArn", given(MANAGED_POLICY, "long")),
    ),
    fails("iam-no-mixed-management", "a policy of another stack's role, and one that is attached elsewhere", ["has inline policies of 11", "is a managed policy of more than"], given(ROLE_POLICY, role="orders", policy=LONG), given(MANAGED_POLICY, "app-boundary", policy=LONG)),
    passes("iam-no-mixed-management", "policies of two roles of another stack, each as long as IAM takes", *(given(ROLE_POLICY, name, role=name, policy=_of_length(10_240)) for name in ("orders", "users"))),
    passes(ESCALATION, "one of two actions", _role(), _policy("iam:PassRole", "lambda:CreateFunction")),
    passes(ESCALATION, "the actions of two roles", _role(), _policy("iam:PassRole"), given(ROLE, "other", name="other")),
    fails(ESCALATION, "one action is enough", "may do lambda:UpdateFunctionCode, and so run code with the role of a function", _role(), _policy("lambda:UpdateFunctionCode")),
    fails(
        ESCALATION,
        "two policies together",
        "may do iam:PassRole and states:UpdateStateMachine, and so call AWS with another role",
        _role(inlinePolicies=[{"name": "a", "policy": document(allow("iam:PassRole", "*"))}]),
        _policy("states:UpdateStateMachine"),
    ),
    fails(
        ESCALATION,
        "through a policy that is attached",
        "may do ssm:SendCommand",
        _role(),
        given(MANAGED_POLICY, "ops", name="ops", policy=document(allow("ssm:*", "*"))),
        given(ROLE_ATTACHMENT, role=UNKNOWN, policyArn=UNKNOWN).taking("role", _role()).taking("policyArn", given(MANAGED_POLICY, "ops")),
    ),
    fails(
        ESCALATION,
        "AWS's own policies are judged by another rule, and one of that name alone",
        "may do ssm:SendCommand",
        _role(),
        given(ROLE_ATTACHMENT, role="orders", policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
        given(MANAGED_POLICY, name="AdministratorAccess", policy=document(allow("ssm:*", "*"))),
    ),
    passes(ESCALATION, "a policy for users only", _role(), given(POLICY_ATTACHMENT, users=["a"], policyArn="arn:aws:iam::1:policy/ops")),
    fails(ESCALATION, "through a policy of a role that has no name yet", "may do ssm:SendCommand", _role(), given(ROLE_POLICY, role=UNKNOWN, policy=document(allow("ssm:SendCommand", "*"))).taking("role", _role())),
    # other users of a role
    *(
        fails("iam-role-not-shared", f"a function and {what}", "is used by orders, other", _role(), _function("orders"), given(type_, "other", **at))
        for what, type_, at in (
            ("a job", "aws:glue/job:Job", {"roleArn": ROLE_ARN}),
            ("an execution role", TASK_DEFINITION, {"executionRoleArn": ROLE_ARN}),
        )
    ),
    passes("iam-role-not-shared", "what pulls the images of two tasks", _role(), given(TASK_DEFINITION, "a", executionRoleArn=ROLE_ARN), given(TASK_DEFINITION, "b", executionRoleArn=ROLE_ARN)),
    passes("iam-role-not-shared", "what calls a backend for two methods", _role(), *(given("aws:apigateway/integration:Integration", name, credentials=ROLE_ARN) for name in "ab")),
    passes("iam-role-not-shared", "one delivery stream that reads and writes", _role(), given(FIREHOSE, kinesisSourceConfiguration={"roleArn": ROLE_ARN}, extendedS3Configuration={"roleArn": ROLE_ARN})),
    passes("iam-role-not-shared", "a batch job that is not known yet", _role(), _function("orders"), given("aws:batch/jobDefinition:JobDefinition", containerProperties=UNKNOWN).taking("containerProperties", _role())),
    passes("iam-role-not-shared", "what tells of the deliveries of two topics", _role(), *(given(TOPIC, name, sqsFailureFeedbackRoleArn=ROLE_ARN) for name in "ab")),
    fails("iam-role-not-shared", "what pulls images and calls a backend", "is used by a, b", _role(), given(TASK_DEFINITION, "a", executionRoleArn=ROLE_ARN), given("aws:apigateway/integration:Integration", "b", credentials=ROLE_ARN)),
    # who may assume
    fails("iam-trust-narrow", "two services in two statements", "statement 1, statement 2: lets several assume the role: lambda.amazonaws.com, ec2.amazonaws.com", given(ROLE, assumeRolePolicy=document(*(_assuming({"Service": f"{name}.amazonaws.com"}) for name in ("lambda", "ec2"))))),
    passes("iam-trust-narrow", "one service in two statements", given(ROLE, assumeRolePolicy=document(_assuming(PODS), _assuming(PODS, "sts:TagSession")))),
    passes("iam-trust-narrow", "a function at the edge", _service("lambda", "edgelambda")),
    passes("iam-trust-narrow", "an action in another case", _trust({"Service": "lambda.amazonaws.com"}, "sts:assumerole")),
    fails("iam-trust-narrow", "a service under its name in a region", "lets states.eu-west-1.amazonaws.com assume the role on behalf of any account", _service("states.eu-west-1")),
    fails("iam-trust-narrow", "a service for whatever account", "on behalf of any account", _service("states", Condition={"StringLike": {"aws:SourceAccount": "*"}})),
    fails("iam-trust-narrow", "a service for machines of any account", "on behalf of any account", _service("states", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:*"}})),
    passes("iam-trust-narrow", "a service for machines of this account", _service("states", Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:states:*:{ACCOUNT}:*"}})),
    fails("iam-trust-narrow", "a whole account, by its number", "lets everybody in 999999999999 assume the role", _trust({"AWS": "999999999999"})),
    passes("iam-trust-narrow", "what else belongs to assuming a role", *(given(ROLE, action, assumeRolePolicy=document(_assuming(PODS, f"sts:{action}"))) for action in ("AssumeRole", "SetContext", "SetSourceIdentity", "TagSession"))),
    passes("iam-trust-narrow", "every way to say who of an account", *(_of_account(key, each) for key, each in (("aws:PrincipalArn", ROLE_ARN), ("aws:userid", "AROAEXAMPLE"), ("aws:username", "ann"), ("sts:ExternalId", "x")))),
    passes("iam-trust-narrow", "every way to say for whom a service assumes it", *(given(ROLE, key, assumeRolePolicy=document({**_assuming({"Service": "states.amazonaws.com"}), "Condition": {"StringEquals": {key: each}}})) for key, each in (("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", arn("states", "stateMachine:saga")), ("aws:SourceOrgID", "o-1")))),
    passes("iam-trust-narrow", "every way to say which repository", *(given(ROLE, end, assumeRolePolicy=document({**_assuming(GITHUB, WEB_IDENTITY), "Condition": {"StringEquals": {f"token.actions.githubusercontent.com:{end}": "acme/orders"}}})) for end in ("job_workflow_ref", "repository", "repository_id", "sub"))),
    passes("iam-trust-narrow", "one role of an account", _trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition={"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}})),
    passes("iam-trust-narrow", "the tagged of an account", _trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition={"StringEquals": {"aws:PrincipalTag/team": "orders"}})),
    fails("iam-trust-narrow", "the audience of every repository", "ask for token.actions.githubusercontent.com:sub in a condition", _trust(GITHUB, WEB_IDENTITY, Condition={"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}})),
    fails("iam-trust-narrow", "the subject of every repository", "lets everybody whom", _trust(GITHUB, WEB_IDENTITY, Condition={"StringLike": dict.fromkeys(SUBJECT, "repo:*")})),
    fails("iam-trust-narrow", "a repository of that name, whosever it is", "lets everybody whom", _trust(GITHUB, WEB_IDENTITY, Condition={"StringLike": dict.fromkeys(SUBJECT, "repo:*/orders:*")})),
    passes("iam-trust-narrow", "two repositories", _trust(GITHUB, WEB_IDENTITY, Condition={"ForAnyValue:StringLike": {key: ["repo:acme/orders:*", "repo:acme/users:*"] for key in SUBJECT}})),
    passes("iam-trust-narrow", "one user of a pool", _trust({"Federated": "cognito-identity.amazonaws.com"}, WEB_IDENTITY, Condition={"StringEquals": {"cognito-identity.amazonaws.com:sub": "eu-west-1:user"}})),
    *(
        passes("iam-trust-narrow", f"the {who} users of a pool", _trust(POOL, WEB_IDENTITY, Condition={**OF_POOL, "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": who}}))
        for who in ("authenticated", "unauthenticated")
    ),
    fails("iam-trust-narrow", "guests of a pool as well", "ask for cognito-identity.amazonaws.com:amr in a condition", _trust(POOL, WEB_IDENTITY, Condition=OF_POOL)),
    fails("iam-trust-narrow", "users of any pool who have logged in", "ask for cognito-identity.amazonaws.com:aud in a condition", _trust(POOL, WEB_IDENTITY, Condition={"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}})),
    passes("iam-trust-narrow", "a repository, whose provider is written in another case", _trust(GITHUB, WEB_IDENTITY, Condition={"StringEquals": {"Token.Actions.GitHubUserContent.com:SUB": "repo:acme/web:*"}})),
    fails("iam-trust-narrow", "a subject of another provider", "ask for token.actions.githubusercontent.com:sub in a condition", _trust(GITHUB, WEB_IDENTITY, Condition={"StringEquals": {"token.action.githubusercontent.com:sub": "repo:acme/web:ref:refs/heads/main"}})),
    fails("iam-trust-narrow", "pods of another cluster", f"ask for {CLUSTER}:sub in a condition", _trust({"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{CLUSTER}"}, WEB_IDENTITY, Condition={"StringEquals": {f"{CLUSTER}0:sub": "system:serviceaccount:web:api"}})),
    passes("iam-trust-narrow", "schedules of a group, whatever else is named", _service("scheduler", Condition={"ArnLike": {"aws:SourceArn": [arn("scheduler", "schedule-group/daily"), arn("scheduler", "schedule/daily/one")]}})),
    passes("iam-trust-narrow", "all schedules of the account but one", _service("scheduler", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnNotLike": {"aws:SourceArn": arn("scheduler", "schedule/daily/one")}})),
    fails("iam-trust-narrow", "one schedule", "lets scheduler.amazonaws.com assume the role for a schedule, but it only says for which group; name the group", _service("scheduler", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": arn("scheduler", "schedule/daily/one")}})),
    fails("iam-trust-narrow", "the users of all pools", "knows assume the role; ask for cognito-identity.amazonaws.com:aud and cognito-identity.amazonaws.com:amr in a condition", _trust({"Federated": "cognito-identity.amazonaws.com"}, WEB_IDENTITY)),
    passes("iam-trust-narrow", "people with a login", _trust({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/acme"}, "sts:AssumeRoleWithSAML", Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}})),
    passes("iam-trust-fits-user", "its service under another name", given(ROLE, "role", name="orders", assumeRolePolicy=document(_assuming({"Service": "lambda.amazonaws.com.cn"}))), _function("orders")),
    passes("iam-trust-fits-user", "its service under its name in a region", _service("states.eu-west-1"), given(MACHINE, roleArn=ROLE_ARN)),
    fails("iam-trust-fits-user", "another role", "is the role of orders, which nobody can assume for it", _trust({"AWS": ROLE_ARN}), _function("orders")),
    fails("iam-trust-fits-user", "nobody", "is the role of orders, which nobody can assume for it", _role(), _function("orders")),
    # users, groups
    fails("iam-no-users", "a policy for a group", "belongs to a user or group", given("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", group="a", policyArn=ROLE_ARN)),
    fails("iam-no-users", "a policy for users among others", "belongs to a user or group", given(POLICY_ATTACHMENT, users=["a"], roles=["b"], policyArn=ROLE_ARN)),
    fails("iam-no-users", "a policy for groups among others", "belongs to a user or group", given(POLICY_ATTACHMENT, groups=["a"], policyArn=ROLE_ARN)),
    passes("iam-no-users", "a policy for several roles", given(POLICY_ATTACHMENT, roles=["a", "b"], policyArn=ROLE_ARN)),
    # together
    fails(ESCALATION, "through a policy that the role itself attaches", "may do ssm:SendCommand", _role(managedPolicyArns=["arn:aws:iam::1:policy/ops"]), given(MANAGED_POLICY, "ops", name="ops", policy=document(allow("ssm:SendCommand", "*")))),
    fails(ESCALATION, "a named role is still more than a function's own", "may do iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction", _role(), _passing("lambda"), _policy("lambda:CreateFunction", "lambda:InvokeFunction")),
    passes(ESCALATION, "schedules with the role that is named for them", _role(), _passing("scheduler"), _policy("scheduler:CreateSchedule")),
    *(
        fails(ESCALATION, f"schedules with {which}", "may do iam:PassRole and scheduler:CreateSchedule", _role(), passing, _policy("scheduler:CreateSchedule"))
        for which, passing in (
            ("any role", _passing("scheduler", "*")),
            ("every role there is", given(ROLE_POLICY, "passes", role="orders", policy=document(allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}})))),
            ("a role that is passed to any service", given(ROLE_POLICY, "passes", role="orders", policy=document(allow("iam:PassRole", ROLE_ARN)))),
        )
    ),
    fails("ecs-roles-distinct", "one role, before it has an ARN", "runs with the role that pulls its image", _role(), given(TASK_DEFINITION, taskRoleArn=UNKNOWN, executionRoleArn=UNKNOWN).taking("taskRoleArn", _role()).taking("executionRoleArn", _role())),
    passes("ecs-roles-distinct", "two roles, before they have ARNs", _role(), given(ROLE, "pull"), given(TASK_DEFINITION, taskRoleArn=UNKNOWN, executionRoleArn=UNKNOWN).taking("taskRoleArn", _role()).taking("executionRoleArn", given(ROLE, "pull"))),
    fails("ecs-roles-distinct", "one role by its ARN, which does not tell its path", "runs with the role that pulls its image", given(ROLE, "role", name="orders"), given(TASK_DEFINITION, taskRoleArn=ROLE_ARN, executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/app/orders")),
    fails("iam-role-not-shared", "three functions with a role of another stack, after one with a role of this", "has the role other, which is used by a, b, c", _role(), given(FUNCTION, "own", role=UNKNOWN).taking("role", _role()), *(given(FUNCTION, name, role=ROLE_ARN.replace("orders", "other")) for name in "abc")),
    fails("iam-role-not-shared", "two schedules with a role that got its name from AWS", "is used by a, b", given(ROLE, "role"), *(given("aws:scheduler/schedule:Schedule", name, target={"roleArn": f"{ROLE_ARN}-1a2b"}).taking("target", given(ROLE, "role")) for name in "ab")),
    fails("iam-no-mixed-management", "too long, for a role that has no name yet", "has inline policies of 11", _role(), given(ROLE_POLICY, role=UNKNOWN, policy=LONG).taking("role", _role())),
    passes("iam-trust-fits-user", "a role that nothing uses", _role(assumeRolePolicy=document(_assuming(PODS)))),
)  # fmt: skip
