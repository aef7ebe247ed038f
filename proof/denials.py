"""Level 4: every role is denied what it was not granted, by real calls with its own credentials."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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

    def attempt(role: str) -> Denials:
        found = _attempt(subject, role, keys[role])
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


def _attempt(subject: Subject, role: str, keys: dict[str, str]) -> Denials:
    session, clients = boto3.Session(), dict[str, Any]()

    def client(service: str) -> Any:
        if service not in clients:
            clients[service] = session.client(
                service,  # pyright: ignore[reportArgumentType, reportCallIssue] (any name that boto3 knows)
                endpoint_url=subject.stack.endpoint,
                region_name=REGION,
                # A call that is denied is denied before it is read.
                config=Config(
                    proxies={}, parameter_validation=False, retries={"total_max_attempts": 1}
                ),
                aws_access_key_id=keys["aws_access_key_id"],
                aws_secret_access_key=keys["aws_secret_access_key"],
                aws_session_token=keys["aws_session_token"],
            )
        return clients[service]

    asked = [call for grant in forbidden(subject.grants, role) for call in calls(subject, grant)]
    admitted = tuple(_admitted(asked, client))
    return Denials(role, len(asked) - len(admitted), admitted)


def _admitted(asked: Sequence[Call], client: Callable[[str], Any]) -> Iterator[str]:
    for call in asked:
        try:
            getattr(client(call.service), call.method)(**call.arguments)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"].startswith(("AccessDenied", "AuthorizationError")):
                continue
            yield f"{call.grant}: {refusal}"
        else:
            yield f"{call.grant}: it was done"
