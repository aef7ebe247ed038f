"""Every requirement is on its page once, with tests that exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from local.program import ROOT

ROW = re.compile(r"^\| (S\d\.\d+) \|.*\| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/requirements.md").read_text())
NUMBERED = {"S0": 13, "S1": 6, "S2": 8, "S3": 15, "S4": 4}
LEFT_OUT = {"S3.2"}
"""Containers with relational databases, as the page says."""
NAMED = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")


@cache
def _tests(file: str) -> set[str]:
    """The tests of a file, as pytest calls them after its name; none when there is no such file."""
    path = ROOT / file
    return set(_named(ast.parse(path.read_text()).body)) if path.exists() else set()


def _named(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{name}" for name in _named(node.body))
        elif isinstance(node, ast.FunctionDef):
            yield node.name


def test_every_requirement_has_one_row():
    asked = [f"{part}.{number + 1}" for part, count in NUMBERED.items() for number in range(count)]

    assert [id_ for id_, _ in ROWS] == [id_ for id_ in asked if id_ not in LEFT_OUT]


@pytest.mark.parametrize(("id_", "cell"), ROWS, ids=[id_ for id_, _ in ROWS])
def test_a_requirement_is_shown_by_tests_that_exist(id_: str, cell: str):
    named = NAMED.findall(cell)

    assert "<br>".join(f"`{file}::{test}`" for file, test in named) == cell, f"{id_} names no tests"
    assert [(file, test) for file, test in named if test not in _tests(file)] == []
