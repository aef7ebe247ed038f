"""Values that are not known yet: whatever property holds one, rules follow it to the resource that it comes from."""

from policy.guardrails.aws import (
    ALARM,
    BUCKET_NOTIFICATION,
    BUILD,
    CLUSTER,
    DB_INSTANCE,
    EVENT_BUS,
    EVENT_TARGET,
    FIREHOSE,
    FLOW_LOG,
    FUNCTION,
    INVOKE_CONFIG,
    KEY_POLICY,
    KMS_KEY,
    LOG_GROUP,
    MACHINE,
    MAPPING,
    PERMISSION,
    PIPE,
    QUEUE,
    REST_STAGE,
    SCHEDULE,
    SUBSCRIPTION,
    TOPIC,
    WEB_ACL_LOG,
)
from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, Given, allow, arn, document, given

ORDERS = given(FUNCTION, "orders", name="orders")
NEWS = given(TOPIC, "news", name="news", kmsMasterKeyId="alias/aws/sns")
OPEN_NEWS = given(TOPIC, "news", name="news", kmsMasterKeyId=arn("kms", "key/1"))
KEY = given(KMS_KEY, "key", policy=UNKNOWN)
WITH_KEY = given(TOPIC, "news", name="news", kmsMasterKeyId=UNKNOWN).taking("kmsMasterKeyId", KEY)
GROUP = given(LOG_GROUP, "logs", name="/orders")
PREFIX = given("aws:ssm/parameter:Parameter", "prefix")
INBOX = given(QUEUE, "inbox", name="inbox", kmsMasterKeyId="alias/aws/sqs")


def _naming(source: Given, type_: str, property_: str, value: object, **more: object) -> Given:
    """A resource that takes a property from another one, whose ARN nobody knows yet."""
    return given(type_, property_, **{property_: value}, **more).taking(property_, source)


CALLERS = (
    _naming(ORDERS, BUCKET_NOTIFICATION, "lambdaFunctions", [{"lambdaFunctionArn": UNKNOWN}]),
    _naming(ORDERS, EVENT_TARGET, "arn", UNKNOWN),
    _naming(ORDERS, PERMISSION, "function", UNKNOWN, principal="s3.amazonaws.com"),
    _naming(ORDERS, SCHEDULE, "target", {"arn": UNKNOWN}),
    _naming(ORDERS, SUBSCRIPTION, "endpoint", UNKNOWN, protocol="lambda"),
)
DELIVERIES = (
    *(_naming(NEWS, ALARM, f"{state}Actions", [UNKNOWN]) for state in ("alarm", "ok", "insufficientData")),
    _naming(NEWS, EVENT_TARGET, "arn", UNKNOWN),
    _naming(NEWS, BUCKET_NOTIFICATION, "topics", [{"topicArn": UNKNOWN}]),
    _naming(INBOX, BUCKET_NOTIFICATION, "queues", [{"queueArn": UNKNOWN}]),
    _naming(INBOX, EVENT_TARGET, "deadLetterConfig", {"arn": UNKNOWN}, arn="a"),
    _naming(INBOX, SUBSCRIPTION, "endpoint", UNKNOWN, protocol="sqs"),
)  # fmt: skip


LOGGED = (
    _naming(GROUP, EVENT_TARGET, "arn", UNKNOWN),
    _naming(GROUP, FIREHOSE, "extendedS3Configuration", {"cloudwatchLoggingOptions": {"enabled": True, "logGroupName": UNKNOWN}}),
    _naming(GROUP, FLOW_LOG, "logDestination", UNKNOWN),
    _naming(GROUP, MACHINE, "loggingConfiguration", {"level": "ALL", "logDestination": UNKNOWN}),
    _naming(GROUP, PIPE, "logConfiguration", {"cloudwatchLogsLogDestination": {"logGroupArn": UNKNOWN}}),
    _naming(GROUP, REST_STAGE, "accessLogSettings", {"destinationArn": UNKNOWN}),
    _naming(GROUP, WEB_ACL_LOG, "logDestinationConfigs", [UNKNOWN]),
    _naming(GROUP, BUILD, "logsConfig", {"cloudwatchLogs": {"groupName": UNKNOWN}}),
    _naming(GROUP, CLUSTER, "configuration", {"executeCommandConfiguration": {"logConfiguration": {"cloudWatchLogGroupName": UNKNOWN}}}),
    _naming(GROUP, "aws:elasticache/cluster:Cluster", "logDeliveryConfigurations", [{"destinationType": "cloudwatch-logs", "destination": UNKNOWN}]),
)  # fmt: skip
NAMED_AFTER = (
    _naming(PREFIX, BUILD, "name", UNKNOWN),
    _naming(PREFIX, DB_INSTANCE, "identifier", UNKNOWN, enabledCloudwatchLogsExports=["error"]),
    _naming(PREFIX, FUNCTION, "name", UNKNOWN),
    _naming(PREFIX, "aws:eks/cluster:Cluster", "name", UNKNOWN, enabledClusterLogTypes=["api"]),
)
"""What AWS makes log groups for, under a name that begins with a prefix that nobody knows yet."""


