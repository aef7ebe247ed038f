"""Policy documents as such."""

from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, allow, arn, document, given, role_policy, secret

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
GOOD = document(allow("sqs:SendMessage", arn("sqs", "orders")))
TRUST = document(
    {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
)
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def _policy(value: object):
    return given(ROLE_POLICY, policy=value)


def _trusting(principal: object):
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


DEVELOPERS = "arn:aws:iam::123456789012:user/dev-?"

EXAMPLES = (
    passes("iam-document-known", "text", _policy(GOOD)),
    passes("iam-document-known", "text that is secret", _policy(secret(GOOD))),
    passes(
        "iam-document-known", "a trust policy", given("aws:iam/role:Role", assumeRolePolicy=TRUST)
    ),
    passes("iam-document-known", "a queue without a policy", given("aws:sqs/queue:Queue")),
    fails(
        "iam-document-known",
        "nothing is known",
        "the identity policy in policy is not known in this preview, so no rule can judge it; "
        "build its ARNs from fixed names",
        _policy(UNKNOWN),
    ),
    fails(
        "iam-document-known",
        "nothing is known of a secret",
        "is not known",
        _policy(secret(UNKNOWN)),
    ),
    fails(
        "iam-document-known",
        "one ARN of an object is not known",
        "is not known",
        _policy({"Statement": [allow("sqs:SendMessage", [UNKNOWN])]}),
    ),
    fails(
        "iam-document-known",
        "an inline policy of a role",
        "the identity policy in inlinePolicies[1].policy is not known",
        given(
            "aws:iam/role:Role",
            inlinePolicies=[{"name": "a", "policy": GOOD}, {"name": "b", "policy": UNKNOWN}],
        ),
    ),
    fails(
        "iam-document-known",
        "all inline policies of a role, and its trust",
        ["the trust policy in assumeRolePolicy is not known", "in inlinePolicies is not known"],
        given("aws:iam/role:Role", inlinePolicies=UNKNOWN, assumeRolePolicy=UNKNOWN),
    ),
    fails(
        "iam-document-known",
        "one policy of a role",
        "the identity policy in inlinePolicies[0].policy is not known",
        given("aws:iam/role:Role", inlinePolicies=[UNKNOWN]),
    ),
    passes(
        "iam-document-known",
        "a policy for everybody but one",
        given(
            "aws:sqs/queuePolicy:QueuePolicy",
            policy=document(
                {
                    "Effect": "Deny",
                    "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/orders"},
                    "Action": "sqs:*",
                    "Resource": "*",
                }
            ),
        ),
    ),
    fails(
        "iam-document-known",
        "a queue's policy",
        "the resource policy in policy is not known",
        given("aws:sqs/queuePolicy:QueuePolicy", policy=UNKNOWN),
    ),
    fails(
        "iam-document-known",
        "no JSON",
        "it is no JSON: Expecting value at character 0",
        _policy("hello"),
    ),
    fails("iam-document-known", "a number", "it is neither text nor an object", _policy(7)),
    fails("iam-document-known", "no object", "it has no Statement", _policy('"Statement"')),
    fails("iam-document-known", "no statements", "it has no Statement", _policy({})),
    fails(
        "iam-document-known",
        "an empty list of statements",
        "the identity policy in policy has no statements, so it grants nothing, and AWS refuses it; "
        "state in it what is needed, or leave it out.",
        _policy(document()),
    ),
    fails(
        "iam-document-known",
        "an empty list of statements, for a role and in it",
        ["the trust policy in assumeRolePolicy has no", "in inlinePolicies[1].policy has no"],
        given(
            "aws:iam/role:Role",
            assumeRolePolicy=document(),
            inlinePolicies=[{"name": "a", "policy": GOOD}, {"name": "b", "policy": document()}],
        ),
    ),
    fails(
        "iam-document-known",
        "an empty list of statements for a boundary, a bucket, a queue and a topic",
        [
            "the permissions boundary in policy has no statements",
            *["the resource policy in policy has no statements"] * 3,
        ],
        given("aws:iam/policy:Policy", name="boundary", policy={"Statement": []}),
        given("aws:s3/bucketPolicy:BucketPolicy", policy=document()),
        given("aws:sqs/queuePolicy:QueuePolicy", policy=document()),
        given("aws:sns/topicPolicy:TopicPolicy", policy=document()),
    ),
    passes(
        "iam-document-known",
        "an endpoint that is closed",
        given("aws:ec2/vpcEndpoint:VpcEndpoint", policy=document()),
        given("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", policy=document()),
    ),
    fails(
        "iam-document-known",
        "no action at all",
        "Action must be a text or a list of texts",
        _policy({"Statement": allow([], "*")}),
    ),
    fails(
        "iam-document-known",
        "an action that is a text, and one that is not",
        "Action must be a text or a list of texts",
        _policy({"Statement": allow(["sqs:SendMessage", 7], "*")}),
    ),
    fails(
        "iam-document-known",
        "an action without a name",
        "Action must be a text or a list of texts",
        _policy({"Statement": allow("", "*")}),
    ),
    fails(
        "iam-document-known",
        "a condition that is a text",
        "Condition must be an object of operators, keys and values",
        _policy({"Statement": allow("sqs:SendMessage", "*", Condition="always")}),
    ),
    fails(
        "iam-document-known",
        "a version of its own",
        "Version must be one of ['2012-10-17', '2008-10-17']",
        _policy({"Version": "2026-01-01", "Statement": []}),
    ),
    fails(
        "iam-document-known",
        "an element twice",
        "'Action' is there twice in one object",
        _policy(
            '{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Action": "*", "Resource": "*"}}'
        ),
    ),
    fails(
        "iam-document-known",
        "an element that does not exist",
        "statement 1 has 'Ressource'; a statement takes ['Action', ",
        _policy({"Statement": [{"Effect": "Allow", "Action": "*", "Ressource": "*"}]}),
    ),
    fails(
        "iam-document-known",
        "no effect",
        "statement 2 must have the Effect 'Allow' or 'Deny'",
        _policy({"Statement": [allow("sqs:SendMessage", "*"), {"Action": "*", "Resource": "*"}]}),
    ),
    fails(
        "iam-document-known",
        "neither action nor its opposite",
        "must have either Action or NotAction",
        _policy({"Statement": {"Effect": "Allow", "Resource": "*"}}),
    ),
    fails(
        "iam-document-known",
        "a number for an action",
        "statement 1 (A): Action must be a text or a list of texts",
        _policy({"Statement": allow([7], "*", Sid="A")}),
    ),
    fails(
        "iam-document-known",
        "a statement that is none",
        "statement 1 is no object",
        _policy({"Statement": ["allow"]}),
    ),
    fails(
        "iam-document-known",
        "a condition that is none",
        "Condition must be an object of operators, keys and values",
        _policy({"Statement": allow("sqs:SendMessage", "*", Condition={"aws:SourceAccount": "1"})}),
    ),
    fails(
        "iam-document-known",
        "a principal that is none",
        "Principal must be '*' or an object",
        given("aws:sqs/queue:Queue", policy=document(allow("sqs:*", "*", Principal=["*"]))),
    ),
    fails(
        "iam-document-known",
        "an identity policy without resources",
        "statement 1 has no Resource",
        _policy({"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage"}}),
    ),
    fails(
        "iam-document-known",
        "an identity policy with a principal",
        "statement 1 has a Principal, which only trust and resource policies have",
        _policy({"Statement": allow("sqs:SendMessage", "*", Principal="*")}),
    ),
    fails(
        "iam-document-known",
        "a resource policy without a principal",
        "the resource policy in policy is no policy document: statement 1 has no Principal",
        given("aws:sns/topicPolicy:TopicPolicy", policy=document(allow("sns:Publish", "*"))),
    ),
    fails(
        "iam-document-known",
        "lists in lists, a hundred thousand times",
        "it has too many lists or objects in each other",
        _policy("[" * 100_000),
    ),
    fails(
        "iam-document-known",
        "a second Statement under another name",
        "it has 'Statements'; a document takes ['Id', 'Statement', 'Version']",
        _policy({"Id": "orders", "Statement": [], "Statements": []}),
    ),
    fails(
        "iam-document-known",
        "a name of a statement that is a number",
        "statement 1: Sid must be a text",
        _policy({"Statement": allow("sqs:SendMessage", "*", Sid=1)}),
    ),
    *(
        fails(
            "iam-document-known",
            f"a name of a statement that IAM refuses: {sid}",
            f"is no policy document: statement 1 ({sid}) has a Sid of more than letters (A to Z) and digits",
            _policy({"Statement": allow("sqs:SendMessage", "*", Sid=sid)}),
        )
        for sid in ("send-orders", "send_orders", "Send orders", "Gr\u00fc\u00dfe")
    ),
    fails(
        "iam-document-known",
        "two statements of one name",
        "statement 2 (Send) has the Sid of another statement",
        _policy(
            {"Statement": [allow("sqs:SendMessage", "*", Sid=sid) for sid in ("Send", "Send")]}
        ),
    ),
    passes(
        "iam-document-known",
        "statements without names, and with such that a key or a queue may have",
        _policy({"Statement": [allow("sqs:SendMessage", "*", Sid=sid) for sid in ("", "", "a1")]}),
        *(
            given(
                type_,
                policy=document(*[allow("sqs:*", "*", Principal="*", Sid="Let in: all")] * 2),
            )
            for type_ in ("aws:sqs/queue:Queue", "aws:kms/key:Key")
        ),
    ),
    fails(
        "iam-document-known",
        "a condition that compares with null",
        "statement 1: aws:SourceVpc must be texts, numbers or booleans",
        _policy(
            {
                "Statement": allow(
                    "sqs:SendMessage", "*", Condition={"StringEquals": {"aws:SourceVpc": None}}
                )
            }
        ),
    ),
    *(
        fails(
            "iam-document-known",
            f"a part of a principal: {name}",
            f"is no policy document: statement 1 has the principal {name}, of which no part can be left open, except in a condition",
            given("aws:iam/role:Role", assumeRolePolicy=_trusting({kind: name})),
        )
        for kind, name in (
            ("AWS", "arn:aws:iam::123456789012:role/*"),
            ("AWS", "arn:aws:iam::*:role/reader"),
            ("Federated", "arn:aws:iam::123456789012:oidc-provider/*"),
            ("Service", "*.amazonaws.com"),
        )
    ),
    fails(
        "iam-document-known",
        "a part of a principal of a queue, and of one that is spared",
        ["has the principal arn:aws:iam::123456789012:user/dev-?"] * 2,
        *(
            given(
                "aws:sqs/queue:Queue",
                element,
                policy=document(allow("sqs:*", "*", **{element: {"AWS": ["1", DEVELOPERS]}})),
            )
            for element in ("Principal", "NotPrincipal")
        ),
    ),
    passes(
        "iam-document-known",
        "everybody",
        given("aws:iam/role:Role", assumeRolePolicy=_trusting({"AWS": "*"})),
    ),
    passes("iam-no-aws-managed", "a policy of our own", role_policy(allow("sqs:SendMessage", "*"))),
    passes(
        "iam-no-aws-managed",
        "a policy of our own, attached",
        given(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            policyArn="arn:aws:iam::123456789012:policy/orders",
        ),
    ),
    passes(
        "iam-no-aws-managed",
        "a policy that the configuration allows",
        given("aws:iam/role:Role", managedPolicyArns=[BASIC]),
        allowed=[BASIC],
    ),
    fails(
        "iam-no-aws-managed",
        "attached",
        f"{BASIC}: is managed by AWS",
        given("aws:iam/rolePolicyAttachment:RolePolicyAttachment", policyArn=BASIC),
    ),
    fails(
        "iam-no-aws-managed",
        "named on the role",
        "is managed by AWS",
        given("aws:iam/role:Role", managedPolicyArns=["arn:aws:iam::123456789012:policy/a", BASIC]),
    ),
    *(
        fails(
            "iam-no-aws-managed", f"all that {whose} has", "is managed by AWS", given(type_, **has)
        )
        for whose, type_, has in (
            (
                "a group",
                "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
                {"policyArns": [BASIC]},
            ),
            (
                "a user",
                "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
                {"policyArns": [BASIC]},
            ),
            (
                "a permission set",
                "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive",
                {"managedPolicyArns": [BASIC]},
            ),
        )
    ),
    passes(
        "iam-document-known",
        "what a queue, a bucket or a secret has, after an update, for no policy",
        given("aws:sqs/queue:Queue", policy=""),
        given("aws:s3/bucket:Bucket", policy=""),
        given("aws:secretsmanager/secret:Secret", policy=""),
    ),
    fails("iam-document-known", "no policy where there must be one", "it is no JSON", _policy("")),
    fails(
        "iam-document-known",
        "a trust policy with a resource",
        "statement 1 has a Resource, which a trust policy is about anyway",
        given(
            "aws:iam/role:Role",
            assumeRolePolicy=document(
                {
                    **allow("sts:AssumeRole", "*"),
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ),
        ),
    ),
    fails(
        "iam-document-known",
        "an effect that is a list",
        "statement 1 must have the Effect 'Allow' or 'Deny'",
        _policy({"Statement": {**allow("sqs:SendMessage", "*"), "Effect": ["Allow"]}}),
    ),
    passes(
        "iam-document-known", "no inline policy", given("aws:iam/role:Role", inlinePolicies=[None])
    ),
    *(
        fails(
            "iam-document-known",
            f"{element} that is a number",
            f"statement 1 (A): {element} must be a text",
            _policy(
                {
                    "Statement": {
                        "Effect": "Allow",
                        "Sid": "A",
                        other: "sqs:SendMessage" if other == "Action" else "*",
                        element: 7,
                    }
                }
            ),
        )
        for other, element in (
            ("Resource", "NotAction"),
            ("Action", "Resource"),
            ("Action", "NotResource"),
        )
    ),
    *(
        fails(
            "iam-document-known",
            f"{element} that is a number",
            f"statement 1 (A): {says}",
            given(
                "aws:sqs/queue:Queue",
                policy=document(
                    {
                        "Effect": "Allow",
                        "Sid": "A",
                        "Action": "sqs:*",
                        "Resource": "*",
                        element: principal,
                    }
                ),
            ),
        )
        for element, principal, says in (
            ("NotPrincipal", 7, "Principal must be '*' or an object"),
            ("Principal", {"AWS": 7}, "AWS must be a text or a list of texts"),
        )
    ),
    fails(
        "iam-no-service-wildcard",
        "a policy after one that is not known yet and one that is none",
        "statement 1: sqs:*: allows",
        given(
            "aws:iam/role:Role",
            inlinePolicies=[
                {"name": "a", "policy": UNKNOWN},
                {"name": "b", "policy": "["},
                {"name": "c", "policy": document(allow("sqs:*", "*"))},
            ],
        ),
    ),
)
