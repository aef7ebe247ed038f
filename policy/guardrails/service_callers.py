"""Services that call functions by leave of these functions' policies, where their resources name the functions, and as what they call."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .aws import (
    ALARM,
    BUCKET,
    BUCKET_NOTIFICATION,
    COMPOSITE_ALARM,
    EVENT_RULE,
    EVENT_TARGET,
    GRAPHQL_API,
    HTTP_API,
    LOG_GROUP,
    REST_API,
    SUBSCRIPTION,
    TOPIC,
    TRANSFER_SERVER,
)
from .iam.arns import VARIABLE, ArnFormat, is_arn
from .resource import Resource


@dataclass(frozen=True)
class Caller:
    """How resources of a type call functions."""

    name: str
    """The service that does, without `.amazonaws.com`."""
    at: tuple[str, ...]
    """Where the properties name functions; `*` stands for each of a list."""
    calls_as: str = ""
    """The service and the last part of the ARN that it calls with; a property in it becomes its value where that is known."""
    role: str = ""
    """The property with a role that calls in the service's place."""
    source: tuple[str, str] = ("", "")
    """The property that names what the service calls for, and the type of that."""

    @property
    def service(self) -> str:
        """The principal that a function has to let in."""
        return f"{self.name}.amazonaws.com"

    def arn_for(self, resource: Resource) -> str:
        """The format of the ARN that the service calls with for a resource; empty where AWS does not say."""

        def value(variable: re.Match[str]) -> str:
            known = resource.props.get(variable[0][2:-1])
            return known if isinstance(known, str) and not is_arn(known) else variable[0]

        service, _, last = VARIABLE.sub(value, self.calls_as).partition(":")
        # The ARN of a bucket has neither a region nor an account.
        place = ":" if service == "s3" else "${Region}:${Account}"
        return f"arn:${{Partition}}:{service}:{place}:{last}" if service else ""

    def may_send(self, resource: Resource, arn: str) -> bool:
        """Whether an ARN, with wildcards or without, can be one that the service calls with for a resource."""
        form = self.arn_for(resource)
        return not form or _format(form).fits(arn)


