import json

import pulumi
import pytest

from components import api
from components.api import Api, ApiArgs, Endpoint
from components.platform import Platform
from tests.programs import MADE_IN, PLATFORM, declared_by

GATEWAY = "aws:apigateway"
METHOD, INTEGRATION = f"{GATEWAY}/method:Method", f"{GATEWAY}/integration:Integration"
RESOURCE, RESPONSE = f"{GATEWAY}/resource:Resource", f"{GATEWAY}/response:Response"
STAGE, DEPLOYMENT = f"{GATEWAY}/stage:Stage", f"{GATEWAY}/deployment:Deployment"
PERMISSION, GROUP = "aws:lambda/permission:Permission", "aws:cloudwatch/logGroup:LogGroup"
ROOT = "shop-test-api-root"


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:eu-west-1:123456789012:function:{name}"


def endpoint(method: str, path: str, function: str = "orders") -> Endpoint:
    return {
        "method": method,
        "path": path,
        "function_arn": function_arn(function),
        "function_name": function,
    }


PLACE, READ = endpoint("POST", "/orders"), endpoint("GET", "/orders/{orderId}")
CANCEL = endpoint("POST", "/orders/{orderId}/cancel")
JOIN = endpoint("PUT", "/users/{userId}", "users")
RENAME = endpoint("PATCH", "/users/{userId}", "users")
ARGS: ApiArgs = {"platform": PLATFORM, "endpoints": [PLACE, READ, CANCEL, JOIN, RENAME]}


def declared(args: ApiArgs = ARGS):
    return declared_by(lambda: Api("api", args))


def test_an_api_is_regional_and_has_a_fixed_name():
    assert declared().only(f"{GATEWAY}/restApi:RestApi").inputs == {
        "name": "shop-test-api",
        "endpointConfiguration": {"types": "REGIONAL"},
    }


def test_a_path_that_several_endpoints_share_is_declared_once():
    resources = {
        it.name: (it.inputs["parentId"], it.inputs["pathPart"]) for it in declared().of(RESOURCE)
    }

    assert resources == {
        "api-orders": (ROOT, "orders"),
        "api-orders-orderId": ("api-orders-id", "{orderId}"),
        "api-orders-orderId-cancel": ("api-orders-orderId-id", "cancel"),
        "api-users": (ROOT, "users"),
        "api-users-userId": ("api-users-id", "{userId}"),
    }


@pytest.mark.parametrize(
    ("name", "path", "verb"),
    [
        ("api-post-orders", "api-orders-id", "POST"),
        ("api-put-users-userId", "api-users-userId-id", "PUT"),
        ("api-patch-users-userId", "api-users-userId-id", "PATCH"),
    ],
)
def test_a_method_with_a_body_takes_json_objects_only(name, path, verb):
    assert declared().named(METHOD, name).inputs == {
        "restApi": "api-id",
        "resourceId": path,
        "httpMethod": verb,
        "authorization": "NONE",
        "requestValidatorId": "api-body-id",
        "requestModels": {"application/json": "JsonObject"},
    }


def test_a_method_that_needs_no_body_takes_any():
    bodiless: Endpoint = {**CANCEL, "takes_body": False}

    inputs = declared({**ARGS, "endpoints": [bodiless]}).only(METHOD).inputs

    assert inputs.keys() == {"restApi", "resourceId", "httpMethod", "authorization"}


def test_a_method_without_a_body_has_nothing_to_check():
    assert declared().named(METHOD, "api-get-orders-orderId").inputs == {
        "restApi": "api-id",
        "resourceId": "api-orders-orderId-id",
        "httpMethod": "GET",
        "authorization": "NONE",
    }


def test_bodies_are_checked_to_be_objects():
    program = declared()

    assert program.only(f"{GATEWAY}/requestValidator:RequestValidator").inputs == {
        "restApi": "api-id",
        "name": "body",
        "validateRequestBody": True,
    }
    model = program.only(f"{GATEWAY}/model:Model").inputs
    assert json.loads(model.pop("schema")) == {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
    }
    assert model == {
        "restApi": "api-id",
        "name": "JsonObject",
        "contentType": "application/json",
    }


