"""Services that call functions by leave of these functions' policies, and where their resources name the functions."""

from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Caller:
    """How resources of a type call functions."""

    name: str
    """The service that does, without `.amazonaws.com`."""
    at: tuple[str, ...]
    """Where the properties name functions; `*` stands for each of a list."""
    role: str = ""
    """The property with a role that calls in the service's place."""
    source: tuple[str, str] = ("", "")
    """The property that names what the service calls for, and the type of that."""

    @property
    def service(self) -> str:
        """The principal that a function has to let in."""
        return f"{self.name}.amazonaws.com"


_TRIGGERS = (
    *("createAuthChallenge", "customMessage", "defineAuthChallenge", "postAuthentication"),
    *("postConfirmation", "preAuthentication", "preSignUp", "preTokenGeneration"),
    *("userMigration", "verifyAuthChallengeResponse"),
    *("customEmailSender.lambdaArn", "customSmsSender.lambdaArn"),
    "preTokenGenerationConfig.lambdaArn",
)
_ALARM = Caller(
    "lambda.alarms.cloudwatch", ("alarmActions.*", "okActions.*", "insufficientDataActions.*")
)
CALLERS: Mapping[str, Caller] = {
    "aws:apigateway/authorizer:Authorizer": Caller(
        "apigateway", ("authorizerUri",), "authorizerCredentials", ("restApi", REST_API)
    ),
    "aws:apigateway/integration:Integration": Caller(
        "apigateway", ("uri",), "credentials", ("restApi", REST_API)
    ),
    "aws:apigatewayv2/authorizer:Authorizer": Caller(
        "apigateway", ("authorizerUri",), "authorizerCredentialsArn", ("apiId", HTTP_API)
    ),
    "aws:apigatewayv2/integration:Integration": Caller(
        "apigateway", ("integrationUri",), "credentialsArn", ("apiId", HTTP_API)
    ),
    "aws:appsync/api:Api": Caller(
        "appsync", ("eventConfig.authProviders.*.lambdaAuthorizerConfig.authorizerUri",)
    ),
    GRAPHQL_API: Caller(
        "appsync",
        (
            "lambdaAuthorizerConfig.authorizerUri",
            "additionalAuthenticationProviders.*.lambdaAuthorizerConfig.authorizerUri",
        ),
    ),
    "aws:bedrock/agentAgentActionGroup:AgentAgentActionGroup": Caller(
        "bedrock", ("actionGroupExecutor.lambda",)
    ),
    "aws:cfg/rule:Rule": Caller("config", ("source.sourceIdentifier",)),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Caller(
        "logs", ("destinationArn",), source=("logGroup", LOG_GROUP)
    ),
    "aws:codecommit/trigger:Trigger": Caller("codecommit", ("triggers.*.destinationArn",)),
    "aws:cognito/userPool:UserPool": Caller(
        "cognito-idp", tuple(f"lambdaConfig.{trigger}" for trigger in _TRIGGERS)
    ),
    "aws:iot/authorizer:Authorizer": Caller("iot", ("authorizerFunctionArn",)),
    "aws:iot/provisioningTemplate:ProvisioningTemplate": Caller(
        "iot", ("preProvisioningHook.targetArn",)
    ),
    "aws:iot/topicRule:TopicRule": Caller(
        "iot", ("lambdas.*.functionArn", "errorAction.lambda.functionArn")
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": Caller(
        "elasticloadbalancing", ("targetId",)
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": Caller(
        "secretsmanager", ("rotationLambdaArn",)
    ),
    "aws:ses/receiptRule:ReceiptRule": Caller("ses", ("lambdaActions.*.functionArn",)),
    TRANSFER_SERVER: Caller("transfer", ("function",)),
    "aws:vpclattice/targetGroupAttachment:TargetGroupAttachment": Caller(
        "vpc-lattice", ("target.id",)
    ),
    ALARM: _ALARM,
    BUCKET_NOTIFICATION: Caller(
        "s3", ("lambdaFunctions.*.lambdaFunctionArn",), source=("bucket", BUCKET)
    ),
    COMPOSITE_ALARM: _ALARM,
    EVENT_TARGET: Caller("events", ("arn",), "roleArn", ("rule", EVENT_RULE)),
    SUBSCRIPTION: Caller("sns", ("endpoint",), source=("topic", TOPIC)),
}
"""What each type of caller needs of the functions that it names. What has to have a role, such as a schedule, needs nothing."""
