"""What the pages promise: their commands, files and links exist, and their drawing is the program's."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from local.program import ROOT, declare

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "examples/*/*.md", "policy/*.md")
    for path in ROOT.glob(pattern)
)
FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
EDGE = re.compile(r"^\s+(\S+) --> (\S+)", re.MULTILINE)


def _text(page: str) -> str:
    return (ROOT / page).read_text()


def _code(text: str) -> str:
    """What a page shows as code, so that a sentence about making something is no command."""
    fenced = FENCED.findall(text)
    return "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", FENCED.sub("", text))])


CODE = "\n".join(_code(_text(page)) for page in PAGES)
COMMANDS = "\n".join([CODE, _text("Makefile"), _text(".ci/run")])
TARGETS = sorted(set(re.findall(r"\bmake ([a-z-]+)\b", CODE + _text(".ci/run"))))
MODULES = sorted(set(re.findall(r"(?:python|\$\(RUN\)) -m ([a-z_.]+)", COMMANDS)))
CALLS = sorted(set(re.findall(r"(?:python|\$\(RUN\)) -m ((?:local|ops) [a-z]+)", COMMANDS)))
FILE = re.compile(r"(?<![\w/.<>-])((?:\w+/)+\w+\.(?:py|json|yml))\b")
FILES = [(page, file) for page in PAGES for file in sorted({*FILE.findall(_code(_text(page)))})]


def test_the_page_of_the_api_has_each_of_its_methods():
    requests = set(re.findall(r"^\| `([A-Z]+) (\S+)` \|", _text("docs/api.md"), re.MULTILINE))
    methods = declare("dev").of("aws:apigateway/method:Method")

    assert {
        f"api-{method.lower()}{re.sub(r'[{}]', '', path).replace('/', '-')}"
        for method, path in requests
    } == {method.name for method in methods}


def test_the_pages_name_commands_at_all():
    assert {"demo", "test", "up", "down", "resume", "policy", "layer"} <= set(TARGETS)
    assert {"local", "ops", "pytest"} <= set(MODULES)


@pytest.mark.parametrize("target", TARGETS)
def test_a_named_target_can_be_made(target: str):
    made = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("module", MODULES)
def test_a_named_module_exists(module: str):
    assert importlib.util.find_spec(module)


@pytest.mark.parametrize("call", CALLS)
def test_a_named_command_of_a_module_exists(call: str):
    answered = subprocess.run(
        [sys.executable, "-m", *call.split(), "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answered.returncode == 0, answered.stderr


@pytest.mark.parametrize(("page", "file"), FILES)
def test_a_named_file_exists(page: str, file: str):
    folder = (ROOT / page).parent

    assert (ROOT / file).exists() or (folder / file).exists()


def _anchors(text: str) -> set[str]:
    """What GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _leads_somewhere(page: str, link: str) -> bool:
    path, _, anchor = link.partition("#")
    found = (ROOT / page).parent / path if path else ROOT / page
    return found.exists() and (not anchor or anchor in _anchors(found.read_text()))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_into_the_repository_leads_somewhere(page: str):
    links = [link for link in LINK.findall(_text(page)) if "://" not in link]

    assert [link for link in links if not _leads_somewhere(page, link)] == []


def _transitions(definition: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "[*]", definition["StartAt"]
    for name, state in definition["States"].items():
        for way in (state, *state.get("Catch", ()), *state.get("Choices", ())):
            if "Next" in way:
                yield name, way["Next"]
        if "Default" in state:
            yield name, state["Default"]
        if state.get("End") or state["Type"] in {"Succeed", "Fail"}:
            yield name, "[*]"


def test_the_drawing_of_the_order_saga_is_what_the_program_declares():
    saga = declare("dev").named("aws:sfn/stateMachine:StateMachine", "order-saga")

    drawn = EDGE.findall(_text("docs/saga.md"))

    assert sorted(drawn) == sorted(set(_transitions(json.loads(saga.inputs["definition"]))))


def test_every_setting_is_in_the_table_with_its_default_and_what_it_means():
    described = yaml.safe_load(_text("Pulumi.yaml"))["config"]
    rows = {
        name: (default, meaning)
        for name, default, meaning in re.findall(
            r"^\| `(\w+)` \| (.+?) \| (.+?)\. \|$", _text("README.md"), re.MULTILINE
        )
    }

    assert rows.pop("tableCapacity")[1]
    assert rows == {
        name: (
            f"`{json.dumps(it['default']).strip(chr(34))}`" if it["default"] != "" else "none",
            it["description"],
        )
        for name, it in described.items()
    }
