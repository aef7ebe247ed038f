"""API Gateway: REST APIs."""

from typing import Any

from local.resources.declaration import Aws, Declaration, Made


def rest_api(aws: Aws, declared: Declaration) -> Made:
    gateway = aws("apigateway")
    endpoints = declared.get("endpointConfiguration", {}).get("types", "EDGE")
    found = gateway.create_rest_api(
        name=declared.physical_name,
        endpointConfiguration={"types": [endpoints]},
        tags=declared.get("tags", {}),
        **declared.same("description", "binaryMediaTypes", "policy", "disableExecuteApiEndpoint"),
    )
    [root] = gateway.get_resources(restApiId=found["id"])["items"]
    region = gateway.meta.region_name
    return Made(
        found["id"],
        {
            "arn": f"arn:aws:apigateway:{region}::/restapis/{found['id']}",
            "executionArn": _execution_arn(aws, found["id"]),
            "name": found["name"],
            "rootResourceId": root["id"],
        },
    )


def _execution_arn(aws: Aws, api: str) -> str:
    return f"arn:aws:execute-api:{aws('apigateway').meta.region_name}:000000000000:{api}"


def resource(aws: Aws, declared: Declaration) -> Made:
    found = aws("apigateway").create_resource(
        restApiId=declared["restApi"], **declared.same("parentId", "pathPart")
    )
    return Made(found["id"], {"path": found["path"]})


def request_validator(aws: Aws, declared: Declaration) -> Made:
    found = aws("apigateway").create_request_validator(
        restApiId=declared["restApi"],
        name=declared.physical_name,
        **declared.same("validateRequestBody", "validateRequestParameters"),
    )
    return Made(found["id"], {})


def model(aws: Aws, declared: Declaration) -> Made:
    found = aws("apigateway").create_model(
        restApiId=declared["restApi"],
        name=declared.physical_name,
        **declared.same("contentType", "description", "schema"),
    )
    return Made(found["id"], {"name": found["name"]})


def method(aws: Aws, declared: Declaration) -> Made:
    aws("apigateway").put_method(
        **_place(declared),
        authorizationType=declared["authorization"],
        **declared.renamed(requestValidatorId="requestValidatorId"),
        **declared.same("authorizerId", "apiKeyRequired", "operationName"),
        **declared.same("requestModels", "requestParameters", "authorizationScopes"),
    )
    return Made(_identity("agm", declared), {})


def method_response(aws: Aws, declared: Declaration) -> Made:
    aws("apigateway").put_method_response(
        **_place(declared), **declared.same("statusCode", "responseModels", "responseParameters")
    )
    return Made(_identity("agmr", declared), {})


def integration(aws: Aws, declared: Declaration) -> Made:
    aws("apigateway").put_integration(
        **_place(declared),
        **declared.renamed(timeoutInMillis="timeoutMilliseconds"),
        **declared.same("type", "integrationHttpMethod", "uri", "credentials"),
        **declared.same("requestParameters", "requestTemplates", "passthroughBehavior"),
    )
    return Made(_identity("agi", declared), {})


def _place(declared: Declaration) -> dict[str, Any]:
    return declared.renamed(restApiId="restApi", resourceId="resourceId", httpMethod="httpMethod")


def _identity(kind: str, declared: Declaration) -> str:
    return "-".join((kind, *(str(part) for part in _place(declared).values())))


def gateway_response(aws: Aws, declared: Declaration) -> Made:
    aws("apigateway").put_gateway_response(
        **declared.same("restApiId", "responseType", "statusCode"),
        **declared.same("responseParameters", "responseTemplates"),
    )
    return Made(f"aggr-{declared['restApiId']}-{declared['responseType']}", {})


def deployment(aws: Aws, declared: Declaration) -> Made:
    # Triggers make Pulumi deploy anew; what was just made is deployed once.
    _ = declared.get("triggers")
    found = aws("apigateway").create_deployment(
        restApiId=declared["restApi"], **declared.same("description", "variables")
    )
    return Made(found["id"], {"createdDate": str(found["createdDate"])})


def stage(aws: Aws, declared: Declaration) -> Made:
    api, name, gateway = declared["restApi"], declared["stageName"], aws("apigateway")
    gateway.create_stage(
        restApiId=api,
        stageName=name,
        deploymentId=declared["deployment"],
        tags=declared.get("tags", {}),
        **declared.renamed(tracingEnabled="xrayTracingEnabled"),
        **declared.same("description", "variables"),
    )
    access = declared.get("accessLogSettings", {})
    _patch(aws, api, name, {f"/accessLogSettings/{key}": value for key, value in access.items()})
    return Made(
        f"ags-{api}-{name}",
        {
            "arn": f"arn:aws:apigateway:{gateway.meta.region_name}::/restapis/{api}/stages/{name}",
            "executionArn": f"{_execution_arn(aws, api)}/{name}",
            # The form with the API in the path works without a name server.
            "invokeUrl": f"{gateway.meta.endpoint_url}/_aws/execute-api/{api}/{name}",
        },
    )


SETTINGS = {
    "cacheDataEncrypted": "caching/dataEncrypted",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cachingEnabled": "caching/enabled",
    "dataTraceEnabled": "logging/dataTrace",
    "loggingLevel": "logging/loglevel",
    "metricsEnabled": "metrics/enabled",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
}
"""Where API Gateway keeps what Pulumi calls by one name."""


def method_settings(aws: Aws, declared: Declaration) -> Made:
    api, name, path = declared["restApi"], declared["stageName"], declared["methodPath"]
    settings = declared["settings"]
    _patch(aws, api, name, {f"/{path}/{SETTINGS[key]}": value for key, value in settings.items()})
    return Made(f"{api}-{name}-{path}", {})


def _patch(aws: Aws, api: str, stage_name: str, values: dict[str, Any]) -> None:
    operations = [
        {
            "op": "replace",
            "path": path,
            "value": str(value).lower() if isinstance(value, bool) else str(value),
        }
        for path, value in values.items()
    ]
    if operations:
        aws("apigateway").update_stage(
            restApiId=api, stageName=stage_name, patchOperations=operations
        )


def account(aws: Aws, declared: Declaration) -> Made:
    role = declared["cloudwatchRoleArn"]
    aws("apigateway").update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    return Made("api-gateway-account", {})


TYPES = {
    "aws:apigateway/restApi:RestApi": rest_api,
    "aws:apigateway/resource:Resource": resource,
    "aws:apigateway/requestValidator:RequestValidator": request_validator,
    "aws:apigateway/model:Model": model,
    "aws:apigateway/method:Method": method,
    "aws:apigateway/methodResponse:MethodResponse": method_response,
    "aws:apigateway/integration:Integration": integration,
    "aws:apigateway/response:Response": gateway_response,
    "aws:apigateway/deployment:Deployment": deployment,
    "aws:apigateway/stage:Stage": stage,
    "aws:apigateway/methodSettings:MethodSettings": method_settings,
    "aws:apigateway/account:Account": account,
}
