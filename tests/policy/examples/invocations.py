"""Functions let in the services that are told to call them: on the alias that is called, for what calls."""

from collections.abc import Mapping
from typing import Any

from policy.guardrails.aws import (
    ALARM,
    ALIAS,
    BUCKET,
    BUCKET_NOTIFICATION,
    COMPOSITE_ALARM,
    EVENT_RULE,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_POLICY,
    HTTP_API,
    LOG_GROUP,
    PERMISSION,
    REST_API,
    SUBSCRIPTION,
    TOPIC,
)
from tests.policy.examples import fails, passes
from tests.policy.given import ACCOUNT, UNKNOWN, Given, allow, arn, document, given

RULE = "lambda-caller-admitted"
ORDERS = arn("lambda", "function:orders")
URI = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ORDERS}/invocations"
INTEGRATION, HTTP_INTEGRATION = (
    "aws:apigateway/integration:Integration",
    "aws:apigatewayv2/integration:Integration",
)
FILTER = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
POOL = "aws:cognito/userPool:UserPool"
THE_FUNCTION = given(FUNCTION, "orders", name="orders")
LIVE = given(ALIAS, "live", name="live", functionName="orders")
NEWS, FILES = given(TOPIC, "news", name="news"), given(BUCKET, "files", bucket="files")
_LAMBDA = {"authorizerUri": ORDERS}
_TRIGGERS = (
    *("createAuthChallenge", "customMessage", "defineAuthChallenge", "postAuthentication"),
    *("postConfirmation", "preAuthentication", "preSignUp", "preTokenGeneration"),
    *("userMigration", "verifyAuthChallengeResponse"),
)
_CONFIGURED = ("customEmailSender", "customSmsSender", "preTokenGenerationConfig")
CALLERS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("apigateway", "aws:apigateway/authorizer:Authorizer", {"authorizerUri": URI}),
    ("apigateway", INTEGRATION, {"uri": URI}),
    ("apigateway", "aws:apigatewayv2/authorizer:Authorizer", {"authorizerUri": URI}),
    ("apigateway", HTTP_INTEGRATION, {"integrationUri": ORDERS}),
    ("apigateway", HTTP_INTEGRATION, {"integrationUri": URI}),
    ("apigateway", HTTP_API, {"protocolType": "HTTP", "target": ORDERS}),
    ("appsync", "aws:appsync/api:Api", {"eventConfig": {"authProviders": [{"lambdaAuthorizerConfig": _LAMBDA}]}}),
    ("appsync", "aws:appsync/graphQLApi:GraphQLApi", {"lambdaAuthorizerConfig": _LAMBDA}),
    ("appsync", "aws:appsync/graphQLApi:GraphQLApi", {"additionalAuthenticationProviders": [{}, {"lambdaAuthorizerConfig": _LAMBDA}]}),
    ("bedrock", "aws:bedrock/agentAgent:AgentAgent", {"promptOverrideConfigurations": [{"overrideLambda": ORDERS}]}),
    ("bedrock", "aws:bedrock/agentAgentActionGroup:AgentAgentActionGroup", {"actionGroupExecutor": {"lambda": ORDERS}}),
    ("codecommit", "aws:codecommit/trigger:Trigger", {"triggers": [{"destinationArn": ORDERS}]}),
    *(("cognito-idp", POOL, {"lambdaConfig": {trigger: ORDERS}}) for trigger in _TRIGGERS),
    *(("cognito-idp", POOL, {"lambdaConfig": {each: {"lambdaArn": ORDERS}}}) for each in _CONFIGURED),
    ("config", "aws:cfg/rule:Rule", {"source": {"owner": "CUSTOM_LAMBDA", "sourceIdentifier": ORDERS}}),
    ("config", "aws:cfg/organizationCustomRule:OrganizationCustomRule", {"lambdaFunctionArn": ORDERS}),
    ("elasticloadbalancing", "aws:alb/targetGroupAttachment:TargetGroupAttachment", {"targetId": ORDERS}),
    ("elasticloadbalancing", "aws:lb/targetGroupAttachment:TargetGroupAttachment", {"targetId": ORDERS}),
    ("iot", "aws:iot/authorizer:Authorizer", {"authorizerFunctionArn": ORDERS}),
    ("iot", "aws:iot/provisioningTemplate:ProvisioningTemplate", {"preProvisioningHook": {"targetArn": ORDERS}}),
    ("iot", "aws:iot/topicRule:TopicRule", {"lambdas": [{"functionArn": ORDERS}]}),
    ("iot", "aws:iot/topicRule:TopicRule", {"errorAction": {"lambda": {"functionArn": ORDERS}}}),
    ("ivschat", "aws:ivschat/room:Room", {"messageReviewHandler": {"uri": ORDERS}}),
    *(
        ("lambda.alarms.cloudwatch", alarm, {actions: [arn("sns", "alarms"), ORDERS]})
        for alarm in (ALARM, COMPOSITE_ALARM)
        for actions in ("alarmActions", "okActions", "insufficientDataActions")
    ),
    ("logs", FILTER, {"destinationArn": ORDERS}),
    ("s3", BUCKET_NOTIFICATION, {"bucket": "files", "lambdaFunctions": [{"lambdaFunctionArn": ORDERS}]}),
    ("secretsmanager", "aws:secretsmanager/secretRotation:SecretRotation", {"rotationLambdaArn": ORDERS}),
    ("ses", "aws:ses/receiptRule:ReceiptRule", {"lambdaActions": [{"functionArn": ORDERS}]}),
    ("sns", SUBSCRIPTION, {"protocol": "lambda", "endpoint": ORDERS, "topic": arn("sns", "news")}),
    ("transfer", "aws:transfer/server:Server", {"identityProviderType": "AWS_LAMBDA", "function": ORDERS}),
    ("voiceconnector.chime", "aws:chime/sdkvoiceSipMediaApplication:SdkvoiceSipMediaApplication", {"endpoints": {"lambdaArn": ORDERS}}),
    ("vpc-lattice", "aws:vpclattice/targetGroupAttachment:TargetGroupAttachment", {"target": {"id": ORDERS}}),
)  # fmt: skip

