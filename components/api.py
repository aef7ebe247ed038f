"""The HTTP API in front of the services: REST, because validation, throttling and tracing need it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import apigateway, cloudwatch, lambda_

from components.alarm import alarm
from components.arguments import check_arguments
from components.firewall import Firewall
from components.function import Function
from components.platform import Platform, log_group_arn, physical_name

STAGE = "v1"
BURST_REQUESTS = 200
REQUESTS_PER_SECOND = 100
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
PATH = re.compile(r"(/([A-Za-z0-9._-]+|\{[A-Za-z0-9._-]+\+?\}))+")
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "error": "$context.error.message",
    "trace": "$context.xrayTraceId",
}
ITS_MESSAGE = "$context.error.messageString"
PROBLEMS = {
    "BAD_REQUEST_BODY": ("400", "The body must be a JSON object", ITS_MESSAGE),
    "THROTTLED": ("429", "Too many requests", ITS_MESSAGE),
    # Its own message is of a missing token, whatever is missing.
    "MISSING_AUTHENTICATION_TOKEN": (
        "404",
        "There is no such resource",
        '"the path is unknown, or takes other methods only"',
    ),
    "DEFAULT_4XX": (None, "The request was refused", ITS_MESSAGE),
    "DEFAULT_5XX": (None, "The service failed", ITS_MESSAGE),
}
"""What API Gateway answers by itself, as the status it changes to, the problem's title and its detail."""


class Endpoint(TypedDict):
    """One method on one path."""

    method: str
    """HTTP method."""
    path: str
    """Path with parameters, such as `/orders/{orderId}`."""
    function_arn: str
    """ARN of the function that answers."""
    function_name: pulumi.Input[str]
    """Name of the function that answers."""
    takes_body: NotRequired[bool]
    """Whether it needs a body, which has to be a JSON object. Default: only for POST, PUT and PATCH."""


def answering(function: Function, *requests: tuple[str, str]) -> list[Endpoint]:
    """The endpoints that one function answers, each given as method and path."""
    return [
        {
            "method": method,
            "path": path,
            "function_arn": function.static_arn,
            "function_name": function.function_name,
        }
        for method, path in requests
    ]


class ApiArgs(TypedDict):
    """What the API offers."""

    platform: Platform
    """What the stack's components share."""
    endpoints: Sequence[Endpoint]
    """Everything that it answers to."""
    requests_per_second: NotRequired[int]
    """Steady rate above which requests are refused. Default: 100."""
    burst_requests: NotRequired[int]
    """Requests at once above which further ones are refused. Default: 200."""
    firewall: NotRequired[bool]
    """Whether a web application firewall is in front. Default: false."""


