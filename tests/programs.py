"""The program as its stacks declare it, and components on their own, as plain data for tests."""

import functools
import json
from collections.abc import Callable
from typing import Any, TypeVar

from pulumi.runtime import MockResourceArgs

from components.platform import Platform
from local.program import Declared, Echo, FirstPreview, Program, run, run_checkout

T = TypeVar("T")

STACKS = ("local", "dev", "prod")
PLATFORM: Platform = {
    "prefix": "shop-test",
    "partition": "aws",
    "region": "eu-west-1",
    "account": "123456789012",
    "log_retention_days": 30,
    "memory_mb": 192,
    "tracing": True,
    "retain_data": False,
    "capacity": {"mode": "on-demand"},
}


COMPUTED = {
    "aws:apigateway/restApi:RestApi": ("executionArn", "rootResourceId"),
    "aws:apigateway/stage:Stage": ("invokeUrl",),
    "aws:dynamodb/table:Table": ("streamArn",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("prefixListId",),
    "aws:sqs/queue:Queue": ("url",),
}
"""What AWS adds to a resource, apart from its id, name and ARN."""


class Applied(Echo):
    """As after a deployment: everything that the program asks of a resource is known."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        found, state = super().new_resource(args)
        computed = COMPUTED.get(args.typ, ())
        return found, state | {key: computed_value(key, args.name) for key in computed}


def computed_value(key: str, name: str) -> str:
    """What a computed property of a resource is once it is applied."""
    return f"{key} of {name}"


@functools.cache
def stack_program(stack: str, *, preview: bool = False, **settings: object) -> Program:
    """All that a stack declares, with some settings changed; each is run once and must not be changed."""
    return run_checkout(stack, FirstPreview() if preview else Applied(), settings, preview=preview)


def made(build: Callable[[], T]) -> tuple[T, Program]:
    """What `build` makes and declares, run as the whole program of a stack called `test`."""
    results: list[T] = []
    program = run(
        lambda: results.append(build()), stack="test", config={}, cloud=Applied(), preview=False
    )
    return results[0], program


def declared_by(build: Callable[[], object]) -> Program:
    """All that `build` declares."""
    return made(build)[1]


def policy_of(program: Program, name: str) -> list[tuple[str, str]]:
    """What a role policy allows, as pairs of action and resource."""
    policy = program.named("aws:iam/rolePolicy:RolePolicy", name)
    return [
        (action, resource)
        for statement in statements(policy)
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]


def statements(policy: Declared) -> list[dict[str, Any]]:
    """The statements of whatever policy a resource holds."""
    return json.loads(policy.inputs["policy"])["Statement"]


def element(urn: str) -> tuple[str, str]:
    """Type token and logical name that a URN ends with."""
    *_, types, name = urn.split("::")
    return types.rsplit("$", 1)[-1], name
