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
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, UNKNOWN, Given, allow, arn, document, given

QUEUE_ARN = arn("sqs", "inbox")
URL = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/inbox"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
EVENTS = {"Service": "events.amazonaws.com"}
FROM_RULE: dict[str, Any] = {"ArnEquals": {"aws:SourceArn": arn("events", "rule/orders")}}


def _queue_policy(principal: object, action: str = "sqs:SendMessage", **condition: Any) -> Given:
    more = {"Condition": condition} if condition else {}
    statement = allow(action, QUEUE_ARN, Principal=principal, **more)
    return given(QUEUE_POLICY, queueUrl=URL, policy=document(statement))


def _key(principal: object, action: str = "kms:*", **condition: Any) -> Given:
    more = {"Condition": condition} if condition else {}
    return given(KMS_KEY, policy=document(allow(action, "*", Principal=principal, **more)))


def _deny(
    key: str = "aws:SecureTransport", value: object = "false", principal: object = "*"
) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": principal,
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"Bool": {key: value}},
    }
    return document(statement)


INBOX = given(QUEUE, "inbox", name="inbox")

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
    fails("resource-policy-tls", "an Allow", "plain HTTP", INBOX, _queue_policy("*", Bool={"aws:SecureTransport": "false"})),
)  # fmt: skip
