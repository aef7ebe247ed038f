"""Lambda: functions, layers, who may call them, and what feeds them."""

from typing import Any

import pulumi

from local.launcher import REGION
from local.resources.archives import zipped
from local.resources.declaration import Aws, Declaration, Made, pascal

NO_LIBRARIES = pulumi.AssetArchive({"README": pulumi.StringAsset("see the environment's packages")})


def function(aws: Aws, declared: Declaration) -> Made:
    found = aws("lambda").create_function(
        FunctionName=declared.physical_name,
        Code={"ZipFile": zipped(declared["code"])},
        Tags=declared.get("tags", {}),
        **declared.capitalised(
            "runtime", "role", "handler", "description", "timeout", "memorySize", "publish"
        ),
        **declared.capitalised(
            "architectures",
            "layers",
            "environment",
            "loggingConfig",
            "tracingConfig",
            "deadLetterConfig",
            "vpcConfig",
        ),
    )
    arn = found["FunctionArn"]
    _reserve(aws, declared)
    invocation = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return Made(
        found["FunctionName"],
        {
            "arn": arn,
            "invokeArn": invocation,
            "name": found["FunctionName"],
            "qualifiedArn": f"{arn}:{found['Version']}",
            "version": found["Version"],
            "codeSha256": found["CodeSha256"],
            "sourceCodeSize": found["CodeSize"],
            "lastModified": found["LastModified"],
        },
    )


def _reserve(aws: Aws, declared: Declaration) -> None:
    reserved = declared.get("reservedConcurrentExecutions", -1)
    if reserved >= 0:
        aws("lambda").put_function_concurrency(
            FunctionName=declared.physical_name, ReservedConcurrentExecutions=reserved
        )


def layer_version(aws: Aws, declared: Declaration) -> Made:
    """A layer without its content: the functions have the environment's packages, for this machine."""
    _ = declared["code"]
    found = aws("lambda").publish_layer_version(
        LayerName=declared["layerName"],
        Content={"ZipFile": zipped(NO_LIBRARIES)},
        **declared.capitalised("description", "licenseInfo"),
        **declared.capitalised("compatibleRuntimes", "compatibleArchitectures"),
    )
    return Made(
        found["LayerVersionArn"],
        {
            "arn": found["LayerVersionArn"],
            "layerArn": found["LayerArn"],
            "version": str(found["Version"]),
        },
    )


def permission(aws: Aws, declared: Declaration) -> Made:
    statement = declared.get("statementId") or declared.name
    aws("lambda").add_permission(
        StatementId=statement,
        FunctionName=declared["function"],
        **declared.capitalised("action", "principal", "sourceArn", "sourceAccount", "qualifier"),
    )
    return Made(statement, {"statementId": statement})


def event_source_mapping(aws: Aws, declared: Declaration) -> Made:
    found = aws("lambda").create_event_source_mapping(
        **declared.capitalised("eventSourceArn", "functionName", "enabled", "batchSize"),
        **declared.capitalised("maximumBatchingWindowInSeconds", "functionResponseTypes"),
        **declared.capitalised("filterCriteria", "scalingConfig", "startingPosition"),
        **declared.capitalised("maximumRetryAttempts", "maximumRecordAgeInSeconds"),
        **declared.capitalised("bisectBatchOnFunctionError", "parallelizationFactor"),
        **_failure_destination(declared),
    )
    return Made(
        found["UUID"],
        {
            "arn": found["EventSourceMappingArn"],
            "uuid": found["UUID"],
            "functionArn": found["FunctionArn"],
            "state": found["State"],
        },
    )


def _failure_destination(declared: Declaration) -> dict[str, Any]:
    """The one property that Pulumi calls otherwise here: `destinationArn` for `Destination`."""
    failure = declared.get("destinationConfig", {}).get("onFailure")
    if not failure:
        return {}
    return {"DestinationConfig": {"OnFailure": {"Destination": failure["destinationArn"]}}}


def event_invoke_config(aws: Aws, declared: Declaration) -> Made:
    aws("lambda").put_function_event_invoke_config(
        **declared.capitalised("functionName", "qualifier"),
        **declared.capitalised("maximumRetryAttempts", "maximumEventAgeInSeconds"),
        DestinationConfig=pascal(declared.get("destinationConfig", {})),
    )
    return Made(declared["functionName"], {})


TYPES = {
    "aws:lambda/function:Function": function,
    "aws:lambda/layerVersion:LayerVersion": layer_version,
    "aws:lambda/permission:Permission": permission,
    "aws:lambda/eventSourceMapping:EventSourceMapping": event_source_mapping,
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": event_invoke_config,
}
