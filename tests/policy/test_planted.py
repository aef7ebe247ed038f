"""A defect that somebody might well write into this program stops its deployment, and is named.

They are planted into the source of copies of the program, whose first previews the pack then judges: into one copy
as many as leave each other visible. That nothing is found before, `test_programs.py` says. It also spoils what was
declared instead, which is quicker and knows more defects, and cannot tell whether a component would let one through.
"""

import functools
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from local.program import ROOT, Declared, declare
from policy import check
from policy.guardrails.engine import Violation
from tests.programs import element

MODULES = ("components", "events", "handlers", "settings")
"""What a checkout's program consists of, apart from its `__main__`."""

DOCUMENT = "document([*_basics(platform, name), *map(statement_of, links)])"
LOG_GROUP = """\
        group = cloudwatch.LogGroup(
            f"{name}-access",
            name=group_name,
            retention_in_days=platform["log_retention_days"],
            kms_key_id=platform.get("key_arn"),
            opts=child,
        )
"""


class Planted(NamedTuple):
    """Edits of a file, and what comes of them."""

    file: str
    edits: tuple[tuple[str, str], ...]
    rule: str
    resource: str
    """One of the resources that must be named."""
    message: str
    bed: int = 0
    """Which copy of the program it is planted into."""


PLANTED = {
    "a wildcard in a link": Planted(
        "components/table.py",
        (('"actions": [f"dynamodb:{operation}" for operation in operations],', '"actions": ["dynamodb:*"],'),),
        "iam-no-service-wildcard", "charge-card-permissions", "dynamodb:*: allows",
    ),
    "every resource": Planted(
        "components/link.py",
        (('"Resource": list(resources),', '"Resource": "*",'),),
        "iam-resource-scoped", "charge-card-permissions", "is allowed on every resource", 1,
    ),
    "all but some actions": Planted(
        "components/link.py",
        (('"Action": list(actions),', '"NotAction": ["iam:*"],'),),
        "iam-no-not-elements", "charge-card-permissions", "uses Allow with NotAction", 2,
    ),
    "a trust in everybody": Planted(
        "components/link.py",
        (('"Principal": {"Service": service},', '"Principal": "*",'),),
        "iam-trust-narrow", "charge-card-role", "lets anybody assume the role",
    ),
    "a second user of a role": Planted(
        "components/saga.py",
        (("role_arn=role.arn,", "role_arn=f\"arn:aws:iam::{platform['account']}:role/{platform['prefix']}-order-saga-role\","),),
        "iam-role-not-shared", "order-saga-role", "order-saga-resume",
    ),
    "a document that waits for an output": Planted(
        "components/function.py",
        ((f"policy={DOCUMENT},", f"policy=role.arn.apply(lambda _: {DOCUMENT}),"),),
        "iam-document-known", "charge-card-permissions", "is not known in this preview", 3,
    ),
    "a retention that was dropped": Planted(
        "components/function.py",
        (('            retention_in_days=platform["log_retention_days"],\n', ""),),
        "log-retention", "charge-card-logs", "keeps its logs for ever",
    ),
    "a log group that was removed": Planted(
        "components/api.py",
        (
            (LOG_GROUP, ""),
            ("depends_on=[group]", "depends_on=[deployment]"),
        ),
        "log-group-declared", "api-v1", "which the stack does not declare",
    ),
    "a failure queue without an alarm": Planted(
        "components/queue.py",
        (('"metric": "ApproximateNumberOfMessagesVisible",', '"metric": "NumberOfMessagesSent",'),),
        "dlq-alarmed", "orders-api-failures", "holds failures that nobody is told of",
    ),
    "a queue that takes plain HTTP": Planted(
        "components/queue.py",
        (('"Condition": {"Bool": {"aws:SecureTransport": "false"}},', '"Condition": {"Bool": {"aws:ViaAWSService": "false"}},'),),
        "resource-policy-tls", "orders-api-failures", "may be reached over plain HTTP",
    ),
    "a target that drops what it cannot deliver": Planted(
        "components/route.py",
        (('            dead_letter_config={"arn": self.failures.static_arn},\n', ""),),
        "eventbridge-target-dlq", "start-saga-1", "drops what it cannot deliver",
    ),
    "a step that may hang": Planted(
        "components/saga_definition.py",
        (('        "TimeoutSeconds": step.timeout_seconds,\n', ""),),
        "sfn-saga-safe", "order-saga", "waits for ChargeCard without end",
    ),
}  # fmt: skip


def _copy(folder: Path) -> None:
    for name in MODULES[:-1]:
        # With what is compiled already, which still is as old as its source.
        shutil.copytree(ROOT / name, folder / name)
    for file in (*ROOT.glob("*.py"), *ROOT.glob("Pulumi*.yaml")):
        shutil.copy(file, folder)


def _plant(planted: Planted, folder: Path) -> None:
    source = folder / planted.file
    for old, new in planted.edits:
        text = source.read_text()
        assert text.count(old) >= 1, f"{planted.file} has no {old!r} any more"
        source.write_text(text.replace(old, new))
        assert source.read_text() != text


def declared(program: Path) -> list[Declared]:
    """What the program in a folder declares in its first preview, with its own modules instead of ours."""
    ours = _taken_out()
    try:
        return list(declare("prod", preview=True, root=program))
    finally:
        _taken_out()
        sys.modules.update(ours)


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] in MODULES]
    return {name: sys.modules.pop(name) for name in names}


@pytest.fixture(scope="module")
def judged(
    server: AnalyzerStub, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int], list[Violation]]:
    """Asks what the pack makes mandatory about a copy in which all that belongs into its bed is planted."""

    @functools.cache
    def judge(bed: int) -> list[Violation]:
        folder = tmp_path_factory.mktemp("program")
        _copy(folder)
        for planted in PLANTED.values():
            if planted.bed == bed:
                _plant(planted, folder)
        program = declared(folder)
        assert len(program) > 300
        return check.check(server, "prod", "first preview", program).report.of("mandatory")

    return judge


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_defect_is_found_and_named(defect: str, judged):
    planted = PLANTED[defect]

    found = judged(planted.bed)

    assert any(
        (it.policy, element(it.urn)[1]) == (planted.rule, planted.resource)
        and planted.message in it.message
        for it in found
    ), found
