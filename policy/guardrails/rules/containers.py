"""Rule on containers: no more rights on their host than they need."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..aws import CLUSTER, SERVICE, TASK_DEFINITION
from ..finding import Finding
from ..resource import Resource, value_at
from ..rule import HIGH, MANDATORY, Config, ResourceRule

ROOT = frozenset({"", "0", "root"})


def _hardened(resource: Resource, _config: Config) -> Iterator[Finding]:
    if resource.type == CLUSTER:
        yield from _cluster(resource)
    elif resource.type == SERVICE:
        if resource.get("networkConfiguration", "assignPublicIp"):
            yield Finding("gives its tasks public addresses", "set assignPublicIp to false")
    else:
        if resource.get("networkMode") != "awsvpc":
            wrong = "shares the network of its host"
            yield Finding(wrong, "set networkMode to awsvpc")
        for container in resource.json("containerDefinitions") or ():
            yield from _container(container)


def _cluster(cluster: Resource) -> Iterator[Finding]:
    insights = [
        value_at(setting, "value")
        for setting in cluster.get("settings", default=())
        if value_at(setting, "name") == "containerInsights"
    ]
    if not {"enabled", "enhanced"} & set(insights):
        wrong = "does not measure its containers"
        yield Finding(wrong, "set containerInsights in settings to enabled")


def _container(container: Mapping[str, Any]) -> Iterator[Finding]:
    name = container.get("name", "a container")
    checks = (
        (container.get("logConfiguration"), "logs nothing", "set logConfiguration"),
        (
            str(container.get("user", "")).partition(":")[0] not in ROOT,
            "runs as root",
            "set user to another one",
        ),
        (
            container.get("readonlyRootFilesystem"),
            "can change its own program",
            "set readonlyRootFilesystem",
        ),
        (not container.get("privileged"), "has all rights on its host", "set privileged to false"),
    )
    for good, wrong, instead in checks:
        if not good:
            yield Finding(f"has the container {name}, which {wrong}", instead)


RULES = (
    ResourceRule(
        id="ecs-hardened",
        level=MANDATORY,
        severity=HIGH,
        reference="FSBP ECS.5",
        demand="Containers are logged and measured, and have no rights on their host.",
        remedy="Set the properties that the message names.",
        types=frozenset({CLUSTER, SERVICE, TASK_DEFINITION}),
        check=_hardened,
    ),
)
