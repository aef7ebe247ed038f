"""Resource policies: who else comes in, and over what."""

from typing import Any

from policy.guardrails.aws import (
    BUCKET,
    BUCKET_POLICY,
    KMS_KEY,
    QUEUE,
    QUEUE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    VPC_ENDPOINT,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, UNKNOWN, Given, allow, arn, document, given

QUEUE_ARN = arn("sqs", "inbox")
URL = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/inbox"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
EVENTS = {"Service": "events.amazonaws.com"}
SNS = {"Service": "sns.amazonaws.com"}
FROM_RULE: dict[str, Any] = {"ArnEquals": {"aws:SourceArn": arn("events", "rule/orders")}}


def _queue_policy(principal: object, action: str = "sqs:SendMessage", **condition: Any) -> Given:
    more = {"Condition": condition} if condition else {}
    statement = allow(action, QUEUE_ARN, Principal=principal, **more)
    return given(QUEUE_POLICY, queueUrl=URL, policy=document(statement))


def _key(principal: object, action: str = "kms:*", **condition: Any) -> Given:
    more = {"Condition": condition} if condition else {}
    return given(KMS_KEY, policy=document(allow(action, "*", Principal=principal, **more)))


def _api(*statements: dict[str, Any]) -> Given:
    return given("aws:apigateway/restApiPolicy:RestApiPolicy", policy=document(*statements))


def _invoke(**more: Any) -> dict[str, Any]:
    return allow("execute-api:Invoke", "execute-api:/*", Principal="*") | more


def _deny(
    key: str = "aws:SecureTransport",
    value: object = "false",
    principal: object = "*",
    action: str = "sqs:*",
    *,
    resource: object = "*",
    operator: str = "Bool",
    **more: Any,
) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": {operator: {key: value}, **more},
    }
    return document(statement)


INBOX = given(QUEUE, "inbox", name="inbox")
WHO = {
    "aws:PrincipalAccount": ACCOUNT,
    "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/orders",
    "aws:PrincipalOrgID": "o-1",
    "aws:PrincipalOrgPaths": "o-1/r-1/*",
    "aws:SourceIp": "192.0.2.0/24",
    "aws:SourceOwner": ACCOUNT,
    "aws:SourceVpc": "vpc-1",
    "aws:SourceVpce": "vpce-1",
    "aws:userid": "AROAEXAMPLE:*",
    "kms:CallerAccount": ACCOUNT,
    "s3:DataAccessPointAccount": ACCOUNT,
}
ON_BEHALF = {
    "aws:SourceAccount": ACCOUNT,
    "aws:SourceArn": arn("events", "rule/orders"),
    "aws:SourceOrgID": "o-1",
    "aws:SourceOrgPaths": "o-1/r-1/*",
}
WHERE = {
    "aws:ResourceAccount": ACCOUNT,
    "aws:ResourceOrgID": "o-1",
    "aws:ResourceOrgPaths": "o-1/r-1/*",
}
ELSEWHERE = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}

