"""The embedded AWS that stays up between commands, with the program deployed into it."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import psutil

from local.demo import STOCK
from local.deployment import Deployment, deploy, load_components
from local.emulator import Emulator, end_group
from local.launcher import REGION
from ops import products
from ops.stack import Stack

OUTPUTS = "outputs.json"
"""What other programs read: where the stack is and what it exports."""
RUNNING = "running.json"
"""What `down` reads: which process is ours."""

END_SECONDS = 5.0


class DaemonError(RuntimeError):
    """The embedded AWS cannot be started as asked."""


@dataclass(frozen=True)
class Running:
    """A process, told from a later one with the same number by when it started."""

    pid: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    started: float
    endpoint: str

    @classmethod
    def read(cls, folder: Path) -> "Running | None":
        """The daemon of a folder, if it still runs; `DaemonError` when somebody else has written what is there."""
        try:
            running = msgspec.json.decode((folder / RUNNING).read_bytes(), type=cls)
            process = psutil.Process(running.pid)
        except (FileNotFoundError, psutil.NoSuchProcess):
            return None
        except (msgspec.MsgspecError, OSError, RecursionError) as error:
            raise DaemonError(
                f"{folder / RUNNING} does not say what runs: {error}; end that by hand, then delete the file"
            ) from error
        ours = process.create_time() == running.started
        return running if ours and process.status() != psutil.STATUS_ZOMBIE else None


def up(folder: Path, deploy: Callable[[Emulator], Deployment] = deploy) -> Deployment:
    """Start it, deploy the program and its stock, and leave it running.

    Raises `DaemonError` when it is up already, and what the deployment raises; then nothing keeps running.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DaemonError(f"{folder} cannot be its folder: {error.strerror}") from error
    with _alone(folder):
        if running := Running.read(folder):
            raise DaemonError(f"it is already up, at {running.endpoint}; `down` ends it")
        load_components()
        emulator = Emulator(folder)
        with emulator:
            deployment = deploy(emulator)
            stack = Stack(deployment.outputs, REGION, emulator.endpoint)
            products.put(stack, products.read(STOCK))
            _write(folder / OUTPUTS, _outputs(emulator, deployment))
            started = psutil.Process(emulator.pid).create_time()
            _write(folder / RUNNING, asdict(Running(emulator.pid, started, emulator.endpoint)))
            emulator.release()
    return deployment


def _outputs(emulator: Emulator, deployment: Deployment) -> dict[str, Any]:
    return {"endpoint": emulator.endpoint, "region": REGION, "outputs": deployment.outputs}


def down(folder: Path) -> bool:
    """End what `up` started, and nothing else; false when nothing runs.

    Raises `DaemonError` while `up` is still at it: what it deploys needs the files that this removes.
    """
    if not folder.is_dir():
        return False
    with _alone(folder):
        running = Running.read(folder)
        if running:
            process = psutil.Process(running.pid)
            end_group(running.pid)
            psutil.wait_procs([process], timeout=END_SECONDS)
        for name in (OUTPUTS, RUNNING):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "scratch", ignore_errors=True)
    return running is not None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one command at a time start or end something in a folder."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DaemonError(
                f"another command is starting or ending it in {folder}; wait for that"
            ) from None
        yield


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write JSON so that a reader sees all of it or nothing."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(content, indent=2) + "\n")
    new.replace(path)
