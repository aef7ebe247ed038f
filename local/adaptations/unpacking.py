"""The archive of a function is unpacked once, for all processes that run it.

AWS keeps an archive unpacked, and nobody can write there. Here each process would unpack a hundred files for itself,
and compile those that it imports.
"""

import hashlib
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

_UNPACKING = threading.Lock()


class Archive(zipfile.ZipFile):
    """An archive that is unpacked where the same one has been unpacked before, if it has."""

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Let a folder, which must be empty, be a link to what is in the archive."""
        if path is None or members is not None or self.filename is None:
            super().extractall(path, members, pwd)
            return
        digest = hashlib.sha256(Path(self.filename).read_bytes()).hexdigest()
        unpacked = Path(tempfile.gettempdir()) / f"code-{digest}"
        with _UNPACKING:
            if not unpacked.exists():
                # Under its name only when it is complete: a disk may be full.
                begun = tempfile.mkdtemp(prefix="code-")
                super().extractall(begun, pwd=pwd)
                Path(begun).rename(unpacked)
        folder = Path(path)
        folder.rmdir()
        folder.symlink_to(unpacked)


class Unpacking:
    """What stands in for the `zipfile` module where the emulator starts its workers."""

    ZipFile = Archive

    def install(self) -> None:
        """Let the emulator unpack its archives here."""
        lambda_runtime.zipfile = self  # pyrefly: ignore[bad-assignment] (what stands in for a module)

    def __getattr__(self, name: str) -> Any:
        return getattr(zipfile, name)


SEAMS = Unpacking()
