"""APIs, containers, alarms, keys, tags, secrets."""

import json

from policy.guardrails.aws import (
    ALARM,
    BUILD,
    CLUSTER,
    COMPOSITE_ALARM,
    FUNCTION,
    HTTP_API,
    HTTP_ROUTE,
    HTTP_STAGE,
    KMS_KEY,
    LOG_GROUP,
    METHOD,
    METHOD_SETTINGS,
    QUEUE,
    REST_API,
    REST_STAGE,
    SERVICE,
    TASK_DEFINITION,
)
from tests.policy.examples import fails, passes
from tests.policy.given import UNKNOWN, Given, arn, given, secret

LIMITS = {"throttlingRateLimit": 100, "throttlingBurstLimit": 200}
API = given(REST_API, "api", name="orders")
CONTAINER = {
    "name": "app",
    "user": "1000:1000",
    "readonlyRootFilesystem": True,
    "logConfiguration": {"logDriver": "awslogs"},
}


def _stage(**more: object) -> Given:
    return given(REST_STAGE, "stage", **{"restApi": "abc", "stageName": "v1"} | more)


SOCKET = given(HTTP_API, "api", name="orders", protocolType="WEBSOCKET")


def _route(key: str, **more: object) -> Given:
    return given(HTTP_ROUTE, key, apiId=UNKNOWN, routeKey=key, **more).taking("apiId", SOCKET)


def _settings(**more: object) -> Given:
    inputs = {"restApi": "abc", "stageName": "v1", "methodPath": "*/*", "settings": LIMITS}
    return given(METHOD_SETTINGS, **inputs | more)


def _task(network: str = "awsvpc", **more: object) -> Given:
    return given(
        TASK_DEFINITION, networkMode=network, containerDefinitions=json.dumps([CONTAINER | more])
    )


def _environment(**variables: object) -> Given:
    return given(FUNCTION, environment={"variables": variables})


def _container_environment(name: str, value: str) -> Given:
    containers = [{"name": "app", "environment": [{"name": name, "value": value}]}]
    return given(TASK_DEFINITION, containerDefinitions=json.dumps(containers))


def _build(**variable: object) -> Given:
    return given(BUILD, environment={"environmentVariables": [variable]})


