"""Functions: what runs, who calls, what becomes of failures."""

from policy.guardrails.aws import (
    ALARM,
    ALIAS,
    BUCKET_NOTIFICATION,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_URL,
    INVOKE_CONFIG,
    KINESIS,
    LAYER_PERMISSION,
    MAPPING,
    PERMISSION,
    QUEUE,
    REDRIVE_POLICY,
    SCHEDULE,
    SUBSCRIPTION,
    TABLE,
)
from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, Given, arn, given

ORDERS = arn("lambda", "function:orders")
DEAD = arn("sqs", "dead")
REDRIVE = '{"deadLetterTargetArn": "x", "maxReceiveCount": 5}'
PARTIAL = {"functionResponseTypes": ["ReportBatchItemFailures"]}
ON_FAILURE = {"destinationConfig": {"onFailure": {"destinationArn": DEAD}}}


def _function(**more: object) -> Given:
    return given(FUNCTION, "orders", name="orders", **more)


def _queue(**more: object) -> Given:
    return given(QUEUE, "inbox", name="inbox", **more)


def _mapping(**more: object) -> Given:
    inputs = {"eventSourceArn": arn("sqs", "inbox"), "functionName": "orders", **PARTIAL}
    return given(MAPPING, "mapping", **inputs | more)


def _stream(**more: object) -> Given:
    inputs = {"eventSourceArn": arn("dynamodb", "table/orders/stream/1"), "functionName": "orders"}
    return given(MAPPING, "mapping", **inputs | PARTIAL | more)


def _permission(**more: object) -> Given:
    inputs = {"action": "lambda:InvokeFunction", "function": "orders"}
    return given(PERMISSION, "permission", **inputs | more)


def _kept_of(qualifier: object) -> Given:
    """A destination for what fails on an alias or version."""
    more = {} if qualifier is None else {"qualifier": qualifier}
    destination = {"onFailure": {"destination": DEAD}}
    return given(INVOKE_CONFIG, functionName="orders", destinationConfig=destination, **more)


BOUND = {"bisectBatchOnFunctionError": True, "maximumRetryAttempts": 5}
SAFE_STREAM = _stream(**BOUND, **ON_FAILURE)
BROKER = given("aws:mq/broker:Broker", "broker")
TARGET = given(EVENT_TARGET, "target", arn=ORDERS)
LIVE_TARGET = given(EVENT_TARGET, "live", arn=f"{ORDERS}:live")
ALIAS_LIVE = given(ALIAS, "alias", name="live", functionName="orders")
RULE = "lambda-async-failure-path"