def test_a_request_is_handed_to_its_function_as_it_is():
    assert declared().named(INTEGRATION, "api-patch-users-userId").inputs == {
        "restApi": "api-id",
        "resourceId": "api-users-userId-id",
        "httpMethod": "PATCH",
        "type": "AWS_PROXY",
        "integrationHttpMethod": "POST",
        "uri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:eu-west-1:123456789012:function:users/invocations",
    }


def test_each_function_lets_the_api_call_it_once():
    permissions = [it.inputs for it in declared().of(PERMISSION)]

    assert sorted(it["function"] for it in permissions) == ["orders", "users"]
    for permission in permissions:
        assert permission["action"] == "lambda:InvokeFunction"
        assert permission["principal"] == "apigateway.amazonaws.com"
        assert permission["sourceArn"] == f"arn:aws:execute-api:{MADE_IN}:api-id/*/*"


@pytest.mark.parametrize(
    ("kind", "status", "title", "detail"),
    [
        ("BAD_REQUEST_BODY", "400", "The body must be a JSON object", "no"),
        ("THROTTLED", "429", "Too many requests", "no"),
        (
            "MISSING_AUTHENTICATION_TOKEN",
            "404",
            "There is no such resource",
            "the path is unknown, or takes other methods only",
        ),
        ("DEFAULT_4XX", None, "The request was refused", "no"),
        ("DEFAULT_5XX", None, "The service failed", "no"),
    ],
)
def test_what_the_gateway_answers_by_itself_is_a_problem_too(kind, status, title, detail):
    name = f"api-{kind.lower().replace('_', '-')}"
    inputs = declared().named(RESPONSE, name).inputs

    assert (inputs["restApiId"], inputs["responseType"]) == ("api-id", kind)
    assert inputs.get("statusCode") == status
    assert inputs["responseParameters"] == {
        "gatewayresponse.header.Content-Type": "'application/problem+json'"
    }
    [(content, template)] = inputs["responseTemplates"].items()
    assert content == "application/json"
    answered = template.replace("$context.error.messageString", '"no"')
    told = {"status": int(status)} if status else {}
    assert json.loads(answered) == {
        "type": "about:blank",
        "title": title,
        "detail": detail,
        **told,
    }


def test_every_answer_of_the_gateway_has_its_problem():
    assert len(declared().of(RESPONSE)) == 5


def test_requests_are_throttled_and_counted_but_not_logged_by_the_gateway():
    assert declared().only(f"{GATEWAY}/methodSettings:MethodSettings").inputs == {
        "restApi": "api-id",
        "stageName": "v1",
        "methodPath": "*/*",
        "settings": {
            "metricsEnabled": True,
            "loggingLevel": "OFF",
            "throttlingRateLimit": 100,
            "throttlingBurstLimit": 200,
        },
    }


def test_the_throttle_can_be_chosen():
    args: ApiArgs = {**ARGS, "requests_per_second": 5, "burst_requests": 9}

    settings = declared(args).only(f"{GATEWAY}/methodSettings:MethodSettings").inputs["settings"]

    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (5, 9)


def test_who_asked_for_what_is_logged_as_json_that_expires():
    platform: Platform = {**PLATFORM, "key_arn": "arn:key"}
    program = declared({**ARGS, "platform": platform})
    stage = program.only(STAGE).inputs

    access = stage["accessLogSettings"]
    assert access["destinationArn"] == (
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigateway/shop-test-api"
    )
    assert json.loads(access["format"]) == {
        "requestId": "$context.requestId",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "resource": "$context.resourcePath",
        "status": "$context.status",
        "latencyMs": "$context.responseLatency",
        "error": "$context.error.message",
        "trace": "$context.xrayTraceId",
    }
    assert program.only(GROUP).inputs == {
        "name": "/aws/apigateway/shop-test-api",
        "retentionInDays": 30,
        "kmsKeyId": "arn:key",
    }
    assert program.only(GROUP).urn in program.only(STAGE).dependencies


