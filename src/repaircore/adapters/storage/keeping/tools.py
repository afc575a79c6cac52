"""PostgreSQL's own programs: found, new enough, and run without a password on their command line."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from attrs import frozen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from repaircore.ports.errors import Unavailable

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@frozen
class Tools:
    """Where to look: a folder, or PATH where none is named."""

    folder: Path | None = None

    def find(self, name: str, connection: psycopg.Connection[Any]) -> str:
        """Answer the program, at least as new as the server. Raises Unavailable saying what to do."""
        found = shutil.which(name, path=None if self.folder is None else str(self.folder))
        if found is None:
            raise Unavailable(
                f"{name} was not found in {self.folder or 'PATH'}: install PostgreSQL's client programs, "
                "or name their folder with --pg-bin DIR"
            )
        server, own = connection.info.server_version // 10_000, _version(found)
        if own < server:
            raise Unavailable(
                f"{found} is of version {own}, the server of version {server}: "
                f"name the folder of version {server}'s programs or newer ones with --pg-bin DIR"
            )
        return found


def run(program: str, *arguments: str, url: str, output: int = subprocess.DEVNULL) -> None:
    """Run a program on a database. Raises Unavailable with what it said."""
    options = conninfo_to_dict(url)
    password = options.pop("password", None)
    rest = {name: str(value) for name, value in options.items() if value is not None}
    done = subprocess.run(
        (program, *arguments, f"--dbname={make_conninfo(**rest)}", "--no-password"),
        env=os.environ if password is None else {**os.environ, "PGPASSWORD": str(password)},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Unavailable(f"{Path(program).name} failed: {' '.join(done.stderr.split()) or done.returncode}")


def _version(program: str) -> int:
    said = subprocess.run((program, "--version"), capture_output=True, text=True, check=False).stdout
    found = _VERSION.search(said)
    if found is None:
        raise Unavailable(f"{program} does not say which version of PostgreSQL it belongs to")
    return int(found[1])