CALLED_WITH: tuple[tuple[str, Mapping[str, Any], str, str, str], ...] = (
    ("aws:apigateway/authorizer:Authorizer", {"restApi": "abc"}, "execute-api", "abc/authorizers/1", "abc"),
    (INTEGRATION, {"restApi": "abc"}, "execute-api", "abc/*/GET/orders", "xyz/*"),
    ("aws:apigatewayv2/authorizer:Authorizer", {"apiId": "abc"}, "execute-api", "abc/authorizers/1", "xyz/*"),
    (HTTP_INTEGRATION, {"apiId": "abc"}, "execute-api", "abc/*/$default", "abc"),
    (HTTP_API, {"id": "abc"}, "execute-api", "abc/*/*", "xyz/*/*"),
    ("aws:appsync/api:Api", {}, "appsync", "apis/abc", "endpoints/graphqlapi/abc"),
    ("aws:appsync/graphQLApi:GraphQLApi", {}, "appsync", "apis/abc", "endpoints/graphqlapi/abc"),
    ("aws:bedrock/agentAgent:AgentAgent", {}, "bedrock", "agent/ABC", "agent-alias/ABC/1"),
    ("aws:bedrock/agentAgentActionGroup:AgentAgentActionGroup", {"agentId": "ABC"}, "bedrock", "agent/ABC", "agent/XYZ"),
    ("aws:cfg/rule:Rule", {}, "config", "config-rule/config-rule-abc", ""),
    ("aws:cfg/organizationCustomRule:OrganizationCustomRule", {}, "config", "config-rule/*", ""),
    (FILTER, {"logGroup": "/orders"}, "logs", "log-group:/orders:*", "log-group:/orders"),
    ("aws:codecommit/trigger:Trigger", {"repositoryName": "shop"}, "codecommit", "shop", "site"),
    (POOL, {"id": "eu-west-1_abc"}, "cognito-idp", "userpool/eu-west-1_abc", "userpool/eu-west-1_xyz"),
    ("aws:iot/authorizer:Authorizer", {"name": "fleet"}, "iot", "authorizer/fleet", "rule/fleet"),
    ("aws:iot/provisioningTemplate:ProvisioningTemplate", {"name": "fleet"}, "iot", "provisioningtemplate/fleet", "provisioningtemplate/old"),
    ("aws:iot/topicRule:TopicRule", {"name": "fleet"}, "iot", "rule/fleet", "topic/fleet"),
    ("aws:ivschat/room:Room", {}, "ivschat", "room/abc", "logging-configuration/abc"),
    ("aws:lb/targetGroupAttachment:TargetGroupAttachment", {}, "elasticloadbalancing", "targetgroup/orders/1", "loadbalancer/app/orders/1"),
    ("aws:secretsmanager/secretRotation:SecretRotation", {"secretId": arn("secretsmanager", "secret:db-AbCdEf")}, "secretsmanager", "secret:db-AbCdEf", "db"),
    ("aws:ses/receiptRule:ReceiptRule", {"ruleSetName": "in", "name": "orders"}, "ses", "receipt-rule-set/in:receipt-rule/orders", "receipt-rule-set/in"),
    ("aws:transfer/server:Server", {"id": "s-1"}, "transfer", "server/s-1", "user/s-1/*"),
    ("aws:vpclattice/targetGroupAttachment:TargetGroupAttachment", {}, "vpc-lattice", "targetgroup/tg-1", "service/svc-1"),
    (ALARM, {"name": "late"}, "cloudwatch", "alarm:late", "alarm:early"),
    (COMPOSITE_ALARM, {"alarmName": "late"}, "cloudwatch", "alarm:late", "alarm:early"),
    (SUBSCRIPTION, {}, "sns", "news", ""),
)  # fmt: skip
"""What each type of caller calls as: a service, the last part of an ARN that is right, and of one that is not."""
INPUTS = {type_: (service, inputs) for service, type_, inputs in CALLERS}


