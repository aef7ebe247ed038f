"""What stacks of other teams declare: instances, pipelines, clusters, data lakes, and who deploys them."""

from typing import Any

from policy.guardrails.aws import (
    BUCKET,
    BUCKET_POLICY,
    FUNCTION,
    KMS_KEY,
    LOG_GROUP,
    MANAGED_POLICY,
    PERMISSION,
    QUEUE,
    REDRIVE_POLICY,
    ROLE,
    ROLE_ATTACHMENT,
    ROLE_POLICY,
    TASK_DEFINITION,
    TOPIC_POLICY,
)
from policy.guardrails.policy_properties import LOG_RESOURCE_POLICY
from tests.policy.examples import Example, fails, passes
from tests.policy.given import (
    ACCOUNT,
    REGION,
    UNKNOWN,
    Given,
    allow,
    arn,
    document,
    given,
    role_policy,
)

PINNED, SCOPED, DEAD = "iam-arn-pinned", "iam-resource-scoped", "iam-arn-matches-action"
CHANGES, TRUST, NARROW = (
    "iam-no-permissions-management",
    "iam-trust-narrow",
    "resource-policy-narrow",
)
ESCALATION, SHARED, LOGGED = (
    "iam-no-privilege-escalation",
    "iam-role-not-shared",
    "log-group-declared",
)
GITHUB = "token.actions.githubusercontent.com"
WEB, SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
OTHER = "arn:aws:iam::999999999999:root"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/app-boundary"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"


