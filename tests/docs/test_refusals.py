"""A checkout whose events or routes break a promise is refused, and nothing is written or declared."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.program import ROOT

DECLARE = """
from local.mocks import Applied
from local.program import run_checkout

class Cloud(Applied):
    def new_resource(self, args):
        print("declared", args.typ)
        return super().new_resource(args)

run_checkout("dev", Cloud(), {})
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of all that the program consists of, to break."""
    for file in ("__main__.py", "settings.py", "pyproject.toml", *ROOT.glob("Pulumi*.yaml")):
        shutil.copy2(ROOT / file, tmp_path)
    for folder in ("components", "docs", "events", "local", "plugin"):
        # With what is compiled already, which still is as old as its source.
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for folder in ("handlers", "policy"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    return tmp_path


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _python(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


def _files(checkout: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for folder in ("docs", "events")
        for path in (checkout / folder).rglob("*")
        if path.suffix in {".md", ".json", ".yaml"}
    }


def test_a_field_that_a_consumer_reads_cannot_be_removed(checkout: Path):
    _edit(checkout / "events/catalogue.py", "    shipment_id: Id\n    lines", "    lines")
    before = _files(checkout)

    answer = _python(checkout, "-m", "docs.generate")

    assert answer.returncode == 1
    assert answer.stderr.startswith("order.shipped v1: data.shipmentId was removed; undo that")
    assert (
        "consumed by analytics-delivery, deliver-order, notify-customer, record-event, track-order"
        in answer.stderr
    )
    assert _files(checkout) == before


def test_the_program_refuses_it_before_anything_is_declared(checkout: Path):
    _edit(checkout / "events/catalogue.py", "    OrderFulfilled,\n", "")

    answer = _python(checkout, "-c", DECLARE)

    assert answer.returncode == 1
    assert "ValueError: order.fulfilled v1: the event was removed" in answer.stderr
    assert (
        "consumed by analytics-delivery, notify-customer, record-event, track-order"
        in answer.stderr
    )
    assert answer.stdout == ""


def test_an_optional_field_is_published_by_the_same_command(checkout: Path):
    _edit(
        checkout / "events/catalogue.py",
        "    shipment_id: Id\n    lines",
        "    shipment_id: Id\n    carrier: str | None = None\n    lines",
    )

    answer = _python(checkout, "-m", "docs.generate")

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == [
        "written: docs/events.md",
        "written: docs/asyncapi.yaml",
        "written: events/published/order.shipped.v1.json",
    ]


def test_the_program_refuses_an_event_that_nobody_consumes(checkout: Path):
    _edit(checkout / "components/services/notifications.py", "OrderPaid, ", "")

    answer = _python(checkout, "-m", "docs.generate")

    assert answer.returncode == 1
    assert answer.stderr.strip() == (
        "event order.paid is consumed by nobody, only kept by analytics-route and record-event-route; "
        "give it a route, or declare it terminal"
    )