def _called_with(type_: str, more: Mapping[str, Any], source: str) -> tuple[Given, ...]:
    service, inputs = INPUTS[type_]
    return (
        given(type_, **{**inputs, **more}),
        THE_FUNCTION,
        _permission(service, sourceArn=source),
    )


def _permission(service: str, **more: Any) -> Given:
    principal = f"{service}.amazonaws.com"
    return given(
        PERMISSION,
        **{"function": "orders", "action": "lambda:InvokeFunction", "principal": principal, **more},
    )


def _subscribed(**more: Any) -> Given:
    usual = {"protocol": "lambda", "topic": arn("sns", "news"), "endpoint": ORDERS}
    return given(SUBSCRIPTION, **{**usual, **more})


def _notifying(bucket: Any = "files") -> Given:
    return given(
        BUCKET_NOTIFICATION, bucket=bucket, lambdaFunctions=[{"lambdaFunctionArn": ORDERS}]
    )


def _policy(principal: object) -> Given:
    statement = allow("lambda:InvokeFunction", ORDERS, Principal=principal)
    return given(FUNCTION_POLICY, resourceArn=ORDERS, policy=document(statement))


BY_LIVE = _subscribed(endpoint=f"{ORDERS}:live")
BY_ALIAS = _subscribed(endpoint=UNKNOWN).taking("endpoint", LIVE)
REFUSED = "cannot call orders, which has no Permission for it; declare a Permission for"

