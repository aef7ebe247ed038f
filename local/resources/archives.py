"""Zip files of a program's archives: the same bytes for the same content."""

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pulumi

from local.program import ROOT

EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
CACHES = {"__pycache__"}


def zipped(archive: Any) -> bytes:
    """The zip file of a Pulumi archive; paths are relative to the program's folder, as for the CLI."""
    if isinstance(archive, pulumi.FileArchive) and (path := ROOT / archive.path).is_file():
        return path.read_bytes()
    return _zip(tuple(sorted(_entries(archive, ""))))


def _entries(asset: Any, name: str) -> Iterator[tuple[str, Path | str]]:
    """Name in the zip file, and the file or text that goes there."""
    match asset:
        case pulumi.AssetArchive():
            for inner, part in asset.assets.items():
                yield from _entries(part, f"{name}/{inner}" if name else inner)
        case pulumi.FileArchive():
            yield from _files(ROOT / asset.path, name)
        case pulumi.FileAsset() if (ROOT / asset.path).is_dir():
            yield from _files(ROOT / asset.path, name)
        case pulumi.FileAsset():
            yield name, ROOT / asset.path
        case pulumi.StringAsset():
            yield name, asset.text
        case _:
            raise ValueError(f"{asset!r} cannot be zipped; take files, folders or text")


def _files(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")
    for path in folder.rglob("*"):
        if path.is_file() and CACHES.isdisjoint(path.parts):
            inner = path.relative_to(folder).as_posix()
            yield f"{name}/{inner}" if name else inner, path


@cache
def _zip(entries: tuple[tuple[str, Path | str], ...]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, READABLE
            file.writestr(info, content if isinstance(content, str) else content.read_bytes())
    return packed.getvalue()
