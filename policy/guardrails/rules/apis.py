"""Rules on APIs: logged, traced, throttled, and open only where that is meant."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import HTTP_API, HTTP_ROUTE, HTTP_STAGE, METHOD, METHOD_SETTINGS, REST_API, REST_STAGE
from ..finding import Finding
from ..resource import Resource, Stack, is_set, value_at
from ..rule import HIGH, LOW, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

STAGES = frozenset({REST_STAGE, HTTP_STAGE})
CONNECT = "$connect"
"""The only route of a WebSocket that can ask who calls; all others are used over its connection."""
LIMITS = ("throttlingRateLimit", "throttlingBurstLimit")


class PublicConfig(Config, frozen=True, kw_only=True):
    """What anybody may call."""

    public: Annotated[
        tuple[str, ...],
        Meta(description="Logical names of the methods and routes that are open on purpose."),
    ] = ()


def _logged(stage: Resource, _config: Config) -> Iterator[Finding]:
    if not is_set(stage.get("accessLogSettings", "destinationArn")):
        yield Finding("does not log who calls", "set accessLogSettings")


def _traced(stage: Resource, _config: Config) -> Iterator[Finding]:
    if not stage.get("xrayTracingEnabled"):
        yield Finding("is not traced", "set xrayTracingEnabled")


def _throttled(stage: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if stage.type == HTTP_STAGE:
        limits = [stage.get("defaultRouteSettings")]
    else:
        limits = [
            settings.get("settings")
            for settings in stack.of(METHOD_SETTINGS)
            if settings.get("methodPath") == "*/*" and _same_stage(settings, stage, stack)
        ]
    if not any(all(value_at(found, limit, default=0) > 0 for limit in LIMITS) for found in limits):
        wrong = "takes as many requests as the account can bear"
        where = (
            "defaultRouteSettings"
            if stage.type == HTTP_STAGE
            else 'MethodSettings of it with the methodPath "*/*"'
        )
        yield Finding(wrong, f"set {' and '.join(LIMITS)} in {where}")


def _same_stage(settings: Resource, stage: Resource, stack: Stack) -> bool:
    apis = [
        {api.urn for api in stack.named_by(each, "restApi", each.get("restApi"), REST_API)}
        for each in (settings, stage)
    ]
    return settings.get("stageName") == stage.get("stageName") and apis[0] == apis[1]


def _authorized(method: Resource, config: PublicConfig, stack: Stack) -> Iterator[Finding]:
    if method.name in config.public or not _calls(method, stack):
        return
    kind = "authorization" if method.type == METHOD else "authorizationType"
    if method.get(kind, default="NONE") == "NONE":
        wrong = "may be called by anybody"
        yield Finding(wrong, f"set {kind}, or name it in the rule's list of what is public")


def _calls(method: Resource, stack: Stack) -> bool:
    """Whether somebody may be asked who calls: neither a browser in advance, nor who is connected already."""
    if method.type == METHOD:
        return method.get("httpMethod") != "OPTIONS"
    key = method.get("routeKey", default="")
    if " " in key or key == CONNECT:
        return not key.startswith("OPTIONS ")
    apis = stack.named_by(method, "apiId", method.props.get("apiId"), HTTP_API)
    return all(api.get("protocolType") != "WEBSOCKET" for api in apis) and key == "$default"


RULES = (
    ResourceRule(
        id="api-logged",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP APIGateway.1",
        demand="Every stage logs who calls.",
        remedy="Set accessLogSettings.",
        types=STAGES,
        check=_logged,
    ),
    ResourceRule(
        id="api-traced",
        level=MANDATORY,
        severity=LOW,
        reference="FSBP APIGateway.3",
        demand="Every stage of a REST API is traced.",
        remedy="Turn tracing on.",
        types=frozenset({REST_STAGE}),
        check=_traced,
    ),
    StackRule(
        id="api-throttled",
        level=MANDATORY,
        severity=MEDIUM,
        reference="WA REL05-BP02",
        demand="Every stage refuses requests above a stated rate.",
        remedy="Set a rate and a burst for all methods.",
        types=STAGES,
        check=_throttled,
    ),
    StackRule(
        id="api-authorized",
        level=MANDATORY,
        severity=HIGH,
        reference="FSBP APIGateway.8",
        demand="Every method asks who calls, unless it is public on purpose.",
        remedy="Set an authorizer, or list the method as public.",
        types=frozenset({METHOD, HTTP_ROUTE}),
        config=PublicConfig,
        check=_authorized,
    ),
)
