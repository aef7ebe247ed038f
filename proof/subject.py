"""What the proof is made on: the program on an embedded AWS that enforces IAM."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local.demo import FAR_AWAY, PATIENCE, STOCK
from local.deployment import deploy
from local.emulator import Emulator
from local.program import Declared
from ops import products
from ops.stack import Stack
from proof.grants import PREFIX, Grant, declared, short, without

STACK, REGION = "local", "us-east-1"


@dataclass(frozen=True, eq=False)
class Subject:
    """The program, deployed and with products in stock."""

    emulator: Emulator
    stack: Stack
    program: list[Declared]

    @cached_property
    def grants(self) -> list[Grant]:
        """All that its roles may do."""
        return declared(self.program, STACK)

    @property
    def roles(self) -> list[str]:
        """Its roles, by their names in the program."""
        return sorted({grant.role for grant in self.grants})

    def role_arn(self, role: str) -> str:
        """The ARN of a role."""
        return f"arn:aws:iam::000000000000:role/{PREFIX}-{STACK}-{role}"

    def accesses(self, *, allowed: bool) -> Counter[Grant]:
        """What roles were allowed, or denied, so far, and how often."""
        found = Counter[Grant]()
        for access in self.emulator.accesses():
            if access["allowed"] == allowed:
                found[self._grant(access)] += access["times"]
        return found

    @contextmanager
    def without(self, grant: Grant) -> Iterator[None]:
        """For as long as the context lasts, nothing grants this."""
        iam, role = self.emulator.client("iam"), f"{PREFIX}-{STACK}-{grant.role}"
        kept: dict[str, str] = {}
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            found = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            kept[name] = found if isinstance(found, str) else json.dumps(found)
        try:
            for name, document in kept.items():
                self._put(role, name, without(document, grant, STACK))
            yield
        finally:
            for name, document in kept.items():
                self._put(role, name, json.loads(document))

    def _put(self, role: str, name: str, document: dict[str, Any]) -> None:
        iam = self.emulator.client("iam")
        if document["Statement"]:
            text = json.dumps(document)
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)
        else:
            # IAM takes no policy that says nothing.
            iam.delete_role_policy(RoleName=role, PolicyName=name)

    def _grant(self, access: dict[str, Any]) -> Grant:
        return Grant(
            short(access["role"], STACK),
            access["action"],
            short(access["resource"], STACK),
            access["detail_type"],
        )


@contextmanager
def deployed(coordination: str) -> Iterator[Subject]:
    """The program, coordinated this way, on an embedded AWS of its own, which ends with the context."""
    with Emulator() as emulator:
        # What is denied is denied again: nothing is won by waiting before the next attempt.
        emulator.configure(
            wait_scale=0, redelivery_scale=0.1, delay_scale=FAR_AWAY, task_timeout_scale=PATIENCE
        )
        deployment = deploy(emulator, STACK, coordination=coordination)
        stack = Stack(deployment.outputs, REGION, emulator.endpoint)
        products.put(stack, products.read(STOCK))
        yield Subject(emulator, stack, deployment.resources)
