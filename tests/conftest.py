"""The order in which files are tried, and what their tests share."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.strategies import none

from local import program
from tests.programs import OneRun

SLOWEST = (
    "embedded/test_failure_matrix.py",
    "embedded/test_choreography.py",
    "embedded/test_routes.py",
    "policy/test_programs.py",
    "embedded/test_emulator.py",
    "policy/test_planted.py",
    "embedded/test_cloud.py",
    "embedded/test_proof.py",
    "embedded/test_whole_program.py",
    "embedded/test_ops.py",
    "embedded/test_adaptations.py",
    "docs/test_refusals.py",
    "policy/test_check.py",
)
"""Files that take longest, the slowest first: begun last, they would keep one process busy after all others ended."""
HERE = Path(__file__).parent

# What tests import and declare stays: to look for garbage among it takes a twentieth of the time of all tests.
gc.set_threshold(100_000, 50, 100)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest files first."""
    ranks = {HERE / file: rank for rank, file in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_collection_finish() -> None:
    """Let Hypothesis look for garbage now: it does so when it is first used, after a few programs for five seconds."""
    gc.freeze()
    settings(max_examples=1, database=None)(given(none())(lambda _: None))()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Keep pytest from looking ten times for garbage among all that was imported and declared."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def one_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[None]:
    """Let whatever declares a stack find what another test has declared."""
    own = tmp_path_factory.getbasetemp()
    once = OneRun(own if worker_id == "master" else own.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "run_checkout", once.run_checkout)
        yield
