"""What grants name: what AWS publishes elsewhere or not at all, and what a condition says instead."""

from typing import Any

from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, REGION, allow, arn, role_policy

PINNED, SCOPED, DEAD = "iam-arn-pinned", "iam-resource-scoped", "iam-arn-matches-action"
MODEL = "foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0"
API = f"arn:aws:apigateway:{REGION}::/restapis/a1b2c3d4e5"
SECRET = arn("secretsmanager", "secret:")
RUN = f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript"
RESTART = f"arn:aws:ssm:{REGION}::automation-definition/AWS-RestartEC2Instance:$DEFAULT"


def _when(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


EXAMPLES = (
    *(
        passes(rule, f"what AWS publishes elsewhere: {resource}", role_policy(allow(action, resource)))
        for rule in (PINNED, DEAD)
        for action, resource in (
            ("apigateway:GET", API),
            ("apigateway:PATCH", f"{API}/stages/prod"),
            ("apigateway:DELETE", f"{API}/stages/prod/cache/data"),
            ("apigateway:POST", f"{API}/deployments"),
            ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/usageplans/abc123/keys"),
            ("elasticloadbalancing:DeleteLoadBalancer", arn("elasticloadbalancing", "loadbalancer/orders")),
            ("ssm:SendCommand", RUN),
            ("ssm:StartAutomationExecution", RESTART),
            ("bedrock:InvokeModel", f"arn:aws:bedrock:::{MODEL}"),
            ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        )
    ),
    passes(SCOPED, "all buckets, which are listed at once", role_policy(allow("s3:ListAllMyBuckets", "*"))),
    fails(PINNED, "every REST API", "/restapis/*: leaves open which resource is meant", role_policy(allow("apigateway:GET", f"arn:aws:apigateway:{REGION}::/restapis/*"))),
    fails(DEAD, "a function for the management of APIs", "apigateway:GET on", role_policy(allow("apigateway:GET", arn("lambda", "function:orders")))),
    fails(DEAD, "a listing of one bucket, as if it were of all", "s3:ListAllMyBuckets on arn:aws:s3:::orders: grants nothing, because the action takes no such resource; write arn:${Partition}:s3:::*.", role_policy(allow("s3:ListAllMyBuckets", "arn:aws:s3:::orders"))),
    fails(PINNED, "every command that AWS has written", "document/*: leaves open", role_policy(allow("ssm:SendCommand", f"arn:aws:ssm:{REGION}::document/*"))),
    fails(DEAD, "a model in an account, where none is", "bedrock:InvokeModel on", role_policy(allow("bedrock:InvokeModel", arn("bedrock", MODEL)))),
    # what a message says to write
    fails(SCOPED, "a command, whose documents come before the bucket for its output", "write the ARN: arn:${Partition}:ssm:${Region}::document/${DocumentName} or arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}", role_policy(allow("ssm:SendCommand", "*"))),
    *(
        fails("iam-known-action", f"the action of another service: {action}", f"{action}: {says}.", role_policy(allow(action, "*")))
        for action, says in (
            ("stepfunctions:StartExecution", "is of the service 'stepfunctions', which the pack's action table does not hold; write states:StartExecution"),
            ("cloudwatchlogs:PutLogEvents", "is of the service 'cloudwatchlogs', which the pack's action table does not hold; write logs:PutLogEvents"),
            ("cloudwatchlogs:PutLogEvent", "is of the service 'cloudwatchlogs', which the pack's action table does not hold; correct the name, perhaps to logs"),
            ("opensearch:ESHttpGet", "is no action of IAM; write es:ESHttpGet"),
        )
    ),
    fails("iam-known-action", "many misspelt actions, of which the first five get proposals", ["sqs:Sen3, sqs:Sen4: is no action of IAM; write sqs:SendMessage", "statement 1: sqs:Sen5, sqs:Sen6: is no action of IAM; write one that exists."], role_policy(allow([f"sqs:Sen{number}" for number in range(7)], "*"))),
    # what names nothing
    *(
        fails(DEAD, f"a secret that no ARN can be of: {name}", f"{SECRET}{name}: grants nothing, because the action takes no such resource; write arn:${{Partition}}:secretsmanager:${{Region}}:${{Account}}:secret:${{SecretName}}-??????.", role_policy(allow("secretsmanager:GetSecretValue", SECRET + name)))
        for name in ("shop/db", "shop/orders", "shop/db??????", "shop/db-?????", "shop/db-AbCd_f", "shop/db*_")
    ),
    passes(DEAD, "secrets by their names, and by the beginning of them", role_policy(allow("secretsmanager:GetSecretValue", [SECRET + name for name in ("shop/db-??????", "shop/db-AbCdEf", "shop/db-*", "shop/db?-*", "shop/db*-*a", "*", "${aws:PrincipalTag/secret}", "${aws:PrincipalTag/app}-??????")]))),
    fails("iam-arn-whole-name", "a secret by the beginning of its name, with what to write", "write the whole name, region and account: arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${SecretName}-??????.", role_policy(allow("secretsmanager:GetSecretValue", f"{SECRET}shop/db-*"))),
    *(
        fails(DEAD, f"what names nothing: {resource}", f"{resource}: grants nothing, because {why}; write", role_policy(allow(action, resource)))
        for action, resource, why in (
            ("ssm:GetParameter", arn("ssm", "parameter//shop/db"), "the slash that the parameter's name begins with is there already"),
            ("sqs:SendMessage", "arn:aws:sqs:${region}:${account}:orders", "IAM knows no variable ${region}, and nobody has filled it in"),
            ("sqs:SendMessage", f"arn:aws:sqs:${{AWS::Region}}:{ACCOUNT}:orders", "IAM knows no variable ${AWS::Region}, and nobody has filled it in"),
            ("s3:GetObject", "arn:aws:s3:::lake/${}/x", "IAM knows no variable ${}, and nobody has filled it in"),
            ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:12345678901:orders", "'12345678901' is no account"),
            ("sqs:SendMessage", f"arn:aws:sqs:cn-north-1:{ACCOUNT}:orders", "'cn-north-1' is in the partition aws-cn"),
            ("sqs:SendMessage", f"arn:aws-us-gov:sqs:{REGION}:{ACCOUNT}:orders", f"'{REGION}' is in the partition aws"),
        )
    ),
    passes(DEAD, "what IAM fills in, and other partitions", role_policy(
        allow("s3:GetObject", [f"arn:aws:s3:::lake/{variable}/*" for variable in ("${aws:PrincipalTag/team, 'none'}", "${accounts.google.com:sub}", f"${{oidc.eks.{REGION}.amazonaws.com/id/A:sub}}", "${*}", "${$}")]),
        allow("ssm:GetParameter", arn("ssm", "parameter/shop/db")),
        allow("s3:GetObject", "arn:aws:s3:::parameter//shop/db"),
        allow("sqs:SendMessage", [f"arn:{partition}:sqs:{region}:{ACCOUNT}:orders" for partition, region in (("aws-cn", "cn-north-1"), ("aws-eusc", "eusc-de-east-1"), ("aws*", "cn-north-1"), ("aws-us-gov", "us-*"), ("aws-cn", "${aws:PrincipalTag/region}"), ("aws-iso-b", "us-isob-east-1"))]),
    )),
    # what a condition says instead of a resource
    *(
        passes(rule, f"a resource by {key}", role_policy(allow(action, resource, **_when(operator, key, value))))
        for rule, resources in ((SCOPED, 0), (PINNED, 1))
        for action, places, operator, key, value in (
            ("kms:GenerateDataKey", ("*", arn("kms", "key/*")), "StringEquals", "kms:RequestAlias", "alias/orders"),
            ("kms:Decrypt", ("*", arn("kms", "key/*")), "ForAnyValue:StringLike", "kms:ResourceAliases", "alias/orders-*"),
            ("kms:Decrypt", ("*", arn("kms", "key/*")), "StringLike", "kms:ViaService", "sqs.*.amazonaws.com"),
            ("secretsmanager:GetSecretValue", ("*", arn("secretsmanager", "secret:*")), "StringLike", "secretsmanager:SecretId", arn("secretsmanager", "secret:db-??????")),
            ("ecs:RunTask", ("*", arn("ecs", "task-definition/*:*")), "ArnEquals", "ecs:cluster", arn("ecs", "cluster/main")),
        )
        for resource in (places[resources],)
    ),
    *(
        fails(PINNED, f"any resource by {key} {value}", "leaves open which resource is meant", role_policy(allow(action, resource, **_when(operator, key, value))))
        for action, resource, operator, key, value in (
            ("kms:Decrypt", arn("kms", "key/*"), "ForAnyValue:StringLike", "kms:ResourceAliases", "alias/*"),
            ("kms:Decrypt", arn("kms", "key/*"), "StringLike", "kms:RequestAlias", "*"),
            ("kms:Decrypt", arn("kms", "key/*"), "StringLike", "kms:ViaService", "*.amazonaws.com"),
            ("kms:Decrypt", arn("kms", "key/*"), "StringLike", "kms:ViaService", ["sqs.eu-west-1.amazonaws.com", "*.eu-west-1.amazonaws.com"]),
            ("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:*"), "StringLike", "secretsmanager:SecretId", "arn:aws:secretsmanager:*:*:secret:db-??????"),
            ("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:*"), "StringLike", "secretsmanager:SecretId", arn("secretsmanager", "secret:*")),
            ("ecs:RunTask", arn("ecs", "task-definition/*:*"), "ArnLike", "ecs:cluster", "arn:aws:ecs:*:*:cluster/*"),
            ("elasticfilesystem:ClientMount", arn("elasticfilesystem", "file-system/*"), "ArnLike", "elasticfilesystem:AccessPointArn", arn("elasticfilesystem", "access-point/*")),
        )
    ),
    passes(SCOPED, "a tag that all values have to be, and that has to be there", role_policy(allow("sqs:SendMessage", "*", Condition={"ForAllValues:StringEquals": {"aws:ResourceTag/Team": "orders"}, "Null": {"aws:resourcetag/Team": "false"}}))),
    passes(SCOPED, "a tag that may be absent, and is not", role_policy(allow("sqs:SendMessage", "*", Condition={"StringEqualsIfExists": {"aws:ResourceTag/Team": "orders"}, "Null": {"aws:ResourceTag/Team": False}}))),
    fails(SCOPED, "a tag that is absent or right, and another that is there", "is allowed on every resource", role_policy(allow("sqs:SendMessage", "*", Condition={"ForAllValues:StringEquals": {"aws:ResourceTag/Team": "orders"}, "Null": {"aws:ResourceTag/Stage": "false"}}))),
    fails(SCOPED, "a tag that is absent", "is allowed on every resource", role_policy(allow("sqs:SendMessage", "*", Condition={"ForAllValues:StringEquals": {"aws:ResourceTag/Team": "orders"}, "Null": {"aws:ResourceTag/Team": "true"}}))),
    # what no request can have
    *(
        fails("iam-known-condition-key", f"what is none of what {operator} compares: {value}", f"statement 1: compares {key} by {operator} with {value}, which no request can have; write {instead}", role_policy(allow("sqs:SendMessage", arn("sqs", "orders"), **_when(operator, key, value))))
        for operator, key, value, instead in (
            ("IpAddress", "aws:SourceIp", "10.0.0.0/33", "an address or a range of them, such as 10.0.0.0/8."),
            ("NotIpAddressIfExists", "aws:SourceIp", "office", "an address or a range of them"),
            ("DateLessThan", "aws:CurrentTime", "tomorrow", "a date, such as 2027-03-31."),
            ("Bool", "aws:SecureTransport", "yes", "true or false."),
            ("Null", "aws:SourceVpc", "absent", "true or false."),
            ("ForAnyValue:NumericEquals", "aws:MultiFactorAuthAge", "an hour", "a number."),
        )
    ),
    fails("iam-known-condition-key", "nothing to compare with", "statement 1: compares aws:SourceVpc with nothing; write what it may be.", role_policy(allow("sqs:SendMessage", arn("sqs", "orders"), **_when("StringEquals", "aws:SourceVpc", [])))),
    passes("iam-known-condition-key", "addresses, dates, numbers and truths in all their ways", role_policy(allow("sqs:SendMessage", arn("sqs", "orders"), Condition={
        "IpAddress": {"aws:SourceIp": ["10.1.2.3", "10.1.2.3/8", "2001:db8::/32", "${aws:PrincipalTag/network}"]},
        "DateGreaterThan": {"aws:CurrentTime": ["2027", "2027-03", "2027-03-31", "2027-03-31T12:00:00Z", 1806451200], "aws:TokenIssueTime": "${aws:CurrentTime}"},
        "NumericLessThanEquals": {"aws:MultiFactorAuthAge": [3600, "3600", "1.5"]},
        "Bool": {"aws:SecureTransport": [True, "True", "false"]},
        "StringEquals": {"aws:SourceVpc": "yes"},
    }))),
    fails(SCOPED, "any tag that is there", "is allowed on every resource", role_policy(allow("sqs:SendMessage", "*", **_when("Null", "aws:ResourceTag/Team", "false")))),
    passes(PINNED, "the secrets of an application", role_policy(allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:*"), **_when("StringLike", "secretsmanager:SecretId", arn("secretsmanager", "secret:app/*"))))),
)  # fmt: skip
