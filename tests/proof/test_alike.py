"""Which roles are the same in two programs, so that each grant of theirs is taken away once."""

from dataclasses import replace

import pulumi
import pytest

from local.program import Declared, declare, run_checkout, stack_config
from proof.alike import alike, settled
from tests.programs import Applied

FUNCTION, RULE = "aws:lambda/function:Function", "aws:cloudwatch/eventRule:EventRule"
POLICY, MAPPING = (
    "aws:iam/rolePolicy:RolePolicy",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
)


@pytest.fixture(scope="module")
def program() -> list[Declared]:
    return declare("local").declared


def _roles(program: list[Declared]) -> set[str]:
    return {each.name for each in program if each.type == "aws:iam/role:Role"}


def _changed(program: list[Declared], type_: str, name: str, **inputs: object) -> list[Declared]:
    """The program with some inputs of one resource changed."""
    assert any((each.type, each.name) == (type_, name) for each in program)
    return [
        replace(each, inputs=each.inputs | inputs)
        if (each.type, each.name) == (type_, name)
        else each
        for each in program
    ]


def test_a_program_run_again_has_the_same_roles(program):
    assert alike(program, run_checkout("local", Applied.of(stack_config("local")), {})) == _roles(
        program
    )


@pytest.mark.parametrize(
    ("type_", "name", "inputs"),
    [
        (FUNCTION, "deliver-order", {"environment": {"variables": {"OTHER": "1"}}}),
        (FUNCTION, "deliver-order", {"handler": "handlers.shipping.deliver.other"}),
        (
            FUNCTION,
            "deliver-order",
            {"code": pulumi.AssetArchive({"events/bus.py": pulumi.FileAsset("events/bus.py")})},
        ),
        (RULE, "deliver-order-route", {"eventPattern": "{}"}),
        (MAPPING, "deliver-order-consumer", {"batchSize": 1}),
        (POLICY, "deliver-order-permissions", {"policy": "{}"}),
    ],
)
def test_a_role_is_another_one_when_anything_around_it_differs(program, type_, name, inputs):
    roles = alike(program, program)

    assert roles - alike(program, _changed(program, type_, name, **inputs)) == {
        "deliver-order-role"
    }


def test_what_differs_between_the_ways_to_coordinate_is_proven_in_both(program):
    other = declare("local", coordination="choreographed").declared

    # The API cancels an order in another way, and customers are told of one more event.
    assert (_roles(program) & _roles(other)) - alike(program, other) == {
        "orders-api-role",
        "notify-customer-role",
    }


def test_nothing_is_settled_before_anything_is_proven():
    assert settled("orchestrated", []) == set()