@pytest.mark.parametrize("tracing", [True, False])
def test_requests_are_traced_if_the_stack_is(tracing):
    platform: Platform = {**PLATFORM, "tracing": tracing}

    stage = declared({**ARGS, "platform": platform}).only(STAGE).inputs

    assert stage["xrayTracingEnabled"] is tracing
    assert (stage["stageName"], stage["deployment"]) == ("v1", "api-id")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (
            endpoint("POSTT", "/users"),
            (
                "'POSTT' of /users is no method; "
                "take one of ('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY')"
            ),
        ),
        *(
            (endpoint("GET", path), f"{path!r} is no path; take one such as /orders/{{orderId}}")
            for path in ("", "/", "users", "/users/", "/users//1", "/users/{id", "/a b")
        ),
        (PLACE, "POST /orders is declared twice; it has one answer"),
        (
            endpoint("GET", "/orders/{id}/history"),
            "/orders/{id}/history has {id} where another path has {orderId}; give both one name",
        ),
    ],
)
def test_what_api_gateway_would_not_take_is_refused(wrong: Endpoint, refusal: str):
    with pytest.raises(ValueError, match="api 'api'") as refused:
        declared({**ARGS, "endpoints": [PLACE, READ, wrong]})

    assert str(refused.value) == f"api 'api': {refusal}"


def content(args: ApiArgs) -> str:
    return declared(args).only(DEPLOYMENT).inputs["triggers"]["content"]


def test_what_the_api_holds_is_deployed_anew_when_it_changes_and_only_then():
    fewer: ApiArgs = {**ARGS, "endpoints": [PLACE, READ]}
    moved: ApiArgs = {**ARGS, "endpoints": [PLACE, endpoint("GET", "/orders/{id}")]}
    other: ApiArgs = {**ARGS, "endpoints": [PLACE, endpoint("GET", "/orders/{orderId}", "users")]}
    posted: ApiArgs = {**ARGS, "endpoints": [PLACE, endpoint("POST", "/orders/{orderId}")]}
    bodiless: ApiArgs = {**ARGS, "endpoints": [{**PLACE, "takes_body": False}, READ]}

    assert content(ARGS) == content({**ARGS, "requests_per_second": 5})
    assert len({content(args) for args in (ARGS, fewer, moved, other, posted, bodiless)}) == 6


def test_the_answers_of_the_gateway_are_deployed_too(monkeypatch):
    before = content(ARGS)

    monkeypatch.setitem(api.PROBLEMS, "THROTTLED", ("429", "Slow down", api.ITS_MESSAGE))

    assert content(ARGS) != before


def test_a_deployment_holds_every_method_and_answer():
    program = declared()
    held = set(program.only(DEPLOYMENT).dependencies)

    assert {it.urn for it in program.of(INTEGRATION)} <= held
    assert {it.urn for it in program.of(RESPONSE)} <= held


def test_requests_that_fail_on_our_side_raise_an_alarm():
    alarm = declared().only("aws:cloudwatch/metricAlarm:MetricAlarm").inputs

    assert alarm["name"] == "shop-test-api-failures"
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/ApiGateway", "5XXError")
    assert alarm["dimensions"] == {"ApiName": "shop-test-api", "Stage": "v1"}
    assert alarm["alarmDescription"] == (
        "api: requests fail on our side. See the function behind them."
    )


def test_an_api_says_where_it_is_reached():
    program = declared_by(lambda: pulumi.export("url", Api("api", ARGS).url))

    assert program.outputs == {"url": "https://api-v1.execute-api.us-east-1.amazonaws.com"}


def test_an_api_that_answers_to_nothing_is_refused():
    with pytest.raises(ValueError, match=r"^api 'api' has no endpoints; it needs one or more$"):
        declared({**ARGS, "endpoints": []})
