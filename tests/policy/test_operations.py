"""Which actions authorise an operation is what its own model says, in the SDK: its documentation, its name, its input."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest

from policy import generate_prefixes
from policy.guardrails.iam.actions import expand, names, services
from policy.guardrails.iam.operations import OPERATIONS, PREFIXES, instead_of

MODELS = {"dynamodb": "dynamodb", "lambda": "lambda", "s3": "s3", "sns": "sns", "sqs": "sqs"}
OF_STEP_FUNCTIONS = {
    "elasticmapreduce:AddStep": "AddJobFlowSteps",
    "elasticmapreduce:CancelStep": "CancelSteps",
    "elasticmapreduce:CreateCluster": "RunJobFlow",
    "elasticmapreduce:TerminateCluster": "TerminateJobFlows",
    "http:Invoke": "InvokeHTTPEndpoint",
}
"""Integrations that Step Functions has named itself, so that no SDK knows them."""


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(MODELS[service])


def _documented(service: str, operation: str) -> set[str]:
    """The actions of its own service that the documentation of an operation names."""
    text = re.sub("<[^>]+>", "", _model(service).operation_model(operation).documentation)
    return {name for name in re.findall(rf"{service}:[A-Z]\w+", text) if expand(name)}


def _unlike_actions(service: str) -> Iterator[str]:
    """The operations of a service that are no actions."""
    return (each for each in _model(service).operation_names if not expand(f"{service}:{each}"))


def test_the_list_of_prefixes_in_git_is_what_the_generator_writes():
    assert generate_prefixes.TABLE.read_text() == generate_prefixes.text()


def test_services_that_sdks_name_otherwise_exist():
    assert set(PREFIXES.values()) <= services()


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        *(("cloudcontrol", "CreateResource"), ("iotdataplane", "Publish")),
        *(("iotjobsdataplane", "StartNextPendingJobExecution"), ("iotsecuretunneling", "OpenTunnel")),
        *(("mturk", "CreateHIT"), ("partnercentralaccount", "GetPartner")),
        *(("partnercentralbenefits", "ListBenefits"), ("partnercentralchannel", "ListRelationships")),
        *(("partnercentralselling", "ListOpportunities"), ("resourcegroupstaggingapi", "GetResources")),
        ("apigateway", "Invoke"),
    ],
)  # fmt: skip
def test_a_service_with_another_prefix_has_its_operations_there(service, operation):
    assert f"{PREFIXES[service]}:{operation}" in names(PREFIXES[service])


def test_every_operation_with_other_actions_is_one_of_the_sdk_or_of_step_functions():
    known = {f"{service}:{each}" for service in MODELS for each in _unlike_actions(service)}

    assert OPERATIONS.keys() - OF_STEP_FUNCTIONS.keys() <= known
    assert known.isdisjoint(OF_STEP_FUNCTIONS)


@pytest.mark.parametrize(("operation", "action"), OF_STEP_FUNCTIONS.items())
def test_what_step_functions_has_named_itself_is_authorised_as_an_action(operation, action):
    assert [name.partition(":")[2] for name in instead_of(operation)] == [action]


@pytest.mark.parametrize(
    "operation",
    [
        f"{service}:{each}"
        for service in ("lambda", "s3")
        for each in _unlike_actions(service)
        if len(_documented(service, each)) == 1
    ],
)
def test_an_operation_is_authorised_as_the_action_that_its_documentation_names(operation):
    assert set(instead_of(operation)) == _documented(*operation.split(":"))


def test_no_operation_is_authorised_as_what_its_documentation_does_not_name():
    wrong = {
        operation: actions
        for operation, actions in OPERATIONS.items()
        if operation.startswith(("lambda:", "s3:"))
        and (documented := _documented(*operation.split(":")))
        and not documented.issuperset(actions)
    }

    assert wrong == {}


@pytest.mark.parametrize("operation", ["s3:CopyObject", "s3:UploadPartCopy"])
def test_a_copy_is_read_and_written(operation):
    assert set(instead_of(operation)) == {"s3:GetObject", "s3:PutObject"}


def test_parts_of_an_object_are_put_as_the_object_is():
    put = _uri("PutObject")
    parts = {
        each
        for each in map(str, _unlike_actions("s3"))
        if each.endswith(("MultipartUpload", "UploadPart")) and _uri(each).startswith(put)
    }

    assert parts == {"CompleteMultipartUpload", "CreateMultipartUpload", "UploadPart"}
    assert {instead_of(f"s3:{each}") for each in parts} == {("s3:PutObject",)}


def _uri(operation: str) -> str:
    return _model("s3").operation_model(operation).http["requestUri"].partition("?")[0]


@pytest.mark.parametrize("service", ["sns", "sqs"])
def test_a_batch_is_authorised_as_one_of_it(service):
    batches = [each for each in _unlike_actions(service) if each.endswith("Batch")]

    assert batches
    for each in batches:
        assert instead_of(f"{service}:{each}") == (f"{service}:{each.removesuffix('Batch')}",)


@pytest.mark.parametrize("operation", ["TransactGetItems", "TransactWriteItems"])
def test_a_transaction_is_authorised_as_what_it_is_made_of(operation):
    items = _model("dynamodb").operation_model(operation).input_shape.members["TransactItems"]

    assert set(instead_of(f"dynamodb:{operation}")) == {
        f"dynamodb:{each}Item" for each in items.member.members
    }


@pytest.mark.parametrize(
    "operation", ["BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"]
)
def test_statements_of_partiql_are_authorised_as_whatever_partiql_can_do(operation):
    verbs = {name for name in names("dynamodb") if name.startswith("dynamodb:PartiQL")}

    assert set(instead_of(f"dynamodb:{operation}")) == verbs
