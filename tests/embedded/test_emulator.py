"""The embedded AWS starts where it is alone, and leaves nothing behind, however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local import daemon
from local.__main__ import main
from local.cloud import CloudError
from local.deployment import Deployment
from local.emulator import Emulator, EmulatorError
from local.program import ROOT
from tests.embedded.conftest import Workbench, eventually

pytestmark = pytest.mark.embedded

OWNER = """
import json, sys, threading
from local.emulator import Emulator
from tests.embedded.conftest import Workbench

with Emulator() as emulator:
    Workbench.prepare(emulator)
    bench = Workbench(emulator)
    worker = bench.call(bench.function("import os\\ndef handler(event, context): return os.getpid()"))
    print(json.dumps([emulator.pid, worker, str(emulator.folder)]), flush=True)
    threading.Event().wait()
"""
"""A program with an emulator in which a function has run, which prints the two processes and the folder, and waits."""


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def launchers() -> set[int]:
    """Processes of embedded AWSs that this test process started."""
    return {
        child.pid for child in psutil.Process().children() if "local.launcher" in child.cmdline()
    }


def test_two_side_by_side_do_not_know_of_each_other(emulator: Emulator):
    with Emulator() as other:
        other.client("sqs").create_queue(QueueName="only-in-the-other")

        assert other.endpoint != emulator.endpoint
        assert other.folder != emulator.folder
        listed = emulator.client("sqs").list_queues(QueueNamePrefix="only-in").get("QueueUrls")
        assert not listed


def test_it_listens_on_the_loopback_interface_only(emulator: Emulator):
    addresses = {
        connection.laddr.ip
        for connection in psutil.Process(emulator.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }

    assert addresses == {"127.0.0.1"}


def test_stopping_ends_its_workers_and_removes_its_folder():
    with Emulator() as emulator:
        Workbench.prepare(emulator)
        bench = Workbench(emulator)
        source = "import os\n\ndef handler(event, context):\n    return os.getpid()"
        worker, folder, leader = bench.call(bench.function(source)), emulator.folder, emulator.pid
        assert os.getpgid(worker) == leader

    eventually(lambda: is_gone(worker) and is_gone(leader))
    assert not folder.exists()


def test_a_call_to_one_that_has_ended_is_refused():
    with Emulator() as emulator:
        queues = emulator.client("sqs")
        queues.list_queues()

    with pytest.raises(EmulatorError, match="has ended"):
        queues.list_queues()


def test_it_can_be_stopped_before_it_was_started_and_started_again():
    emulator = Emulator()
    emulator.stop()

    with emulator:
        first = emulator.pid
    with emulator:
        assert emulator.pid != first
        assert emulator.client("sts").get_caller_identity()["Account"] == "000000000000"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_survives_the_process_that_started_it(ending: signal.Signals):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert owner.stdout
    with owner, owner.stdout:
        leader, worker, folder = json.loads(owner.stdout.readline())
        owner.send_signal(ending)

    eventually(lambda: is_gone(leader) and is_gone(worker))
    assert not Path(folder).exists()


def test_a_failed_start_shows_the_log_and_leaves_no_process():
    before = launchers()

    with pytest.raises(EmulatorError, match="LOCAL_CONCURRENCY is 'many'; take a whole") as failed:
        Emulator(environment={"LOCAL_CONCURRENCY": "many"}).start()

    assert "Traceback" not in str(failed.value)

    assert launchers() == before


def test_a_port_that_is_taken_is_named_in_the_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        with pytest.raises(EmulatorError, match=f"GATEWAY_PORT is '{port}': .*in use") as refused:
            Emulator(environment={"GATEWAY_PORT": port}).start()

    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize("port", ["many", "70000"])
def test_what_is_no_port_is_named(port: str):
    with pytest.raises(EmulatorError, match=f"GATEWAY_PORT is '{port}': .* take a free port"):
        Emulator(environment={"GATEWAY_PORT": port}).start()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "local"
    file.write_text("no folder")
    monkeypatch.setattr("local.emulator.FOLDER", file)

    with pytest.raises(EmulatorError, match=f"cannot be started: .*'{file}'"):
        Emulator().start()


def test_functions_see_nothing_that_leads_off_this_machine():
    outside = {
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL": "https://example.com",
        "HTTPS_PROXY": "http://proxy.example.com",
        "PYTHONPATH": str(ROOT),
    }
    with Emulator(environment=outside) as emulator:
        Workbench.prepare(emulator)
        bench = Workbench(emulator)
        source = "import os\n\ndef handler(event, context):\n    return dict(os.environ)"
        seen = bench.call(bench.function(source))

        assert seen.keys() & outside.keys() == {"AWS_ENDPOINT_URL"}
        assert seen["AWS_ENDPOINT_URL"] == emulator.endpoint


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str]]:
    """`python -m local` with some arguments: its exit status, and what it prints."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str | Path) -> tuple[int, str]:
        return main([str(argument) for argument in arguments]), capsys.readouterr().out

    return run


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A folder for `up`, and its end."""
    yield tmp_path / "state"
    daemon.down(tmp_path / "state")


def test_up_leaves_the_program_running_until_down(state: Path, command):
    up = subprocess.run(
        [sys.executable, "-m", "local", "up", "--state", state],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert up.returncode == 0, up.stdout
    running = json.loads((state / "running.json").read_text())
    written = json.loads((state / "outputs.json").read_text())
    assert written["endpoint"] == running["endpoint"]
    assert written["outputs"]["apiUrl"].startswith(written["endpoint"])
    assert "declared, not emulated: aws:cloudwatch/queryDefinition:QueryDefinition" in up.stdout

    status, printed = command("up", "--state", state)
    assert status == 1
    assert f"it is already up, at {running['endpoint']}" in printed
    assert not is_gone(running["pid"])

    assert command("down", "--state", state) == (0, "The embedded AWS has ended.\n")
    eventually(lambda: is_gone(running["pid"]))
    assert not (state / "outputs.json").exists()


def test_down_is_content_when_nothing_runs(state: Path, command):
    assert command("down", "--state", state) == (0, "Nothing is running.\n")


def test_down_does_not_touch_a_process_that_merely_has_the_same_number(state: Path, command):
    state.mkdir()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        recorded = {"pid": stranger.pid, "started": 1.0, "endpoint": ""}
        (state / "running.json").write_text(json.dumps(recorded))

        assert command("down", "--state", state) == (0, "Nothing is running.\n")
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    ("written", "told"),
    [(False, "nothing was left running"), (True, "it is up all the same, at http://127.0.0.1:1")],
)
def test_an_interrupt_says_whether_it_is_up(
    tmp_path: Path, command, monkeypatch: pytest.MonkeyPatch, *, written: bool, told: str
):
    started = psutil.Process().create_time()
    record = {"pid": os.getpid(), "started": started, "endpoint": "http://127.0.0.1:1"}

    def interrupted(folder: Path, _deploy: object) -> Deployment:
        if written:
            (folder / "running.json").write_text(json.dumps(record))
        raise KeyboardInterrupt

    monkeypatch.setattr(daemon, "up", interrupted)

    assert command("up", "--state", tmp_path) == (130, f"up was interrupted; {told}\n")


@pytest.mark.parametrize("name", ["up", "down"])
@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"pid": "1"}', '{"pid": -1}'])
def test_a_record_that_is_none_of_ours_is_named(tmp_path: Path, command, name: str, text: str):
    (tmp_path / "running.json").write_text(text)

    status, printed = command(name, "--state", tmp_path)

    assert status == 1
    assert f"{name} failed: {tmp_path}/running.json does not say what runs" in printed


def test_a_file_cannot_be_the_folder(state: Path, command):
    state.write_text("")

    status, printed = command("up", "--state", state)

    assert (status, printed) == (1, f"up failed: {state} cannot be its folder: File exists\n")


def test_a_failed_deployment_leaves_nothing_running(state: Path):
    used: list[int] = []

    def refused(emulator: Emulator) -> Deployment:
        used.append(emulator.pid)
        raise CloudError("aws:sqs/queue:Queue 'orders': no")

    with pytest.raises(CloudError, match="orders"):
        daemon.up(state, refused)

    [leader] = used
    assert is_gone(leader)
    assert not (state / "running.json").exists()


def test_down_leaves_alone_what_is_being_deployed(state: Path, command):
    said: list[tuple[int, str]] = []

    def deployed(_emulator: Emulator) -> Deployment:
        said.append(command("down", "--state", state))
        assert (state / "scratch").is_dir()
        raise CloudError("no more of it")

    with pytest.raises(CloudError, match="no more of it"):
        daemon.up(state, deployed)

    [(status, printed)] = said
    assert (status, "down failed: another command is starting or ending it" in printed) == (1, True)


def test_a_start_that_fails_says_why(state: Path, command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOCAL_WAIT_SCALE", "slowly")

    status, printed = command("up", "--state", state)

    assert status == 1
    assert "up failed: the embedded AWS ended while it started" in printed
    assert "LOCAL_WAIT_SCALE is 'slowly'; take a number of 0 or more" in printed
    assert not (state / "running.json").exists()


def test_a_bad_argument_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as refused:
        main(["sideways"])

    assert refused.value.code == 2
    assert "invalid choice: 'sideways'" in capsys.readouterr().err
