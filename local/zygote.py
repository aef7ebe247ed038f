"""A process that has imported what functions import, and becomes a new one whenever it is asked to.

The emulator runs this file by its path, with one socket. Each message is a script, its environment and its
folder, with the three standard streams; the answer is a descriptor of the process that was forked.
"""

import array
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

IMPORTS = (
    "asyncio",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.batch",
    "boto3",
    "botocore.handlers",
    "msgspec",
)
SERVICES = ("dynamodb", "events", "ses", "sns", "sqs")
"""Services that handlers call: what boto3 reads about them, functions find read."""
LONGEST_MESSAGE = 1 << 20


def main() -> None:
    """Fork until the emulator is gone."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    for name in IMPORTS:
        importlib.import_module(name)
    _read_models()
    # The next process of a function need not compile again what it imports, whatever our environment says.
    sys.dont_write_bytecode = False
    gc.freeze()
    # Nobody waits for the forked processes here: the emulator follows them by their descriptors.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, streams, _, _ = socket.recv_fds(sock, LONGEST_MESSAGE, 3)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            sock.close()
            _become(json.loads(message), streams)
        process = os.pidfd_open(pid)
        socket.send_fds(sock, [str(pid).encode()], array.array("i", [process]))
        for descriptor in (*streams, process):
            os.close(descriptor)


def _read_models() -> None:
    """Let all sessions of boto3 share what they read, read it, and have the session that functions use by default.

    What belongs to a function, such as its region and its keys, a session looks for when it makes a client.
    """
    import boto3  # noqa: PLC0415 (IMPORTS says what is loaded, and when)
    from botocore import session  # noqa: PLC0415

    session.create_loader = functools.cache(session.create_loader)
    boto3.setup_default_session()
    aws = session.get_session()
    for service in SERVICES:
        aws.create_client(service, "us-east-1", aws_access_key_id="-", aws_secret_access_key="-")


def _become(task: dict[str, Any], streams: list[int]) -> None:
    """Run a script as the interpreter itself would, then end."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for standard, stream in enumerate(streams):
            os.dup2(stream, standard)
            os.close(stream)
        os.environ.clear()
        os.environ.update(task["environment"])
        os.chdir(task["folder"])
        sys.argv = [task["script"]]
        sys.path[0] = str(Path(task["script"]).parent)
        runpy.run_path(task["script"], run_name="__main__")
        status = 0
    except BaseException:  # noqa: BLE001 (reported as the interpreter would)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
