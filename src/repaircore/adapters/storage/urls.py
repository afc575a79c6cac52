"""URLs of databases: which kind one names, and how to show it to people."""

import re
from pathlib import Path
from typing import Final

POSTGRESQL: Final = ("postgresql://", "postgres://")

_PASSWORD: Final = re.compile(r"(?<=://)([^:/@?]*):.*@")
_PASSWORD_OPTION: Final = re.compile(r"(?<=[?&])((?:ssl)?password=)[^&]*", re.IGNORECASE)


def is_postgresql(url: str | Path) -> bool:
    """Whether it names a PostgreSQL database; everything else is a file of SQLite."""
    return str(url).startswith(POSTGRESQL)


def masked(url: str | Path) -> str:
    """Show a URL without the passwords in it. Rather too much is hidden than too little."""
    return _PASSWORD_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1:***@", str(url)))
