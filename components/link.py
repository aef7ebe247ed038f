"""Links: where a resource is and what the holder may do to it, always handed over together."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi


class Link(TypedDict):
    """An address and the permission that goes with it."""

    environment: Mapping[str, pulumi.Input[str]]
    """Environment variables that tell the holder where the resource is."""
    actions: Sequence[str]
    """IAM actions, each by its full name."""
    resources: Sequence[str]
    """ARNs the actions are allowed on."""
    condition: NotRequired[Mapping[str, Any]]
    """IAM condition of the permission. Default: none."""


def check_links(owner: str, links: Sequence[Link]) -> None:
    """Raise `ValueError`, which names the owner, for what is no list of links."""
    if isinstance(links, str) or not isinstance(links, Sequence):
        raise ValueError(f"{owner}: links is {links!r}; take a list, such as [table.allowing(...)]")
    for link in links:
        if not isinstance(link, Mapping):
            raise ValueError(
                f"{owner}: {link!r} is no link; links come from table.allowing(...) and its like"
            )


def allow(
    actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One Allow statement."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    return statement | ({"Condition": dict(condition)} if condition else {})


def statement_of(link: Link) -> dict[str, Any]:
    """The Allow statement that a link stands for."""
    return allow(link["actions"], link["resources"], link.get("condition"))


def document(statements: Sequence[Mapping[str, Any]]) -> str:
    """A policy document as text, complete before anything is deployed."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str, account: str | None = None) -> str:
    """The trust policy of a role that one AWS service assumes.

    With `account`, only on behalf of that account: for the services that say on whose behalf they ask
    (Step Functions and EventBridge do, Lambda does not).
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if account:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return document([statement])
