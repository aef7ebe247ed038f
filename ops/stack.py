"""A deployed stack, known by its outputs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer


@dataclass(frozen=True)
class Stack:
    """Where a stack is and what it exported."""

    outputs: Mapping[str, Any]
    """What the program exports, by name."""
    region: str
    endpoint: str | None = None
    """Address of the embedded AWS; none for AWS itself."""
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, path: Path, region: str = "us-east-1") -> "Stack":
        """Read `.local/outputs.json`, or what `pulumi stack output --json` printed.

        Raises `ValueError` when the file cannot be read or is neither of the two.
        """
        try:
            found = json.loads(path.read_text())
        except FileNotFoundError:
            raise ValueError(
                f"{path} does not exist; run `make up`, or `pulumi stack output --json > {path}`"
            ) from None
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is no JSON: {error}") from error
        local = isinstance(found, dict) and {"endpoint", "region", "outputs"} <= found.keys()
        outputs = found["outputs"] if local else found
        if not isinstance(outputs, dict):
            raise ValueError(f"{path} holds no outputs: it must be a JSON object")
        if local:
            return cls(outputs, found["region"], found["endpoint"])
        return cls(outputs, region)

    def output(self, name: str) -> Any:
        """One output; `ValueError` when the stack has none of that name."""
        if name not in self.outputs:
            raise ValueError(f"the stack has no output {name!r}; it has {sorted(self.outputs)}")
        return self.outputs[name]

    def client(self, service: str) -> Any:
        """The boto3 client of a service, made once."""
        if service not in self._clients:
            self._clients[service] = self._session.client(  # pyrefly: ignore[no-matching-overload] (any name that boto3 knows)
                service, endpoint_url=self.endpoint, region_name=self.region
            )
        return self._clients[service]

    def items(self, output: str) -> list[dict[str, Any]]:
        """All items of the table whose name an output is, as plain values, in no order."""
        pages = self.client("dynamodb").get_paginator("scan")
        return [
            _plain(item)
            for page in pages.paginate(TableName=self.output(output), ConsistentRead=True)
            for item in page["Items"]
        ]

    def item(self, output: str, **key: str) -> dict[str, Any]:
        """One item of the table whose name an output is, as plain values; empty when there is none."""
        found = self.client("dynamodb").get_item(
            TableName=self.output(output),
            Key={name: {"S": value} for name, value in key.items()},
            ConsistentRead=True,
        )
        return _plain(found.get("Item", {}))

    @cached_property
    def _session(self) -> boto3.Session:
        # The embedded AWS takes this for its root user; on AWS the usual chain of credentials decides.
        key = "test" if self.endpoint else None
        return boto3.Session(aws_access_key_id=key, aws_secret_access_key=key)


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    read = TypeDeserializer().deserialize
    return {name: read(value) for name, value in item.items()}
