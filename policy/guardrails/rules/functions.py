"""Rules on Lambda functions: what runs, who may call them, and what becomes of calls that nobody waits for."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import FUNCTION, FUNCTION_URL, LAYER_PERMISSION, PERMISSION
from ..callers import unheard
from ..finding import Finding
from ..iam.conditions import identifies
from ..iam.principals import service_name
from ..resource import Resource, Stack, is_set
from ..rule import CRITICAL, HIGH, LOW, MANDATORY, MEDIUM, Config, ResourceRule, StackRule


class RuntimeConfig(Config, frozen=True, kw_only=True):
    """Which runtimes may be used."""

    runtimes: Annotated[
        tuple[str, ...], Meta(description="Runtimes that AWS still patches, and will for a while.")
    ] = (
        *("python3.11", "python3.12", "python3.13", "python3.14"),
        *("nodejs22.x", "nodejs24.x", "java17", "java21", "java25"),
        *("dotnet10", "ruby3.3", "ruby3.4", "provided.al2023"),
    )


def _runtime(function: Resource, config: RuntimeConfig) -> Iterator[Finding]:
    if function.get("packageType") == "Image":
        return
    runtime = function.get("runtime", default="")
    if runtime not in config.runtimes:
        yield Finding(f"has the runtime {runtime!r}", f"use one of {', '.join(config.runtimes)}")


def _tracing(function: Resource, _config: Config) -> Iterator[Finding]:
    mode = function.get("tracingConfig", "mode", default="PassThrough")
    if mode != "Active":
        yield Finding(f"has the tracing mode {mode!r}", 'set tracingConfig to {"mode": "Active"}')


def _async_failure_path(function: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if callers := unheard(function, stack):
        yield Finding(
            f"is called by {', '.join(callers)} without waiting, and drops what fails",
            "declare a FunctionEventInvokeConfig with an onFailure destination for the alias that is called, "
            "or a deadLetterConfig",
        )


def _permission(permission: Resource) -> Iterator[Finding]:
    principal, source = permission.get("principal", default=""), permission.get("sourceArn")
    action = permission.get("action", default="")
    account = is_set(permission.get("sourceAccount"))
    pinned = account or is_set(source)
    if "*" in action:
        yield Finding(f"allows {action}", "write lambda:InvokeFunction")
    if permission.get("functionUrlAuthType") == "NONE":
        yield Finding("lets anybody call the function's URL", "set functionUrlAuthType to AWS_IAM")
    elif principal == "*" and not is_set(permission.get("principalOrgId")):
        yield Finding("lets anybody call the function", "name the service or account")
    elif service_name(principal).endswith(".amazonaws.com") and not pinned:
        wrong = f"lets {principal} call the function on behalf of any account"
        yield Finding(wrong, "set sourceArn to the ARN of what calls it")
    elif principal.endswith(".amazon.com") and not is_set(permission.get("eventSourceToken")):
        wrong = f"lets everybody's skills at {principal} call the function"
        yield Finding(wrong, "set eventSourceToken to the id of the skill")
    elif isinstance(source, str) and not account and not identifies(source):
        wrong = f"has the sourceArn {source}, which others have in their accounts too"
        yield Finding(wrong, "write the ARN of what calls it, or set sourceAccount")
    elif service_name(principal) == "s3.amazonaws.com" and not account:
        wrong = (
            "lets whoever has the bucket call the function, which anybody may once it is deleted"
        )
        yield Finding(wrong, "set sourceAccount as well: the ARN of a bucket names no account")


def _let_in(resource: Resource, _config: Config) -> Iterator[Finding]:
    if resource.type == PERMISSION:
        yield from _permission(resource)
    elif resource.type == LAYER_PERMISSION:
        if resource.get("principal") == "*" and not is_set(resource.props.get("organizationId")):
            yield Finding("lets anybody use the layer", "name the account, or set organizationId")
    elif resource.get("authorizationType", default="NONE") == "NONE":
        yield Finding("is a URL that anybody may call", "set authorizationType to AWS_IAM")


RULES = (
    ResourceRule(
        id="lambda-runtime",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP Lambda.2",
        demand="Every function has a runtime that AWS patches.",
        remedy="Move to a newer runtime.",
        types=frozenset({FUNCTION}),
        config=RuntimeConfig,
        check=_runtime,
    ),
    ResourceRule(
        id="lambda-tracing",
        level=MANDATORY,
        severity=LOW,
        reference="FSBP Lambda.7",
        demand="Every function is traced.",
        remedy="Set the tracing mode to Active.",
        types=frozenset({FUNCTION}),
        check=_tracing,
    ),
    StackRule(
        id="lambda-async-failure-path",
        level=MANDATORY,
        severity=HIGH,
        reference="WA REL05-BP03",
        demand="A function that is called without waiting keeps what it could not process.",
        remedy="Give the function an onFailure destination or a dead-letter queue.",
        types=frozenset({FUNCTION}),
        check=_async_failure_path,
    ),
    ResourceRule(
        id="lambda-permission-scoped",
        level=MANDATORY,
        severity=CRITICAL,
        reference="FSBP Lambda.1",
        demand="Only what is named may call a function, or use a layer.",
        remedy="Name the service and the ARN of what calls the function.",
        types=frozenset({PERMISSION, FUNCTION_URL, LAYER_PERMISSION}),
        check=_let_in,
    ),
)
