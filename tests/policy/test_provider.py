"""What the examples declare, and with them what the rules read, is what the AWS provider knows."""

import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from pulumi._types import input_type_types, is_input_type

from policy import generate_taggable
from policy.guardrails import (
    failure_paths,
    log_defaults,
    log_names,
    log_settings,
    policy_properties,
    role_users,
)
from policy.guardrails.aws import type_of
from policy.guardrails.role_properties import ROLES_AT
from policy.guardrails.rules import RULES
from policy.guardrails.rules.data import SERVICE_PROTECTION
from policy.guardrails.service_callers import CALLERS
from policy.guardrails.shortcuts import SECRET, SIGNATURE
from policy.guardrails.taggable import TAGGABLE
from tests.policy.examples.all import EXAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TEXT = re.compile(r"pulumi\.Input\[(Optional\[)?(Union\[)?_builtins\.str")
ABOUT_SOMETHING_ELSE = re.compile(
    r"alpn|ssl|tls|security|dns_record|termination|data_deletion|delete|lifecycle|autoscaling|default"
    r"|filter|delivery_policy|redrive|archive|replay|snapshot|tiering|auto_import|.*_protection_"
    r"|user_context|notification|web_app|browser|excess_capacity"
)
"""How properties are called that choose how something is done, and not who may do it."""
NO_POLICIES_OF_IAM = {
    *("acmpca/permission policy", "iot/policyAttachment policy"),
    *("lambda/layerVersionPermission policy", "ses/receiptFilter policy"),
    *("cloudwatch/logAccountPolicy policy_document", "cloudwatch/logIndexPolicy policy_document"),
    *("cloudwatch/logDataProtectionPolicy policy_document", "sns/dataProtectionPolicy policy"),
    *("ecr/lifecyclePolicy policy", "opensearch/serverlessLifecyclePolicy policy"),
    *("networkmanager/coreNetwork base_policy_document",),
    *("networkmanager/coreNetworkPolicyAttachment policy_document",),
    *("opensearch/serverlessAccessPolicy policy", "opensearch/serverlessSecurityPolicy policy"),
    *("verifiedaccess/endpoint policy_document", "verifiedaccess/group policy_document"),
}
"""What AWS computes, what is no policy on access, and what is one in a language of its own."""
BOUNDING = {
    *("eks/podIdentityAssociation policy", "rolesanywhere/profile session_policy"),
    *("transfer/access policy", "transfer/user policy", "iot/policy policy"),
    *(f"odb/network {service}_policy_document" for service in ("kms", "s3", "sts")),
}
"""What only takes from what roles and certificates may do, or gives things what only IoT knows."""
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
        *(
            policy_properties.IDENTITY_DOCUMENTS,
            policy_properties.RESOURCE_DOCUMENTS,
            policy_properties.ATTACHED,
        ),
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


def _policies() -> Iterator[tuple[str, str]]:
    """The types and properties that the provider calls policies, and that take a text."""
    spec = importlib.util.find_spec("pulumi_aws")
    assert spec is not None
    for folder in spec.submodule_search_locations or ():
        for module in Path(folder).rglob("*.py"):
            source = module.read_text()
            if token := re.search(r"__init__\(\s*'(aws:[^']+)',", source):
                found = re.findall(
                    r"def (\w*polic(?:y|ies)(?:_document)?)\(self\) -> (.+):", source
                )
                yield from ((token[1], name) for name, type_ in set(found) if TEXT.match(type_))


def test_every_property_that_the_provider_calls_a_policy_is_judged_or_is_about_something_else():
    judged = {
        (type_, re.sub(r"(?=[A-Z])", "_", property_).lower())
        for table in (policy_properties.IDENTITY_DOCUMENTS, policy_properties.RESOURCE_DOCUMENTS)
        for type_, property_ in table.items()
    }

    left = {
        f"{type_.rpartition(':')[0].removeprefix('aws:')} {name}"
        for token, name in _policies()
        if (type_ := type_of(token), name) not in judged and not ABOUT_SOMETHING_ELSE.match(name)
    }

    assert left == {*NO_POLICIES_OF_IAM, *BOUNDING, "iam/role assume_role_policy"}


def test_the_list_of_what_takes_tags_is_what_the_generator_writes():
    assert generate_taggable.TABLE.read_text() == generate_taggable.text()
