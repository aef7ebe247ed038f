"""The program as its stacks declare it, and components on their own, as plain data for tests."""

import functools
import json
from collections.abc import Callable
from typing import Any

from components.platform import Platform
from local.program import Declared, Echo, FirstPreview, Program, declare, run

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


@functools.cache
def stack_program(stack: str, *, preview: bool = False) -> Program:
    """All that a stack declares with its own settings; each is run once and must not be changed."""
    return declare(stack, preview=preview)


def declared_by(build: Callable[[], object], *, preview: bool = False) -> Program:
    """All that `build` declares, run as the whole program of a stack called `test`."""
    cloud = FirstPreview() if preview else Echo()
    return run(build, stack="test", config={}, cloud=cloud, preview=preview)


def statements(policy: Declared) -> list[dict[str, Any]]:
    """The statements of whatever policy a resource holds."""
    return json.loads(policy.inputs["policy"])["Statement"]


def element(urn: str) -> tuple[str, str]:
    """Type token and logical name that a URN ends with."""
    *_, types, name = urn.split("::")
    return types.rsplit("$", 1)[-1], name
