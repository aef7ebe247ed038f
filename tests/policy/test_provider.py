"""What the examples declare, and with them what the rules read, is what the AWS provider knows."""

import importlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import pytest
from pulumi._types import input_type_types, is_input_type

from policy import generate_taggable
from policy.guardrails import (
    failure_paths,
    log_defaults,
    log_names,
    log_settings,
    policies,
    role_users,
)
from policy.guardrails.role_properties import ROLES_AT
from policy.guardrails.rules import RULES
from policy.guardrails.rules.data import SERVICE_PROTECTION
from policy.guardrails.service_callers import CALLERS
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


def _has(token: str, property_: str) -> bool:
    """Whether resources of a type have a property, be it one that AWS computes."""
    package, name = (
        sys.modules[_class(token).__module__.rpartition(".")[0]],
        token.rpartition(":")[2],
    )
    return hasattr(getattr(package, name), re.sub(r"(?=[A-Z])", "_", property_).lower())


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


def _paths() -> Iterator[tuple[str, str]]:
    """The properties that tables of the pack name, each with its type."""
    for table in (
        *(policies.IDENTITY_DOCUMENTS, policies.RESOURCE_DOCUMENTS, policies.ATTACHED),
        *(failure_paths._REDRIVEN, SERVICE_PROTECTION),
    ):
        yield from table.items()
    for table in (ROLES_AT, role_users._ATTACHING):
        yield from ((type_, path) for type_, paths in table.items() for path in paths)
    yield from ((type_, ".".join(path)) for type_, path in failure_paths._AT.items())
    for type_, caller in CALLERS.items():
        # Of what it calls as, the id is AWS's, and what begins with a capital is not known to it.
        filled_in = set(re.findall(r"\$\{([a-z]\w*)\}", caller.calls_as)) - {"id"}
        named = (*caller.at, caller.role, caller.source[0], *filled_in)
        yield from ((type_, path.removesuffix(".*")) for path in named if path)
    for type_, namings in log_names.NAMINGS.items():
        settings = [path for naming in namings for path in (naming.on, naming.told) if path]
        yield from ((type_, path) for path in settings)
    for table in (log_settings.SETTINGS, log_defaults.EXPORTS):
        yield from ((type_, path) for type_, (_, *paths) in table.items() for path in paths)


def test_the_provider_knows_the_properties_that_tables_name():
    unknown = [
        found
        for type_, path in _paths()
        for found in _unknown(_class(type_), _nested(path.split(".")), type_)
    ]

    assert unknown == []


def _nested(path: Sequence[str]) -> Any:
    """Properties in which something is at a path."""
    if not path:
        return "something"
    return [_nested(path[1:])] if path[0] == "*" else {path[0]: _nested(path[1:])}


@pytest.mark.parametrize("type_", TYPES)
def test_the_provider_knows_the_types_that_rules_judge(type_):
    assert _class(type_).__name__.endswith("Args")


def test_the_provider_knows_the_properties_that_examples_set():
    # Nobody sets an id or what else AWS computes, but after an update every resource has it.
    found = {
        path
        for example in EXAMPLES
        for resource in example.resources
        for path in _unknown(_class(resource.type), resource.inputs, resource.type)
        if path.count(".") > 1 or not _has(resource.type, path.rpartition(".")[2])
    }

    assert found == set()


def test_the_provider_knows_what_log_groups_are_named_after():
    named = {
        (type_, property_)
        for type_, namings in log_names.NAMINGS.items()
        for naming in namings
        for group in naming.groups
        for property_ in re.findall(r"\{(\w+)\}", group)
    }

    assert {property_ for type_, property_ in named if not _has(type_, property_)} == {
        # What AWS makes up, or takes from another resource.
        *("functionId", "recipe")
    }


def test_the_list_of_what_takes_tags_is_what_the_generator_writes():
    assert generate_taggable.TABLE.read_text() == generate_taggable.text()
