"""Rules on what operators rely on: alarms that reach somebody, keys that rotate, tags, and no secret in sight."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from msgspec import Meta

from ..aws import ALARM, BUILD, COMPOSITE_ALARM, FUNCTION, KMS_KEY, TASK_DEFINITION
from ..finding import Finding
from ..resource import Resource, Secret, is_set, value_at
from ..rule import CRITICAL, LOW, MANDATORY, MEDIUM, Config, ResourceRule
from ..taggable import TAGGABLE

_SECRET_NAME = re.compile(
    r"(?:^|_|(?<=[a-z])(?=[A-Z]))(?i:(pg|db)?pass(word|wd|phrase)?|pwd|secret|token|credentials?"
    r"|(api|private|access|secret|signing)_?key)$"
)
"""How the names of secrets end, in capitals or with one in the middle."""
_SECRET_VALUE = re.compile(
    r"A(KI|SI)A[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_\w{36}|xox[abp]-\w+"
    r"|[sr]k_live_\w+|github_pat_\w+|://[^/\s:@]*:[^/\s:@{$]+@"
)
_IDENTIFIER_NAME = re.compile(r"(?i)(ids?|name|arn|version|hash|digest|checksum)$")
"""How the names of texts end that look like keys and open nothing."""
_REFERENCE = re.compile(r"arn:|https?://|/?[a-z0-9_.-]+/|\{\{")
"""A name, an address or a place where a secret is kept, instead of the secret."""
_RANDOM = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
ENTROPY_BITS = 4.3
"""Bits for each character above which a long text is taken for a key; prose and names have less."""


class KeysConfig(Config, frozen=True, kw_only=True):
    """How long a key can still be kept from deletion."""

    window_days: Annotated[int, Meta(ge=7, le=30, description="Shortest deletion window.")] = 7


class TagsConfig(Config, frozen=True, kw_only=True):
    """What everything has to be tagged with."""

    tags: Annotated[tuple[str, ...], Meta(description="Keys of the tags. Default: none.")] = ()


def _alarm(alarm: Resource, _config: Config) -> Iterator[Finding]:
    if not is_set(alarm.get("alarmActions")):
        yield Finding("tells nobody", "set alarmActions to a topic")
    elif not alarm.get("actionsEnabled", default=True):
        yield Finding("is muted", "remove actionsEnabled")


def _key(key: Resource, config: KeysConfig) -> Iterator[Finding]:
    symmetric = key.get("customerMasterKeySpec", default="SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    encrypts = key.get("keyUsage", default="ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"
    if symmetric and encrypts and not key.get("enableKeyRotation"):
        yield Finding("is never changed", "set enableKeyRotation")
    days = key.get("deletionWindowInDays", default=30)
    if days < config.window_days:
        wrong = f"can be lost {days:.0f} days after a mistake"
        yield Finding(wrong, f"set deletionWindowInDays to {config.window_days} or more")
    if key.get("bypassPolicyLockoutSafetyCheck"):
        wrong = "may get a policy that locks everybody out"
        yield Finding(wrong, "remove bypassPolicyLockoutSafetyCheck")


def _tags(resource: Resource, config: TagsConfig) -> Iterator[Finding]:
    given = {**resource.default_tags, **resource.get("tags", default={})}
    if missing := [tag for tag in config.tags if tag not in given]:
        yield Finding(
            f"lacks the tags {', '.join(missing)}", "set them, or as defaultTags of the provider"
        )


def _plain_secrets(resource: Resource, _config: Config) -> Iterator[Finding]:
    for where, name, value in _variables(resource):
        if isinstance(value, Secret):
            yield Finding(
                f"has a Pulumi secret in the environment variable {name}{where}, for all to read on AWS",
                "keep it in Secrets Manager or Parameter Store, and pass its name",
            )
        elif isinstance(value, str) and _is_secret(name, value):
            yield Finding(
                f"has a secret in the environment variable {name}{where}, for all to read",
                "keep it in Secrets Manager or Parameter Store, and pass its name",
            )


def _variables(resource: Resource) -> Iterator[tuple[str, str, Any]]:
    if resource.type == FUNCTION:
        for name, value in resource.get("environment", "variables", default={}).items():
            yield "", name, value
    elif resource.type == TASK_DEFINITION:
        for container in resource.json("containerDefinitions") or ():
            for variable in container.get("environment") or ():
                yield f" of {container.get('name')}", variable["name"], variable.get("value")
    else:
        for variable in resource.get("environment", "environmentVariables", default=()):
            if value_at(variable, "type", default="PLAINTEXT") == "PLAINTEXT":
                yield "", value_at(variable, "name"), value_at(variable, "value")


def _is_secret(name: str, value: str) -> bool:
    if _SECRET_VALUE.search(value):
        return True
    if not value or _REFERENCE.match(value):
        return False
    return bool(_SECRET_NAME.search(name)) or (
        _is_random(value) and not _IDENTIFIER_NAME.search(name)
    )


def _is_random(value: str) -> bool:
    if not _RANDOM.fullmatch(value):
        return False
    counts: Mapping[str, int] = Counter(value)
    shares = [count / len(value) for count in counts.values()]
    return -sum(share * math.log2(share) for share in shares) > ENTROPY_BITS


RULES = (
    ResourceRule(
        id="alarm-has-action",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP CloudWatch.15",
        demand="Every alarm reaches somebody.",
        remedy="Set alarmActions.",
        types=frozenset({ALARM, COMPOSITE_ALARM}),
        check=_alarm,
    ),
    ResourceRule(
        id="kms-rotation",
        level=MANDATORY,
        severity=MEDIUM,
        reference="FSBP KMS.4",
        demand="Every key rotates and cannot be lost at once.",
        remedy="Enable rotation and leave a deletion window.",
        types=frozenset({KMS_KEY}),
        config=KeysConfig,
        check=_key,
    ),
    ResourceRule(
        id="required-tags",
        level=MANDATORY,
        severity=LOW,
        reference="WA COST03-BP02",
        demand="Everything that can be tagged has the tags of the configuration.",
        remedy="Set the tags on the provider.",
        types=TAGGABLE,
        config=TagsConfig,
        check=_tags,
    ),
    ResourceRule(
        id="no-plain-secrets",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA SEC02-BP03",
        demand="No environment variable holds a secret.",
        remedy="Pass the name of the secret instead.",
        types=frozenset({FUNCTION, TASK_DEFINITION, BUILD}),
        check=_plain_secrets,
    ),
)
