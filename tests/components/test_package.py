"""The package of components: its schema, and its plugin as the engine of any language runs it."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from components import package, saga
from components.listener import Listener
from components.observability import Observability
from components.package import StepArgs
from components.relay import Relay
from components.saga_steps import Parallel, Step
from local.program import ROOT
from tests.components.engine import construct, plugin
from tests.programs import MADE_IN, PLATFORM, declared_by
from tests.sagas import function

MACHINE = "aws:sfn/stateMachine:StateMachine"
SCHEMA = json.loads((ROOT / "plugin/schema.json").read_text())
WIRE: dict[str, Any] = {
    "prefix": "shop-test",
    "partition": "aws",
    "region": "eu-west-1",
    "account": "123456789012",
    "logRetentionDays": 30,
    "memoryMb": 192,
    "tracing": True,
    "retainData": False,
    "capacity": {"mode": "on-demand"},
}
"""What the tests' platform is called by programs in other languages."""


@pytest.fixture(scope="module")
def provider() -> Iterator[ResourceProviderStub]:
    with plugin() as running:
        yield running


def test_the_schema_in_the_repository_is_that_of_the_components():
    assert package.schema_text() == (ROOT / "plugin/schema.json").read_text(), "run `make docs`"


def test_the_package_has_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert (project["name"], project["version"]) == (package.NAME, package.VERSION)


def test_the_plugin_has_an_environment_of_its_own():
    manifest = yaml.safe_load((ROOT / "plugin/PulumiPlugin.yaml").read_text())

    assert manifest["runtime"]["name"] == "python"
    assert manifest["runtime"]["options"] == {"toolchain": "pip", "virtualenv": "venv"}


def test_the_components_that_the_readme_makes_are_in_the_package():
    made = set(re.findall(r"new ordermesh\.(\w+)\(", (ROOT / "README.md").read_text()))

    assert made
    assert {f"ordermesh:index:{name}" for name in made} <= set(SCHEMA["resources"])


def test_everything_in_the_package_is_described():
    parts = {**SCHEMA["resources"], **SCHEMA["types"]}

    undescribed = [
        f"{token}.{key}"
        for token, part in parts.items()
        for group in ("properties", "inputProperties")
        for key, property_ in (part.get(group) or {}).items()
        if not property_.get("description")
    ]
    assert undescribed == []


@pytest.mark.parametrize("component", [Listener, Observability, Relay])
def test_a_component_that_takes_components_cannot_be_in_it(component):
    with pytest.raises(Exception, match="Can not determine resource reference"):
        ComponentProvider([component], package.NAME)


def test_the_plugin_answers_the_schema_that_is_in_the_repository(provider):
    answer = provider.GetSchema(provider_pb2.GetSchemaRequest())

    assert json.loads(answer.schema) == SCHEMA


def test_a_bus_is_made_for_a_program_in_any_language(provider):
    engine, outputs = construct(provider, "Bus", "bus", {"platform": WIRE, "archiveDays": 3})

    archive = engine.inputs["aws:cloudwatch/eventArchive:EventArchive", "bus-archive"]
    assert archive["retentionDays"] == 3
    assert archive["eventSourceArn"] == f"arn:aws:events:{MADE_IN}:event-bus/shop-test-bus"
    assert outputs == {
        "busName": "shop-test-bus",
        "busArn": f"arn:aws:events:{MADE_IN}:event-bus/shop-test-bus",
    }
    assert list(engine.outputs.values()) == [
        {
            "bus_name": "shop-test-bus",
            "bus_arn": f"arn:aws:events:{MADE_IN}:event-bus/shop-test-bus",
        }
    ]


def test_a_route_reaches_the_targets_that_another_language_names(provider):
    queue = "arn:aws:sqs:eu-west-1:123456789012:shop-test-encode"
    arguments = {
        "platform": WIRE,
        "bus": "bus",
        "busName": "shop-test-bus",
        "pattern": {"source": ["studio"], "detail": {"minutes": [{"numeric": [">", 5]}]}},
        "targets": [{"arn": queue, "inputPath": "$.detail"}],
    }

    engine, _ = construct(provider, "Route", "encode", arguments)

    rule = engine.inputs["aws:cloudwatch/eventRule:EventRule", "encode"]
    target = engine.inputs["aws:cloudwatch/eventTarget:EventTarget", "encode-1"]
    assert json.loads(rule["eventPattern"]) == arguments["pattern"]
    assert (target["arn"], target["inputPath"]) == (queue, "$.detail")


def test_a_function_may_do_what_another_language_links_it_to(provider):
    link = {
        "environment": {"BUS_NAME": "shop-test-bus"},
        "actions": ["events:PutEvents"],
        "resources": ["arn:aws:events:eu-west-1:123456789012:event-bus/shop-test-bus"],
        "condition": {"StringEquals": {"events:source": "studio"}},
    }
    # How the engine sends an archive: a folder's path, and a signature that says what it is.
    code = {"4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", "path": "app"}
    arguments = {"platform": WIRE, "code": code, "handler": "encode.handler", "links": [link]}

    engine, outputs = construct(provider, "Function", "encode", arguments)

    made = engine.inputs["aws:lambda/function:Function", "encode"]
    policy = engine.inputs["aws:iam/rolePolicy:RolePolicy", "encode-permissions"]["policy"]
    [*_, granted] = json.loads(policy)["Statement"]
    assert made["environment"]["variables"]["BUS_NAME"] == "shop-test-bus"
    assert made["code"].path == "app"
    assert granted["Condition"] == link["condition"]
    assert outputs["functionName"] == "shop-test-encode"