class Api(pulumi.ComponentResource):
    """A REST API that is throttled and logged, and answers every error as problem+json."""

    url: pulumi.Output[str]
    """Where the API is reached."""

    def __init__(
        self, name: str, args: ApiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, ApiArgs)
        super().__init__("ordermesh:index:Api", name, {**args}, opts)
        if not args["endpoints"]:
            raise ValueError(f"api {name!r} has no endpoints; it needs one or more")
        _check(name, args["endpoints"])
        child = pulumi.ResourceOptions(parent=self)
        self._platform = args["platform"]
        self.physical_name = physical_name(self._platform, name)

        self._rest = apigateway.RestApi(
            name,
            name=self.physical_name,
            endpoint_configuration={"types": "REGIONAL"},
            opts=child,
        )
        self._validator = apigateway.RequestValidator(
            f"{name}-body",
            rest_api=self._rest.id,
            name="body",
            validate_request_body=True,
            opts=child,
        )
        self._model = apigateway.Model(
            f"{name}-object",
            rest_api=self._rest.id,
            name="JsonObject",
            content_type="application/json",
            schema=json.dumps(
                {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}
            ),
            opts=child,
        )
        parts = [*self._problems(name), *self._methods(name, args["endpoints"])]
        self.url = self._publish(name, args, parts).invoke_url
        alarm(
            f"{name}-failures",
            {
                "platform": self._platform,
                "description": f"{name}: requests fail on our side. See the function behind them.",
                "namespace": "AWS/ApiGateway",
                "metric": "5XXError",
                "dimensions": {"ApiName": self.physical_name, "Stage": STAGE},
            },
            parent=self,
        )
        self.register_outputs({"url": self.url})

    def _methods(self, name: str, endpoints: Sequence[Endpoint]) -> list[pulumi.Resource]:
        resources: dict[str, apigateway.Resource] = {}
        integrations: list[pulumi.Resource] = []
        for endpoint in endpoints:
            parent = self._path(name, endpoint["path"], resources)
            label = f"{name}-{endpoint['method'].lower()}{_slug(endpoint['path'])}"
            takes_body = _takes_body(endpoint)
            method = apigateway.Method(
                label,
                rest_api=self._rest.id,
                resource_id=parent,
                http_method=endpoint["method"],
                authorization="NONE",
                request_validator_id=self._validator.id if takes_body else None,
                request_models={"application/json": self._model.name} if takes_body else None,
                opts=pulumi.ResourceOptions(parent=self),
            )
            integrations.append(
                apigateway.Integration(
                    label,
                    rest_api=self._rest.id,
                    resource_id=parent,
                    http_method=method.http_method,
                    type="AWS_PROXY",
                    integration_http_method="POST",
                    uri=self._invocation(endpoint["function_arn"]),
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )
        functions = {endpoint["function_arn"]: endpoint["function_name"] for endpoint in endpoints}
        for position, function in enumerate(functions.values()):
            lambda_.Permission(
                f"{name}-invoke-{position + 1}",
                action="lambda:InvokeFunction",
                function=function,
                principal="apigateway.amazonaws.com",
                source_arn=self._rest.execution_arn.apply(lambda found: f"{found}/*/*"),
                opts=pulumi.ResourceOptions(parent=self),
            )
        return integrations

    def _path(
        self, name: str, path: str, known: dict[str, apigateway.Resource]
    ) -> pulumi.Output[str]:
        """The id of a path's resource; makes it and those above it when they are new."""
        above, found = "", self._rest.root_resource_id
        for part in path.strip("/").split("/"):
            here = f"{above}/{part}"
            if here not in known:
                known[here] = apigateway.Resource(
                    f"{name}{_slug(here)}",
                    rest_api=self._rest.id,
                    parent_id=found,
                    path_part=part,
                    opts=pulumi.ResourceOptions(parent=self),
                )
            above, found = here, known[here].id
        return found

    def _invocation(self, function_arn: str) -> str:
        platform = self._platform
        return (
            f"arn:{platform['partition']}:apigateway:{platform['region']}:lambda:path"
            f"/2015-03-31/functions/{function_arn}/invocations"
        )

    def _problems(self, name: str) -> list[pulumi.Resource]:
        return [
            apigateway.Response(
                f"{name}-{kind.lower().replace('_', '-')}",
                rest_api_id=self._rest.id,
                response_type=kind,
                status_code=status,
                response_parameters={
                    "gatewayresponse.header.Content-Type": "'application/problem+json'"
                },
                response_templates={"application/json": _problem(status, title, detail)},
                opts=pulumi.ResourceOptions(parent=self),
            )
            for kind, (status, title, detail) in PROBLEMS.items()
        ]

    def _publish(
        self, name: str, args: ApiArgs, parts: Sequence[pulumi.Resource]
    ) -> apigateway.Stage:
        child = pulumi.ResourceOptions(parent=self)
        platform = self._platform
        group_name = f"/aws/apigateway/{self.physical_name}"
        group = cloudwatch.LogGroup(
            f"{name}-access",
            name=group_name,
            retention_in_days=platform["log_retention_days"],
            kms_key_id=platform.get("key_arn"),
            opts=child,
        )
        deployment = apigateway.Deployment(
            name,
            rest_api=self._rest.id,
            # A deployment is a snapshot: whatever it holds must change it when it changes.
            triggers={"content": _fingerprint(args["endpoints"])},
            opts=pulumi.ResourceOptions(parent=self, depends_on=parts),
        )
        stage = apigateway.Stage(
            f"{name}-{STAGE}",
            rest_api=self._rest.id,
            deployment=deployment.id,
            stage_name=STAGE,
            access_log_settings={
                "destination_arn": log_group_arn(platform, group_name).removesuffix(":*"),
                "format": json.dumps(ACCESS_LOG),
            },
            xray_tracing_enabled=platform["tracing"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group]),
        )
        apigateway.MethodSettings(
            f"{name}-throttling",
            rest_api=self._rest.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={
                "metrics_enabled": True,
                # Execution logs go to a group that AWS makes itself and keeps for ever.
                "logging_level": "OFF",
                "throttling_rate_limit": args.get("requests_per_second", REQUESTS_PER_SECOND),
                "throttling_burst_limit": args.get("burst_requests", BURST_REQUESTS),
            },
            opts=child,
        )
        if args.get("firewall"):
            Firewall(f"{name}-firewall", {"platform": platform, "stage_arn": stage.arn}, child)
        return stage


def _check(name: str, endpoints: Sequence[Endpoint]) -> None:
    """Refuse what API Gateway would refuse in the middle of a deployment."""
    answered, parameters = set[tuple[str, str]](), dict[str, str]()
    for endpoint in endpoints:
        method, path = endpoint["method"], endpoint["path"]
        if method not in METHODS:
            raise ValueError(
                f"api {name!r}: {method!r} of {path} is no method; take one of {METHODS}"
            )
        if not PATH.fullmatch(path):
            raise ValueError(
                f"api {name!r}: {path!r} is no path; take one such as /orders/{{orderId}}"
            )
        if (method, path) in answered:
            raise ValueError(f"api {name!r}: {method} {path} is declared twice; it has one answer")
        answered.add((method, path))
        above = ""
        for part in path.strip("/").split("/"):
            known = parameters.setdefault(above, part) if part.startswith("{") else part
            if part != known:
                raise ValueError(
                    f"api {name!r}: {path} has {part} where another path has {known}; give both one name"
                )
            above += f"/{part}"


def _takes_body(endpoint: Endpoint) -> bool:
    return endpoint.get("takes_body", endpoint["method"] in {"POST", "PUT", "PATCH"})


def _slug(path: str) -> str:
    return path.replace("/", "-").translate(str.maketrans("", "", "{}"))


def _problem(status: str | None, title: str, detail: str) -> str:
    # A status that the gateway chooses has no name in a template: asked for, it leaves a gap that is no JSON.
    code = f'"status":{status},' if status else ""
    return f'{{"type":"about:blank","title":"{title}",{code}"detail":{detail}}}'


def _fingerprint(endpoints: Sequence[Endpoint]) -> str:
    content: list[Mapping[str, str]] = [
        {key: str(endpoint[key]) for key in ("method", "path", "function_arn")}
        | {"takes_body": str(_takes_body(endpoint))}
        for endpoint in endpoints
    ]
    text = json.dumps([content, PROBLEMS], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
