"""Lambda functions, each with a role and a log group of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_

from components.alarm import alarm
from components.arguments import check_arguments
from components.link import Link, allow, check_links, document, statement_of, trust
from components.placement import attaching, opened
from components.platform import Platform, function_arn, log_group_arn, physical_name
from components.queue import FailureQueue

RUNTIME = "python3.13"
TIMEOUT_SECONDS = 10


class FunctionArgs(TypedDict):
    """What runs, and what it may touch."""

    platform: Platform
    """What the stack's components share."""
    code: pulumi.Archive
    """The files that the function runs."""
    handler: str
    """Dotted path of the entry point, such as `handlers.orders.api.handler`."""
    links: NotRequired[Sequence[Link]]
    """What the function uses; nothing else is granted. Default: nothing."""
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further environment variables. Default: none."""
    timeout_seconds: NotRequired[int]
    """When a call is given up. Default: 10."""
    asynchronous: NotRequired[bool]
    """Whether callers may invoke it without waiting; failures then go to a queue. Default: false."""


class Function(pulumi.ComponentResource):
    """A function that may do what its links say, and whose logs expire."""

    function_arn: pulumi.Output[str]
    """ARN to invoke it by."""
    function_name: pulumi.Output[str]
    """Name to invoke it by."""

    def __init__(
        self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, FunctionArgs)
        check_links(f"function {name!r}", args.get("links", ()))
        variables = _environment(name, args)
        super().__init__("ordermesh:index:Function", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform, links = args["platform"], list(args.get("links", ()))
        self.timeout_seconds = args.get("timeout_seconds", TIMEOUT_SECONDS)
        if not 1 <= self.timeout_seconds <= 900:  # noqa: PLR2004 (Lambda's limits)
            raise ValueError(
                f"function {name!r}: timeout_seconds is {self.timeout_seconds}; Lambda takes 1 to 900"
            )

        self.failures = self._failures(name, platform) if args.get("asynchronous") else None
        if self.failures:
            links.append(self.failures.sending())
        group = cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/lambda/{physical_name(platform, name)}",
            retention_in_days=platform["log_retention_days"],
            kms_key_id=platform.get("key_arn"),
            opts=child,
        )
        role = iam.Role(
            f"{name}-role",
            name=physical_name(platform, f"{name}-role"),
            assume_role_policy=trust("lambda.amazonaws.com"),
            opts=child,
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            name="permissions",
            role=role.name,
            policy=document([*_basics(platform, name), *map(statement_of, links)]),
            opts=child,
        )
        network = platform.get("network")
        function = lambda_.Function(
            name,
            name=physical_name(platform, name),
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=args["handler"],
            code=args["code"],
            layers=platform.get("layers"),
            role=role.arn,
            memory_size=platform["memory_mb"],
            timeout=self.timeout_seconds,
            environment={"variables": variables},
            tracing_config={"mode": "Active" if platform["tracing"] else "PassThrough"},
            logging_config={"log_format": "JSON", "log_group": group.name},
            vpc_config=lambda_.FunctionVpcConfigArgsDict(
                subnet_ids=network["subnet_ids"], security_group_ids=network["security_group_ids"]
            )
            if network
            else None,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[permissions, *(opened(network, name, links) if network else ())],
            ),
        )
        if self.failures:
            lambda_.FunctionEventInvokeConfig(
                f"{name}-async",
                function_name=function.name,
                maximum_retry_attempts=2,
                destination_config={"on_failure": {"destination": self.failures.static_arn}},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.failures]),
            )
        self._alarms(name, platform)

        self.physical_name = physical_name(platform, name)
        self.static_arn = function_arn(platform, name)
        self.function_arn = function.arn
        self.function_name = function.name
        self.register_outputs(
            {"function_arn": self.function_arn, "function_name": self.function_name}
        )

    def _failures(self, name: str, platform: Platform) -> FailureQueue:
        return FailureQueue(
            f"{name}-failures",
            {"platform": platform, "kind": "processing", "owner": name},
            pulumi.ResourceOptions(parent=self),
        )

    def _alarms(self, name: str, platform: Platform) -> None:
        for metric, happened in (
            ("Errors", "calls fail: see the log group and the saga or queue behind it"),
            ("Throttles", "calls are throttled: raise the account's concurrency or lower the load"),
        ):
            alarm(
                f"{name}-{metric.lower()}",
                {
                    "platform": platform,
                    "description": f"{name}: {happened}.",
                    "namespace": "AWS/Lambda",
                    "metric": metric,
                    "dimensions": {"FunctionName": physical_name(platform, name)},
                },
                parent=self,
            )


def _basics(platform: Platform, name: str) -> list[dict[str, Any]]:
    group = f"/aws/lambda/{physical_name(platform, name)}"
    logs = allow(["logs:CreateLogStream", "logs:PutLogEvents"], [log_group_arn(platform, group)])
    # X-Ray's write actions know no resources, so "*" is the narrowest there is.
    traces = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"])
    attached = attaching(function_arn(platform, name)) if "network" in platform else []
    return [logs, *([traces] if platform["tracing"] else []), *attached]


def _environment(name: str, args: FunctionArgs) -> dict[str, pulumi.Input[str]]:
    variables: dict[str, pulumi.Input[str]] = {"POWERTOOLS_SERVICE_NAME": name}
    variables |= args["platform"].get("environment", {})
    given = [link["environment"] for link in args.get("links", ())]
    for more in (*given, args.get("environment", {})):
        for variable, value in more.items():
            if variables.setdefault(variable, value) != value:
                raise ValueError(
                    f"function {name!r}: the variable {variable!r} is {variables[variable]!r} already, "
                    f"so it cannot be {value!r}; take another name for one of them"
                )
    return variables