def test_a_key_of_the_same_program_encrypts_what_is_made(provider):
    key = "urn:pulumi:test::video::aws:kms/key:Key::data"
    # How the engine sends what a resource will have: a signature, the value, and where it comes from.
    output = {
        "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4",
        "value": "arn:aws:kms:eu-west-1:123456789012:key/1",
        "dependencies": [key],
    }
    arguments = {"platform": {**WIRE, "keyArn": output}, "consumerTimeoutSeconds": 30}

    engine, _ = construct(provider, "Queue", "encode", arguments, dependencies={"platform": [key]})

    made = engine.inputs["aws:sqs/queue:Queue", "encode"]
    assert made["kmsMasterKeyId"] == output["value"]
    assert made["visibilityTimeoutSeconds"] == 180


STEPS: list[dict[str, Any]] = [
    {
        "name": "Reserve",
        "do": function("reserve"),
        "undo": function("release"),
        "refusals": ["OutOfStock"],
        "timeoutSeconds": 20,
    },
    {"name": "Charge", "do": function("charge"), "undo": function("refund"), "group": "money"},
    {"name": "Insure", "do": function("insure"), "undo": function("lapse"), "group": "money"},
    {"name": "Confirm", "do": function("confirm"), "pivot": True},
    {"name": "Ship", "do": function("ship")},
]


class OutOfStock(Exception):  # noqa: N818 (a refusal is an answer, not an error)
    pass


def test_a_saga_means_the_same_in_every_language(provider):
    own = (
        Step(
            "Reserve",
            do=function("reserve"),
            undo=function("release"),
            refusals=(OutOfStock,),
            timeout_seconds=20,
        ),
        Parallel(
            Step("Charge", do=function("charge"), undo=function("refund")),
            Step("Insure", do=function("insure"), undo=function("lapse")),
        ),
        Step("Confirm", do=function("confirm"), pivot=True),
        Step("Ship", do=function("ship")),
    )
    here = declared_by(
        lambda: saga.Saga("saga", {"platform": PLATFORM, "steps": own, "deadline_seconds": 7200})
    )

    arguments = {"platform": WIRE, "steps": STEPS, "deadlineSeconds": 7200}
    engine, outputs = construct(provider, "Saga", "saga", arguments)

    for machine in ("saga", "saga-resume"):
        there = engine.inputs[MACHINE, machine]["definition"]
        # As text: States Language takes 20 for seconds, and not 20.0.
        assert there == here.named(MACHINE, machine).inputs["definition"]
    assert outputs["machineArn"] == f"arn:aws:states:{MADE_IN}:stateMachine:shop-test-saga"
    assert outputs["parkedTableName"] == "shop-test-saga-parked"


def test_neighbours_without_a_group_run_one_after_the_other():
    steps: list[StepArgs] = [
        {"name": "First", "do": function("a"), "undo": function("b")},
        {"name": "Second", "do": function("c"), "undo": function("d"), "group": "x"},
        {"name": "Third", "do": function("e"), "undo": function("f"), "group": "x"},
        {"name": "Fourth", "do": function("g"), "undo": function("h"), "group": "y"},
        {"name": "Fifth", "do": function("i"), "undo": function("j"), "group": "y"},
        {"name": "Sixth", "do": function("k"), "undo": function("l")},
        {"name": "Last", "do": function("m"), "undo": function("n")},
    ]

    program = declared_by(
        lambda: package.Saga(
            "saga", {"platform": PLATFORM, "steps": steps, "deadline_seconds": 7200}
        )
    )

    states = json.loads(program.named(MACHINE, "saga").inputs["definition"])["States"]
    way, name = list[str](), "First"
    while name:
        way.append(name)
        name = states[name].get("Next")
    assert way == ["First", "SecondAndThird", "FourthAndFifth", "Sixth", "Last"]


def test_a_function_is_told_of_the_end_if_another_language_names_one(provider):
    arguments = {"platform": WIRE, "steps": STEPS, "settleArn": function("settle")}

    engine, _ = construct(provider, "Saga", "saga", arguments)

    definition = json.loads(engine.inputs[MACHINE, "saga"]["definition"])
    assert definition["States"]["Settle"]["Arguments"]["FunctionName"] == function("settle")
    assert definition["TimeoutSeconds"] == 3600


@pytest.mark.parametrize("name", ["", "out of stock", "1st"])
def test_a_refusal_that_no_error_can_be_called_is_refused(name):
    steps: list[StepArgs] = [{"name": "Reserve", "do": function("a"), "refusals": [name]}]

    with pytest.raises(
        ValueError, match=f"^saga 's': step 'Reserve': refusal {name!r} is no error"
    ):
        declared_by(lambda: package.Saga("s", {"platform": PLATFORM, "steps": steps}))


def test_an_argument_that_is_missing_is_named_to_the_caller(provider):
    with pytest.raises(grpc.RpcError) as refused:
        construct(provider, "Queue", "encode", {"platform": WIRE})

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    [details] = [
        told.value
        for told in refused.value.trailing_metadata()
        if told.key == "grpc-status-details-bin"
    ]
    assert b"consumerTimeoutSeconds" in details
