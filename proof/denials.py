"""Level 4: every role is denied what it was not granted, by real calls with its own credentials."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from proof.calls import Call, calls
from proof.credentials import credentials
from proof.grants import Grant
from proof.subject import REGION, Subject

CALLERS = 8
"""Roles that call at the same time."""
NOBODY = (
    ("dynamodb:DeleteItem", "table/orders"),
    ("dynamodb:DeleteTable", "table/orders"),
    ("dynamodb:Scan", "table/orders"),
    ("events:DeleteRule", "*"),
    ("iam:CreateUser", "*"),
    ("iam:PutRolePolicy", "*"),
    ("lambda:UpdateFunctionCode", "function:orders-api"),
    ("logs:CreateLogGroup", "log-group:/aws/lambda/orders-api:*"),
    ("sqs:PurgeQueue", "orders-api-failures"),
    ("states:DeleteStateMachine", "stateMachine:order-saga"),
    ("sts:AssumeRole", "*"),
)
"""What no role of the system may do at all."""


@dataclass(frozen=True)
class Denials:
    """What came of one role's calls of what it was not granted."""

    role: str
    denied: int
    admitted: tuple[str, ...]
    """Calls that were not denied: what was called, and the answer."""


def denials(subject: Subject, roles: Sequence[str], done: Callable[[], None]) -> list[Denials]:
    """Let each role call everything that any role may do, and what none may, except what it was granted."""
    keys = {role: credentials(subject, role) for role in roles}
    session = _Session(subject.emulator.endpoint)

    def attempt(role: str) -> Denials:
        found = _attempt(subject, role, session, keys[role])
        done()
        return found

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(attempt, roles))


def forbidden(grants: Sequence[Grant], role: str) -> list[Grant]:
    """What a role was not granted, of all that any role was granted and of what none may be."""
    own = [grant for grant in grants if grant.role == role]
    everything = {(grant.action, grant.resource, grant.detail_type) for grant in grants}
    everything |= {(action, resource, "") for action, resource in NOBODY}
    wanted = (Grant(role, *what) for what in sorted(everything))
    return [grant for grant in wanted if not any(held.covers(grant) for held in own)]


class _Session:
    """One for all roles: the descriptions of services, which take longer to read than all calls, are read once."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint, self._session, self._lock = endpoint, boto3.Session(), threading.Lock()

    def client(self, service: str, keys: dict[str, Any]) -> Any:
        with self._lock:
            return self._session.client(  # pyrefly: ignore[no-matching-overload] (any name that boto3 knows)
                service,
                endpoint_url=self._endpoint,
                region_name=REGION,
                # A call that is denied is denied before it is read.
                config=Config(
                    proxies={}, parameter_validation=False, retries={"total_max_attempts": 1}
                ),
                **keys,
            )


def _attempt(subject: Subject, role: str, session: _Session, keys: dict[str, str]) -> Denials:
    client = cache(lambda service: session.client(service, keys))
    asked = [call for grant in forbidden(subject.grants, role) for call in calls(subject, grant)]
    admitted = tuple(_admitted(asked, client))
    return Denials(role, len(asked) - len(admitted), admitted)


def _admitted(asked: Sequence[Call], client: Callable[[str], Any]) -> Iterator[str]:
    for call in asked:
        try:
            getattr(client(call.service), call.method)(**call.arguments)
        except ClientError as refusal:
            code = refusal.response.get("Error", {}).get("Code", "")
            if code.startswith(("AccessDenied", "AuthorizationError")):
                continue
            yield f"{call.grant}: {refusal}"
        else:
            yield f"{call.grant}: it was done"
