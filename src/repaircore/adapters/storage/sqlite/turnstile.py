"""Whose turn it is to write, where several processes share one SQLite file.

SQLite lets everybody try again and again, and whoever has just committed is back first: the others may wait for seconds. Here
whoever has to wait stands in a turnstile, and nobody passes it before them. The lock is the system's, on a file beside the
database, and gone with the process that holds it.
"""

import os
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from stat import S_IMODE


class Turnstile:
    """Held while one begins to write, for as long as that takes; not while one writes."""

    def __init__(self, database: str) -> None:
        self._file = os.fdopen(_beside(database), "ab")

    def enter(self) -> bool:
        """Enter unless somebody waits in it. Where the file system knows no locks, everybody may."""
        try:
            flock(self._file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def leave(self) -> None:
        """Let the next one in."""
        flock(self._file, LOCK_UN)

    def close(self) -> None:
        """Let go of the file. Doing so twice does no harm."""
        self._file.close()


def _beside(database: str) -> int:
    """Open the file, made with the database's owner and mode, as SQLite makes its own: root's first look must not shut the others out."""
    file = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT, 0o600)
    status = os.stat(database)
    with suppress(PermissionError):  # it is somebody else's, and stays as they made it
        os.fchmod(file, S_IMODE(status.st_mode))
        if os.geteuid() == 0:
            os.fchown(file, status.st_uid, status.st_gid)
    return file
