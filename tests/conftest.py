"""The order in which files are tried, and which of them one process tries."""

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

PROGRAMS = (
    "test_shape.py",
    "ops/test_cost.py",
    "components/test_network.py",
    "components/test_services.py",
    "components/test_firewall.py",
    "components/test_idempotent.py",
    "docs/test_generated.py",
    "policy/test_documentation.py",
)
"""Files that look at the program as its stacks declare it, which a process finds out once for all of them."""
SLOWEST = (
    "embedded/test_failure_matrix.py",
    "embedded/test_choreography.py",
    "embedded/test_routes.py",
    *PROGRAMS,
    "policy/test_programs.py",
    "embedded/test_emulator.py",
    "policy/test_planted.py",
    "embedded/test_cloud.py",
    "embedded/test_proof.py",
    "embedded/test_ops.py",
    "embedded/test_analytics.py",
    "embedded/test_adaptations.py",
    "docs/test_refusals.py",
    "policy/test_check.py",
)
"""Files that take longest, the slowest first: begun last, they would keep one process busy after all others ended."""
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest files first."""
    ranks = {HERE / file: rank for rank, file in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


class Together(LoadFileScheduling):
    """Gives each process whole files, whose tests share what they deploy, and one of them all of PROGRAMS."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "programs" if file.removeprefix(f"{HERE.name}/") in PROGRAMS else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Let processes of pytest-xdist work so."""
    return Together(config, log)