EXAMPLES = (
    *(fails(RULE, f"{type_} without a permission, by {next(iter(inputs))} {number}", f"{REFUSED} {service}.amazonaws.com with the ", given(type_, **inputs), THE_FUNCTION) for number, (service, type_, inputs) in enumerate(CALLERS)),
    *(passes(RULE, f"{type_} with a permission, by {next(iter(inputs))} {number}", given(type_, **inputs), THE_FUNCTION, _permission(service)) for number, (service, type_, inputs) in enumerate(CALLERS)),
    fails(RULE, "a permission for another service", REFUSED, _subscribed(), THE_FUNCTION, _permission("events")),
    fails(RULE, "a permission for another function", REFUSED, _subscribed(), THE_FUNCTION, given(FUNCTION, "users", name="users"), _permission("sns", function="users")),
    passes(RULE, "a permission beside one for a function that nobody knows here", _subscribed(), THE_FUNCTION, _permission("sns", function=UNKNOWN), _permission("sns")),
    fails(RULE, "a permission to do something else", REFUSED, _subscribed(), THE_FUNCTION, _permission("sns", action="lambda:GetFunction")),
    passes(RULE, "a permission to do anything, for anybody", _subscribed(), THE_FUNCTION, _permission("sns", action="lambda:*", principal="*")),
    passes(RULE, "a permission for a service in its region", given(FILTER, destinationArn=ORDERS), THE_FUNCTION, _permission("logs.eu-west-1")),
    passes(RULE, "a permission by the function's ARN", _subscribed(), THE_FUNCTION, _permission("sns", function=ORDERS)),
    passes(RULE, "a permission by an ARN in part", _subscribed(), THE_FUNCTION, _permission("sns", function=f"{ACCOUNT}:function:orders")),
    # what is not called by leave of a function
    passes(RULE, "a function of another stack", _subscribed(endpoint=arn("lambda", "function:theirs")), THE_FUNCTION),
    passes(RULE, "a function of another stack, behind an API", given(INTEGRATION, uri=URI.replace("orders", "theirs")), THE_FUNCTION),
    passes(RULE, "a queue", _subscribed(protocol="sqs", endpoint=arn("sqs", "orders")), THE_FUNCTION),
    passes(RULE, "an address", given(HTTP_INTEGRATION, integrationUri="https://example.com/orders"), THE_FUNCTION),
    passes(RULE, "a rule that AWS manages", given("aws:cfg/rule:Rule", source={"owner": "AWS", "sourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}), THE_FUNCTION),
    *(
        passes(RULE, f"an API that calls with a role of its own, by {role}", given(type_, **{uri: URI, role: f"arn:aws:iam::{ACCOUNT}:role/r"}), THE_FUNCTION)
        for type_, uri, role in (
            (INTEGRATION, "uri", "credentials"),
            (HTTP_INTEGRATION, "integrationUri", "credentialsArn"),
            (HTTP_API, "target", "credentialsArn"),
            ("aws:apigateway/authorizer:Authorizer", "authorizerUri", "authorizerCredentials"),
            ("aws:apigatewayv2/authorizer:Authorizer", "authorizerUri", "authorizerCredentialsArn"),
        )
    ),
    # aliases and versions
    passes(RULE, "a permission on the alias that is called", BY_LIVE, THE_FUNCTION, _permission("sns", qualifier="live")),
    passes(RULE, "a permission by the name of the alias that is called", BY_LIVE, THE_FUNCTION, _permission("sns", function="orders:live")),
    passes(RULE, "a permission on a version that is not known yet", _subscribed(endpoint=f"{ORDERS}:7"), THE_FUNCTION, _permission("sns", qualifier=UNKNOWN)),
    passes(RULE, "a permission on an alias that has no ARN yet", BY_ALIAS, LIVE, THE_FUNCTION, _permission("sns", qualifier="live")),
    passes(RULE, "a function by its latest version", _subscribed(endpoint=f"{ORDERS}:$LATEST"), THE_FUNCTION, _permission("sns")),
    passes(RULE, "an alias that the stage of an API chooses", given(INTEGRATION, uri=URI.replace("orders", "orders:${stageVariables.alias}")), THE_FUNCTION, _permission("apigateway", qualifier="live")),
    passes(RULE, "a function that has no ARN yet", _subscribed(endpoint=UNKNOWN).taking("endpoint", THE_FUNCTION), THE_FUNCTION, _permission("sns", function=UNKNOWN).taking("function", THE_FUNCTION)),
    passes(RULE, "a version that has no ARN yet", _subscribed(endpoint=UNKNOWN).taking("endpoint", THE_FUNCTION), THE_FUNCTION, _permission("sns", qualifier="7")),
    passes(RULE, "the ARN of a function, put together with the name of its alias", _subscribed(endpoint=UNKNOWN).taking("endpoint", LIVE, THE_FUNCTION), LIVE, THE_FUNCTION, _permission("sns", qualifier="blue")),
    passes(RULE, "an alias that has no name yet", BY_ALIAS, given(ALIAS, "live", name=UNKNOWN, functionName="orders"), THE_FUNCTION, _permission("sns", qualifier="live")),
    fails(RULE, "an alias of a function that has no name yet, without a permission", "the qualifier live", BY_ALIAS, given(ALIAS, "live", name="live", functionName=UNKNOWN).taking("functionName", THE_FUNCTION), THE_FUNCTION),
    fails(RULE, "an alias without a permission", f"{REFUSED} sns.amazonaws.com with the ARN of what calls, arn:${{Partition}}:sns:${{Region}}:${{Account}}:${{Topic}}, and the qualifier live.", BY_LIVE, THE_FUNCTION),
    fails(RULE, "a permission on the function, when its alias is called", "the qualifier live", BY_LIVE, THE_FUNCTION, _permission("sns")),
    fails(RULE, "a permission on the function, when an alias is called that has no ARN yet", "the qualifier live", BY_ALIAS, LIVE, THE_FUNCTION, _permission("sns")),
    fails(RULE, "a permission on the alias, when the function is called", f"{REFUSED} sns.amazonaws.com with the ARN of what calls, arn:${{Partition}}:sns:${{Region}}:${{Account}}:${{Topic}}.", _subscribed(), THE_FUNCTION, _permission("sns", qualifier="live")),
    fails(RULE, "a permission on another alias", "the qualifier live", BY_LIVE, THE_FUNCTION, _permission("sns", function="orders:live", qualifier="blue")),
    fails(RULE, "a function that has no ARN yet, without a permission", f"{REFUSED} sns.amazonaws.com with the ARN of what calls, arn:${{Partition}}:sns:${{Region}}:${{Account}}:${{Topic}}.", _subscribed(endpoint=UNKNOWN).taking("endpoint", THE_FUNCTION), THE_FUNCTION),
    # what is called for
    *(passes(RULE, f"a permission for the topic, by {source}", _subscribed(), NEWS, THE_FUNCTION, _permission("sns", sourceArn=source)) for source in (arn("sns", "news"), arn("sns", "n*"), "arn:aws:sns:*:*:*")),
    passes(RULE, "a permission for the topic of another stack", _subscribed(), THE_FUNCTION, _permission("sns", sourceArn=arn("sns", "news"))),
    passes(RULE, "a permission for a topic that has no ARN yet", _subscribed(topic=UNKNOWN).taking("topic", NEWS), NEWS, THE_FUNCTION, _permission("sns", sourceArn=UNKNOWN).taking("sourceArn", NEWS)),
    passes(RULE, "a permission for a topic that has no name yet", _subscribed(topic=UNKNOWN).taking("topic", given(TOPIC, "news")), given(TOPIC, "news", name=UNKNOWN), THE_FUNCTION, _permission("sns", sourceArn=arn("sns", "news"))),
    passes(RULE, "a permission for what nobody knows here", _subscribed(), NEWS, THE_FUNCTION, _permission("sns", sourceArn=UNKNOWN)),
    passes(RULE, "a permission for what comes from something else", _subscribed(), NEWS, THE_FUNCTION, _permission("sns", sourceArn=UNKNOWN).taking("sourceArn", THE_FUNCTION)),
    passes(RULE, "a permission for a bucket", _notifying(), FILES, THE_FUNCTION, _permission("s3", sourceArn="arn:aws:s3:::files")),
    passes(RULE, "a permission for a log group", given(FILTER, logGroup="/orders", destinationArn=ORDERS), given(LOG_GROUP, name="/orders"), THE_FUNCTION, _permission("logs", sourceArn=arn("logs", "log-group:/orders:*"))),
    passes(RULE, "a permission for an API", given(INTEGRATION, restApi="abc", uri=URI), given(REST_API, id="abc"), THE_FUNCTION, _permission("apigateway", sourceArn=arn("execute-api", "abc/*/GET/orders"))),
    passes(RULE, "a permission for every API", given(HTTP_INTEGRATION, apiId="abc", integrationUri=URI), THE_FUNCTION, _permission("apigateway", sourceArn=arn("execute-api", "*/*/*"))),
    passes(RULE, "a permission for an API that has no id yet", given(HTTP_INTEGRATION, apiId=UNKNOWN, integrationUri=URI).taking("apiId", given(HTTP_API)), given(HTTP_API), THE_FUNCTION, _permission("apigateway", sourceArn=UNKNOWN).taking("sourceArn", given(HTTP_API))),
    fails(RULE, "a permission for another topic", REFUSED, _subscribed(), NEWS, THE_FUNCTION, _permission("sns", sourceArn=arn("sns", "old"))),
    fails(RULE, "a permission for another topic than that of another stack", REFUSED, _subscribed(), THE_FUNCTION, _permission("sns", sourceArn=arn("sns", "old"))),
    fails(RULE, "a permission for another topic that has no ARN yet", REFUSED, _subscribed(), NEWS, given(TOPIC, "old", name="old"), THE_FUNCTION, _permission("sns", sourceArn=UNKNOWN).taking("sourceArn", given(TOPIC, "old"))),
    fails(RULE, "a permission for another bucket", REFUSED, _notifying(), FILES, THE_FUNCTION, _permission("s3", sourceArn="arn:aws:s3:::pictures")),
    fails(RULE, "a permission for another bucket than one that is known by another resource", REFUSED, _notifying(UNKNOWN).taking("bucket", FILES), FILES, THE_FUNCTION, _permission("s3", sourceArn="arn:aws:s3:::pictures")),
    *(fails(RULE, f"a permission for another API than one that is known by another resource, by {property_}", REFUSED, given(type_, **{property_: UNKNOWN, uri: URI}).taking(property_, given(api)), given(api, id="abc", name="xyz"), THE_FUNCTION, _permission("apigateway", sourceArn=arn("execute-api", "xyz/*/*"))) for type_, property_, uri, api in ((INTEGRATION, "restApi", "uri", REST_API), (HTTP_INTEGRATION, "apiId", "integrationUri", HTTP_API), ("aws:apigateway/authorizer:Authorizer", "restApi", "authorizerUri", REST_API), ("aws:apigatewayv2/authorizer:Authorizer", "apiId", "authorizerUri", HTTP_API))),
    fails(RULE, "a permission for another log group than one that is known by another resource", REFUSED, given(FILTER, logGroup=UNKNOWN, destinationArn=ORDERS).taking("logGroup", given(LOG_GROUP)), given(LOG_GROUP, name="/orders"), THE_FUNCTION, _permission("logs", sourceArn=arn("logs", "log-group:/users:*"))),
    fails(RULE, "a permission for another log group", REFUSED, given(FILTER, logGroup="/orders", destinationArn=ORDERS), THE_FUNCTION, _permission("logs", sourceArn=arn("logs", "log-group:/users:*"))),
    *(fails(RULE, f"a permission for another API, by {property_}", REFUSED, given(type_, **{property_: "abc", uri: URI}), given(api, id="abc"), THE_FUNCTION, _permission("apigateway", sourceArn=arn("execute-api", "xyz/*/*"))) for type_, property_, uri, api in ((INTEGRATION, "restApi", "uri", REST_API), (HTTP_INTEGRATION, "apiId", "integrationUri", HTTP_API), ("aws:apigateway/authorizer:Authorizer", "restApi", "authorizerUri", REST_API), ("aws:apigatewayv2/authorizer:Authorizer", "apiId", "authorizerUri", HTTP_API))),
    # the ARN that a service calls with
    *(passes(RULE, f"a permission for the {last} that {type_} is called for", *_called_with(type_, more, arn(service, last))) for type_, more, service, last, _ in CALLED_WITH),
    *(passes(RULE, f"a permission for all of {service} in place of {type_}", *_called_with(type_, more, arn(service, "*"))) for type_, more, service, *_ in CALLED_WITH),
    *(fails(RULE, f"a permission for {last}, in place of {type_}", REFUSED, *_called_with(type_, more, arn(service, last))) for type_, more, service, _, last in CALLED_WITH),
    *(fails(RULE, f"a permission for a bucket, in place of {type_}", REFUSED, *_called_with(type_, more, "arn:aws:s3:::files")) for type_, more, *_ in CALLED_WITH),
    fails(RULE, "a permission for a topic, in place of a bucket", REFUSED, *_called_with(BUCKET_NOTIFICATION, {}, arn("sns", "files"))),
    fails(RULE, "a permission for the objects of a bucket, which notifies for itself", REFUSED, *_called_with(BUCKET_NOTIFICATION, {}, "arn:aws:s3:::files/*")),
    passes(RULE, "a permission for whatever a telephone application is called for", *_called_with("aws:chime/sdkvoiceSipMediaApplication:SdkvoiceSipMediaApplication", {}, arn("chime", "sma/1"))),
    passes(RULE, "a permission for an alarm of a name that is not known yet", *_called_with(ALARM, {"name": UNKNOWN}, arn("cloudwatch", "alarm:late"))),
    fails(RULE, "an alarm whose ARN can be told", "with the ARN of what calls, arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:late.", given(ALARM, name="late", alarmActions=[ORDERS]), THE_FUNCTION),
    fails(RULE, "a notification whose ARN can be told", "with the ARN of what calls, arn:${Partition}:s3:::files, and its account, which that does not name.", _notifying(), THE_FUNCTION),
    fails(RULE, "a telephone application, of which AWS says no ARN", "for voiceconnector.chime.amazonaws.com with the account of what calls.", given("aws:chime/sdkvoiceSipMediaApplication:SdkvoiceSipMediaApplication", endpoints={"lambdaArn": ORDERS}), THE_FUNCTION),
    fails("eventbridge-target-admitted", "a permission for a bus, in place of its rule", "has no Permission for the rule", given(EVENT_TARGET, arn=ORDERS, rule="placed"), THE_FUNCTION, _permission("events", sourceArn=arn("events", "event-bus/placed"))),
    # a whole policy in place of permissions
    passes(RULE, "a policy that lets the service in", _subscribed(), THE_FUNCTION, _policy({"Service": "sns.amazonaws.com"})),
    passes(RULE, "a policy that lets anybody in, of a function that has no ARN yet", _subscribed(), THE_FUNCTION, given(FUNCTION_POLICY, resourceArn=UNKNOWN, policy=document(allow("lambda:InvokeFunction", "*", Principal="*"))).taking("resourceArn", THE_FUNCTION)),
    fails(RULE, "a policy that lets another service in", REFUSED, _subscribed(), THE_FUNCTION, _policy({"Service": "s3.amazonaws.com"})),
    fails(RULE, "a policy of another function", REFUSED, _subscribed(), THE_FUNCTION, given(FUNCTION_POLICY, resourceArn=arn("lambda", "function:users"), policy=document(allow("lambda:InvokeFunction", "*", Principal="*")))),
    # rules of EventBridge are told as their other targets are
    passes(RULE, "a rule's target is told by another rule", given(EVENT_TARGET, arn=ORDERS, rule="placed"), given(EVENT_RULE, name="placed"), THE_FUNCTION),
    fails("eventbridge-target-admitted", "a permission on the function, when its alias is the target", "with the rule's ARN, and the qualifier live.", given(EVENT_TARGET, arn=f"{ORDERS}:live", rule="placed"), given(EVENT_RULE, name="placed"), THE_FUNCTION, _permission("events")),
    passes("eventbridge-target-admitted", "a permission on the alias that is the target", given(EVENT_TARGET, arn=f"{ORDERS}:live", rule="placed"), given(EVENT_RULE, name="placed"), THE_FUNCTION, _permission("events", qualifier="live")),
    passes("eventbridge-target-admitted", "a function that the role of its target may call", given(EVENT_TARGET, arn=ORDERS, rule="placed", roleArn=f"arn:aws:iam::{ACCOUNT}:role/r"), given(EVENT_RULE, name="placed"), THE_FUNCTION),
)  # fmt: skip
