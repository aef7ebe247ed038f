"""A policy pack's own server, started as the Pulumi CLI starts it."""

import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

START_SECONDS = 30
"""How long a server may take to say where it listens."""


@contextmanager
def serving(pack: Path) -> Iterator[AnalyzerStub]:
    """Run the pack in a folder for as long as the context lasts.

    Raises `RuntimeError` with what it complained of, when it does not start.
    """
    process = subprocess.Popen(
        # No engine listens to what the pack might log.
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", "."],
        cwd=pack,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        port = _first_line(process)
        if not port.isdigit():
            raise RuntimeError(f"the policy pack in {pack} did not start: {_stopped(process)}")
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield AnalyzerStub(channel)
    finally:
        _stopped(process)


def _first_line(process: "subprocess.Popen[str]") -> str:
    stdout = process.stdout
    if stdout is None:
        return ""
    with selectors.DefaultSelector() as said:
        said.register(stdout, selectors.EVENT_READ)
        return stdout.readline().strip() if said.select(START_SECONDS) else ""


def _stopped(process: "subprocess.Popen[str]") -> str:
    """What a process complained of, after it was stopped."""
    process.kill()
    complaints = (
        process.stderr.read().strip() if process.stderr and not process.stderr.closed else ""
    )
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    return complaints
