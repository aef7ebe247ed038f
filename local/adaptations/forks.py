"""Python functions start as forks of a process that has their libraries loaded already.

AWS starts a function within a fraction of a second, on a machine of its own; here two processors would
spend most of their time on importing the same libraries again and again.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

ZYGOTE = Path(__file__).parent.parent / "zygote.py"


class Fork:
    """A forked process, with the part of `subprocess.Popen` that the emulator uses."""

    def __init__(self, zygote: socket.socket, script: str, folder: str, environment: Any) -> None:
        own, theirs = _pipes()
        task = {"script": script, "folder": folder, "environment": dict(environment)}
        socket.send_fds(zygote, [json.dumps(task).encode()], theirs)
        answer, [self._process], _, _ = socket.recv_fds(zygote, 64, 1)
        for descriptor in theirs:
            os.close(descriptor)
        self.pid = int(answer)
        self.stdin = os.fdopen(own[0], "w", buffering=1)
        self.stdout = os.fdopen(own[1])
        self.stderr = os.fdopen(own[2])

    def poll(self) -> int | None:
        """None while the process runs."""
        ended, _, _ = select.select([self._process], [], [], 0)
        return 0 if ended else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; `subprocess.TimeoutExpired` when it does not come in time."""
        ended, _, _ = select.select([self._process], [], [], timeout)
        if not ended:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return 0

    def terminate(self) -> None:
        """Ask the process to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        # By its descriptor, because the number of a process that has ended can be another's already.
        if self.poll() is None:
            signal.pidfd_send_signal(self._process, number)

    def __del__(self) -> None:
        for file in (self.stdin, self.stdout, self.stderr):
            file.close()
        os.close(self._process)


def _pipes() -> tuple[list[int], list[int]]:
    """Our ends and the process's ends of its standard streams."""
    (in_read, in_write), (out_read, out_write), (err_read, err_write) = (
        os.pipe() for _ in range(3)
    )
    return [in_write, out_read, err_read], [in_read, out_write, err_write]


class Subprocess:
    """What stands in for the `subprocess` module where the emulator starts its workers."""

    PIPE = subprocess.PIPE

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zygote: socket.socket | None = None

    def install(self) -> None:
        """Let the emulator start its workers here."""
        lambda_runtime.subprocess = self  # pyrefly: ignore[bad-assignment] (what stands in for a module)

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: Sequence[str], **how: Any) -> Any:  # noqa: N802 (subprocess's name)
        if not command[1].endswith("_worker.py"):
            return subprocess.Popen(command, **how)
        with self._lock:
            self._zygote = self._zygote or _start_zygote()
            return Fork(self._zygote, command[1], how["cwd"], how["env"])


def _start_zygote() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, str(ZYGOTE), str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
    return ours


SEAMS = Subprocess()