_format = lru_cache(maxsize=1_024)(ArnFormat)
_TRIGGERS = (
    *("createAuthChallenge", "customMessage", "defineAuthChallenge", "postAuthentication"),
    *("postConfirmation", "preAuthentication", "preSignUp", "preTokenGeneration"),
    *("userMigration", "verifyAuthChallengeResponse"),
    *("customEmailSender.lambdaArn", "customSmsSender.lambdaArn"),
    "preTokenGenerationConfig.lambdaArn",
)
_ALARM_ACTIONS = ("alarmActions.*", "okActions.*", "insufficientDataActions.*")
_REST, _HTTP = "execute-api:${restApi}/${Path}", "execute-api:${apiId}/${Path}"
CALLERS: Mapping[str, Caller] = {
    "aws:apigateway/authorizer:Authorizer": Caller(
        "apigateway",
        ("authorizerUri",),
        _REST,
        role="authorizerCredentials",
        source=("restApi", REST_API),
    ),
    "aws:apigateway/integration:Integration": Caller(
        "apigateway",
        ("uri",),
        _REST,
        role="credentials",
        source=("restApi", REST_API),
    ),
    "aws:apigatewayv2/authorizer:Authorizer": Caller(
        "apigateway",
        ("authorizerUri",),
        _HTTP,
        role="authorizerCredentialsArn",
        source=("apiId", HTTP_API),
    ),
    "aws:apigatewayv2/integration:Integration": Caller(
        "apigateway",
        ("integrationUri",),
        _HTTP,
        role="credentialsArn",
        source=("apiId", HTTP_API),
    ),
    "aws:appsync/api:Api": Caller(
        "appsync",
        ("eventConfig.authProviders.*.lambdaAuthorizerConfig.authorizerUri",),
        "appsync:apis/${Id}",
    ),
    GRAPHQL_API: Caller(
        "appsync",
        (
            "lambdaAuthorizerConfig.authorizerUri",
            "additionalAuthenticationProviders.*.lambdaAuthorizerConfig.authorizerUri",
        ),
        "appsync:apis/${Id}",
    ),
    "aws:bedrock/agentAgent:AgentAgent": Caller(
        "bedrock", ("promptOverrideConfigurations.*.overrideLambda",), "bedrock:agent/${Id}"
    ),
    "aws:bedrock/agentAgentActionGroup:AgentAgentActionGroup": Caller(
        "bedrock", ("actionGroupExecutor.lambda",), "bedrock:agent/${agentId}"
    ),
    "aws:cfg/organizationCustomRule:OrganizationCustomRule": Caller(
        "config", ("lambdaFunctionArn",), "config:${Rule}"
    ),
    "aws:cfg/rule:Rule": Caller("config", ("source.sourceIdentifier",), "config:${Rule}"),
    "aws:chime/sdkvoiceSipMediaApplication:SdkvoiceSipMediaApplication": Caller(
        "voiceconnector.chime", ("endpoints.lambdaArn",)
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Caller(
        "logs",
        ("destinationArn",),
        "logs:log-group:${logGroup}:*",
        source=("logGroup", LOG_GROUP),
    ),
    "aws:codecommit/trigger:Trigger": Caller(
        "codecommit", ("triggers.*.destinationArn",), "codecommit:${repositoryName}"
    ),
    "aws:cognito/userPool:UserPool": Caller(
        "cognito-idp",
        tuple(f"lambdaConfig.{trigger}" for trigger in _TRIGGERS),
        "cognito-idp:userpool/${id}",
    ),
    "aws:iot/authorizer:Authorizer": Caller(
        "iot", ("authorizerFunctionArn",), "iot:authorizer/${name}"
    ),
    "aws:iot/provisioningTemplate:ProvisioningTemplate": Caller(
        "iot", ("preProvisioningHook.targetArn",), "iot:provisioningtemplate/${name}"
    ),
    "aws:iot/topicRule:TopicRule": Caller(
        "iot", ("lambdas.*.functionArn", "errorAction.lambda.functionArn"), "iot:rule/${name}"
    ),
    "aws:ivschat/room:Room": Caller("ivschat", ("messageReviewHandler.uri",), "ivschat:room/${Id}"),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": Caller(
        "elasticloadbalancing", ("targetId",), "elasticloadbalancing:targetgroup/${Id}"
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": Caller(
        "secretsmanager", ("rotationLambdaArn",), "secretsmanager:secret:${Name}"
    ),
    "aws:ses/receiptRule:ReceiptRule": Caller(
        "ses",
        ("lambdaActions.*.functionArn",),
        "ses:receipt-rule-set/${ruleSetName}:receipt-rule/${name}",
    ),
    TRANSFER_SERVER: Caller("transfer", ("function",), "transfer:server/${id}"),
    "aws:vpclattice/targetGroupAttachment:TargetGroupAttachment": Caller(
        "vpc-lattice", ("target.id",), "vpc-lattice:targetgroup/${Id}"
    ),
    ALARM: Caller("lambda.alarms.cloudwatch", _ALARM_ACTIONS, "cloudwatch:alarm:${name}"),
    BUCKET_NOTIFICATION: Caller(
        "s3", ("lambdaFunctions.*.lambdaFunctionArn",), "s3:${bucket}", source=("bucket", BUCKET)
    ),
    COMPOSITE_ALARM: Caller(
        "lambda.alarms.cloudwatch", _ALARM_ACTIONS, "cloudwatch:alarm:${alarmName}"
    ),
    EVENT_TARGET: Caller(
        "events", ("arn",), "events:rule/${Rule}", role="roleArn", source=("rule", EVENT_RULE)
    ),
    HTTP_API: Caller("apigateway", ("target",), "execute-api:${id}/${Path}", role="credentialsArn"),
    SUBSCRIPTION: Caller("sns", ("endpoint",), "sns:${Topic}", source=("topic", TOPIC)),
}
"""What each type of caller needs of the functions that it names. What has to have a role, such as a schedule, needs nothing."""