EXAMPLES = (
    passes("lambda-runtime", "a runtime that is patched", _function(runtime="python3.13")),
    passes("lambda-runtime", "an image brings its own", _function(packageType="Image")),
    passes("lambda-runtime", "the configuration's own list", _function(runtime="go1.x"), runtimes=["go1.x"]),
    fails("lambda-runtime", "a runtime of the past", "has the runtime 'python3.8'; use one of python3.11", _function(runtime="python3.8")),
    fails("lambda-runtime", "no runtime", "has the runtime ''", _function()),
    passes("lambda-tracing", "active", _function(tracingConfig={"mode": "Active"})),
    fails("lambda-tracing", "only passed through", "'PassThrough'", _function(tracingConfig={"mode": "PassThrough"})),
    fails("lambda-tracing", "nothing is said", "'PassThrough'; set tracingConfig", _function()),
    # asynchronous calls
    passes(RULE, "nobody calls without waiting", _function(), _permission(principal="apigateway.amazonaws.com")),
    passes(RULE, "a dead-letter queue", _function(deadLetterConfig={"targetArn": DEAD}), TARGET),
    passes(
        RULE,
        "a destination",
        _function(),
        TARGET,
        given(
            INVOKE_CONFIG,
            functionName="orders",
            destinationConfig={"onFailure": {"destination": DEAD}},
        ),
    ),
    passes(RULE, "a rule calls another function", _function(), given(EVENT_TARGET, arn=arn("lambda", "function:users"))),
    passes(
        RULE,
        "a target that is not known yet, but no function",
        _function(),
        given(EVENT_TARGET, arn=UNKNOWN).taking("arn", _queue()),
        _queue(),
    ),
    fails(
        RULE,
        "a rule",
        "is called by target without waiting, and drops what fails; declare a FunctionEventInvokeConfig",
        _function(),
        TARGET,
    ),
    fails(
        RULE,
        "a rule whose target is not known yet",
        "is called by target",
        _function(),
        given(EVENT_TARGET, "target", arn=UNKNOWN).taking("arn", _function()),
    ),
    fails(RULE, "a destination for success only", "is called by target", _function(), TARGET, given(INVOKE_CONFIG, functionName="orders")),
    fails(RULE, "a permission alone", "is called by permission", _function(), _permission(principal="s3.amazonaws.com")),
    fails(RULE, "a topic", "is called by it", _function(), given(SUBSCRIPTION, protocol="lambda", endpoint=ORDERS)),
    passes(RULE, "a topic's queue of the same name", _function(), given(SUBSCRIPTION, protocol="sqs", endpoint=arn("sqs", "orders"))),
    fails(
        RULE,
        "a bucket, and a schedule",
        "is called by bucket, schedule",
        _function(),
        given(BUCKET_NOTIFICATION, "bucket", lambdaFunctions=[{"lambdaFunctionArn": ORDERS}]),
        given(SCHEDULE, "schedule", target={"arn": ORDERS}),
    ),
    *(
        fails(RULE, f"{what} of one that has no ARN yet", f"is called by {caller.name}", _function(), caller)
        for what, caller in (
            ("a destination", given(INVOKE_CONFIG, "other", functionName="users", destinationConfig={"onSuccess": {"destination": UNKNOWN}}).taking("destinationConfig", _function())),
            ("an alarm", given(ALARM, "alarm", alarmActions=[UNKNOWN]).taking("alarmActions", _function())),
            ("a repository", given("aws:codecommit/trigger:Trigger", "trigger", triggers=[{"destinationArn": UNKNOWN}]).taking("triggers", _function())),
        )
    ),
    *(fails(RULE, f"a permission for {service}", "is called by permission", _function(), _permission(principal=f"{service}.amazonaws.com")) for service in ("codecommit", "lambda.alarms.cloudwatch")),
    passes(RULE, "what comes from another stack", _function(), given(EVENT_TARGET, arn=UNKNOWN)),
    fails(RULE, "a FIFO queue, to which Lambda sends nothing", "is called by target", _function(deadLetterConfig={"targetArn": f"{DEAD}.fifo"}), TARGET),
    # aliases
    passes(RULE, "a destination of the alias that is called", _function(), LIVE_TARGET, _kept_of("live")),
    passes(RULE, "a dead-letter queue, which aliases have too", _function(deadLetterConfig={"targetArn": DEAD}), LIVE_TARGET),
    passes(RULE, "a destination of an alias that is not made yet", _function(), TARGET, _kept_of(UNKNOWN)),
    passes(RULE, "a destination of an alias, which may be what is called", _function(), given(EVENT_TARGET, "target", arn=UNKNOWN).taking("arn", _function()), _kept_of("live")),
    passes(RULE, "the function by the name of its version", _function(), TARGET, _kept_of("$LATEST")),
    fails(RULE, "a destination of the function, whose alias is called", "is called by live without waiting", _function(), LIVE_TARGET, _kept_of(None)),
    fails(RULE, "a destination of an alias, when the function is called", "is called by target without waiting", _function(), TARGET, _kept_of("live")),
    fails(RULE, "an alias that is not made yet", "is called by live", _function(), ALIAS_LIVE, given(EVENT_TARGET, "live", arn=UNKNOWN).taking("arn", ALIAS_LIVE), _kept_of(None)),
    # mappings
    passes(
        "lambda-esm-safe",
        "a queue with time and a dead-letter queue",
        _mapping(),
        _function(timeout=10),
        _queue(visibilityTimeoutSeconds=60, redrivePolicy=REDRIVE),
    ),
    passes(
        "lambda-esm-safe",
        "a redrive policy of its own",
        _mapping(),
        _function(timeout=5),
        _queue(),
        given(REDRIVE_POLICY, queueUrl="https://sqs.eu-west-1.amazonaws.com/123456789012/inbox"),
    ),
    passes("lambda-esm-safe", "a stream", SAFE_STREAM),
    *(
        passes("lambda-esm-safe", f"a stream whose records {how}", _stream(bisectBatchOnFunctionError=True, **ON_FAILURE, **limit))
        for how, limit in (("grow too old", {"maximumRecordAgeInSeconds": 600}), ("are never tried again", {"maximumRetryAttempts": 0}), ("are tried for ever, on purpose", {"maximumRetryAttempts": -1}))
    ),
    passes(
        "lambda-esm-safe",
        "batches of one, of which nothing is left over",
        _mapping(batchSize=1, functionResponseTypes=[]),
        _stream(batchSize=1, functionResponseTypes=[], maximumRetryAttempts=5, **ON_FAILURE),
        _queue(redrivePolicy=REDRIVE),
    ),
    passes(
        "lambda-esm-safe",
        "a table whose stream is not known yet",
        given(MAPPING, eventSourceArn=UNKNOWN, functionName="orders", **BOUND, **PARTIAL, **ON_FAILURE).taking(
            "eventSourceArn", given(TABLE, "t")
        ),
        given(TABLE, "t"),
    ),
    fails(
        "lambda-esm-safe",
        "all of a batch again",
        "hands a whole batch back when one message of it fails; set functionResponseTypes",
        _mapping(functionResponseTypes=[]),
        _queue(redrivePolicy=REDRIVE),
    ),
    fails(
        "lambda-esm-safe",
        "too little time",
        "reads inbox, whose messages come back after 60 s while orders may still work on them; "
        "set visibilityTimeoutSeconds of the queue to 65 or more",
        _mapping(maximumBatchingWindowInSeconds=5),
        _function(timeout=10),
        _queue(visibilityTimeoutSeconds=60, redrivePolicy=REDRIVE),
    ),
    fails(
        "lambda-esm-safe",
        "AWS's defaults, and a function that takes longer",
        "come back after 30 s",
        _mapping(),
        _function(timeout=6),
        _queue(redrivePolicy=REDRIVE),
    ),
    passes("lambda-esm-safe", "just enough for AWS's default timeout", _mapping(), _function(), _queue(visibilityTimeoutSeconds=18, redrivePolicy=REDRIVE)),
    fails("lambda-esm-safe", "a second less than AWS's default leaves", "come back after 30 s", _mapping(maximumBatchingWindowInSeconds=1), _function(timeout=5), _queue(redrivePolicy=REDRIVE)),
    passes("lambda-esm-safe", "AWS's defaults", _mapping(), _function(), _queue(redrivePolicy=REDRIVE)),
    fails("lambda-esm-safe", "no dead-letter queue", "reads inbox, which hands out a bad message until it expires", _mapping(), _queue()),
    fails(
        "lambda-esm-safe",
        "a stream that is stopped by one record, and drops it in the end",
        [
            "gives a whole batch up for one bad record; set bisectBatchOnFunctionError.",
            "does not say for how long a bad record may stop all that come after it; set maximumRetryAttempts or maximumRecordAgeInSeconds; -1",
            "drops records that its function cannot process",
        ],
        _stream(),
    ),
    fails("lambda-esm-safe", "the stream of a table that is not known yet", ["gives a whole batch up", "does not say for how long", "drops records"], _stream(eventSourceArn=UNKNOWN).taking("eventSourceArn", given(TABLE, "t")), given(TABLE, "t")),
    fails("lambda-esm-safe", "a stream that is declared elsewhere", ["hands a whole batch back", "gives a whole batch up", "does not say for how long", "drops records"], _stream(eventSourceArn=arn("kinesis", "stream/theirs"), functionResponseTypes=[])),
    fails("lambda-esm-safe", "all of a stream's batch again", "hands a whole batch back", _stream(**BOUND, functionResponseTypes=[], **ON_FAILURE)),
    fails(
        "lambda-esm-safe",
        "a queue, a function and a redrive policy that are not known yet",
        ["hands a whole batch back", "come back after 30 s while orders may still work"],
        _mapping(eventSourceArn=UNKNOWN, functionName=UNKNOWN, functionResponseTypes=[]).taking("eventSourceArn", _queue()).taking("functionName", _function()),
        _function(timeout=6),
        _queue(),
        given(REDRIVE_POLICY, queueUrl=UNKNOWN).taking("queueUrl", _queue()),
    ),
    passes("lambda-esm-safe", "a broker that is not known yet", _mapping(eventSourceArn=UNKNOWN, functionResponseTypes=[]).taking("eventSourceArn", BROKER), BROKER),
    fails(
        "lambda-esm-safe",
        "a Kinesis stream",
        "drops records",
        given(MAPPING, eventSourceArn=arn("kinesis", "stream/clicks"), functionName="orders", **BOUND, **PARTIAL),
        given(KINESIS, name="clicks"),
    ),
    passes("lambda-concurrency-bounded", "the mapping", _mapping(scalingConfig={"maximumConcurrency": 5}), _queue()),
    passes("lambda-concurrency-bounded", "the function", _mapping(), _function(reservedConcurrentExecutions=5), _queue()),
    fails("lambda-concurrency-bounded", "neither, of a queue that is not known yet", "may take all", _mapping(eventSourceArn=UNKNOWN).taking("eventSourceArn", _queue()), _function(), _queue()),
    passes("lambda-concurrency-bounded", "a function that is not known yet", _mapping(functionName=UNKNOWN).taking("functionName", _function()), _function(reservedConcurrentExecutions=5), _queue()),
    passes("lambda-concurrency-bounded", "a stream is bound by its shards", _stream()),
    fails("lambda-concurrency-bounded", "neither", "may take all of the account's concurrency", _mapping(), _function(), _queue()),
    # permissions
    passes("lambda-permission-scoped", "a rule", _permission(principal="events.amazonaws.com", sourceArn=arn("events", "rule/orders"))),
    passes("lambda-permission-scoped", "an API that has no id yet", _permission(principal="apigateway.amazonaws.com", sourceArn=UNKNOWN)),
    passes("lambda-permission-scoped", "buckets of an account", _permission(principal="s3.amazonaws.com", sourceAccount="123456789012")),
    passes("lambda-permission-scoped", "an account", _permission(principal="123456789012")),
    passes("lambda-permission-scoped", "an organisation", _permission(principal="*", principalOrgId="o-1")),
    passes("lambda-permission-scoped", "a URL for those with an identity", given(FUNCTION_URL, authorizationType="AWS_IAM")),
    fails("lambda-permission-scoped", "a service for anybody", "lets events.amazonaws.com call the function on behalf of any account", _permission(principal="events.amazonaws.com")),
    fails("lambda-permission-scoped", "anybody", "lets anybody call the function; name", _permission(principal="*")),
    fails("lambda-permission-scoped", "any source", "has the sourceArn *, which others have in their accounts too", _permission(principal="events.amazonaws.com", sourceArn="*")),
    fails("lambda-permission-scoped", "all actions", "allows lambda:*", _permission(action="lambda:*", principal="123456789012")),
    fails("lambda-permission-scoped", "a URL for anybody", "is a URL that anybody may call", given(FUNCTION_URL, authorizationType="NONE")),
    fails("lambda-permission-scoped", "a URL that does not say for whom", "is a URL that anybody may call", given(FUNCTION_URL)),
    fails("lambda-permission-scoped", "anybody by URL", "lets anybody call the function's URL", _permission(principal="*", functionUrlAuthType="NONE")),
    passes("lambda-esm-safe", "a broker, which knows of whole batches only", _mapping(eventSourceArn=arn("mq", "broker:b:1"), functionResponseTypes=[])),
    fails("lambda-esm-safe", "a queue that is declared elsewhere", "hands a whole batch back", _mapping(eventSourceArn=arn("sqs", "theirs"), functionResponseTypes=[])),
    fails("lambda-async-failure-path", "logs, in a region", "is called by permission without waiting", _function(), _permission(principal="logs.eu-west-1.amazonaws.com")),
    fails("lambda-permission-scoped", "rules of any account", "has the sourceArn arn:aws:events:*:*:rule/*, which others have", _permission(principal="events.amazonaws.com", sourceArn="arn:aws:events:*:*:rule/*")),
    passes("lambda-permission-scoped", "rules of any name in one account", _permission(principal="iot.amazonaws.com", sourceArn="arn:aws:iot:*:*:rule/*", sourceAccount="123456789012")),
    passes("lambda-permission-scoped", "a bucket of an account", _permission(principal="s3.amazonaws.com", sourceArn="arn:aws:s3:::lake", sourceAccount="123456789012")),
    *(
        fails("lambda-permission-scoped", f"a bucket{whose}", "call the function, which anybody may once it is deleted; set sourceAccount as well", _permission(principal="s3.amazonaws.com", sourceArn=bucket))
        for whose, bucket in ((", whosever it is", "arn:aws:s3:::lake"), (" that is not made yet", UNKNOWN))
    ),
    passes("lambda-permission-scoped", "a layer for an account, and for an organisation", *(given(LAYER_PERMISSION, whose["principal"], **whose) for whose in ({"principal": "123456789012"}, {"principal": "*", "organizationId": "o-1"}))),
    fails("lambda-permission-scoped", "a layer for anybody", "lets anybody use the layer; name the account", given(LAYER_PERMISSION, principal="*")),
    fails("lambda-permission-scoped", "a service in China", "on behalf of any account", _permission(principal="events.amazonaws.com.cn")),
    fails("lambda-esm-safe", "a Kinesis stream that is not known yet", ["gives a whole batch up", "does not say for how long", "drops records"], _stream(eventSourceArn=UNKNOWN).taking("eventSourceArn", given(KINESIS, "clicks")), given(KINESIS, "clicks")),
    fails("lambda-esm-safe", "a stream of which nothing is said", ["hands a whole batch back", "gives a whole batch up", "does not say for how long", "drops records"], given(MAPPING, eventSourceArn=arn("kinesis", "stream/clicks"), functionName="orders", bisectBatchOnFunctionError=False)),
    fails(RULE, "what is called after something that comes from nowhere", "is called by target without waiting", _function(), given(EVENT_TARGET, "unknown", arn=UNKNOWN), TARGET),
    fails(RULE, "the second of two, after one that comes from nowhere", "is called by notification without waiting", _function(), given("aws:s3/bucketNotification:BucketNotification", "notification", lambdaFunctions=[{"lambdaFunctionArn": UNKNOWN}, {"lambdaFunctionArn": ORDERS}])),
    passes("lambda-async-failure-path", "a permission that does not say for whom", _function(), given(PERMISSION, "permission", action="lambda:InvokeFunction", function="orders")),
)  # fmt: skip
