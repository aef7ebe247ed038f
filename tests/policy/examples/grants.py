"""What identity policies allow."""

from tests.policy.examples import fails, passes
from tests.policy.given import allow, arn, document, given, role_policy

QUEUE = arn("sqs", "orders")
TABLE = arn("dynamodb", "table/orders")
GROUP = arn("logs", "log-group:/aws/lambda/orders:*")
ROLE = "arn:aws:iam::123456789012:role/task"
PASSED = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}

EVERY_TOPIC = "arn:aws:sns:*:*:*"
TEXTS = {"Effect": "Allow", "Action": "sns:Publish", "NotResource": EVERY_TOPIC}
CELERY = "arn:aws:sqs:eu-west-1:*:airflow-celery-*"
OF_AIRFLOW = [
    *("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    *("sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage"),
]
KEYS_OF_OTHERS = {
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:Encrypt"],
    "NotResource": "arn:aws:kms:*:123456789012:key/*",
}
THROUGH_SQS = {"StringLike": {"kms:ViaService": ["sqs.eu-west-1.amazonaws.com"]}}
ADMINISTRATORS = ("AdministratorAccess", "PowerUserAccess")

EXAMPLES = (
    passes("iam-no-admin", "named actions", role_policy(allow("sqs:SendMessage", QUEUE))),
    fails(
        "iam-no-admin",
        "every action",
        "statement 1: *: allows every action of every service; list the actions that are needed, each by its full name.",
        role_policy(allow("*", "*")),
    ),
    fails(
        "iam-no-admin",
        "every action, spelt out beside one of them",
        "statement 1: *:*: allows every action",
        role_policy(allow(["sqs:SendMessage", "*:*"], QUEUE)),
    ),
    passes(
        "iam-no-admin",
        "everything is denied",
        role_policy({"Effect": "Deny", "Action": "*", "Resource": "*"}),
    ),
    fails(
        "iam-no-admin",
        "an administrator's policy on a role",
        "AdministratorAccess, arn:aws:iam::aws:policy/PowerUserAccess: is a policy for administrators",
        given(
            "aws:iam/role:Role",
            managedPolicyArns=[f"arn:aws:iam::aws:policy/{name}" for name in ADMINISTRATORS],
        ),
    ),
    passes(
        "iam-no-admin",
        "what others may do with a role, and what AWS lets functions do",
        given(
            "aws:iam/role:Role",
            assumeRolePolicy=document({"Effect": "Allow", "Principal": "*", "Action": "*"}),
            managedPolicyArns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
        ),
    ),
    fails(
        "iam-no-admin",
        "full access to a service attached",
        "AmazonSQSFullAccess",
        given(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            policyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess",
        ),
    ),
    fails(
        "iam-no-admin",
        "an inline policy of a role",
        "statement 1 (All): *:",
        given(
            "aws:iam/role:Role",
            inlinePolicies=[{"name": "all", "policy": document(allow("*", "*", Sid="All"))}],
        ),
    ),
    fails(
        "iam-no-admin",
        "a policy of its own, given as an object",
        "allows every action",
        given("aws:iam/policy:Policy", policy={"Statement": allow(["*"], "*")}),
    ),
    passes(
        "iam-no-service-wildcard", "named actions", role_policy(allow("sqs:SendMessage", QUEUE))
    ),
    fails(
        "iam-no-service-wildcard",
        "all of a service",
        "statement 1: dynamodb:*: allows 78 actions; list the actions that are needed, each by its full name.",
        role_policy(allow(["dynamodb:GetItem", "dynamodb:*"], TABLE)),
    ),
    fails(
        "iam-no-service-wildcard", "some of several", "s*:Get*", role_policy(allow("s*:Get*", "*"))
    ),
    fails(
        "iam-no-service-wildcard", "any name at all", "sqs:?*", role_policy(allow("sqs:?*", QUEUE))
    ),
    passes("iam-no-action-wildcard", "named actions", role_policy(allow("sqs:SendMessage", QUEUE))),
    fails(
        "iam-no-action-wildcard",
        "the beginning of a name, with what it stands for",
        "sqs:Get*: allows sqs:GetQueueAttributes, sqs:GetQueueUrl; write what is needed of those that can be done to its resources: sqs:GetQueueAttributes, sqs:GetQueueUrl.",
        role_policy(allow(["sqs:SendMessage", "sqs:Get*"], QUEUE)),
    ),
    fails(
        "iam-no-action-wildcard",
        "the beginning of no name",
        "sqs:Foo*: allows nothing; list the actions that are needed, each by its full name.",
        role_policy(allow("sqs:Foo*", QUEUE)),
    ),
    fails(
        "iam-no-action-wildcard",
        "the beginning of a name, of which little can be done to a bucket",
        "to its resources: s3:ListBucket, s3:ListBucketMultipartUploads, s3:ListBucketVersions, s3:ListTagsForResource.",
        role_policy(allow("s3:List*", "arn:aws:s3:::dags")),
    ),
    fails(
        "iam-no-action-wildcard",
        "the beginning of a name, of which some can be done to a bucket and some to its objects",
        "to its resources: s3:GetBucketTagging, s3:GetObjectTagging.",
        role_policy(allow("s3:Get*tTagging", ["arn:aws:s3:::dags", "arn:aws:s3:::dags/*"])),
    ),
    fails(
        "iam-no-action-wildcard",
        "the beginning of a name, for all but some keys",
        "to its resources: kms:GenerateDataKey, kms:GenerateDataKeyPair, kms:GenerateDataKeyPairWithoutPlaintext, kms:GenerateDataKeyWithoutPlaintext.",
        role_policy(KEYS_OF_OTHERS | {"Action": "kms:GenerateDataKey*", "Condition": THROUGH_SQS}),
    ),
    fails(
        "iam-no-action-wildcard",
        "the beginning of a name, on everything",
        "to its resources: kms:CancelKeyDeletion, kms:ConnectCustomKeyStore, kms:CreateAlias, kms:CreateCustomKeyStore, kms:CreateGrant, kms:CreateKey.",
        role_policy(allow("kms:C*", "*")),
    ),
    fails(
        "iam-no-action-wildcard",
        "the beginning of a name, of which nothing can be done to a queue",
        "list the actions that are needed, each by its full name.",
        role_policy(allow("s3:List*", QUEUE)),
    ),
    fails(
        "iam-no-action-wildcard",
        "a part of a name that many have",
        "s3:GetObjectVersion and 20 more.",
        role_policy(allow("s3:*Object*", "*")),
    ),
    fails(
        "iam-no-action-wildcard",
        "one character",
        "sqs:SendMessag?: allows sqs:SendMessage",
        role_policy(allow("sqs:SendMessag?", QUEUE)),
    ),
    passes(
        "iam-resource-scoped",
        "tracing, which knows no resources",
        role_policy(allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")),
    ),
    fails(
        "iam-resource-scoped",
        "only the action that can be limited",
        "statement 1: sqs:SendMessage on *: is allowed on every resource, although it can be limited; "
        "write the ARN: arn:${Partition}:sqs:${Region}:${Account}:${QueueName}.",
        role_policy(allow(["xray:PutTraceSegments", "sqs:SendMessage"], "*")),
    ),
    fails(
        "iam-resource-scoped",
        "two actions in one message, and each statement in one of its own",
        ["dynamodb:PutItem, dynamodb:GetItem on *", "statement 2"],
        role_policy(
            allow(["dynamodb:PutItem", "dynamodb:GetItem"], "*"), allow("dynamodb:Query", "*")
        ),
    ),
    passes("iam-arn-pinned", "a whole name", role_policy(allow("dynamodb:GetItem", TABLE))),
    passes(
        "iam-arn-pinned",
        "an index after the name",
        role_policy(allow("dynamodb:Query", f"{TABLE}/index/*")),
    ),
    fails(
        "iam-arn-pinned",
        "any table",
        "table/*: leaves open which resource is meant; write the whole name, region and account: ",
        role_policy(allow("dynamodb:GetItem", arn("dynamodb", "table/*"))),
    ),
    fails(
        "iam-arn-pinned",
        "any region",
        "sqs:ReceiveMessage, sqs:SendMessage on arn:aws:sqs:*:123456789012:orders: leaves open",
        role_policy(
            allow(["sqs:ReceiveMessage", "sqs:SendMessage"], "arn:aws:sqs:*:123456789012:orders")
        ),
    ),
    passes("iam-arn-whole-name", "a whole name", role_policy(allow("sqs:SendMessage", QUEUE))),
    fails(
        "iam-arn-whole-name",
        "the beginning of a name",
        "orders*: allows every resource whose name begins so; write the whole name",
        role_policy(allow("sqs:SendMessage", f"{QUEUE}*")),
    ),
    passes(
        "iam-arn-matches-action",
        "a bucket and its objects in one statement",
        role_policy(
            allow(
                ["s3:ListBucket", "s3:PutObject"], ["arn:aws:s3:::orders", "arn:aws:s3:::orders/*"]
            )
        ),
    ),
    fails(
        "iam-arn-matches-action",
        "an action that another statement allows on what it takes",
        "statement 1: s3:ListBucket on arn:aws:s3:::orders/*: grants nothing, because the action takes no such resource",
        role_policy(
            allow(["s3:ListBucket", "s3:PutObject"], "arn:aws:s3:::orders/*"),
            allow("s3:ListBucket", "arn:aws:s3:::orders"),
        ),
    ),
    passes(
        "iam-arn-matches-action",
        "streams of a group",
        role_policy(allow("logs:PutLogEvents", GROUP)),
    ),
    fails(
        "iam-arn-matches-action",
        "a group without its streams",
        "grants nothing, because the action takes no such resource",
        role_policy(allow("logs:PutLogEvents", GROUP.removesuffix(":*"))),
    ),
    fails(
        "iam-arn-matches-action",
        "a topic's ARN for a queue's action",
        "sqs:SendMessage on arn:aws:sns",
        role_policy(allow("sqs:SendMessage", arn("sns", "orders"))),
    ),
    fails(
        "iam-arn-matches-action",
        "an ARN for an action that knows none",
        'only ever allowed on "*"; write "*"',
        role_policy(allow("sqs:ListQueues", QUEUE)),
    ),
    fails(
        "iam-arn-matches-action",
        "a name instead of an ARN",
        "the resource is no ARN",
        role_policy(allow("sqs:SendMessage", "orders")),
    ),
    passes("iam-known-action", "an action", role_policy(allow("sqs:sendmessage", QUEUE))),
    fails(
        "iam-known-action",
        "a misspelt action, with the right one",
        "is no action of IAM; write sqs:SendMessage",
        role_policy(allow("sqs:SendMesage", QUEUE)),
    ),
    fails(
        "iam-known-action",
        "an operation that is authorised as others",
        "is an operation of the API, but no action of IAM; write dynamodb:PutItem",
        role_policy(allow("dynamodb:TransactWriteItems", TABLE)),
    ),
    fails(
        "iam-known-action",
        "an unknown service",
        "is of the service 'sqz'",
        role_policy(allow("sqz:SendMessage", QUEUE)),
    ),
    fails(
        "iam-known-action",
        "a misspelt action in a Deny",
        "sqs:Send",
        role_policy({"Effect": "Deny", "Action": "sqs:Send", "Resource": "*"}),
    ),
    passes(
        "iam-known-condition-key",
        "a key of the action",
        role_policy(
            allow(
                "events:PutEvents",
                arn("events", "event-bus/orders"),
                Condition={"StringEquals": {"events:source": "orders", "aws:PrincipalTag/a": "b"}},
            )
        ),
    ),
    fails(
        "iam-known-condition-key",
        "a misspelt key",
        "events:PutEvents: does not know the condition key events:sorce",
        role_policy(
            allow(
                "events:PutEvents",
                arn("events", "event-bus/orders"),
                Condition={"StringEquals": {"events:sorce": "orders"}},
            )
        ),
    ),
    passes(
        "iam-no-not-elements",
        "a Deny of all else",
        role_policy({"Effect": "Deny", "NotAction": "sqs:*", "NotResource": QUEUE}),
    ),
    fails(
        "iam-no-not-elements",
        "Allow of all else",
        ["Allow with NotAction, which grants", "Allow with NotResource, which grants"],
        role_policy({"Effect": "Allow", "NotAction": "iam:*", "NotResource": QUEUE}),
    ),
    fails(
        "iam-no-not-elements",
        "a queue for all but one",
        "statement 1: uses Allow with NotPrincipal, which grants all that it does not name; use Principal",
        given(
            "aws:sqs/queuePolicy:QueuePolicy",
            policy=document(
                {
                    "Effect": "Allow",
                    "NotPrincipal": {"AWS": "1"},
                    "Action": "sqs:*",
                    "Resource": "*",
                }
            ),
        ),
    ),
    passes(
        "iam-passrole-scoped",
        "a role to a service",
        role_policy(allow("iam:PassRole", ROLE, Condition=PASSED)),
    ),
    fails(
        "iam-passrole-scoped",
        "a role to anybody",
        "role/task: lets a role be passed to any service; name the role's ARN, and its service",
        role_policy(allow("iam:PassRole", ROLE)),
    ),
    fails(
        "iam-passrole-scoped",
        "roles by the beginning of their name",
        "lets every matching role be passed",
        role_policy(allow("iam:PassRole", f"{ROLE}-*", Condition=PASSED)),
    ),
    fails(
        "iam-passrole-scoped",
        "a role and those whose names begin so, to anybody",
        [
            "role/task, arn:aws:iam::123456789012:role/task-*: lets a role be passed to any service; name",
            'role/task-*: lets every matching role be passed; name the role\'s ARN, and its service in the condition {"StringEquals": {"iam:PassedToService": "<service>.amazonaws.com"}}.',
        ],
        role_policy(allow("iam:PassRole", [ROLE, f"{ROLE}-*"])),
    ),
    passes(
        "iam-no-permissions-management",
        "what the log of a state machine needs",
        role_policy(allow("logs:PutResourcePolicy", "*"), allow("iam:PassRole", ROLE)),
    ),
    fails(
        "iam-no-permissions-management",
        "opening queues to others",
        "sqs:AddPermission on arn:aws:sqs:eu-west-1:123456789012:orders, arn:aws:sqs:eu-west-1:123456789012:failed: changes permissions; "
        "leave that to the role that deploys the stack.",
        role_policy(allow("sqs:AddPermission", [QUEUE, arn("sqs", "failed")])),
    ),
    fails(
        "iam-no-permissions-management",
        "a wildcard that covers it, and an allowed action that is no longer allowed",
        ["changes permissions through sqs:AddPermission;", "logs:PutResourcePolicy"],
        role_policy(allow("sqs:Add*", QUEUE), allow("logs:PutResourcePolicy", "*")),
        allowed=[],
    ),
    passes(
        "iam-no-create-log-group",
        "writing to a declared group",
        role_policy(allow(["logs:CreateLogStream", "logs:PutLogEvents"], GROUP)),
    ),
    fails(
        "iam-no-create-log-group",
        "making groups",
        "statement 1: logs:CreateLogGroup: allows logs:CreateLogGroup, and a group made at run time keeps its logs for ever; "
        "declare the group with its retention; logs:CreateLogStream and logs:PutLogEvents on it suffice.",
        role_policy(allow(["logs:PutLogEvents", "logs:CreateLogGroup"], GROUP)),
    ),
    fails(
        "iam-no-create-log-group",
        "through a wildcard",
        "logs:Create*",
        role_policy(allow("logs:Create*", GROUP)),
    ),
    passes(
        "iam-no-admin",
        "a policy of one's own, whatever its name",
        given(
            "aws:iam/role:Role",
            managedPolicyArns=["arn:aws:iam::123456789012:policy/OrdersFullAccess"],
        ),
    ),
    passes(
        "iam-no-permissions-management",
        "what is allowed, in another case",
        role_policy(allow("Logs:putresourcepolicy", "*")),
    ),
    passes(
        "iam-no-permissions-management",
        "a login to a database",
        role_policy(allow("rds-db:connect", arn("rds-db", "dbuser:db-ABC/app"))),
    ),
    passes(
        "iam-no-permissions-management",
        "the owner of copies",
        role_policy(allow("s3:ObjectOwnerOverrideToBucketOwner", "arn:aws:s3:::copies/*")),
    ),
    passes(
        "iam-known-action",
        "services that few stacks use",
        role_policy(
            allow(
                [
                    "appsync:GraphQL",
                    "textract:DetectDocumentText",
                    "batch:SubmitJob",
                    "iot:Publish",
                    "geo:SearchPlaceIndexForText",
                ],
                "*",
            ),
            {"Effect": "Deny", "Action": "organizations:*", "Resource": "*"},
        ),
    ),
    fails(
        "iam-known-action",
        "a service by a wrong name",
        "is of the service 'dynamodbb', which the pack's action table does not hold; correct the name, perhaps to dynamodb",
        role_policy(allow("dynamodbb:GetItem", TABLE)),
    ),
    fails(
        "iam-known-action",
        "one operation of several actions",
        "write dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem or dynamodb:ConditionCheckItem",
        role_policy(allow("dynamodb:TransactWriteItems", TABLE)),
    ),
    fails(
        "iam-resource-scoped",
        "an action of a service that few stacks use",
        "write the ARN: arn:${Partition}:appsync",
        role_policy(allow("appsync:GraphQL", "*")),
    ),
    fails(
        "iam-resource-scoped",
        "a condition that nothing meets",
        "is allowed on every resource",
        role_policy(allow("kms:Decrypt", "*", Condition={"StringEquals": {"kms:ViaService": []}})),
    ),
    passes(
        "iam-arn-matches-action",
        "a name that AWS publishes as a wildcard",
        role_policy(allow("dms:StartReplicationTask", arn("dms", "task:ABC"))),
    ),
    passes(
        "iam-arn-matches-action",
        "a recovery point of another service",
        role_policy(allow("backup:StartCopyJob", arn("backup", "recovery-point:1"))),
    ),
    passes(
        "iam-arn-pinned",
        "other partitions",
        role_policy(
            allow("sqs:SendMessage", "arn:aws-cn:sqs:cn-north-1:123456789012:orders"),
            allow("s3:GetObject", "arn:aws-us-gov:s3:::lake/*"),
        ),
    ),
    fails(
        "iam-arn-pinned",
        "every table of another partition",
        "leaves open which resource is meant",
        role_policy(
            allow("dynamodb:GetItem", "arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/*")
        ),
    ),
    passes(
        "iam-arn-pinned",
        "an interface that a build makes in a named subnet",
        role_policy(
            allow(
                "ec2:CreateNetworkInterfacePermission",
                arn("ec2", "network-interface/*"),
                Condition={"ArnEquals": {"ec2:Subnet": arn("ec2", "subnet/subnet-1")}},
            )
        ),
    ),
    passes(
        "iam-arn-pinned",
        "a variable that IAM fills in",
        role_policy(
            allow("s3:GetObject", "arn:aws:s3:::lake/${aws:username}/*"),
            allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:orders"),
        ),
    ),
    fails(
        "iam-arn-pinned",
        "whichever region is requested",
        "leaves open which resource is meant",
        role_policy(
            allow("sqs:SendMessage", "arn:aws:sqs:${aws:RequestedRegion}:123456789012:orders")
        ),
    ),
    passes(
        "iam-arn-whole-name",
        "characters that are no wildcards",
        role_policy(allow("s3:GetObject", "arn:aws:s3:::lake${*}/x${?}")),
    ),
    fails(
        "iam-arn-whole-name",
        "a wildcard after a variable",
        "allows every resource whose name begins so",
        role_policy(allow("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/team}*/x")),
    ),
    passes(
        "iam-arn-whole-name",
        "an API destination, which has an id after its name",
        role_policy(allow("events:InvokeApiDestination", arn("events", "api-destination/d/*"))),
    ),
    passes(
        "iam-arn-whole-name",
        "the paths of a domain",
        role_policy(allow("es:ESHttpPost", arn("es", "domain/orders/*"))),
    ),
    passes(
        "iam-arn-matches-action",
        "objects behind an access point of several regions",
        role_policy(
            allow("s3:GetObject", "arn:aws:s3::123456789012:accesspoint/orders.mrap/object/*")
        ),
    ),
    passes("iam-no-not-elements", "text messages, which go to no topic", role_policy(TEXTS)),
    passes(
        "iam-no-not-elements",
        "text messages, and a topic",
        role_policy(
            TEXTS | {"NotResource": [EVERY_TOPIC, QUEUE]},
            allow("sns:Publish", arn("sns", "orders")),
        ),
    ),
    fails(
        "iam-no-not-elements",
        "text messages, and the topics of other regions, of other accounts, and all but one",
        [
            'use Resource and name what is needed; for text messages, which go to no topic, write "NotResource": "arn:aws:sns:*:*:*" instead',
            "statement 2:",
            "statement 3: uses Allow with NotResource, which grants all that it does not name; use Resource and name what is needed; for text",
        ],
        role_policy(
            TEXTS | {"NotResource": "arn:aws:sns:eu-west-1:*:*"},
            TEXTS | {"NotResource": "arn:aws:sns:*:123456789012:*"},
            TEXTS | {"Action": "SNS:Publish", "NotResource": arn("sns", "orders")},
        ),
    ),
    fails(
        "iam-no-not-elements",
        "text messages, and more of the service, or of another one, or nothing at all",
        [
            "statement 1:",
            "statement 2: uses Allow with NotResource, which grants all that it does not name; use Resource and name what is needed; for text",
            "statement 3: uses Allow with NotResource, which grants all that it does not name; use Resource and name what is needed.",
            "statement 4:",
            "statement 5:",
        ],
        role_policy(
            TEXTS | {"Action": ["sns:Publish", "sns:Subscribe"]},
            TEXTS | {"Action": ["sqs:SendMessage", "sns:Publish"]},
            TEXTS | {"Action": "sqs:SendMessage"},
            TEXTS | {"Action": "sns:PublishSomehow"},
            TEXTS | {"Action": "sns:*"},
        ),
    ),
    passes(
        "iam-resource-scoped",
        "text messages, when nothing may be published to any topic",
        role_policy(
            allow("sns:Publish", "*"),
            {"Effect": "Deny", "Action": "sns:Publish", "Resource": EVERY_TOPIC},
        ),
    ),
    fails(
        "iam-resource-scoped",
        "text messages, and every topic",
        "write the ARN: arn:${Partition}:sns:${Region}:${Account}:${TopicName}; for text messages, which go to no topic, "
        'write "NotResource": "arn:aws:sns:*:*:*" instead of Resource.',
        role_policy(allow("sns:Publish", "*")),
    ),
    fails(
        "iam-resource-scoped",
        "a Deny of topics that leaves some, or is not always one, or is about subscribing",
        ["sns:Publish on *"] * 3,
        *(
            role_policy(allow("sns:Publish", "*"), {"Effect": "Deny", **denied})
            for denied in (
                {"Action": "sns:Publish", "Resource": "arn:aws:sns:eu-west-1:*:*"},
                {"Action": "sns:Subscribe", "Resource": EVERY_TOPIC},
                {
                    "Action": "sns:Publish",
                    "Resource": EVERY_TOPIC,
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            )
        ),
    ),
    fails(
        "iam-resource-scoped",
        "an action of several services, one of which sends text messages",
        "${TopicName} or arn:${Partition}:iot:${Region}:${Account}:topic/${TopicName}.",
        role_policy(allow("*:Publish", "*")),
    ),
    fails(
        "iam-resource-scoped",
        "what can be done to topics only",
        "write the ARN: arn:${Partition}:sns:${Region}:${Account}:${TopicName}.",
        role_policy(allow("sns:Subscribe", "*")),
    ),
    fails(
        "iam-no-not-elements",
        "a topic for all but one",
        "use Principal and name what is needed.",
        given(
            "aws:sns/topicPolicy:TopicPolicy",
            policy=document(
                {
                    "Effect": "Allow",
                    "NotPrincipal": {"AWS": "1"},
                    "Action": "sns:Publish",
                    "Resource": "*",
                }
            ),
        ),
    ),
    fails(
        "iam-resource-scoped",
        "more than text messages, when nothing may be published to any topic",
        "sns:* on *: is allowed on every resource, although sns:AddPermission,",
        role_policy(
            allow("sns:*", "*"),
            {"Effect": "Deny", "Action": "sns:Publish", "Resource": EVERY_TOPIC},
        ),
    ),
    passes("iam-arn-pinned", "the queues of Airflow", role_policy(allow(OF_AIRFLOW, CELERY))),
    passes("iam-arn-whole-name", "the queues of Airflow", role_policy(allow(OF_AIRFLOW, CELERY))),
    passes(
        "iam-arn-whole-name",
        "the queues of Airflow in one account of AWS's",
        role_policy(allow(OF_AIRFLOW, CELERY.replace(":*:", ":123456789012:"))),
    ),
    passes(
        "iam-no-not-elements",
        "keys of the accounts in which Airflow has its queues",
        role_policy(KEYS_OF_OTHERS | {"Condition": THROUGH_SQS}),
    ),
    fails(
        "iam-arn-pinned",
        "more than the queues of Airflow",
        [
            "sqs:PurgeQueue on arn:aws:sqs:eu-west-1:*:airflow-celery-*: leaves open which resource is meant, in any account",
            "sqs:* on arn:aws:sqs:eu-west-1:*:airflow-celery-*",
            "sqs:SendMessage on arn:aws:sqs:*:*:airflow-celery-*",
            "sqs:SendMessage on arn:aws:sqs:eu-west-1:*:airflow-*",
        ],
        role_policy(allow("sqs:PurgeQueue", CELERY)),
        role_policy(allow("sqs:*", CELERY)),
        role_policy(allow("sqs:SendMessage", CELERY.replace("eu-west-1", "*"))),
        role_policy(allow("sqs:SendMessage", CELERY.replace("celery-", ""))),
    ),
    fails(
        "iam-no-not-elements",
        "text messages, by all but one",
        "uses Allow with NotPrincipal,",
        given(
            "aws:sns/topicPolicy:TopicPolicy",
            policy=document(TEXTS | {"NotPrincipal": {"AWS": "1"}}),
        ),
    ),
    fails(
        "iam-no-not-elements",
        "keys of other accounts, however they are used, or a grant of them",
        ["Allow with NotResource"] * 5,
        role_policy(KEYS_OF_OTHERS),
        role_policy(
            KEYS_OF_OTHERS | {"Condition": {"StringEquals": {"aws:ResourceTag/team": "orders"}}}
        ),
        role_policy(KEYS_OF_OTHERS | {"Action": "sqs:SendMessage", "Condition": THROUGH_SQS}),
        role_policy(KEYS_OF_OTHERS | {"Action": "kms:CreateGrant", "Condition": THROUGH_SQS}),
        role_policy(KEYS_OF_OTHERS | {"Action": "kms:*", "Condition": THROUGH_SQS}),
    ),
    passes(
        "iam-known-condition-key",
        "a tag with a colon in its name",
        role_policy(
            allow(
                "sqs:SendMessage",
                arn("sqs", "orders"),
                Condition={"StringEquals": {"aws:PrincipalTag/cost:center": "1"}},
            )
        ),
    ),
    fails(
        "iam-known-action",
        "an action with two colons",
        "sqs:Send:Message: is no action of IAM",
        role_policy(allow("sqs:Send:Message", arn("sqs", "orders"))),
    ),
)
