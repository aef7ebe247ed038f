"""What the examples declare, and with them what the rules read, is what the AWS provider knows."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any, get_args

import pytest
from pulumi._types import input_type_types, is_input_type

from policy import generate_taggable
from policy.guardrails import failure_paths, log_settings, policies, role_users
from policy.guardrails.aws import JOB_DEFINITION
from policy.guardrails.rules import RULES
from policy.guardrails.rules.data import SERVICE_PROTECTION
from policy.guardrails.shortcuts import SECRET, SIGNATURE
from policy.guardrails.taggable import TAGGABLE
from tests.policy.examples.all import EXAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TYPES = sorted({type_ for rule in RULES if rule.types != TAGGABLE for type_ in rule.types})


DOCUMENTS = {"policy", "assumeRolePolicy", "redrivePolicy"}
"""Properties that are text to the provider, whatever its package for Python takes besides."""


def _class(token: str) -> Any:
    """The class of the arguments of a resource type."""
    provider, path, name = token.split(":")
    assert provider == "aws"
    service = path.split("/")[0]
    package = importlib.import_module(f"pulumi_aws.{'lambda_' if service == 'lambda' else service}")
    module = sys.modules[getattr(package, name).__module__]
    # Where a nested type has that name already, the package calls the arguments of the resource otherwise.
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


def _unknown(arguments: Any, inputs: Mapping[str, Any], path: str) -> Iterator[str]:
    """The properties that a class of arguments does not have, and those of the classes below it."""
    types = input_type_types(arguments)
    # What is wrapped as a secret is no object of the provider's, but may hold one.
    wrapped = inputs.get(SIGNATURE) == SECRET
    for key, value in (inputs["value"] if wrapped else inputs).items():
        if key not in types:
            yield f"{path}.{key}"
            continue
        nested = [found for found in _within(types[key]) if is_input_type(found)]
        for each in value if isinstance(value, list) else [value]:
            if nested and key not in DOCUMENTS and isinstance(each, Mapping):
                yield from _unknown(nested[0], each, f"{path}.{key}")


def _within(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for argument in get_args(annotation):
        yield from _within(argument)


def _paths() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The properties that tables of the pack name, each with its type."""
    for table in (policies.IDENTITY_DOCUMENTS, policies.RESOURCE_DOCUMENTS, policies._ATTACHED):
        yield from ((type_, (name,)) for type_, name in table.items())
    for type_, paths in role_users._ROLES_AT.items():
        # The properties of a container are a text to the provider.
        yield from (
            (type_, tuple(path)[:1] if type_ == JOB_DEFINITION else tuple(path)) for path in paths
        )
    for type_, names in role_users._ATTACHING.items():
        yield from ((type_, (name,)) for name in names)
    yield from ((type_, tuple(path)) for type_, path in failure_paths._AT.items())
    yield from ((type_, (name,)) for type_, name in failure_paths._REDRIVEN.items())
    yield from ((type_, (name,)) for type_, name in SERVICE_PROTECTION.items())
    for type_, (_, path) in log_settings.SETTINGS.items():
        yield type_, tuple(key for key in path if key != "*")
    for type_, (_, *names) in log_settings.EXPORTS.items():
        yield from ((type_, (name,)) for name in names)


def test_the_provider_knows_the_properties_that_tables_name():
    found = [
        (type_, path)
        for type_, path in _paths()
        for inputs in [reduce(lambda inner, key: {key: inner}, reversed(path), {})]
        if list(_unknown(_class(type_), inputs, type_))
    ]

    assert found == []


@pytest.mark.parametrize("type_", TYPES)
def test_the_provider_knows_the_types_that_rules_judge(type_):
    assert _class(type_).__name__.endswith("Args")


def test_the_provider_knows_the_properties_that_examples_set():
    found = {
        path
        for example in EXAMPLES
        for resource in example.resources
        for path in _unknown(_class(resource.type), resource.inputs, resource.type)
    }

    assert found == set()


def test_the_list_of_what_takes_tags_is_what_the_generator_writes():
    assert generate_taggable.TABLE.read_text() == generate_taggable.text()
