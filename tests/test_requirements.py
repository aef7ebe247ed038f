"""The compiled requirements are those of pyproject.toml, hashed, and from no particular index."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.program import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
COMPILED = [*Path(ROOT).glob("requirements*.txt"), *Path(ROOT).glob("plugin/requirements*.txt")]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in COMPILED)


def _asked(*groups: str) -> list[Requirement]:
    asked: list[Any] = [
        entry for group in groups for entry in PROJECT["dependency-groups"].get(group, ())
    ]
    names = [entry for entry in asked if isinstance(entry, str)]
    included = [entry["include-group"] for entry in asked if isinstance(entry, dict)]
    return [*map(Requirement, names), *(_asked(*included) if included else [])]


PROGRAM = [Requirement(entry) for entry in PROJECT["project"]["dependencies"]]
ASKED = {
    "requirements.txt": PROGRAM,
    "requirements-dev.txt": [*PROGRAM, *_asked("dev")],
    "requirements-layer.txt": _asked("layer"),
    "requirements-uv.txt": _asked("uv"),
    "plugin/requirements.txt": _asked("plugin"),
}


def _pins(file: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / file).read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def _meets(asked: Requirement, pins: dict[str, str]) -> bool:
    pinned = pins.get(canonicalize_name(asked.name))
    return pinned is not None and pinned in asked.specifier


def test_each_file_is_compiled_from_a_known_part_of_the_project():
    assert sorted(ASKED) == FILES


@pytest.mark.parametrize("file", FILES)
def test_all_that_the_project_asks_for_is_pinned_to_a_release_it_accepts(file: str):
    pins = _pins(file)

    wrong = [str(asked) for asked in ASKED[file] if not _meets(asked, pins)]

    assert wrong == [], "run `make requirements`"


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_hashes_and_none_names_an_index(file: str):
    text = (ROOT / file).read_text()
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_the_layer_has_the_releases_that_the_tests_run_with():
    installed = _pins("requirements-dev.txt")

    assert [
        item for item in _pins("requirements-layer.txt").items() if item not in installed.items()
    ] == []


def test_the_plugin_has_the_releases_that_the_program_runs_with():
    program = _pins("requirements.txt")

    assert [
        item for item in _pins("plugin/requirements.txt").items() if item not in program.items()
    ] == []


def test_the_layer_leaves_out_what_the_runtime_has():
    assert {"boto3", "botocore"} & set(_pins("requirements-layer.txt")) == set()