EXAMPLES = (
    passes("log-group-kms", "a key that is not known yet", given(LOG_GROUP, kmsKeyId=UNKNOWN)),
    fails("log-group-kms", "none", "is encrypted with a key of AWS's own", given(LOG_GROUP)),
    passes("log-group-class", "one that keeps logs", given(LOG_GROUP), given(LOG_GROUP, "b", logGroupClass="INFREQUENT_ACCESS")),
    fails("log-group-class", "one that does not", "keeps its logs for a day, whatever", given(LOG_GROUP, logGroupClass="DELIVERY")),
    passes("api-logged", "a REST and an HTTP stage", _stage(accessLogSettings={"destinationArn": UNKNOWN}), given(HTTP_STAGE, accessLogSettings={"destinationArn": "a"})),
    fails("api-logged", "nothing", "does not log who calls", _stage()),
    passes("api-traced", "on", _stage(xrayTracingEnabled=True)),
    fails("api-traced", "not said", "is not traced", _stage()),
    fails("api-traced", "off", "is not traced", _stage(xrayTracingEnabled=False)),
    passes("api-throttled", "all methods", _stage(), _settings()),
    passes(
        "api-throttled",
        "all methods of an API that has no id yet",
        given(REST_STAGE, restApi=UNKNOWN, stageName="v1").taking("restApi", API),
        given(METHOD_SETTINGS, restApi=UNKNOWN, stageName="v1", methodPath="*/*", settings=LIMITS).taking("restApi", API),
        API,
    ),
    passes("api-throttled", "one request after the other", _stage(), _settings(settings=dict.fromkeys(LIMITS, 1))),
    fails("api-throttled", "another API that is there already", "takes as many", _stage(restApi="orders"), _settings(restApi="users"), API, given(REST_API, "users", name="users")),
    passes("api-throttled", "an HTTP API", given(HTTP_STAGE, defaultRouteSettings=LIMITS)),
    fails("api-throttled", "nothing", 'in MethodSettings of it with the methodPath "*/*"', _stage()),
    fails("api-throttled", "one method", "takes as many requests as the account can bear", _stage(), _settings(methodPath="orders/GET")),
    fails("api-throttled", "another stage", "takes as many", _stage(), _settings(stageName="v2")),
    fails("api-throttled", "another API", "takes as many", _stage(), _settings(restApi=UNKNOWN).taking("restApi", API), API),
    fails("api-throttled", "a rate of zero", "takes as many", _stage(), _settings(settings={**LIMITS, "throttlingRateLimit": 0})),
    fails("api-throttled", "an HTTP API", "in defaultRouteSettings", given(HTTP_STAGE, defaultRouteSettings={"throttlingRateLimit": 5})),
    passes("api-authorized", "a signature, and a token", given(METHOD, authorization="AWS_IAM"), given(HTTP_ROUTE, authorizationType="JWT")),
    passes("api-authorized", "what browsers ask first", given(METHOD, authorization="NONE", httpMethod="OPTIONS")),
    passes("api-authorized", "what is public on purpose", given(METHOD, "get-health", authorization="NONE"), public=["get-health"]),
    fails("api-authorized", "a method", "may be called by anybody; set authorization, or name it", given(METHOD, authorization="NONE", httpMethod="POST")),
    fails("api-authorized", "a route", "set authorizationType", given(HTTP_ROUTE, routeKey="GET /"), public=["get-health"]),
    passes("ecs-hardened", "a task without rights, and one without containers", _task(), given(TASK_DEFINITION, "empty", networkMode="awsvpc")),
    passes("ecs-hardened", "a measured cluster, and a private service", given(CLUSTER, settings=[{"name": "containerInsights", "value": "enhanced"}]), given(SERVICE, networkConfiguration={"subnets": []})),
    fails("ecs-hardened", "a cluster that is not measured", "does not measure its containers", given(CLUSTER, settings=[{"name": "containerInsights", "value": "disabled"}])),
    fails("ecs-hardened", "a cluster in which something else is on", "does not measure its containers", given(CLUSTER, settings=[{"name": "other", "value": "enabled"}])),
    passes("ecs-hardened", "a cluster that measures what it has to", given(CLUSTER, settings=[{"name": "containerInsights", "value": "enabled"}])),
    fails("ecs-hardened", "a public service", "gives its tasks public addresses", given(SERVICE, networkConfiguration={"assignPublicIp": True})),
    fails("ecs-hardened", "the network of the host", "shares the network of its host", _task("host")),
    fails("ecs-hardened", "root", "has the container app, which runs as root; set user", _task(user="0:1000")),
    fails("ecs-hardened", "root by its name", "runs as root", _task(user="root")),
    fails("ecs-hardened", "nobody said", "runs as root", _task(user="")),
    fails("ecs-hardened", "a program that may change", "can change its own program", _task(readonlyRootFilesystem=False)),
    fails("ecs-hardened", "all rights", "has all rights on its host", _task(privileged=True)),
    fails("ecs-hardened", "no logs", "logs nothing", _task(logConfiguration=None)),
    passes("alarm-has-action", "a topic", given(ALARM, alarmActions=[arn("sns", "alarms")])),
    passes("alarm-has-action", "a topic that is not known yet", given(COMPOSITE_ALARM, alarmActions=UNKNOWN)),
    fails("alarm-has-action", "none", "tells nobody", given(ALARM)),
    fails("alarm-has-action", "a composite alarm", "tells nobody", given(COMPOSITE_ALARM, alarmActions=[])),
    fails("alarm-has-action", "muted", "is muted", given(ALARM, alarmActions=["a"], actionsEnabled=False)),
    passes("kms-rotation", "one that encrypts and cannot rotate, kept for the shortest time", given(KMS_KEY, customerMasterKeySpec="RSA_2048", deletionWindowInDays=7)),
    passes("kms-rotation", "rotating", given(KMS_KEY, enableKeyRotation=True)),
    passes("kms-rotation", "keys that cannot rotate", given(KMS_KEY, customerMasterKeySpec="RSA_2048", keyUsage="SIGN_VERIFY"), given(KMS_KEY, "mac", keyUsage="GENERATE_VERIFY_MAC")),
    fails("kms-rotation", "not rotating", "is never changed", given(KMS_KEY)),
    fails("kms-rotation", "lost at once", "can be lost 7 days after a mistake; set deletionWindowInDays to 14", given(KMS_KEY, enableKeyRotation=True, deletionWindowInDays=7), windowDays=14),
    fails("kms-rotation", "a lock without a key", "locks everybody out", given(KMS_KEY, enableKeyRotation=True, bypassPolicyLockoutSafetyCheck=True)),
    passes("required-tags", "nothing is required", given(QUEUE)),
    passes("required-tags", "tagged", given(QUEUE, tags={"owner": "orders", "more": "x"}), tags=["owner"]),
    fails("required-tags", "not tagged", "lacks the tags owner, stage; set them", given(QUEUE), tags=["owner", "stage"]),
    fails("required-tags", "half tagged", "lacks the tags stage", given(QUEUE, tags={"owner": "a"}), tags=["owner", "stage"]),
    passes(
        "no-plain-secrets",
        "names, places and words",
        _environment(
            TABLE_NAME="orders",
            DB_SECRET="arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
            PASSWORD="",
            API_KEY="{{resolve:secretsmanager:db}}",
            TOKEN_TABLE="tokens",
            QUEUE_URL="https://sqs.eu-west-1.amazonaws.com/123456789012/orders-of-the-customers-in-europe",
            GREETING="Dear customer, thank you for buying at Quick & Fox (since 1987)!",
            HANDLER="handlers.orders.application_programming_interface",
            LATER=UNKNOWN,
        ),
    ),
    passes("no-plain-secrets", "a build that asks Parameter Store", _build(name="TOKEN", value="token", type="PARAMETER_STORE")),
    fails("no-plain-secrets", "by its name", "has a secret in the environment variable DB_PASSWORD, for all to read; keep it in Secrets Manager", _environment(DB_PASSWORD="hunter2")),
    fails("no-plain-secrets", "a secret of Pulumi", "has a Pulumi secret in the environment variable COLOR, for all to read on AWS", _environment(COLOR=secret("red"))),
    fails("no-plain-secrets", "an environment that is secret as a whole", "Pulumi secret in the environment variable COLOR", given(FUNCTION, environment=secret({"variables": {"COLOR": "red"}}))),
    passes("no-plain-secrets", "a secret that is not known yet", _environment(COLOR=secret(UNKNOWN))),
    fails("no-plain-secrets", "a key of AWS", "variable ID", _environment(ID="AKIAIOSFODNN7EXAMPLE")),
    fails("no-plain-secrets", "by its randomness", "variable SALT", _environment(SALT="9fK2xQ7vLr4TzW8mBn3YcHs6DpJe1GaU")),
    fails("no-plain-secrets", "in a container", "variable API_KEY of app", _container_environment("API_KEY", "hunter2")),
    fails("no-plain-secrets", "in a build", "variable TOKEN", _build(name="TOKEN", value="hunter2")),
    passes("api-authorized", "the routes of a connection that is let in", SOCKET, _route("$connect", authorizationType="AWS_IAM"), *map(_route, ("$disconnect", "$default", "send"))),
    passes("api-authorized", "a route of an API that is there already", SOCKET, given(HTTP_ROUTE, apiId="orders", routeKey="$default")),
    passes("api-authorized", "a message to an API that is declared elsewhere", given(HTTP_ROUTE, apiId="abc", routeKey="send")),
    fails("api-authorized", "a connection", "may be called by anybody", SOCKET, _route("$connect")),
    fails("api-authorized", "all other routes of an HTTP API", "may be called by anybody", given(HTTP_API, "api", protocolType="HTTP"), _route("$default")),
    passes("api-authorized", "what browsers ask an HTTP API first", _route("OPTIONS /orders")),
    passes("ecs-hardened", "a container without an environment", _task(environment=None)),
    passes("no-plain-secrets", "a container without an environment, and a task without containers", _task(environment=None), given(TASK_DEFINITION, "empty")),
    *(
        fails("no-plain-secrets", f"by its name {name}", f"variable {name}", _environment(**{name: value}))
        for name, value in (
            ("dbPassword", "hunter2"),
            ("PGPASSWORD", "hunter2"),
            ("MYSQL_PWD", "hunter2"),
            ("JWT_SIGNING_KEY", "hunter2"),
            ("DATABASE_URL", "postgres://app:hunter2@db/orders"),
        )
    ),
    passes("no-plain-secrets", "where a secret is kept, and what only looks like one", _environment(DB_PASSWORD="/orders/prod/db-password", DB_SECRET_NAME="orders", CACHE_BYPASS="true", CLIENT_ID="3n4b5urk1ft4fl3mg5e62d9ado", DATABASE_URL="postgres://db/orders", DB="postgres://{user}:{password}@db")),
    fails("api-logged", "a format without a group", "does not log who calls", _stage(accessLogSettings={"format": "$context.requestId"})),
    fails("api-traced", "off in a stage with a name", "is not traced", given(REST_STAGE, stageName="v1", xrayTracingEnabled=False)),
    passes("ecs-hardened", "a user without a group", _task(user="1000")),
    fails("ecs-hardened", "a container that says nothing", [f"has the container app, which {wrong}" for wrong in ("logs nothing", "runs as root", "can change its own program")], given(TASK_DEFINITION, networkMode="awsvpc", containerDefinitions=json.dumps([{"name": "app"}]))),
    fails("ecs-hardened", "a container without a name", "has the container a container, which runs as root", given(TASK_DEFINITION, networkMode="awsvpc", containerDefinitions=json.dumps([{key: value for key, value in CONTAINER.items() if key != "name"} | {"user": "0"}]))),
    fails("ecs-hardened", "a cluster of which nothing is said", "does not measure its containers", given(CLUSTER, name="main")),
    passes("ecs-hardened", "a service that is said to be private", given(SERVICE, networkConfiguration={"subnets": ["a"], "assignPublicIp": False})),
    passes("kms-rotation", "one that is kept as long as can be, by AWS's default", given(KMS_KEY, enableKeyRotation=True), windowDays=30),
    fails("kms-rotation", "rotation that is said to be off", "is never changed", given(KMS_KEY, enableKeyRotation=False, deletionWindowInDays=30)),
    fails("no-plain-secrets", "in a build, by its randomness", "variable SALT", _build(name="SALT", value="9fK2xQ7vLr4TzW8mBn3YcHs6DpJe1GaU")),
    passes("no-plain-secrets", "a build whose environment has no variables", given(BUILD, environment={"type": "LINUX_CONTAINER"})),
    fails("api-throttled", "settings without a path, and without settings", "takes as many", _stage(), given(METHOD_SETTINGS, restApi="abc", stageName="v1"), given(METHOD_SETTINGS, "all", restApi="abc", stageName="v1", methodPath="*/*")),
    fails("no-plain-secrets", "variables of a build that are secret as a whole", "Pulumi secret in the environment variable COLOR", given(BUILD, environment=secret({"environmentVariables": [{"name": "COLOR", "value": "red"}]}))),
)  # fmt: skip
