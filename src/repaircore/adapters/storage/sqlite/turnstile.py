"""Whose turn it is to write, where several processes share one SQLite file.

SQLite lets everybody try again and again, and whoever has just committed is back first: the others may wait for seconds. Here
whoever has to wait stands in a turnstile, and nobody passes it before them. The lock is the system's, on a file beside the
database, and gone with the process that holds it.
"""

from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path


class Turnstile:
    """Held while one begins to write, for as long as that takes; not while one writes."""

    def __init__(self, database: str) -> None:
        self._file = Path(f"{database}-turn").open("ab")  # noqa: SIM115 - held until `close`

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
        """Let go of the file."""
        self._file.close()