def _when(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def _role(principal: object, action: object = "sts:AssumeRole", **more: Any) -> Given:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return given(ROLE, "role", name="app", assumeRolePolicy=document(statement))


def _service(*names: str) -> Given:
    return _role({"Service": [f"{name}.amazonaws.com" for name in names]})


def _provider(of: str) -> dict[str, str]:
    return {"Federated": f"arn:aws:iam::{ACCOUNT}:{of}"}


def _github(subject: str) -> Given:
    condition = _when("StringLike", f"{GITHUB}:sub", subject)
    return _role(_provider(f"oidc-provider/{GITHUB}"), WEB, **condition)


def _pod() -> Given:
    return _role(_provider(f"oidc-provider/oidc.eks.{REGION}.amazonaws.com/id/A"), WEB)


def _launching(role: str) -> Given:
    passing = allow(
        "iam:PassRole", role, **_when("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")
    )
    return _policy(passing, allow(EC2, NEW))


def _for(principal: object, action: object, resource: object, **more: Any) -> dict[str, Any]:
    return {"Principal": principal, **allow(action, resource, **more)}


def _policy(*statements: dict[str, Any]) -> Given:
    return given(ROLE_POLICY, "policy", role="app", policy=document(*statements))


def _key(*statements: dict[str, Any]) -> Given:
    whole = _for({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", "*")
    return given(KMS_KEY, policy=document(whole, *statements))


def _bucket_policy(*statements: dict[str, Any]) -> Given:
    return given(BUCKET_POLICY, bucket="b", policy=document(*statements))


def _boundary(name: str) -> Given:
    return given(
        MANAGED_POLICY, "limits", name=name, policy=document(allow(["s3:*", "logs:*"], "*"))
    )


def _attached(policy: object) -> Given:
    return given(ROLE_ATTACHMENT, "attachment", role="app", policyArn=policy)


def _is_shared(type_: str, **inputs: Any) -> Example:
    other = given(FUNCTION, "other", role=ROLE_ARN)
    return fails(
        SHARED,
        f"a function and {type_}",
        "is used by it, other",
        _service("lambda"),
        other,
        given(type_, **inputs),
    )


def _logs_to(type_: str, group: str, **inputs: Any) -> tuple[Example, Example]:
    declared = given(LOG_GROUP, "logs", name=group, retentionInDays=30)
    producer = given(type_, **inputs)
    return (
        passes(LOGGED, f"{type_} and its group", producer, declared),
        fails(LOGGED, f"{type_} without", f"{group}, which the stack does not declare", producer),
    )


EC2, NEW = "ec2:RunInstances", arn("ec2", "instance/*")
GROUP = arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/web")
CREATING = _when("StringEquals", "ec2:CreateAction", "RunInstances")
FOR_AWS = _when("Bool", "kms:GrantIsForAWSResource", True)
LOG_DELIVERY = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
DEPLOYING = _policy(allow("lambda:UpdateFunctionCode", arn("lambda", "function:web")))

EXAMPLES = (
    passes(PINNED, "what is being made has no id yet", role_policy(allow(EC2, [NEW, arn("ec2", "volume/*")]))),
    passes(PINNED, "tags of what is being made", role_policy(allow("ec2:CreateTags", NEW, **CREATING))),
    passes(PINNED, "what a call has begun", role_policy(allow("batch:TerminateJob", arn("batch", "job/*")), allow("route53:GetChange", "arn:aws:route53:::change/*"))),
    *(
        passes(rule, f"what only the guides of AWS limit, on {where}", role_policy(allow("dynamodb:ListStreams", stream), allow("kafka:GetBootstrapBrokers", cluster)))
        for rule in (SCOPED, PINNED, DEAD)
        for where, stream, cluster in (("it", arn("dynamodb", "table/orders/stream/*"), arn("kafka", "cluster/orders/0f8e-1")), ("all", "*", "*"))
    ),
    fails(DEAD, "what the guides of AWS limit to something else", "kafka:GetBootstrapBrokers", role_policy(allow("kafka:GetBootstrapBrokers", arn("kafka", "topic/orders/0f8e-1/all")))),
    passes(PINNED, "a group by its name, behind an id of AWS's", role_policy(allow("autoscaling:SetDesiredCapacity", GROUP))),
    fails(PINNED, "what exists", "write the whole name, region and account: arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}, or ask for its aws:ResourceTag/<key> in a condition.", role_policy(allow(["ec2:TerminateInstances", "ec2:CreateTags"], NEW))),
    fails(PINNED, "what has an id, and no tags that a condition could ask for", "hostedzone/*: leaves open which resource is meant; write the whole name, region and account: arn:${Partition}:route53:::hostedzone/${Id}.", role_policy(allow("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/*"))),
    fails(SCOPED, "what has an id, and what has a name", "apis/${ApiId} or arn:${Partition}:appsync:${Region}:${Account}:domainnames/${DomainName}.", role_policy(allow("appsync:GetApi*", "*"))),
    fails(PINNED, "what is being made, anywhere", "ec2:RunInstances on arn:aws:ec2:*:*:instance/*: leaves open which resource is meant, in any region and account; write", role_policy(allow(EC2, "arn:aws:ec2:*:*:instance/*"))),
    fails(PINNED, "what it is made from", "leaves open which resource is meant", role_policy(allow(EC2, arn("ec2", "subnet/*")))),
    fails(PINNED, "all that a call has begun and more", "route53:GetChange on arn:aws:route53:::*", role_policy(allow("route53:GetChange", "arn:aws:route53:::*"))),
    fails(PINNED, "any group", "leaves open which resource is meant", role_policy(allow("autoscaling:SetDesiredCapacity", f"{GROUP[:-3]}*"))),
    passes(SCOPED, "what the call may do without", role_policy(allow(["polly:SynthesizeSpeech", "translate:TranslateText", "rds:DescribeDBInstances"], "*"))),
    fails(DEAD, "a statement that allows nothing, of actions and resources that others have", "statement 2: s3:PutObject on arn:aws:s3:::b: grants nothing", role_policy(allow(["s3:PutObject", "s3:ListBucket"], ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]), allow("s3:PutObject", "arn:aws:s3:::b"))),
    fails(DEAD, "objects of a bucket by the bucket's ARN", "statement 1: s3:GetObject on arn:aws:s3:::b: grants nothing", _bucket_policy(_for({"AWS": ROLE_ARN}, "s3:GetObject", "arn:aws:s3:::b"))),
    passes(DEAD, "stages of an API by what its policy calls them", given("aws:apigateway/restApiPolicy:RestApiPolicy", policy=document(_for("*", "execute-api:Invoke", "execute-api:/*")))),
    passes(DEAD, "a namespace, whose actions are published without it", given("aws:redshift/resourcePolicy:ResourcePolicy", policy=document(_for({"AWS": OTHER}, "redshift:CreateInboundIntegration", arn("redshift", "namespace:n"))))),
    passes(DEAD, "a parameter that AWS keeps for everybody", role_policy(allow("ssm:GetParameter", f"arn:aws:ssm:{REGION}::parameter/aws/service/eks/optimized-ami"))),
    fails(DEAD, "an index by the ARN of a stream, which no name of a table can hold", "dynamodb:Query on arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*: grants nothing", role_policy(allow("dynamodb:Query", arn("dynamodb", "table/orders/stream/*")))),
    passes(DEAD, "an index by a part of its name", role_policy(allow("dynamodb:Query", arn("dynamodb", "table/orders/i*/by-*")))),
    fails(DEAD, "a parameter of nobody", "ssm:GetParameter on arn:aws:ssm:eu-west-1::parameter/app: grants nothing", role_policy(allow("ssm:GetParameter", f"arn:aws:ssm:{REGION}::parameter/app"))),
    *(
        fails(DEAD, f"a place that is none: {shows}", f"{resource}: grants nothing, because {why}", role_policy(allow("sqs:SendMessage", resource)))
        for shows, resource, why in (
            ("no region", f"arn:aws:sqs:euwest1:{ACCOUNT}:q", "'euwest1' is no region; write arn:${Partition}:sqs"),
            ("no account", f"arn:aws:sqs:{REGION}:ACCOUNT_ID:q", "'ACCOUNT_ID' is no account"),
            ("a placeholder", "arn:aws:sqs:{region}:{account}:q", "'{region}' is no region"),
        )
    ),
    passes(DEAD, "places of other partitions, and those that IAM fills in", role_policy(allow("sqs:SendMessage", ["arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q", "arn:aws:sqs:${aws:RequestedRegion}:${aws:PrincipalAccount}:q"]))),
    fails(DEAD, "a variable in a policy of the former version", "because policies know variables only from the Version 2012-10-17 on, which is to be set", given(ROLE_POLICY, policy={"Statement": [allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")]})),
    passes("lambda-permission-scoped", "one skill", given(PERMISSION, action="lambda:InvokeFunction", principal="alexa-appkit.amazon.com", eventSourceToken="amzn1.ask.skill.1")),
    fails("lambda-permission-scoped", "every skill", "set eventSourceToken", given(PERMISSION, action="lambda:InvokeFunction", principal="alexa-appkit.amazon.com")),
    fails("iam-known-action", "in a resource policy", "s3:ReadObject: is no action of IAM", _bucket_policy(_for({"AWS": ROLE_ARN}, "s3:ReadObject", "arn:aws:s3:::b/*"))),
    passes("iam-known-action", "what topics once knew", given(TOPIC_POLICY, policy=document(_for({"AWS": ROLE_ARN}, "SNS:Receive", arn("sns", "t"))))),
    fails("iam-no-create-log-group", "a service", "allows logs:CreateLogGroup", given(LOG_RESOURCE_POLICY, policyDocument=document(_for({"Service": "es.amazonaws.com"}, ["logs:CreateLogGroup", "logs:PutLogEvents"], arn("logs", "log-group:/es:*"))))),
    fails("iam-known-condition-key", "a pattern that is compared as it is", "asks for s3:prefix to be exactly home/*, as StringEquals knows no wildcards; write StringLike", role_policy(allow("s3:ListBucket", "arn:aws:s3:::b", **_when("StringEquals", "s3:prefix", ["", "home/*"])))),
    fails("iam-known-condition-key", "a subject that nobody has", "to be exactly repo:acme/web:*", _role(_provider(f"oidc-provider/{GITHUB}"), WEB, **_when("StringEquals", f"{GITHUB}:sub", "repo:acme/web:*"))),
    passes("iam-known-condition-key", "a pattern as such, and a star that stands for itself", role_policy(allow("s3:ListBucket", "arn:aws:s3:::b", **_when("StringLike", "s3:prefix", "home/*")), allow("s3:ListBucket", "arn:aws:s3:::b", **_when("StringEquals", "s3:prefix", "${*}")))),
    passes("iam-passrole-scoped", "two roles by name", role_policy(allow("iam:PassRole", [ROLE_ARN, f"{ROLE_ARN}-2"], **_when("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com")))),
    fails("iam-passrole-scoped", "every role to one service", "iam:PassRole on *: lets every matching role be passed", role_policy(allow("iam:PassRole", "*", **_when("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com")))),
    passes(CHANGES, "grants that AWS needs for what is encrypted", role_policy(allow("kms:CreateGrant", arn("kms", "key/k"), **FOR_AWS))),
    passes(CHANGES, "grants that AWS needs, through one service", role_policy(allow("kms:CreateGrant", arn("kms", "key/k"), Condition=_when("StringEquals", "kms:ViaService", "ec2.eu-west-1.amazonaws.com")["Condition"] | FOR_AWS["Condition"]))),
    fails(CHANGES, "grants for anybody", 'leave that to the role that deploys the stack, or let only services of AWS ask for it: {"Bool": {"kms:GrantIsForAWSResource": "true"}}.', role_policy(allow("kms:CreateGrant", arn("kms", "key/k")))),
    fails(CHANGES, "grants for all but AWS", "kms:CreateGrant on", role_policy(allow("kms:CreateGrant", arn("kms", "key/k"), **_when("Bool", "kms:GrantIsForAWSResource", "false")))),
    fails(CHANGES, "a change of who may use a key, under a condition on grants", "kms:PutKeyPolicy on", role_policy(allow(["kms:CreateGrant", "kms:PutKeyPolicy"], arn("kms", "key/k"), **FOR_AWS))),
    passes(CHANGES, "the role that a service brings along", role_policy(allow("iam:CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/*", **_when("StringEquals", "iam:AWSServiceName", "ecs.amazonaws.com")))),
    fails(CHANGES, "the role of any service", 'leave that to the role that deploys the stack, or name the service in the condition {"StringEquals": {"iam:AWSServiceName": "<service>.amazonaws.com"}}.', role_policy(allow("iam:CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/*"))),
    fails(CHANGES, "the role of any service, among other things", "iam:CreateServiceLinkedRole, iam:CreateServiceSpecificCredential; leave that to the role that deploys the stack, or name the service in the condition", role_policy(allow("iam:CreateS*", "*"))),
    # boundaries
    *(passes(rule, "a boundary, which grants nothing", _boundary("app-boundary")) for rule in ("iam-no-service-wildcard", SCOPED, "iam-no-create-log-group")),
    fails("iam-no-service-wildcard", "the same under another name", ["s3:*: allows", "logs:*: allows"], _boundary("app-limits")),
    fails("iam-known-action", "an action that a boundary invents", "s3:Nothing: is no action", given(MANAGED_POLICY, "boundary", policy=document(allow("s3:Nothing", "*")))),
    passes("iam-boundary-only-bounds", "a boundary as such, and a policy that is attached", _boundary("app-boundary"), given(ROLE, "role", name="app", permissionsBoundary=BOUNDARY), _attached(f"arn:aws:iam::{ACCOUNT}:policy/app"), _attached("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine")),
    fails("iam-boundary-only-bounds", "a boundary that is attached", "grants limits, whose name says that it is a boundary", _boundary("app-boundary"), _attached(UNKNOWN).taking("policyArn", _boundary("app-boundary"))),
    *(
        fails("iam-boundary-only-bounds", f"one in {property_} of a permission set", "grants app-boundary, whose name says", given(f"aws:ssoadmin/{type_[0].lower()}{type_[1:]}:{type_}", **{property_: reference}))
        for type_, property_, reference in (
            ("CustomerManagedPolicyAttachment", "customerManagedPolicyReference", {"name": "app-boundary"}),
            ("CustomerManagedPolicyAttachmentsExclusive", "customerManagedPolicyReferences", [{"name": "app"}, {"name": "app-boundary"}]),
        )
    ),
    fails("iam-boundary-only-bounds", "one of another stack", f"grants {BOUNDARY}", given(ROLE, "role", name="app", managedPolicyArns=[BOUNDARY])),
    # trust
    passes(TRUST, "an environment of Airflow", _service("airflow", "airflow-env")),
    passes(TRUST, "Redshift with and without a cluster", _service("redshift", "redshift-serverless")),
    passes(TRUST, "branches of one repository", _github("repo:acme/web:ref:refs/heads/*")),
    fails(TRUST, "owners whose name begins so", "lets everybody whom", _github("repo:acme*")),
    fails(TRUST, "any repository with such a branch", "lets everybody whom", _github("*:ref:refs/heads/main")),
    passes(TRUST, "some of an account", _role({"AWS": OTHER}, **_when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::999999999999:role/ci-*"))),
    fails(TRUST, "every role of an account", f"lets everybody in {OTHER} assume", _role({"AWS": OTHER}, **_when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::999999999999:role/*"))),
    passes(TRUST, "users of a directory", _role(_provider("saml-provider/okta"), [SAML, "sts:TagSession"], **_when("StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml"))),
    fails(TRUST, "users of a directory, as if they were of AWS", f"sts:AssumeRole: lets arn:aws:iam::{ACCOUNT}:saml-provider/okta assume the role in a way that it cannot; write {SAML}", _role(_provider("saml-provider/okta"), **_when("StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml"))),
    fails(TRUST, "a service, as if it came from elsewhere", "in a way that it cannot; write sts:AssumeRole", _role({"Service": "lambda.amazonaws.com"}, WEB)),
    # what a pipeline may do, and a workload may not
    passes(ESCALATION, "who deploys a function that it names", _github("repo:acme/web:*"), DEPLOYING),
    passes(ESCALATION, "a pipeline that does", _service("codebuild"), DEPLOYING),
    fails(ESCALATION, "who deploys any function", "may do lambda:UpdateFunctionCode", _github("repo:acme/web:*"), _policy(allow("lambda:UpdateFunctionCode", arn("lambda", "function:*")))),
    fails(ESCALATION, "who deploys any function but one", "may do lambda:UpdateFunctionCode", _github("repo:acme/web:*"), _policy({"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "NotResource": arn("lambda", "function:web")})),
    fails(ESCALATION, "a function that changes another", "may do lambda:UpdateFunctionCode", _service("lambda"), DEPLOYING),
    fails(ESCALATION, "a pod that does", "may do lambda:UpdateFunctionCode", _pod(), DEPLOYING),
    passes(ESCALATION, "a pod that starts instances with the role that it names", _pod(), _launching(ROLE_ARN)),
    fails(ESCALATION, "a pod that starts them with any role", "may do iam:PassRole and ec2:RunInstances", _pod(), _launching(f"{ROLE_ARN}*")),
    # resource policies
    passes(NARROW, "logs of one account's balancers", _bucket_policy(_for(LOG_DELIVERY, "s3:PutObject", f"arn:aws:s3:::b/web/AWSLogs/{ACCOUNT}/*"))),
    fails(NARROW, "logs of anybody's balancers", "on behalf of any account", _bucket_policy(_for(LOG_DELIVERY, "s3:PutObject", "arn:aws:s3:::b/AWSLogs/*"))),
    passes(NARROW, "whoever is in the network of a file system", given("aws:efs/fileSystemPolicy:FileSystemPolicy", policy=document(_for({"AWS": "*"}, "elasticfilesystem:ClientMount", "*", **_when("Bool", "elasticfilesystem:AccessedViaMountTarget", "true"))))),
    passes(NARROW, "a key that its account and a service use", _key(_for({"AWS": OTHER}, ["kms:Decrypt"], "*"))),
    fails(NARROW, "a key that two accounts administer", [f"lets {OTHER} do everything with the key", f"{ACCOUNT}:root do everything"], _key(_for({"AWS": OTHER}, "kms:*", "*"))),
    fails(NARROW, "a key that a service administers", "lets sns.amazonaws.com do everything with the key", _key(_for({"Service": "sns.amazonaws.com"}, "kms:*", "*", **_when("StringEquals", "aws:SourceAccount", ACCOUNT)))),
    # queues whose redrive policy waits for the ARN of another
    *(
        example
        for dead in (given(QUEUE, "dead", name="dead"),)
        for source in (given(QUEUE, "inbox", redrivePolicy=UNKNOWN).taking("redrivePolicy", dead),)
        for example in (
            fails("dlq-alarmed", "a queue that takes failures as soon as it has an ARN", "holds failures that nobody is told of", dead, source),
            fails("sqs-has-dlq", "another queue beside them", "hands out a message", dead, given(QUEUE, "other"), given(REDRIVE_POLICY, queueUrl="inbox", redrivePolicy=UNKNOWN).taking("redrivePolicy", dead)),
        )
    ),
    # roles and logs
    fails(SHARED, "a task that runs as what starts it", "is used by web as taskRoleArn, web as executionRoleArn, so", _service("ecs-tasks"), given(TASK_DEFINITION, "web", taskRoleArn=ROLE_ARN, executionRoleArn=ROLE_ARN)),
    fails(SHARED, "a service that runs as what pulls its image", "is used by web as sourceConfiguration", _service("tasks.apprunner"), given("aws:apprunner/service:Service", "web", sourceConfiguration={"authenticationConfiguration": {"accessRoleArn": ROLE_ARN}}, instanceConfiguration={"instanceRoleArn": ROLE_ARN})),
    passes(SHARED, "a rule that does two things", _service("iot"), given("aws:iot/topicRule:TopicRule", sqs=[{"roleArn": ROLE_ARN}], s3=[{"roleArn": ROLE_ARN}])),
    _is_shared("aws:rds/proxy:Proxy", roleArn=ROLE_ARN),
    _is_shared("aws:eks/cluster:Cluster", roleArn=ROLE_ARN),
    _is_shared("aws:iot/topicRule:TopicRule", s3=[{"roleArn": "arn:aws:iam::1:role/x"}, {"roleArn": ROLE_ARN}]),
    _is_shared("aws:redshift/cluster:Cluster", iamRoles=[ROLE_ARN]),
    _is_shared("aws:apprunner/service:Service", instanceConfiguration={"instanceRoleArn": ROLE_ARN}),
    passes(SHARED, "two groups of nodes, and two users of a server", _service("ec2"), *(given("aws:eks/nodeGroup:NodeGroup", name, nodeRoleArn=ROLE_ARN) for name in "ab")),
    passes(SHARED, "what watches the instances of a cluster", _service("monitoring.rds"), *(given("aws:rds/clusterInstance:ClusterInstance", name, monitoringRoleArn=ROLE_ARN) for name in "ab")),
    fails("iam-trust-fits-user", "a cluster with the role of a function", "let eks.amazonaws.com assume it", _service("lambda"), given("aws:eks/cluster:Cluster", roleArn=ROLE_ARN)),
    *_logs_to("aws:sagemaker/endpoint:Endpoint", "/aws/sagemaker/Endpoints/churn", name="churn"),
    *_logs_to("aws:transfer/server:Server", "/sftp", structuredLogDestinations=[arn("logs", "log-group:/sftp")]),
    *_logs_to("aws:mwaa/environment:Environment", "airflow-etl-Task", name="etl", loggingConfiguration={"taskLogs": {"enabled": True}}),
    *_logs_to("aws:iot/topicRule:TopicRule", "/iot", errorAction={"cloudwatchLogs": {"logGroupName": "/iot"}}),
    *_logs_to(TASK_DEFINITION, "/ecs/web", containerDefinitions='[{"name": "web", "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "cloudwatch_logs", "log_group_name": "/ecs/web"}}}]'),
    passes(LOGGED, "queries that go to a bucket", given("aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig", destinationArn="arn:aws:s3:::queries")),
    passes(LOGGED, "a group that is named after an id", given("aws:appsync/graphQLApi:GraphQLApi", "api", logConfig={}), given(LOG_GROUP, name="/aws/appsync/apis/1").taking("name", given("aws:appsync/graphQLApi:GraphQLApi", "api"))),
    # the second tokens of the provider
    fails("s3-protected", "a bucket of the former kind", ["may become public", "does not say how", "forgets", "keeps everything", "does not log"], given("aws:s3/bucketV2:BucketV2", bucket="b")),
    passes("s3-protected", "its settings", given(BUCKET, bucket="b"), given("aws:s3/bucketVersioningV2:BucketVersioningV2", bucket="b", versioningConfiguration={"status": "Enabled"}), given("aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", bucket="b"), given("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket="b", blockPublicAcls=True, blockPublicPolicy=True, ignorePublicAcls=True, restrictPublicBuckets=True), lifecycle=False, accessLog=False),
    fails("stateful-protected", "a bucket of the former kind that is emptied", "would be deleted", given("aws:s3/bucketV2:BucketV2", forceDestroy=True)),
    fails("iam-boundary-only-bounds", "one after a policy of AWS's", f"grants {BOUNDARY}", given(ROLE, "role", name="app", managedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess", BOUNDARY])),
    fails("iam-boundary-only-bounds", "a boundary that is attached by its ARN", "grants limits, whose name says that it is a boundary", _boundary("app-boundary"), _attached(BOUNDARY)),
    fails("iam-arn-matches-action", "a grant that a boundary bounds nothing by", "sqs:SendMessage on", given(MANAGED_POLICY, "boundary", policy=document(allow("sqs:SendMessage", ROLE_ARN)))),
    fails("iam-known-condition-key", "a condition key that a boundary invents", "aws:Nothing", given(MANAGED_POLICY, "boundary", policy=document(allow("sqs:SendMessage", "*", Condition={"StringEquals": {"aws:Nothing": "a"}})))),
    passes("iam-no-service-wildcard", "a boundary by its path", given(MANAGED_POLICY, "limits", path="/boundary/", policy=document(allow("sqs:*", "*")))),
    fails("iam-no-admin", "a policy for administrators, in a folder of AWS's", "is a policy for administrators", given(ROLE_ATTACHMENT, "attachment", role="app", policyArn="arn:aws:iam::aws:policy/job-function/PowerUserAccess")),
    passes("iam-no-admin", "a policy of one's own by such a name, and one of AWS's for readers", _attached(f"arn:aws:iam::{ACCOUNT}:policy/AmazonSQSFullAccess"), given(ROLE_ATTACHMENT, "other", role="app", policyArn="arn:aws:iam::aws:policy/FullAccess/AmazonSQSReadOnlyAccess")),
)  # fmt: skip
