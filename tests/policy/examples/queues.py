"""Queues and topics: encrypted, and nothing is lost."""

import json

from policy.guardrails.aws import (
    ALARM,
    BUCKET_NOTIFICATION,
    EVENT_BUS,
    EVENT_TARGET,
    FUNCTION,
    INVOKE_CONFIG,
    KEY_POLICY,
    KMS_KEY,
    MAPPING,
    PIPE,
    QUEUE,
    REDRIVE_ALLOW_POLICY,
    REDRIVE_POLICY,
    SCHEDULE,
    SUBSCRIPTION,
    TOPIC,
    TOPIC_RULE,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, REGION, UNKNOWN, Given, allow, arn, document, given

DEAD_ARN = arn("sqs", "dead")
DEAD = given(QUEUE, "dead", name="dead", messageRetentionSeconds=1209600)
TOPIC_ARN = arn("sns", "alarms")


def _url(name: str) -> str:
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


def _redrive(count: object = 5, target: object = DEAD_ARN) -> str:
    return json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": count})


def _inbox(**more: object) -> Given:
    return given(QUEUE, "inbox", **{"name": "inbox", "redrivePolicy": _redrive()} | more)


METRIC = {
    "namespace": "AWS/SQS",
    "metricName": "ApproximateNumberOfMessagesVisible",
    "dimensions": {"QueueName": "dead"},
}


def _alarm(**more: object) -> Given:
    inputs = {**METRIC, "comparisonOperator": "GreaterThanThreshold", "alarmActions": [TOPIC_ARN]}
    return given(ALARM, "alarm", **inputs | more)


def _query(expression: str) -> Given:
    nothing = dict.fromkeys(METRIC)
    return _alarm(**nothing, metricQueries=[{"id": "q", "expression": expression}])


def _subscription(**more: object) -> Given:
    return given(SUBSCRIPTION, **{"protocol": "sqs", "redrivePolicy": _redrive()} | more)


def _key(service: str, action: str = "kms:GenerateDataKey*") -> Given:
    statement = allow(["kms:Decrypt", action], "*", Principal={"Service": service})
    return given(KMS_KEY, "key", policy=document(statement))


def _topic(key: object) -> Given:
    return given(TOPIC, "alarms", name="alarms", kmsMasterKeyId=key)


RESERVED = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", "inbox")]})
ADMITTED = given(REDRIVE_ALLOW_POLICY, queueUrl=_url("dead"), redriveAllowPolicy=RESERVED)
OF_A_FUNCTION = given(FUNCTION, deadLetterConfig={"targetArn": DEAD_ARN})
OF_A_RULE = given(TOPIC_RULE, errorAction={"sqs": {"queueUrl": _url("dead"), "useBase64": False}})
QUERY = 'SELECT MAX(ApproximateNumberOfMessagesVisible) FROM SCHEMA("AWS/SQS", QueueName)'
OWN_KEY = _topic(UNKNOWN).taking("kmsMasterKeyId", _key(""))

EXAMPLES = (
    passes("sqs-encrypted", "with a key of SQS", given(QUEUE, sqsManagedSseEnabled=True)),
    passes("sqs-encrypted", "with a key that is not known yet", given(QUEUE, kmsMasterKeyId=UNKNOWN)),
    fails("sqs-encrypted", "nothing is said", "does not say how its messages are encrypted", given(QUEUE)),
    fails("sqs-encrypted", "no", "does not say", given(QUEUE, sqsManagedSseEnabled=False)),
    fails(
        "sqs-encrypted",
        "a key that the topic cannot use",
        "is encrypted with alias/aws/sqs, which sns.amazonaws.com cannot use, so subscription delivers nothing",
        given(QUEUE, "inbox", name="inbox", kmsMasterKeyId="alias/aws/sqs"),
        given(SUBSCRIPTION, "subscription", protocol="sqs", endpoint=arn("sqs", "inbox")),
    ),
    passes(
        "sqs-encrypted",
        "a key that only roles use",
        given(QUEUE, "inbox", name="inbox", kmsMasterKeyId="alias/aws/sqs"),
        given(SUBSCRIPTION, "subscription", protocol="lambda", endpoint=arn("lambda", "function:inbox")),
    ),
    passes("sns-encrypted", "with a key of its own", _topic(arn("kms", "key/1")), _alarm()),
    fails("sns-encrypted", "nothing is said", "has no key for the messages it keeps", given(TOPIC)),
    fails(
        "sns-encrypted",
        "a key that alarms cannot use",
        "is encrypted with alias/aws/sns, which cloudwatch.amazonaws.com cannot use, so alarm delivers nothing",
        _topic("alias/aws/sns"),
        _alarm(),
    ),
    passes("sns-encrypted", "a key of AWS's, and only roles publish", _topic("alias/aws/sns")),
    passes("sns-encrypted", "a key that admits alarms", OWN_KEY, _key("cloudwatch.amazonaws.com"), _alarm()),
    fails(
        "sns-encrypted",
        "a key that admits others",
        "is encrypted with key, which does not admit cloudwatch.amazonaws.com, so alarm delivers nothing; "
        "allow kms:GenerateDataKey* and kms:Decrypt to cloudwatch.amazonaws.com",
        OWN_KEY,
        _key("events.amazonaws.com"),
        _alarm(),
    ),
    fails(
        "sns-encrypted",
        "a key that only lets read",
        "does not admit events.amazonaws.com",
        OWN_KEY,
        _key("events.amazonaws.com", "kms:DescribeKey"),
        given(EVENT_TARGET, arn=TOPIC_ARN),
    ),
    fails(
        "sns-encrypted",
        "a bucket",
        "s3.amazonaws.com cannot use",
        _topic("alias/aws/sns"),
        given(BUCKET_NOTIFICATION, topics=[{"topicArn": TOPIC_ARN}]),
    ),
    # dead letters
    passes("sqs-has-dlq", "a queue that keeps them longer and is reserved", _inbox(), DEAD, ADMITTED),
    passes(
        "sqs-has-dlq",
        "a redrive policy of its own, and a reservation on the queue",
        given(QUEUE, "inbox", name="inbox"),
        given(REDRIVE_POLICY, queueUrl=_url("inbox"), redrivePolicy=_redrive()),
        given(QUEUE, "dead", name="dead", redriveAllowPolicy=RESERVED),
    ),
    fails("sqs-has-dlq", "none", "hands out a message that cannot be processed until it expires", given(QUEUE, "inbox", name="inbox")),
    fails("sqs-has-dlq", "set aside at once", "after 1 receives; take 3 to 10", _inbox(redrivePolicy=_redrive(1)), DEAD, ADMITTED),
    fails("sqs-has-dlq", "never set aside", "after 0 receives", _inbox(redrivePolicy=json.dumps({"deadLetterTargetArn": DEAD_ARN})), DEAD, ADMITTED, minimum=1),
    passes(
        "sqs-has-dlq",
        "queues that are not known yet",
        given(QUEUE, "inbox"),
        given(REDRIVE_POLICY, queueUrl=UNKNOWN, redrivePolicy={"deadLetterTargetArn": UNKNOWN, "maxReceiveCount": 5}).taking("queueUrl", given(QUEUE, "inbox")).taking("redrivePolicy", DEAD),
        DEAD,
        given(REDRIVE_ALLOW_POLICY, queueUrl=UNKNOWN, redriveAllowPolicy={"sourceQueueArns": [UNKNOWN]}).taking("queueUrl", DEAD).taking("redriveAllowPolicy", given(QUEUE, "inbox")),
    ),
    fails("sqs-has-dlq", "the redrive policy of another queue", "until it expires", given(QUEUE, "inbox", name="inbox"), given(REDRIVE_POLICY, queueUrl=_url("outbox"), redrivePolicy=_redrive())),
    fails("sqs-has-dlq", "a reservation of another queue, and none of its own, after an update", "which any queue of the account may use", _inbox(), given(QUEUE, "dead", **DEAD.inputs, redriveAllowPolicy=""), given(REDRIVE_ALLOW_POLICY, queueUrl=_url("other"), redriveAllowPolicy=RESERVED)),
    fails("sqs-has-dlq", "set aside far too late", "after 100 receives", _inbox(redrivePolicy=_redrive(100)), DEAD, ADMITTED),
    passes("sqs-has-dlq", "the configuration's own limits", _inbox(redrivePolicy=_redrive("100")), DEAD, ADMITTED, maximum=100),
    fails(
        "sqs-has-dlq",
        "kept for a shorter time",
        "keeps messages for 345600 s, but dead for only 60 s; set messageRetentionSeconds of dead to 345600",
        _inbox(),
        given(QUEUE, "dead", name="dead", messageRetentionSeconds=60),
        ADMITTED,
    ),
    fails("sqs-has-dlq", "open to all queues", "in dead, which any queue of the account may use", _inbox(), DEAD),
    fails("sqs-has-dlq", "a queue of others", "which the stack does not declare", _inbox(redrivePolicy=_redrive(5, arn("sqs", "elsewhere")))),
    passes("sqs-has-dlq", "failures of a function", DEAD, OF_A_FUNCTION),
    passes("sqs-has-dlq", "failures of a call", DEAD, given(INVOKE_CONFIG, destinationConfig={"onFailure": {"destination": DEAD_ARN}})),
    passes("sqs-has-dlq", "failures of a mapping", DEAD, given(MAPPING, destinationConfig={"onFailure": {"destinationArn": DEAD_ARN}})),
    passes("sqs-has-dlq", "failures of a target", DEAD, given(EVENT_TARGET, deadLetterConfig={"arn": DEAD_ARN})),
    passes("sqs-has-dlq", "failures of a bus", DEAD, given(EVENT_BUS, deadLetterConfig={"arn": DEAD_ARN})),
    passes("sqs-has-dlq", "failures of a schedule", DEAD, given(SCHEDULE, target={"deadLetterConfig": {"arn": DEAD_ARN}})),
    passes("sqs-has-dlq", "failures of a subscription", DEAD, given(SUBSCRIPTION, redrivePolicy=json.dumps({"deadLetterTargetArn": DEAD_ARN}))),
    passes(
        "sqs-has-dlq",
        "failures of a pipe",
        DEAD,
        given(PIPE, sourceParameters={"kinesisStreamParameters": {"deadLetterConfig": {"arn": DEAD_ARN}}}),
    ),
    passes("dlq-alarmed", "an alarm on what waits", DEAD, OF_A_FUNCTION, _alarm()),
    passes("dlq-alarmed", "an alarm on a queue that has no name yet", given(QUEUE, "dead"), given(FUNCTION, deadLetterConfig={"targetArn": UNKNOWN}).taking("deadLetterConfig", given(QUEUE, "dead")), _alarm(dimensions={"QueueName": UNKNOWN}).taking("dimensions", given(QUEUE, "dead"))),
    passes("dlq-alarmed", "an alarm on how long it waits", DEAD, OF_A_FUNCTION, _alarm(metricName="ApproximateAgeOfOldestMessage")),
    passes(
        "dlq-alarmed",
        "an alarm on an expression",
        DEAD,
        OF_A_FUNCTION,
        _alarm(
            namespace=None,
            metricName=None,
            dimensions=None,
            metricQueries=[{"id": "e"}, {"metric": METRIC}],
        ),
    ),
    passes("dlq-alarmed", "a queue in which no failures end", _inbox(redrivePolicy="{}")),
    fails("dlq-alarmed", "none", "holds failures that nobody is told of; declare a MetricAlarm on its ApproximateAgeOfOldestMessage or ApproximateNumberOfMessagesVisible, with", DEAD, OF_A_FUNCTION),
    fails("dlq-alarmed", "an alarm on another queue", "nobody is told", DEAD, OF_A_FUNCTION, _alarm(dimensions={"QueueName": "inbox"})),
    fails("dlq-alarmed", "an alarm on what is sent", "nobody is told", DEAD, OF_A_FUNCTION, _alarm(metricName="NumberOfMessagesSent")),
    fails("dlq-alarmed", "an alarm on another service", "nobody is told", DEAD, OF_A_FUNCTION, _alarm(namespace="Custom")),
    fails("dlq-alarmed", "an alarm that tells nobody", "nobody is told", DEAD, OF_A_FUNCTION, _alarm(alarmActions=[])),
    fails("dlq-alarmed", "an alarm that is muted", "nobody is told", DEAD, OF_A_FUNCTION, _alarm(actionsEnabled=False)),
    fails("dlq-alarmed", "an alarm on nothing that waits", "nobody is told", DEAD, OF_A_FUNCTION, _alarm(comparisonOperator="LessThanThreshold")),
    passes("dlq-alarmed", "an alarm on a query", DEAD, OF_A_FUNCTION, _query(f"{QUERY} WHERE QueueName = 'dead'")),
    fails("dlq-alarmed", "an alarm on a query of another queue", "nobody is told", DEAD, OF_A_FUNCTION, _query(f"{QUERY} WHERE QueueName = 'inbox'")),
    fails("dlq-alarmed", "an alarm on a query of what is sent", "nobody is told", DEAD, OF_A_FUNCTION, _query("SELECT SUM(NumberOfMessagesSent) FROM \"AWS/SQS\" WHERE QueueName = 'dead'")),
    passes("sqs-has-dlq", "where a rule of IoT puts what its actions could not do", DEAD, OF_A_RULE),
    fails("dlq-alarmed", "where a rule of IoT puts what its actions could not do", "nobody is told", DEAD, OF_A_RULE),
    passes("sqs-has-dlq", "a FIFO queue with another", _inbox(fifoQueue=True), given(QUEUE, "dead", **DEAD.inputs, fifoQueue=True), ADMITTED),
    fails("sqs-has-dlq", "a FIFO queue with one that is none", "sets messages aside in dead, which is a queue of the other kind; take a FIFO queue", _inbox(fifoQueue=True), DEAD, ADMITTED),
    fails("sqs-has-dlq", "a queue with a FIFO queue", "of the other kind", _inbox(), given(QUEUE, "dead", **DEAD.inputs, fifoQueue=True), ADMITTED),
    passes("sns-subscription-dlq", "a redrive policy", _subscription(), _subscription(topic=arn("sns", "news.fifo"), redrivePolicy=_redrive(target=f"{DEAD_ARN}.fifo"))),
    fails("sns-subscription-dlq", "a redrive policy that says nothing", "drops messages", _subscription(redrivePolicy="{}")),
    fails("sns-subscription-dlq", "a FIFO topic with a queue that is none", "in a queue that keeps no order; set redrivePolicy to a FIFO queue", _subscription(topic=arn("sns", "news.fifo"))),
    passes("sns-subscription-dlq", "what is not known yet", _subscription(topic=UNKNOWN), _subscription(topic=arn("sns", "news.fifo"), redrivePolicy=UNKNOWN)),
    passes("sns-subscription-dlq", "what nobody would send again", *(given(SUBSCRIPTION, protocol, protocol=protocol) for protocol in ("email", "email-json", "sms"))),
    fails("sns-subscription-dlq", "none", "drops messages that cannot be delivered", given(SUBSCRIPTION, protocol="lambda")),
    fails("sns-subscription-dlq", "in the clear", "sends messages over the network in the clear; use https.", _subscription(protocol="http")),
    fails("sqs-has-dlq", "a dead-letter queue that takes from all", "which any queue of the account may use", _inbox(), DEAD, given(REDRIVE_ALLOW_POLICY, queueUrl=_url("dead"), redriveAllowPolicy='{"redrivePermission": "allowAll"}')),
    fails("sqs-has-dlq", "a dead-letter queue that is reserved for another", "declare a RedriveAllowPolicy that names inbox", _inbox(), DEAD, given(REDRIVE_ALLOW_POLICY, queueUrl=_url("dead"), redriveAllowPolicy=RESERVED.replace("inbox", "outbox"))),
    fails("sns-encrypted", "a key of AWS's own, by its ARN", "which s3.amazonaws.com cannot use", _topic(arn("kms", "alias/aws/sns")), given(BUCKET_NOTIFICATION, topics=[{"topicArn": TOPIC_ARN}])),
    fails("sns-encrypted", "a key that lets write, but not read", "does not admit events.amazonaws.com", OWN_KEY, given(KMS_KEY, "key", policy=document(allow("kms:GenerateDataKey", "*", Principal={"Service": "events.amazonaws.com"}))), given(EVENT_TARGET, arn=TOPIC_ARN)),
    passes("sns-encrypted", "a key that lets use, in two statements", OWN_KEY, given(KMS_KEY, "key", policy=document(*(allow(action, "*", Principal={"Service": "events.amazonaws.com"}) for action in ("kms:GenerateDataKey*", "kms:Decrypt")))), given(EVENT_TARGET, arn=TOPIC_ARN)),
    fails(
        "sqs-encrypted",
        "a key that a rule cannot use for what it could not deliver",
        "is encrypted with alias/aws/sqs, which events.amazonaws.com cannot use, so target delivers nothing",
        given(QUEUE, "dead", name="dead", kmsMasterKeyId="alias/aws/sqs"),
        given(EVENT_TARGET, "target", arn=arn("lambda", "function:orders"), deadLetterConfig={"arn": DEAD_ARN}),
    ),
    fails("sns-encrypted", "a key by its ARN that alarms cannot use", "is encrypted with key, which does not admit cloudwatch.amazonaws.com", _topic(arn("kms", "key/1")), given(KMS_KEY, "key", arn=arn("kms", "key/1")), _alarm()),
    passes("sns-encrypted", "a key by its ARN, whose policy is apart and admits alarms", _topic(arn("kms", "key/1")), given(KMS_KEY, "key", arn=arn("kms", "key/1")), given(KEY_POLICY, keyId=arn("kms", "key/1"), policy=_key("cloudwatch.amazonaws.com").inputs["policy"]), _alarm()),
    passes("sns-encrypted", "a key of AWS's, and nobody delivers", _topic(arn("kms", "key/1")), given(KMS_KEY, "key", arn=arn("kms", "key/1"))),
    *(passes("sqs-has-dlq", f"{receives} receives", _inbox(redrivePolicy=_redrive(receives)), DEAD, ADMITTED) for receives in (3, 10)),
    passes("dlq-alarmed", "an alarm that watches something else, beside one that does not say what it compares", DEAD, _inbox(), _alarm(), given(ALARM, "bare", metricQueries=[{"id": "q"}], alarmActions=[TOPIC_ARN])),
    fails("sns-subscription-dlq", "one that does not say how", "drops messages that cannot be delivered", given(SUBSCRIPTION, topic="t")),
)  # fmt: skip
