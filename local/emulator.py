"""Start, reach and stop an embedded AWS."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from local.launcher import ENDPOINT, REGION, TEMPORARY, UNTIL_STDIN_CLOSES
from local.program import ROOT

FOLDER = ROOT / ".local"
START_SECONDS = 30.0
POLL_SECONDS = 0.02
LOG_LINES = 20
KEY = "test"
"""Access key and secret of the account's root user, whom the emulator lets do everything."""


class EmulatorError(RuntimeError):
    """The embedded AWS did not come up, and the message says why or ends with its log; or it is gone."""


class Emulator:
    """An embedded AWS in processes of its own, which end with it or with the process that started it.

    `folder` keeps the log; without one, a temporary folder below `.local` is used. `environment` is added to
    the emulator's own.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._temporary = folder is None
        self._folder = folder
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[str, Any] = {}
        self._session = boto3.Session()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.endpoint = ""

    @property
    def folder(self) -> Path:
        """Where log and scratch files are."""
        if self._folder is None:
            FOLDER.mkdir(exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="emulator-", dir=FOLDER))
        return self._folder

    @property
    def pid(self) -> int:
        """The process that leads the emulator's process group."""
        if self._process is None:
            raise EmulatorError("the embedded AWS is not running; call start() first")
        return self._process.pid

    def start(self) -> Self:
        """Start it and wait until it answers; `EmulatorError` with the reason or the log's tail when it does not."""
        self._ended = threading.Event()
        try:
            self._spawn()
            self._wait_until_healthy(time.monotonic() + START_SECONDS)
        except OSError as error:
            self.stop()
            raise EmulatorError(f"the embedded AWS cannot be started: {error}") from error
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End every process that was started, and every call to it; harmless when there is none."""
        self._ended.set()
        process, self._process = self._process, None
        if process is not None:
            # Not yet waited for, the leader keeps its number, so the group cannot be a stranger's.
            end_group(process.pid)
            process.wait()
            if process.stdin:
                process.stdin.close()
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder / "scratch", ignore_errors=True)
            if self._temporary:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def release(self) -> None:
        """Let it run on when this process ends; its process group is then the caller's to end."""
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(b".")
        self._process.stdin.close()
        self._process, self._folder = None, None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def client(self, service: str) -> Any:
        """The boto3 client of a service, with the root user's key; the same one each time."""
        ended = self._ended

        def refuse_when_ended(**_: object) -> None:
            if ended.is_set():
                raise EmulatorError("the embedded AWS has ended")

        with self._lock:
            if service not in self._clients:
                client = self._session.client(  # pyrefly: ignore[no-matching-overload] (any name that boto3 knows)
                    service,
                    endpoint_url=self.endpoint,
                    region_name=REGION,
                    aws_access_key_id=KEY,
                    aws_secret_access_key=KEY,
                    # A proxy of the environment would take 127.0.0.1 for its own.
                    config=Config(proxies={}, max_pool_connections=64),
                )
                # A call would be repeated for half a minute, and somebody else may have the port by then.
                client.meta.events.register("before-send", refuse_when_ended)
                client.meta.events.register_first("needs-retry", refuse_when_ended)
                self._clients[service] = client
            return self._clients[service]

    def configure(self, **settings: float | bool | str) -> None:
        """Change settings of the running emulator, by the names of `local.adaptations.settings.Settings`."""
        request = urllib.request.Request(
            f"{self.endpoint}/_local/settings", method="POST", data=json.dumps(settings).encode()
        )
        try:
            _direct(request, START_SECONDS)
        except urllib.error.HTTPError as refusal:
            raise ValueError(refusal.read().decode()) from None

    def calls_in_flight(self) -> int:
        """How many calls of functions run right now, those included that nobody waits for any more."""
        return int(_direct(f"{self.endpoint}/_local/calls", START_SECONDS))

    def accesses(self) -> list[dict[str, Any]]:
        """Every kind of decision about a role so far, as `local.adaptations.accesses.Access` with its `times`."""
        return json.loads(_direct(f"{self.endpoint}/_local/accesses", START_SECONDS))

    def _spawn(self) -> None:
        (self.folder / ENDPOINT).unlink(missing_ok=True)
        options = [UNTIL_STDIN_CLOSES, *([TEMPORARY] if self._temporary else [])]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.launcher", *options, str(self.folder)],
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_healthy(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self._died():
                raise EmulatorError(f"the embedded AWS ended while it started:\n{self._log_tail()}")
            if self._healthy(deadline - time.monotonic()):
                return
        raise EmulatorError(
            f"the embedded AWS did not answer within {START_SECONDS:g} s:\n{self._log_tail()}"
        )

    def _died(self) -> bool:
        assert self._process
        try:
            self._process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _healthy(self, seconds: float) -> bool:
        try:
            self.endpoint = (self.folder / ENDPOINT).read_text()
            _direct(f"{self.endpoint}/_ministack/health", seconds)
        except OSError:
            return False
        return True

    def _log_tail(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES:])


def end_group(leader: int) -> None:
    """Kill a process group; the emulator keeps nothing on disk that it would have to put in order."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _direct(request: str | urllib.request.Request, seconds: float) -> bytes:
    """Answer to a request that no proxy of the environment gets to see; `OSError` when it is refused."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=max(seconds, POLL_SECONDS)) as response:
        return response.read()
