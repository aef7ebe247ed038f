"""A slip in the arguments of a component is refused before anything is declared."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, is_typeddict

import pulumi
import pytest

import components
from components.api import ApiArgs
from components.arguments import check_arguments
from components.lake import LakeArgs
from components.queue import QueueArgs
from tests.programs import PLATFORM, declared_by


def _described() -> Iterator[Any]:
    """Every component that takes its arguments as a `TypedDict`."""
    for module in pkgutil.walk_packages(components.__path__, "components."):
        for found in vars(importlib.import_module(module.name)).values():
            if isinstance(found, type) and issubclass(found, pulumi.ComponentResource):
                taken = inspect.signature(found).parameters.get("args")
                if taken and is_typeddict(taken.annotation):
                    yield found


EVERY = sorted({*_described()}, key=repr)


def test_there_are_components():
    assert len(EVERY) > 20


@pytest.mark.parametrize("component", EVERY)
def test_an_argument_that_there_is_not_is_refused_by_every_component(component):
    with pytest.raises(
        ValueError, match=r"^\w+ 'x': 'platfrom' is no argument; take of .*platform"
    ):
        component("x", {"platfrom": PLATFORM})


@pytest.mark.parametrize("component", EVERY)
def test_an_argument_that_is_missing_is_named_by_every_component(component):
    with pytest.raises(ValueError, match=r"^\w+ 'x': the argument '\w+' is missing$"):
        component("x", {})


@pytest.mark.parametrize(
    ("args", "expected", "refusal"),
    [
        (
            {"platform": {**PLATFORM, "regoin": "eu"}, "consumer_timeout_seconds": 5},
            QueueArgs,
            "Queue 'x': platform: 'regoin' is no argument; take of account, ",
        ),
        (
            {"platform": {**PLATFORM, "capacity": {}}, "consumer_timeout_seconds": 5},
            QueueArgs,
            "Queue 'x': platform: capacity: the argument 'mode' is missing",
        ),
    ],
    ids=["in the platform", "deeper in the platform"],
)
def test_what_is_within_an_argument_is_looked_at_too(args, expected, refusal):
    with pytest.raises(ValueError, match=f"^{re.escape(refusal)}"):
        check_arguments("x", args, expected)


def test_so_is_each_of_several():
    read = {"method": "GET", "path": "/orders", "function_arn": "a", "function_name": "b"}
    args: Any = {"platform": PLATFORM, "endpoints": [read, {**read, "methud": "GET"}]}

    with pytest.raises(ValueError, match=r"^Api 'x': endpoints: 'methud' is no argument"):
        check_arguments("x", args, ApiArgs)


def test_so_is_each_under_a_name_of_its_own():
    args: Any = dict.fromkeys(LakeArgs.__required_keys__, "")
    args |= {"platform": PLATFORM, "columns": [], "queries": {"sold": {"sql": ""}}}

    with pytest.raises(
        ValueError, match=r"^Lake 'x': queries: the argument 'description' is missing"
    ):
        check_arguments("x", args, LakeArgs)


def test_outputs_are_not_looked_into():
    def build() -> None:
        layers = pulumi.Output.from_input(["arn"])
        platform = {**PLATFORM, "layers": layers}
        check_arguments("x", {"platform": platform, "consumer_timeout_seconds": 5}, QueueArgs)

    assert declared_by(build).declared == []
