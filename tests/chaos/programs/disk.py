"""A disk that is small, and full when a test says so."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from attrs import frozen

_SIZE: Final = "12m"


class Disk(Protocol):
    """What a test does to a disk."""

    def fill(self, program: int) -> None:
        """Leave no room for anything that this process writes."""
        ...

    def empty(self, program: int) -> None:
        """Leave room again."""
        ...


@frozen
class SmallDisk:
    """A file system of a few megabytes, filled by a file that is in the way."""

    folder: Path

    def fill(self, program: int) -> None:
        """Take every block that is left."""
        free = os.statvfs(self.folder)
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize)

    def empty(self, program: int) -> None:
        """Give them back."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@frozen
class Quota:
    """A limit on the size of files, for who may not mount anything: no file of the process grows any more."""

    folder: Path

    def fill(self, program: int) -> None:
        """Let no file grow beyond the largest one of now."""
        largest = max(each.stat().st_size for each in self.folder.iterdir() if each.is_file())
        self._limit(program, largest)

    def empty(self, program: int) -> None:
        """Let files grow."""
        self._limit(program, resource.RLIM_INFINITY)

    def _limit(self, program: int, size: int) -> None:
        _, hard = resource.prlimit(program, resource.RLIMIT_FSIZE)
        resource.prlimit(program, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Put a small file system there; who may not gets a quota instead."""
    folder.mkdir(parents=True)
    if not _mounted(folder):
        yield Quota(folder)
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)


def _mounted(folder: Path) -> bool:
    command = ("mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder))
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def quota(folder: Path) -> Iterator[Disk]:
    """A quota on a folder of the disk that is there."""
    folder.mkdir(parents=True)
    yield Quota(folder)