DEAD = {"deadLetterConfig": {"arn": UNKNOWN}}
FAILURES = (
    _naming(INBOX, EVENT_BUS, "deadLetterConfig", DEAD["deadLetterConfig"]),
    _naming(INBOX, EVENT_TARGET, "deadLetterConfig", DEAD["deadLetterConfig"]),
    _naming(INBOX, FUNCTION, "deadLetterConfig", {"targetArn": UNKNOWN}),
    _naming(INBOX, INVOKE_CONFIG, "destinationConfig", {"onFailure": {"destination": UNKNOWN}}),
    _naming(INBOX, MAPPING, "destinationConfig", {"onFailure": {"destinationArn": UNKNOWN}}),
    _naming(INBOX, PIPE, "sourceParameters", {"dynamodbStreamParameters": DEAD}),
    _naming(INBOX, QUEUE, "redrivePolicy", {"deadLetterTargetArn": UNKNOWN}),
    _naming(INBOX, SCHEDULE, "target", DEAD),
    _naming(INBOX, SUBSCRIPTION, "redrivePolicy", {"deadLetterTargetArn": UNKNOWN}),
)


def _shown(resource: Given) -> str:
    return f"{resource.name} of {resource.type.rpartition(':')[2]}"


EXAMPLES = (
    fails(
        "lambda-async-failure-path",
        "every caller",
        "is called by arn, endpoint, function, lambdaFunctions, target without waiting",
        ORDERS,
        *CALLERS,
    ),
    passes(
        "lambda-async-failure-path",
        "an address that is not known yet",
        ORDERS,
        given(SUBSCRIPTION, protocol="https", endpoint=UNKNOWN),
    ),
    passes(
        "lambda-async-failure-path",
        "a destination of a function that is not known yet",
        ORDERS,
        CALLERS[1],
        given(
            INVOKE_CONFIG,
            functionName=UNKNOWN,
            destinationConfig={"onFailure": {"destination": arn("sqs", "dead")}},
        ).taking("functionName", ORDERS),
    ),
    *(
        fails(f"{service}-encrypted", _shown(each), f"so {each.name} delivers nothing", to, each)
        for service, to in (("sns", NEWS), ("sqs", INBOX))
        for each in DELIVERIES
        if to.urn in each.property_dependencies[each.name]
    ),
    *(
        passes(
            f"{service}-encrypted",
            "an address that is not known yet",
            to,
            given(SUBSCRIPTION, protocol="https", endpoint=UNKNOWN),
        )
        for service, to in (("sns", OPEN_NEWS), ("sqs", INBOX))
    ),
    passes("sns-encrypted", "a key whose policy is not known yet", WITH_KEY, KEY, DELIVERIES[0]),
    passes(
        "sns-encrypted",
        "a key whose policy is declared separately",
        WITH_KEY,
        given(KMS_KEY, "key"),
        given(
            KEY_POLICY,
            keyId=UNKNOWN,
            policy=document(
                allow("kms:*", "*", Principal={"Service": "cloudwatch.amazonaws.com"}),
            ),
        ).taking("keyId", KEY),
        DELIVERIES[0],
    ),
    fails(
        "sns-encrypted",
        "a key that is for its account only, beside another",
        "is encrypted with key, which does not admit cloudwatch.amazonaws.com",
        WITH_KEY,
        given(KMS_KEY, "key"),
        given(KMS_KEY, "other"),
        given(KEY_POLICY, keyId=UNKNOWN, policy=UNKNOWN).taking("keyId", given(KMS_KEY, "other")),
        DELIVERIES[0],
    ),
    fails(
        "sqs-encrypted",
        "a bucket",
        "s3.amazonaws.com cannot use, so sender delivers nothing",
        INBOX,
        given(BUCKET_NOTIFICATION, "sender", queues=[{"queueArn": arn("sqs", "inbox")}]),
    ),
    *(fails("dlq-alarmed", _shown(each), "nobody is told of", INBOX, each) for each in FAILURES),
    passes(
        "dlq-alarmed",
        "a queue that a schedule delivers to",
        INBOX,
        _naming(INBOX, SCHEDULE, "target", {"arn": UNKNOWN}),
    ),
    passes("log-group-declared", "whatever names a group", GROUP, *LOGGED),
    passes(
        "log-group-declared",
        "whatever has a name that a group begins with as well",
        PREFIX,
        *NAMED_AFTER,
        given(LOG_GROUP, "logs", name=UNKNOWN).taking("name", PREFIX),
    ),
)
