"""The stack's configuration: read once, checked, and never changed."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import config

from components.delivery_stream import LONGEST_BUFFER_SECONDS
from components.platform import BUCKET_NAME, Capacity, Platform
from components.services.analytics import BUFFERS

RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)
RETENTION_DAYS += (1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""What CloudWatch Logs accepts."""
MAIL = r"[^@\s]+@[^@\s]+"
SENDER = r"[^@\s*?]+@[^@\s*?]+"
"""A mail address that is one resource of IAM's, to which * and ? stand for others."""
PHONE = r"\+[1-9][0-9]{6,14}"
"""A number as ITU-T E.164 writes it, which is how SNS takes it."""
LONGEST_PREFIX, LONGEST_WITH_REGION = 22, 34
"""Characters of prefix and stack together, and of both with a region's: what the longest name of a queue and of a bucket leave."""
LOCAL = "local"
"""The one stack that may provoke failures: the embedded AWS."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that can be set; Pulumi.yaml describes each."""

    stack: str
    region: str
    account: str
    prefix: str
    log_retention_days: int
    lambda_memory_size: int
    table_capacity: Capacity
    archive_days: int
    tracing: bool
    coordination: str
    analytics_buffer: str
    analytics_buffer_seconds: int
    customer_key: bool
    retain_data: bool
    alarm_email: str
    sender_email: str
    notification_subscribers: tuple[str, ...]
    payment_success_rate: float
    fault_injection: bool
    vpc: bool
    waf: bool

    @classmethod
    def load(cls) -> "Settings":
        """Read and check the stack's configuration.

        Raises `ValueError`, which names the key, its value and what is allowed.
        """
        own, stack = pulumi.Config(), pulumi.get_stack()
        if not BUCKET_NAME.fullmatch(stack):
            raise ValueError(
                f"the stack is called {stack!r}; allowed: a-z, 0-9 and -, since names of buckets have it in them"
            )
        _refuse_unknown(own.name)
        values = {_snake(key): _read(own, key) for key in ALLOWED}
        if values["fault_injection"] and stack != LOCAL:
            raise ValueError(
                f"{own.name}:faultInjection is true on stack {stack!r}; only {LOCAL!r} may provoke failures"
            )
        region = _region()
        _check_together(own.name, values["prefix"], stack, region)
        return cls(stack=stack, region=region, account=_account(), **values)

    def platform(self) -> Platform:
        """What all components share."""
        platform: Platform = {
            "prefix": f"{self.prefix}-{self.stack}",
            "partition": partition(self.region),
            "region": self.region,
            "account": self.account,
            "log_retention_days": self.log_retention_days,
            "memory_mb": self.lambda_memory_size,
            "tracing": self.tracing,
            "retain_data": self.retain_data,
            "capacity": self.table_capacity,
        }
        if self.fault_injection:
            platform["environment"] = {"FAULT_INJECTION": "true"}
        return platform


