"""The pack in another repository: its folder alone, over a program that this one knows nothing of."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from policy import check
from policy.guardrails.aws import LOG_GROUP, ROLE, ROLE_POLICY, TOPIC
from policy.guardrails.engine import Report, configure, judge
from policy.guardrails.server import serving
from tests.policy.given import Given, allow, arn, document, given

NEEDED = {"google", "grpc", "msgspec", "pulumi", "pulumi_policy"}
"""What may be imported: pulumi-policy brings all of it but msgspec."""
TRUST = document(
    {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
)
GOOD = [
    given(ROLE, "bot-role", name="bot", assumeRolePolicy=TRUST),
    given(ROLE_POLICY, "bot-policy", role="bot", policy=document(allow("sqs:SendMessage", arn("sqs", "q")))),
    given(LOG_GROUP, "bot-logs", name="/aws/lambda/bot", retentionInDays=30),
]  # fmt: skip
BAD = [
    given(ROLE_POLICY, "wide", role="bot", policy=document(allow("sqs:*", "*"))),
    given(LOG_GROUP, "eternal", name="/bot"),
]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pack, and nothing else of this repository."""
    folder = tmp_path_factory.mktemp("another-repository") / "policies"
    return shutil.copytree(check.PACK, folder, ignore=shutil.ignore_patterns("__pycache__"))


def judged(folder: Path, program: list[Given]) -> Report:
    with serving(folder) as pack:
        configure(pack, {"log-retention": {"maximum": 90}})
        return judge(pack, program)


def test_a_foreign_program_without_a_defect_passes(elsewhere: Path):
    report = judged(elsewhere, GOOD)

    assert report.of("mandatory") == []
    assert report.skipped == []


def test_the_defects_of_a_foreign_program_are_found_and_named(elsewhere: Path):
    found = {
        (it.policy, it.urn.rpartition("::")[2])
        for it in judged(elsewhere, [*GOOD, *BAD, given(TOPIC, "news")]).of("mandatory")
    }

    assert found >= {
        ("iam-no-service-wildcard", "wide"),
        ("iam-resource-scoped", "wide"),
        ("log-retention", "eternal"),
        ("resource-policy-tls", "news"),
    }
    assert {name for _, name in found} == {"wide", "eternal", "news"}


def test_the_pack_imports_nothing_of_this_repository():
    imported = {
        name.partition(".")[0]
        for path in (check.PACK / "guardrails").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imports(node)
    }

    assert imported - set(sys.stdlib_module_names) <= NEEDED


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
