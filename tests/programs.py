"""The program as its stacks declare it, and components on their own, as plain data for tests."""

import fcntl
import hashlib
import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pulumi.runtime import Mocks

from components.platform import Platform
from local import program
from local.mocks import ACCOUNT, REGION, Applied, FirstPreview
from local.program import ROOT, Declared, Program, run, stack_config

T = TypeVar("T")

MADE_IN = f"{REGION}:{ACCOUNT}"
"""Where resources of components by themselves seem to be, unlike what `PLATFORM` says: which of both an ARN is from, it shows."""

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


def queue_url(name: str) -> str:
    """The URL of a queue, once it is applied."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


class OneRun:
    """Runs the program of this checkout once for all tests of a run, whichever of its processes they are in.

    The same configuration, answered by a cloud without a state, declares the same.
    """

    STATELESS = (FirstPreview, Applied)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run = program.run_checkout
        self._known: dict[str, Program] = {}

    def run_checkout(
        self,
        stack: str,
        cloud: Mocks,
        settings: Mapping[str, object],
        *,
        preview: bool = False,
        root: Path = ROOT,
    ) -> Program:
        """As `local.program.run_checkout`; what it returns must not be changed."""

        def run() -> Program:
            return self._run(stack, cloud, settings, preview=preview, root=root)

        if type(cloud) not in self.STATELESS or root != ROOT:
            return run()
        config = sorted(stack_config(stack, root, settings).items())
        # A cloud may be in a place of its own.
        key = repr((stack, config, type(cloud).__name__, vars(cloud), preview))
        if key not in self._known:
            name = hashlib.sha256(key.encode()).hexdigest()
            self._known[key] = self._kept(self._folder / name, run)
        return self._known[key]

    def _kept(self, file: Path, run: Callable[[], Program]) -> Program:
        """What is in a file, which the first process that asks for it writes."""
        with file.open("a+b") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX)
            kept.seek(0)
            if not (text := kept.read()):
                text = pickle.dumps(run())
                kept.write(text)
            return pickle.loads(text)


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