EXAMPLES = (
    passes("resource-policy-narrow", "a rule", _queue_policy(EVENTS, **FROM_RULE)),
    passes("resource-policy-narrow", "a role", _queue_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:role/orders"})),
    passes("resource-policy-narrow", "an organisation", _queue_policy("*", StringEquals={"aws:PrincipalOrgID": "o-1"})),
    passes("resource-policy-narrow", "a Deny for everybody", given(QUEUE_POLICY, policy=_deny())),
    passes("resource-policy-narrow", "a key that its account administers", _key(ROOT)),
    passes("resource-policy-narrow", "a key for everybody in the account", _key("*", StringEquals={"kms:CallerAccount": ACCOUNT, "kms:ViaService": "sqs.eu-west-1.amazonaws.com"})),
    passes(
        "resource-policy-narrow",
        "a key for the logs of the account",
        _key({"Service": "logs.eu-west-1.amazonaws.com"}, "kms:Encrypt", ArnLike={"kms:EncryptionContext:aws:logs:arn": arn("logs", "log-group:*")}),
    ),
    fails("resource-policy-narrow", "anybody", "statement 1: lets anybody in; name the principal", _queue_policy("*")),
    fails("resource-policy-narrow", "anybody with an account", "lets anybody in", _queue_policy({"AWS": "*"})),
    fails("resource-policy-narrow", "anybody from anywhere", "lets anybody in", _queue_policy("*", ArnLike={"aws:SourceArn": "*"})),
    fails("resource-policy-narrow", "anybody over TLS", "lets anybody in", _queue_policy("*", Bool={"aws:SecureTransport": "true"})),
    fails("resource-policy-narrow", "a service for anybody", "lets events.amazonaws.com in on behalf of any account", _queue_policy(EVENTS)),
    fails("resource-policy-narrow", "a condition that need not be met", "on behalf of any account", _queue_policy(EVENTS, ArnEqualsIfExists=FROM_RULE["ArnEquals"])),
    fails("resource-policy-narrow", "all actions", "sqs:*: allows others every action", _queue_policy(ROOT, "sqs:*")),
    fails("resource-policy-narrow", "a key for a service of anybody's", "lets sns.amazonaws.com in", _key({"Service": "sns.amazonaws.com"}, "kms:Decrypt")),
    passes("resource-policy-tls", "a queue with a policy of its own", given(QUEUE, policy=_deny())),
    passes("resource-policy-tls", "a queue", INBOX, given(QUEUE_POLICY, queueUrl=URL, policy=_deny(value=False))),
    passes("resource-policy-tls", "a queue that has no URL yet", INBOX, given(QUEUE_POLICY, queueUrl=UNKNOWN, policy=_deny()).taking("queueUrl", INBOX)),
    passes("resource-policy-tls", "a topic", given(TOPIC, name="news"), given(TOPIC_POLICY, arn=arn("sns", "news"), policy=_deny())),
    passes("resource-policy-tls", "a bucket", given(BUCKET, bucket="lake"), given(BUCKET_POLICY, bucket="lake", policy=_deny(principal={"AWS": "*"}))),
    passes("resource-policy-tls", "a policy that is not known yet is told by another rule", given(QUEUE, policy=UNKNOWN)),
    fails("resource-policy-tls", "no policy", "may be reached over plain HTTP; add a policy with Deny for everybody", INBOX),
    fails("resource-policy-tls", "the policy of another queue", "plain HTTP", given(QUEUE, name="outbox"), given(QUEUE_POLICY, queueUrl=URL, policy=_deny())),
    fails("resource-policy-tls", "a Deny of TLS", "plain HTTP", given(QUEUE, policy=_deny(value="true"))),
    fails("resource-policy-tls", "a Deny for one", "plain HTTP", given(QUEUE, policy=_deny(principal=ROOT))),
    fails("resource-policy-tls", "a Deny of something else", "plain HTTP", given(QUEUE, policy=_deny("aws:ViaAWSService"))),
    fails("resource-policy-tls", "a Deny of TLS too", "plain HTTP", given(QUEUE, policy=_deny(value=["false", "true"]))),
    fails("resource-policy-tls", "a Deny of whatever says how it came", "plain HTTP", given(QUEUE, policy=_deny(operator="Null"))),
    fails("resource-policy-tls", "a Deny for those from elsewhere", "plain HTTP", given(QUEUE, policy=_deny(**ELSEWHERE))),
    passes("resource-policy-tls", "a Deny that spares AWS itself", given(QUEUE, policy=_deny(BoolIfExists={"aws:PrincipalIsAWSService": "false"}))),
    passes("resource-policy-tls", "a bucket and its objects, each in a Deny of its own", given(BUCKET, policy=_deny(resource="arn:aws:s3:::lake")), given(BUCKET_POLICY, bucket="lake", policy=_deny(resource="arn:aws:s3:::lake/*")).taking("bucket", given(BUCKET))),
    *(
        fails("resource-policy-tls", f"a Deny for {what}", "plain HTTP", given(BUCKET, policy=_deny(resource=resource)))
        for what, resource in (("a bucket without its objects", "arn:aws:s3:::lake"), ("objects without their list", "arn:aws:s3:::lake/*"), ("some of the objects", ["arn:aws:s3:::lake", "arn:aws:s3:::lake/raw/*"]))
    ),
    fails("resource-policy-tls", "an Allow", "plain HTTP", INBOX, _queue_policy("*", Bool={"aws:SecureTransport": "false"})),
    # whom a condition tells from others
    fails("resource-policy-narrow", "topics of any account", "lets sns.amazonaws.com in on behalf of any account", _queue_policy(SNS, ArnLike={"aws:SourceArn": "arn:aws:sns:*:*:*"})),
    fails("resource-policy-narrow", "a topic of that name in any account", "on behalf of any account", _queue_policy(SNS, ArnLike={"aws:SourceArn": "arn:aws:sns:eu-west-1:*:orders"})),
    passes("resource-policy-narrow", "topics of any name in one account", _queue_policy(SNS, ArnLike={"aws:SourceArn": arn("sns", "*")})),
    passes("resource-policy-narrow", "topics of any name, and an account", _queue_policy(SNS, ArnLike={"aws:SourceArn": "arn:aws:sns:*:*:*"}, StringEquals={"aws:SourceAccount": ACCOUNT})),
    passes("resource-policy-narrow", "a bucket, whose ARN has no account", _queue_policy({"Service": "s3.amazonaws.com"}, ArnLike={"aws:SourceArn": "arn:aws:s3:::lake"})),
    fails("resource-policy-narrow", "buckets whose name begins so, whosever they are", "on behalf of any account", _queue_policy({"Service": "s3.amazonaws.com"}, ArnLike={"aws:SourceArn": "arn:aws:s3:::lake-*"})),
    fails("resource-policy-narrow", "any bucket", "on behalf of any account", _queue_policy({"Service": "s3.amazonaws.com"}, ArnLike={"aws:SourceArn": "arn:aws:s3:::*"})),
    fails("resource-policy-narrow", "a role of that name in any account", "lets anybody in", _queue_policy("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/orders"})),
    fails("resource-policy-narrow", "all addresses", "lets anybody in", _queue_policy("*", IpAddress={"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]})),
    *(
        fails("resource-policy-narrow", f"all addresses, as {' and '.join(ranges)}", "lets anybody in", _queue_policy("*", IpAddress={"aws:SourceIp": ranges}))
        for ranges in (["10.0.0.0/0"], ["0::/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["8.0.0.0/7"], ["2000::/3"])
    ),
    passes("resource-policy-narrow", "addresses that one may have alone", _queue_policy("*", IpAddress={"aws:SourceIp": ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "fc00::/7"]})),
    *(
        fails("resource-policy-narrow", f"whoever has a {key} like {value}", "lets anybody in", _queue_policy("*", **{"ForAnyValue:StringLike": {key: value}}))
        for key, value in (
            ("aws:PrincipalAccount", "2*"),
            ("aws:PrincipalOrgID", "o-*"),
            ("aws:PrincipalOrgID", "o-a*"),
            ("aws:PrincipalOrgPaths", "o-*/r-*/*"),
            ("aws:SourceVpc", "vpc-*"),
            ("aws:SourceVpce", "vpce-1*"),
        )
    ),
    fails("resource-policy-narrow", "a key for whoever comes through a service", "lets anybody in", _key("*", StringEquals={"kms:ViaService": "sqs.eu-west-1.amazonaws.com"})),
    passes("resource-policy-narrow", "all, but everybody from elsewhere is denied", _api(_invoke(), _invoke(Effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}))),
    fails("resource-policy-narrow", "all, and something else is denied", "lets anybody in", _api(_invoke(), _invoke(Effect="Deny", Action="execute-api:ManageConnections", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}))),
    fails("resource-policy-narrow", "all, and one is denied", "lets anybody in", _api(_invoke(), _invoke(Effect="Deny", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}))),
    fails("resource-policy-narrow", "all, and everybody from elsewhere is denied at night", "lets anybody in", _api(_invoke(), _invoke(Effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "DateLessThan": {"aws:CurrentTime": "2026-01-01T06:00:00Z"}}))),
    passes("resource-policy-narrow", "all, but everybody from elsewhere is denied, save AWS itself", _api(_invoke(), _invoke(Effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}}))),
    *(
        fails("resource-policy-narrow", f"all, and {what}", ["lets anybody in"] * (2 if more.get("Effect") else 1), _api(_invoke(), _invoke(**{"Effect": "Deny", "Condition": ELSEWHERE} | more)))
        for what, more in (
            ("again all from elsewhere", {"Effect": "Allow"}),
            ("one is denied from elsewhere", {"Principal": ROOT}),
            ("another API is denied from elsewhere", {"Resource": "execute-api:/prod"}),
            ("everybody but services is denied, which anybody may use", {"Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}}),
            ("some regions are denied from elsewhere", {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:RequestedRegion": "eu-west-1"}}}),
            ("those are denied who have no address", {"Condition": {"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}),
            ("only services of AWS are denied from elsewhere", {"Condition": ELSEWHERE | {"Bool": {"aws:PrincipalIsAWSService": "true"}}}),
            ("whoever is no service is denied from elsewhere, or is one", {"Condition": ELSEWHERE | {"Bool": {"aws:PrincipalIsAWSService": ["false", "true"]}}}),
        )
    ),
    passes("resource-policy-narrow", "everybody, and every way to say who", *(given(QUEUE_POLICY, key, policy=document(allow("sqs:SendMessage", QUEUE_ARN, Principal="*", Condition={"StringLike": {key: value}}))) for key, value in {**WHO, **ON_BEHALF}.items())),
    passes("resource-policy-narrow", "a service, and every way to say for whom", *(given(QUEUE_POLICY, key, policy=document(allow("sqs:SendMessage", QUEUE_ARN, Principal=EVENTS, Condition={"StringLike": {key: value}}))) for key, value in ON_BEHALF.items())),
    passes("resource-policy-narrow", "every kind of key that its account administers", *(given(f"aws:kms/{kind[0].lower()}{kind[1:]}:{kind}", policy=_key(ROOT).inputs["policy"]) for kind in ("KeyPolicy", "ExternalKey", "ReplicaKey", "ReplicaExternalKey"))),
    passes("resource-policy-narrow", "an endpoint to the resources of one account or organisation, or to named ones", *(given(VPC_ENDPOINT, key, policy=document(allow("sqs:*", "*", Principal="*", Condition={"StringLike": {key: value}}))) for key, value in WHERE.items()), given("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", policy=document(allow("sqs:*", QUEUE_ARN, Principal="*")))),
    fails("resource-policy-tls", "an Allow of everything", "plain HTTP", given(QUEUE, policy=_deny().replace("Deny", "Allow"))),
    *(
        fails("resource-policy-narrow", f"an endpoint for anybody to {what}", "lets anybody in", given(VPC_ENDPOINT, policy=document({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", **resource})))
        for what, resource in (("any API", {"Resource": "execute-api:/*"}), ("all but one API", {"NotResource": arn("execute-api", "abc/*")}))
    ),
    *(
        fails("resource-policy-narrow", f"anybody in {type_}", "lets anybody in", given(type_, **{property_: document(allow("sqs:SendMessage", QUEUE_ARN, Principal="*"))}))
        for type_, property_ in (
            ("aws:amp/resourcePolicy:ResourcePolicy", "policyDocument"),
            ("aws:cloudsearch/domainServiceAccessPolicy:DomainServiceAccessPolicy", "accessPolicy"),
            ("aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy", "deliveryDestinationPolicy"),
            ("aws:codeartifact/domainPermissions:DomainPermissions", "policyDocument"),
            ("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate", "repositoryPolicy"),
            ("aws:glacier/vaultLock:VaultLock", "policy"),
            ("aws:s3/vectorsVectorBucketPolicy:VectorsVectorBucketPolicy", "policy"),
            ("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy", "resourcePolicy"),
            ("aws:ecr/registryPolicy:RegistryPolicy", "policy"),
            ("aws:elasticsearch/domainPolicy:DomainPolicy", "accessPolicies"),
            ("aws:kms/replicaKey:ReplicaKey", "policy"),
            ("aws:msk/clusterPolicy:ClusterPolicy", "policy"),
            ("aws:opensearch/domain:Domain", "accessPolicies"),
            ("aws:s3/accessPoint:AccessPoint", "policy"),
            ("aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy", "policy"),
        )
    ),
    fails("resource-policy-tls", "a Deny of one action", "plain HTTP", given(BUCKET, bucket="lake"), given(BUCKET_POLICY, bucket="lake", policy=_deny(action="s3:DeleteObject"))),
    fails("resource-policy-tls", "a Deny of something else than messages", "plain HTTP", given(TOPIC, name="news"), given(TOPIC_POLICY, arn=arn("sns", "news"), policy=_deny(action="sns:GetTopicAttributes"))),
    passes("resource-policy-tls", "a topic, whose policy has to list its actions", given(TOPIC, name="news"), given(TOPIC_POLICY, arn=arn("sns", "news"), policy=_deny(action="sns:Publish"))),
    passes("resource-policy-narrow", "the widest range of IPv6 that anybody was given", _queue_policy("*", IpAddress={"aws:SourceIp": ["2a00::/16"]})),
)  # fmt: skip
