"""The file of a backup: a line with a checksum, a manifest, and the database as its own tool wrote it.

    repaircore backup 1 <sha256 of the manifest> <length of the manifest>
    {"made_at": …, "sha256": …, "inventory": {…}}
    the data

Every byte is covered by a checksum. Without this program `tail -n +3 FILE` gives the data.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from attrs import frozen
from msgspec import MsgspecError
from msgspec.json import decode, encode

from repaircore.adapters.storage.keeping.showing import SILENT, Show
from repaircore.domain.operations.inventory import Inventory
from repaircore.ports.errors import Rejected

FORMAT: Final = 1
_AT_A_TIME: Final = 1 << 20
_LONGEST_LINE: Final = 128
_HEAD: Final = re.compile(rb"repaircore backup ([0-9]+) ([0-9a-f]{64}) ([0-9]+)\n")


@frozen(kw_only=True)
class Manifest:
    """What a backup holds. `kind` is the database's, `made_by` the program's version; `sha256` and `size` are the data's."""

    kind: str
    migration: str
    made_by: str
    made_at: datetime
    sha256: str
    size: int
    inventory: Inventory


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """Make a file that nobody else may read, and remove it at the end if it is still there. Raises Rejected."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise Rejected(f"{path} is there already: somebody is at it now, or was broken off and left it") from error
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def measured(data: Path) -> tuple[str, int]:
    """Answer a file's sha256 and size."""
    with data.open("rb") as file:
        return _copied(file, None, 0, SILENT)


def pack(data: Path, manifest: Manifest, file: Path, show: Show) -> None:
    """Write a backup. It is there when it is complete and on the disk, or not at all."""
    written = encode(manifest) + b"\n"
    head = f"repaircore backup {FORMAT} {sha256(written).hexdigest()} {len(written)}\n".encode()
    with private_file(file.with_name(f"{file.name}.part")) as part:
        with data.open("rb") as source, part.open("wb") as target:
            target.write(head + written)
            _copied(source, target, manifest.size, show)
            synced(target)
        part.rename(file)
    sync_folder(file)


def manifest_of(file: Path) -> Manifest:
    """Read what a backup says of itself. Raises Rejected."""
    with file.open("rb") as source:
        return _manifest(file, source)


def unpack(file: Path, data: Path, show: Show) -> Manifest:
    """Write a backup's data into a file, on the disk. Raises Rejected when a single byte is not what it was."""
    with file.open("rb") as source, data.open("wb") as target:
        manifest = _manifest(file, source)
        found = _copied(source, target, manifest.size, show)
        synced(target)
    if found != (manifest.sha256, manifest.size):
        size = found[1]
        what = "the checksum of its data is wrong" if size == manifest.size else f"{size} bytes of {manifest.size}"
        raise Rejected(f"{file} is damaged, nothing was restored: {what}")
    return manifest


def _manifest(file: Path, source: BinaryIO) -> Manifest:
    head = _HEAD.fullmatch(source.readline(_LONGEST_LINE))
    if head is None:
        raise Rejected(f"{file} is not a backup, or its beginning is damaged")
    if int(head[1]) != FORMAT:
        raise Rejected(f"{file} is a backup of format {int(head[1])}; this program reads format {FORMAT}")
    written = source.read(min(int(head[3]), file.stat().st_size))
    if sha256(written).hexdigest().encode() != head[2]:
        raise Rejected(f"{file} is damaged, nothing was restored: the checksum of its manifest is wrong")
    try:
        return decode(written, type=Manifest)
    except MsgspecError as error:
        raise Rejected(f"{file} has a manifest that this program does not understand: {error}") from error


def _copied(source: BinaryIO, target: BinaryIO | None, size: int, show: Show) -> tuple[str, int]:
    digest, done = sha256(), 0
    while chunk := source.read(_AT_A_TIME):
        digest.update(chunk)
        done += len(chunk)
        if target is not None:
            target.write(chunk)
        show.tell(done, size)
    return digest.hexdigest(), done


def synced(file: BinaryIO) -> None:
    """Have what was written on the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(file: Path) -> None:
    """Have a file's name on the disk."""
    handle = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
