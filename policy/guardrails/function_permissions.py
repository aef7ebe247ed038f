"""Whether functions let in the services that are told to call them."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from .aws import (
    ALIAS,
    BUCKET,
    FUNCTION,
    FUNCTION_POLICY,
    HTTP_API,
    PERMISSION,
    REST_API,
    address,
    name_in,
)
from .iam.actions import expand
from .iam.arns import segments
from .iam.principals import service_name
from .policies import Kind, judgeable
from .resource import Resource, Stack, Unknown, UnknownValue, is_set, values_at
from .service_callers import CALLERS

ANY = "*"
"""A qualifier that is not known."""
_INVOKE = "lambda:InvokeFunction"
_NAMES: Mapping[str, str] = {BUCKET: "bucket", HTTP_API: "id", REST_API: "id"}
"""The property with the name by which ARNs know a resource, where that is not `name`."""


def refused(resource: Resource, stack: Stack) -> Iterator[tuple[Resource, str]]:
    """The functions, each with its alias or version, that a resource names and that do not let it in."""
    caller = CALLERS[resource.type]
    if caller.role and is_set(resource.props.get(caller.role)):
        return
    for path in (each.split(".") for each in caller.at):
        for value in values_at(resource.props, *path):
            called: dict[Resource, list[str]] = {}
            for function, qualifier in functions_meant(resource, path[0], value, stack):
                called.setdefault(function, []).append(qualifier)
            for function, qualifiers in called.items():
                if not any(_is_let_in(resource, function, each, stack) for each in qualifiers):
                    yield function, qualifiers[0].removeprefix(ANY)


def name_in_arns(resource: Resource) -> Any:
    """The name by which ARNs know a resource, or what stands in its place before it is known."""
    return resource.props.get(_NAMES.get(resource.type, "name"))


def means(arn: str, type_: str, name: str) -> bool:
    """Whether an ARN, with wildcards or without, is that of a resource of a type and name."""
    if type_ in {REST_API, HTTP_API}:
        return fnmatchcase(name, segments(arn)[5].partition("/")[0])
    _, whole = address(type_, name)
    return fnmatchcase(name, name_in(arn, type_)) or fnmatchcase(whole, segments(arn)[5])


def functions_meant(
    resource: Resource, property_: str, value: Any, stack: Stack
) -> Iterator[tuple[Resource, str]]:
    """The functions that a value means, and by which alias or version: a name, an ARN, or a URI with an ARN in it."""
    if isinstance(value, str):
        text = value.partition(":function:")[2].partition("/")[0] or value
        name, _, qualifier = text.partition(":")
        if function := stack.find(name, FUNCTION):
            latest = qualifier == "$LATEST"
            yield function, "" if latest else ANY if "${" in qualifier else qualifier
        return
    for source in stack.named_by(resource, property_, value, FUNCTION, ALIAS):
        if source.type == FUNCTION:
            yield source, ANY
        else:
            alias = source.props.get("name")
            for function, _ in functions_meant(
                source, "functionName", source.get("functionName"), stack
            ):
                yield function, alias if isinstance(alias, str) else ANY


def functions_of(
    resource: Resource, property_: str, stack: Stack
) -> Iterator[tuple[Resource, str]]:
    """The functions that a property means, each with the alias or version in it, or in `qualifier` beside it."""
    qualifier = resource.props.get("qualifier")
    try:
        named = list(functions_meant(resource, property_, resource.get(property_), stack))
    except UnknownValue:
        # What comes from nowhere here is no function of this stack.
        return
    for function, by_name in named:
        if qualifier is None:
            yield function, by_name
        elif isinstance(qualifier, str):
            yield function, qualifier.removeprefix("$LATEST")
        else:
            yield function, ANY


def _is_let_in(resource: Resource, function: Resource, qualifier: str, stack: Stack) -> bool:
    return any(
        # A permission on a function is none on its aliases, nor one on an alias any on the function.
        (on == qualifier or ANY in {on, qualifier}) and _permits(permission, resource, stack)
        for permission, on in _permissions(stack).get(function.urn, ())
    ) or any(_lets_in(policy, resource, function, stack) for policy in stack.of(FUNCTION_POLICY))


@lru_cache(maxsize=8)
def _permissions(stack: Stack) -> Mapping[str, list[tuple[Resource, str]]]:
    """The permissions of each function, by its URN, each with the alias or version that it is on."""
    found: dict[str, list[tuple[Resource, str]]] = {}
    for permission in stack.of(PERMISSION):
        for function, on in functions_of(permission, "function", stack):
            found.setdefault(function.urn, []).append((permission, on))
    return found


def _permits(permission: Resource, resource: Resource, stack: Stack) -> bool:
    principal = service_name(permission.get("principal", default=""))
    actions = expand(permission.get("action", default=_INVOKE))
    return (
        principal in {"*", CALLERS[resource.type].service}
        and any(action.name == _INVOKE for action in actions)
        and _is_for(permission, resource, stack)
    )


def _is_for(permission: Resource, resource: Resource, stack: Stack) -> bool:
    """Whether a permission is for what a resource calls on behalf of, as far as that is known."""
    caller = CALLERS[resource.type]
    property_, type_ = caller.source
    source = permission.get("sourceArn")
    if isinstance(source, str) and not caller.may_send(resource, source):
        return False
    if source is None or not type_:
        return True
    try:
        wanted = stack.named_by(resource, property_, resource.get(property_), type_)
        known = stack.named_by(permission, "sourceArn", source, type_)
    except UnknownValue:
        return True
    if isinstance(source, Unknown):
        return not known or not wanted or any(each in known for each in wanted)
    names = [name_in_arns(each) for each in wanted]
    if not wanted and isinstance(value := resource.get(property_), str):
        names = [name_in(value, type_)]
    return not names or any(
        not isinstance(name, str) or means(source, type_, name) for name in names
    )


def _lets_in(policy: Resource, resource: Resource, function: Resource, stack: Stack) -> bool:
    """Whether a whole policy of a function lets a resource's service in; for what, resource-policy-narrow judges."""
    on = functions_meant(policy, "resourceArn", policy.get("resourceArn"), stack)
    return any(found is function for found, _ in on) and any(
        service_name(name) in {"*", CALLERS[resource.type].service}
        for document in judgeable(policy, Kind.RESOURCE)
        for statement in document.allowing()
        for _, name in statement.principals
    )
