"""Queues and topics let in the topics and buckets that are told to send to them."""

from typing import Any

from policy.guardrails.aws import (
    BUCKET,
    BUCKET_NOTIFICATION,
    QUEUE,
    QUEUE_POLICY,
    SUBSCRIPTION,
    TOPIC,
    TOPIC_POLICY,
)
from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, Given, allow, arn, document, given

RULE = "notification-admitted"
INBOX, NEWS = given(QUEUE, "inbox", name="inbox"), given(TOPIC, "news", name="news")
FILES = given(BUCKET, "files", bucket="files")
INBOX_ARN, NEWS_ARN, FILES_ARN = arn("sqs", "inbox"), arn("sns", "news"), "arn:aws:s3:::files"


def _admitting(service: str, source: str | None, action: str = "sqs:SendMessage") -> str:
    condition = {"Condition": {"ArnEquals": {"aws:SourceArn": source}}} if source else {}
    return document(
        allow(action, "*", Principal={"Service": f"{service}.amazonaws.com"}, **condition)
    )


def _queue_policy(service: str, source: str | None, action: str = "sqs:SendMessage") -> Given:
    return given(QUEUE_POLICY, queueUrl="inbox", policy=_admitting(service, source, action))


def _topic_policy(service: str, source: str) -> Given:
    return given(TOPIC_POLICY, arn=NEWS_ARN, policy=_admitting(service, source, "sns:Publish"))


def _subscribed(**more: Any) -> Given:
    usual = {"protocol": "sqs", "topic": NEWS_ARN, "endpoint": INBOX_ARN}
    return given(SUBSCRIPTION, **{**usual, **more})


TO_QUEUE = given(BUCKET_NOTIFICATION, bucket="files", queues=[{"queueArn": INBOX_ARN}])
TO_TOPIC = given(BUCKET_NOTIFICATION, bucket="files", topics=[{"topicArn": NEWS_ARN}])
REFUSED = "cannot deliver to inbox, whose policy does not admit it; allow sns.amazonaws.com in it, where aws:SourceArn is the ARN of the topic."

EXAMPLES = (
    passes(RULE, "a queue that lets its topic in", _subscribed(), INBOX, _queue_policy("sns", NEWS_ARN)),
    passes(RULE, "a queue that lets every topic in", _subscribed(), INBOX, _queue_policy("sns", None)),
    passes(RULE, "a queue with a policy of its own", _subscribed(), given(QUEUE, "inbox", name="inbox", policy=_admitting("sns", NEWS_ARN))),
    passes(RULE, "a queue whose policy nobody can judge", _subscribed(), INBOX, given(QUEUE_POLICY, queueUrl="inbox", policy=UNKNOWN)),
    passes(RULE, "a queue of another stack", _subscribed(endpoint=arn("sqs", "theirs"))),
    passes(RULE, "a function", _subscribed(protocol="lambda", endpoint=arn("lambda", "function:inbox")), INBOX),
    passes(RULE, "a topic that has no ARN yet", _subscribed(topic=UNKNOWN).taking("topic", NEWS), NEWS, INBOX, _queue_policy("sns", NEWS_ARN)),
    passes(RULE, "a topic that has no name yet", _subscribed(topic=UNKNOWN).taking("topic", given(TOPIC, "news")), given(TOPIC, "news", name=UNKNOWN), INBOX, _queue_policy("sns", NEWS_ARN)),
    passes(RULE, "a topic that nobody knows here", _subscribed(topic=UNKNOWN), INBOX, _queue_policy("sns", NEWS_ARN)),
    passes(RULE, "a queue that lets its bucket in", TO_QUEUE, INBOX, _queue_policy("s3", FILES_ARN)),
    passes(RULE, "a topic that lets its bucket in", TO_TOPIC, NEWS, _topic_policy("s3", FILES_ARN)),
    passes(RULE, "a bucket that has no name yet", given(BUCKET_NOTIFICATION, bucket=UNKNOWN, queues=[{"queueArn": INBOX_ARN}]).taking("bucket", FILES), FILES, INBOX, _queue_policy("s3", FILES_ARN)),
    fails(RULE, "a queue without a policy", REFUSED, _subscribed(), INBOX),
    fails(RULE, "a queue that has no ARN yet, without a policy", REFUSED, _subscribed(endpoint=UNKNOWN).taking("endpoint", INBOX), INBOX),
    fails(RULE, "a queue that lets another topic in", REFUSED, _subscribed(), INBOX, _queue_policy("sns", arn("sns", "old"))),
    fails(RULE, "a queue that lets another topic in than one that has no ARN yet", REFUSED, _subscribed(topic=UNKNOWN).taking("topic", NEWS), NEWS, INBOX, _queue_policy("sns", arn("sns", "old"))),
    fails(RULE, "a queue that lets rules in", REFUSED, _subscribed(), INBOX, _queue_policy("events", NEWS_ARN)),
    fails(RULE, "a queue that lets a topic read", REFUSED, _subscribed(), INBOX, _queue_policy("sns", NEWS_ARN, "sqs:ReceiveMessage")),
    fails(RULE, "a policy of another queue", REFUSED, _subscribed(), INBOX, given(QUEUE, "other", name="other"), given(QUEUE_POLICY, queueUrl="other", policy=_admitting("sns", NEWS_ARN))),
    fails(RULE, "a queue that lets another bucket in", "cannot deliver to inbox, whose policy does not admit it; allow s3.amazonaws.com in it, where aws:SourceArn is the ARN of the bucket.", TO_QUEUE, INBOX, _queue_policy("s3", "arn:aws:s3:::pictures")),
    fails(RULE, "a queue that lets another bucket in than one that has no name yet", "cannot deliver to inbox", given(BUCKET_NOTIFICATION, bucket=UNKNOWN, queues=[{"queueArn": INBOX_ARN}]).taking("bucket", FILES), FILES, INBOX, _queue_policy("s3", "arn:aws:s3:::pictures")),
    fails(RULE, "a topic that lets another bucket in", "cannot deliver to news", TO_TOPIC, NEWS, _topic_policy("s3", "arn:aws:s3:::pictures")),
    fails(RULE, "one of two queues without a policy", "cannot deliver to other", given(BUCKET_NOTIFICATION, bucket="files", queues=[{"queueArn": INBOX_ARN}, {"queueArn": arn("sqs", "other")}]), INBOX, given(QUEUE, "other", name="other"), _queue_policy("s3", FILES_ARN)),
)  # fmt: skip