def partition(region: str) -> str:
    """The AWS partition of a region."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(
        region.rpartition("-")[0].rpartition("-")[0], "aws"
    )


def _number(text: str) -> int:
    # int() alone also takes 1_000, spaces, and the digits of any script.
    return int(_matching("[0-9]+")(text))


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = _number(text)
        if not least <= number <= most:
            raise ValueError
        return number

    return parse


def _matching(regex: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(regex, text):
            raise ValueError
        return text

    return parse


def _days(text: str) -> int:
    return RETENTION_DAYS[RETENTION_DAYS.index(_number(text))]


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _fraction(text: str) -> float:
    number = float(_matching("[0-9.e-]+")(text))
    if not 0 <= number <= 1:
        raise ValueError
    return number


def _subscribers(text: str) -> tuple[str, ...]:
    given = json.loads(text)
    if not isinstance(given, list) or len(set(given)) < len(given):
        raise ValueError
    return tuple(_matching(f"{MAIL}|{PHONE}")(each) for each in given)


def _capacity(text: str) -> Capacity:
    given = json.loads(text)
    mode = given.pop("mode")
    keys = {"on-demand": (), "provisioned": ("read", "write", "max")}[mode]
    units = {key: _whole(1, 40_000)(str(given.pop(key))) for key in keys}
    if given or (units and units["max"] < max(units["read"], units["write"])):
        raise ValueError
    return Capacity(mode=mode, **units)


ALLOWED: dict[str, tuple[Callable[[str], Any], str]] = {
    "prefix": (_matching(r"[a-z][a-z0-9-]{1,19}"), "2 to 20 of a-z, 0-9 and -, a letter first"),
    "logRetentionDays": (_days, f"one of {list(RETENTION_DAYS)}"),
    "lambdaMemorySize": (_whole(128, 10_240), "a whole number from 128 to 10240 (MiB)"),
    "tableCapacity": (
        _capacity,
        (
            '{"mode": "on-demand"}, or {"mode": "provisioned", "read": n, "write": n, "max": n} '
            "with n a whole number from 1 to 40000 and max not below the others"
        ),
    ),
    "archiveDays": (_whole(1, 3650), "a whole number from 1 to 3650 (days)"),
    "tracing": (_flag, "true or false"),
    "coordination": (
        _matching("orchestrated|choreographed"),
        "orchestrated (a state machine runs the saga) or choreographed (services react to events)",
    ),
    "analyticsBuffer": (_matching("|".join(BUFFERS)), " or ".join(BUFFERS)),
    "analyticsBufferSeconds": (
        _whole(0, LONGEST_BUFFER_SECONDS),
        "a whole number from 0 to 900 (seconds)",
    ),
    "customerKey": (_flag, "true or false"),
    "retainData": (_flag, "true or false"),
    "alarmEmail": (_matching(f"|{MAIL}"), "an e-mail address, or empty"),
    "senderEmail": (_matching(SENDER), "an e-mail address without * and ?"),
    "notificationSubscribers": (
        _subscribers,
        '["desk@example.com", "+4915112345678"]: e-mail addresses and phone numbers, each once, or []',
    ),
    "paymentSuccessRate": (_fraction, "0 to 1"),
    "faultInjection": (_flag, "true or false; true on the stack 'local' only"),
    "vpc": (_flag, "true or false"),
    "waf": (_flag, "true or false"),
}
"""Each setting: how its text is read, and what is allowed, in words."""


def _snake(key: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", key)


def _read(own: pulumi.Config, key: str) -> Any:
    parse, allowed = ALLOWED[key]
    text = own.get(key)
    if text is None:
        raise ValueError(f"{own.name}:{key} is not set; allowed: {allowed}")
    try:
        return parse(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError(f"{own.name}:{key} is {text!r}; allowed: {allowed}") from None


def _check_together(project: str, prefix: str, stack: str, region: str) -> None:
    # A component would refuse too long a name as well, but after others have been declared.
    together, most = f"{prefix}-{stack}", min(LONGEST_PREFIX, LONGEST_WITH_REGION - len(region))
    if len(together) > most:
        raise ValueError(
            f"{project}:prefix is {prefix!r} on stack {stack!r}, so names begin with {together!r}; "
            f"allowed: {most} characters together in {region}"
        )


def _refuse_unknown(project: str) -> None:
    # pulumi.Config can only be asked for keys by name, so a misspelt one would go unnoticed.
    everything = {**config.CONFIG.get(), **config.get_config_env()}
    given = {key for key in everything if key.startswith(f"{project}:")}
    unknown = sorted(given - {f"{project}:{key}" for key in ALLOWED})
    if unknown:
        raise ValueError(f"{unknown[0]} is no setting; settings are {sorted(ALLOWED)}")


def _region() -> str:
    region = pulumi.Config("aws").get("region")
    if not region or not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", region):
        raise ValueError(f"aws:region is {region!r}; set an AWS region, such as us-east-1")
    return region


def _account() -> str:
    """The one account that the provider may deploy to; ARNs are built from it."""
    text = pulumi.Config("aws").get("allowedAccountIds")
    found = re.fullmatch(r'\[\s*"?([0-9]{12})"?\s*\]', text or "")
    if not found:
        raise ValueError(
            f"aws:allowedAccountIds is {text!r}; set the one account of this stack: "
            "pulumi config set --path 'aws:allowedAccountIds[0]' 123456789012"
        )
    return found[1]
