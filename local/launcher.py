"""The process that is the embedded AWS: ministack with our adaptations, on one port of 127.0.0.1.

`python -m local.launcher FOLDER` serves until it is told to end, on GATEWAY_PORT or any free port, and
writes the address to FOLDER/endpoint as soon as it holds the port.
"""

import argparse
import contextlib
import gc
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import psutil

HOST = "127.0.0.1"
"""The emulator would listen on all interfaces; what runs here accepts a well-known key."""
REGION = "us-east-1"
ENDPOINT = "endpoint"
"""File of the state folder that holds the address."""
KEEP_ALIVE_SECONDS = 75
UNTIL_STDIN_CLOSES, TEMPORARY = "--until-stdin-closes", "--temporary"

Environment = Mapping[str, str]


def main() -> None:
    """Take the port, adapt the emulator, and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.launcher", description=__doc__)
    parser.add_argument("folder", type=Path, help="where log, address and scratch files go")
    parser.add_argument(
        UNTIL_STDIN_CLOSES,
        dest="guarded",
        action="store_true",
        help="end, with all worker processes, when standard input closes before anything came in; "
        "needs a process group of its own",
    )
    parser.add_argument(
        TEMPORARY, action="store_true", help="remove FOLDER when standard input closed so"
    )
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if arguments.guarded:
        leftover = folder if arguments.temporary else None
        threading.Thread(target=_end_with_parent, args=[leftover], daemon=True).start()
    listener = _listening(os.environ.get("GATEWAY_PORT", "0"))
    port = listener.getsockname()[1]
    environment = _environment(os.environ, folder, port)
    os.environ.clear()
    os.environ.update(environment)
    _announce(folder, f"http://{HOST}:{port}")
    _serve(listener)


def _listening(port: str) -> socket.socket:
    try:
        return socket.create_server((HOST, int(port)))
    except (OSError, OverflowError, ValueError) as error:
        sys.exit(f"GATEWAY_PORT is {port!r}: {error}; take a free port, or 0 for any")


def _end_with_parent(leftover: Path | None) -> None:
    """Kill the whole process group when the parent is gone, which closes standard input however it ended.

    A byte there says that the parent means to leave. What it would have removed, a folder of its own, goes too.
    """
    if sys.stdin.buffer.read(1):
        return
    if leftover:
        for worker in psutil.Process().children(recursive=True):
            # One that has ended needs no end.
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.kill()
        shutil.rmtree(leftover, ignore_errors=True)
    os.killpg(os.getpid(), signal.SIGKILL)


def _environment(outer: Environment, folder: Path, port: int) -> dict[str, str]:
    """What the emulator and the functions it runs may see: nothing that leads off this machine."""
    kept = {
        name: value
        for name, value in outer.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }
    # A function must bring what it imports in its archive, or have it from the environment's packages.
    kept.pop("PYTHONPATH", None)
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    defaults = {
        "MINISTACK_REGION": REGION,
        # AWS waits 1 and 2 minutes before it repeats an asynchronous call.
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
        # Calls wait for their turn (adaptations.functions), so this cap is never what limits them.
        "LAMBDA_ACCOUNT_CONCURRENCY": "1000000",
    }
    return {
        **defaults,
        **kept,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        # No listeners but the one port, and no business with containers.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{scratch / 'no-docker'}",
        "TMPDIR": str(scratch),
        "STATE_DIR": str(scratch / "state"),
        "S3_DATA_DIR": str(scratch / "s3"),
    }


def _announce(folder: Path, endpoint: str) -> None:
    written = folder / f"{ENDPOINT}.new"
    written.write_text(endpoint)
    written.replace(folder / ENDPOINT)


def _serve(listener: socket.socket) -> None:
    # The emulator reads its environment while it is imported.
    import uvicorn  # noqa: PLC0415
    from ministack import app  # noqa: PLC0415
    from ministack.core import lambda_runtime  # noqa: PLC0415

    from local import adaptations  # noqa: PLC0415

    try:
        adaptations.install()
    except ValueError as error:
        # A setting of the environment, named with what it may be.
        sys.exit(str(error))
    # To look for garbage among all that is loaded, and among what stays deployed, takes a twentieth of the time.
    gc.freeze()
    gc.set_threshold(100_000)
    # Not the emulator's own server: reading and writing HTTP in C makes room for a fifth more calls.
    config = uvicorn.Config(
        app.app,
        http="httptools",
        loop="uvloop",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    try:
        uvicorn.Server(config).run([listener])
    finally:
        lambda_runtime.reset()


if __name__ == "__main__":
    main()
