"""How this project opens an SQLite file. Without these settings concurrent updates are lost or fail at random."""

import sqlite3
from pathlib import Path
from typing import Final

SYNCHRONOUS: Final = ("OFF", "NORMAL", "FULL", "EXTRA")
_CACHED_STATEMENTS: Final = 256
LONGEST_LOG: Final = 4000
"""Pages of the write-ahead log, 16 MiB, at which a commit carries them over into the file. Where the log may be longer, a page that is
carried over stands for more that were written, and fewer commits wait for it."""


def database_path(url: str | Path) -> Path:
    """Answer the file behind `sqlite:///relative.db`, `sqlite:////absolute.db` or a plain path."""
    return Path(str(url).removeprefix("sqlite:///"))


def connect(path: Path, *, synchronous: str = "FULL", busy_timeout: float = 0) -> sqlite3.Connection:
    """Open a connection that begins its transactions itself: WAL, foreign keys enforced, FULL unless asked otherwise."""
    if synchronous not in SYNCHRONOUS:
        raise ValueError(f"synchronous is one of {', '.join(SYNCHRONOUS)}, not {synchronous!r}")
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
        timeout=busy_timeout or 10,
    )
    for setting in (
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-4096",
        f"wal_autocheckpoint={LONGEST_LOG}",
        f"busy_timeout={int(busy_timeout * 1000)}",
    ):
        connection.execute(f"PRAGMA {setting}")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a connection that cannot write and sees what is committed."""
    connection = connect(path, busy_timeout=1)
    connection.execute("PRAGMA query_only=ON")
    return connection
