"""The embedded AWS in the place of a Pulumi engine and its provider: what is declared is made at once."""

import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks

from local.resources import (
    analytics,
    apis,
    events,
    firewall,
    functions,
    iam,
    keys,
    machines,
    network,
    observability,
    queues,
    storage,
    tables,
    topics,
)
from local.resources.declaration import Aws, Declaration, Made

TYPES: dict[str, Callable[[Aws, Declaration], Made]] = {
    **analytics.TYPES,
    **apis.TYPES,
    **events.TYPES,
    **firewall.TYPES,
    **functions.TYPES,
    **iam.TYPES,
    **keys.TYPES,
    **machines.TYPES,
    **network.TYPES,
    **observability.TYPES,
    **queues.TYPES,
    **storage.TYPES,
    **tables.TYPES,
    **topics.TYPES,
}
"""Type token to what makes a resource of that type."""


class CloudError(RuntimeError):
    """A service refused a resource; the message names both."""


class Cloud(Mocks):
    """Makes each declared resource with boto3 and answers with its real outputs."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = threading.Lock()
        self._not_emulated = set[str]()

    @property
    def not_emulated(self) -> list[str]:
        """Types, and properties of types, that were declared and of which nothing was made."""
        return sorted(self._not_emulated)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, args.inputs
        make = TYPES.get(args.typ)
        if make is None:
            self._note(args.typ)
            return args.name, args.inputs
        declared = Declaration(args.typ, args.name, args.inputs)
        try:
            made = make(self._aws, declared)
        except (ClientError, BotoCoreError, ValueError) as refusal:
            raise CloudError(f"{args.typ} {args.name!r}: {refusal}") from refusal
        self._note(*(f"{args.typ}.{key}" for key in declared.unread))
        return made.id, {**args.inputs, **made.outputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise CloudError(f"the program looks up {args.token}; the embedded AWS is only written to")

    def _note(self, *what: str) -> None:
        with self._lock:
            self._not_emulated.update(what)
