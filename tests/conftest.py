"""The order in which files are tried."""

from pathlib import Path

import pytest

SLOWEST = (
    "policy/test_planted.py",
    "embedded/test_failure_matrix.py",
    "embedded/test_routes.py",
    "embedded/test_choreography.py",
    "policy/test_programs.py",
    "embedded/test_emulator.py",
    "embedded/test_proof.py",
    "embedded/test_cloud.py",
    "embedded/test_ops.py",
    "embedded/test_analytics.py",
    "test_shape.py",
    "ops/test_cost.py",
    "docs/test_refusals.py",
)
"""Files that take longest, the slowest first: begun last, they would keep one process busy after all others ended."""
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest files first."""
    ranks = {HERE / file: rank for rank, file in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))
