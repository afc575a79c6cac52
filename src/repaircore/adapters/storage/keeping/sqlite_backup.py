"""Backing up and restoring a file of SQLite."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from repaircore.adapters.storage.keeping.container import sync_folder
from repaircore.adapters.storage.keeping.showing import Show
from repaircore.adapters.storage.keeping.snapshot import Contents, contents, in_use
from repaircore.adapters.storage.keeping.sqlite_snapshot import reading_alone, reading_sqlite
from repaircore.ports.errors import Rejected, Unavailable

_PAGES: Final = 2048  # copied at a time
_BESIDE: Final = ("-wal", "-shm", "-journal")


@frozen
class SqliteKeeper:
    """A file that may not be there yet."""

    path: Path
    kind = "sqlite"

    @property
    def workplace(self) -> Path:
        """The folder for files on their way, on the same disk."""
        return self.path.parent

    def dump(self, into: Path, show: Show) -> Contents:
        """Copy the database as it is now, while servers go on writing, and count what was copied."""
        with reading_sqlite(self.path) as snapshot:
            with closing(sqlite3.connect(into)) as copy:
                snapshot.connection.backup(
                    copy, pages=_PAGES, progress=lambda status, left, pages: show.tell(pages - left, pages)
                )
                copy.execute("PRAGMA journal_mode=DELETE")
            return contents(snapshot)

    def holds(self) -> str | None:
        """Say what is in the way of restoring; None when nothing would be lost."""
        if not self.path.exists():
            return None
        try:
            with reading_sqlite(self.path) as snapshot:
                return in_use(snapshot)
        except Unavailable:
            return "a file that cannot be read"

    @contextmanager
    def received(self, data: Path) -> Iterator[Contents]:
        """Count what arrived; when the block ends well, put it in the old one's place. Raises Rejected or Unavailable."""
        with reading_alone(data) as snapshot:
            found = contents(snapshot)
        yield found
        _keep_owner(self.path, data)
        with _alone(self.path):
            data.rename(self.path)
            sync_folder(self.path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the file that will be replaced, so that no server has it open, and leave nothing of it beside it.

    What is left beside would be taken for the new file's own. Raises Rejected when somebody has it open.
    """
    if not path.exists():
        _clear(path)
        yield
        return
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise Rejected(f"{path} is in use, nothing was restored: stop the servers and workers first") from error
        except sqlite3.DatabaseError:
            """It is damaged: that may be why it is replaced."""
        _clear(path)
        yield


def _clear(path: Path) -> None:
    for suffix in _BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _keep_owner(old: Path, new: Path) -> None:
    if old.exists():
        status = old.stat()
        new.chmod(status.st_mode & 0o777)
        if os.geteuid() == 0:
            os.chown(new, status.st_uid, status.st_gid)
