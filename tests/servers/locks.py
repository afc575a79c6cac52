"""Locks between the processes of one run, which the kernel releases when their holder is gone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold that file, alone unless asked otherwise; wait for it as long as it takes."""
    with path.open("a") as file:
        fcntl.flock(file, how)
        yield
