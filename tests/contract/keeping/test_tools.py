"""PostgreSQL's own programs are found, or it is said what to do."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from repaircore.adapters.storage.keeping.postgresql_backup import PostgresqlKeeper
from repaircore.adapters.storage.keeping.showing import SILENT
from repaircore.adapters.storage.keeping.tools import Tools, run
from repaircore.ports.errors import Unavailable


def program(folder: Path, text: str) -> Path:
    """A program that stands in for pg_dump."""
    path = folder / "pg_dump"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def dumped(url: str, folder: Path) -> Any:
    """Try to dump with what is in that folder."""
    (folder / "out").touch()
    return PostgresqlKeeper(url, Tools(folder)).dump(folder / "out", SILENT)


def test_no_program(postgres_url: str, tmp_path: Path) -> None:
    """The line names the option."""
    with pytest.raises(Unavailable, match=r"pg_dump was not found in .*--pg-bin DIR"):
        dumped(postgres_url, tmp_path)


def test_an_old_program(postgres_url: str, tmp_path: Path) -> None:
    """An older program cannot read a newer server: both versions are named."""
    program(tmp_path, 'echo "pg_dump (PostgreSQL) 9.6.24"')

    with psycopg.connect(postgres_url) as connection:
        server = connection.info.server_version // 10_000
    with pytest.raises(Unavailable, match=f"is of version 9, the server of version {server}"):
        dumped(postgres_url, tmp_path)


def test_some_other_program(postgres_url: str, tmp_path: Path) -> None:
    """What does not say its version is not used."""
    program(tmp_path, "echo hello")

    with pytest.raises(Unavailable, match="does not say which version"):
        dumped(postgres_url, tmp_path)


def test_what_it_complains_of(postgres_url: str, tmp_path: Path) -> None:
    """Its own words are passed on in one line."""
    program(
        tmp_path, '[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99.1" || { printf "no\\nspace" >&2; exit 1; }'
    )

    with pytest.raises(Unavailable, match="pg_dump failed: no space"):
        dumped(postgres_url, tmp_path)


def test_a_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    """Everybody on a machine sees command lines; environments only their owner."""
    told = tmp_path / "told"
    shown = program(tmp_path, f'echo "$@" > {told}; echo "$PGPASSWORD" >> {told}')

    run(str(shown), url="postgresql://shop:hu%20sh@db.example.com/shop")

    arguments, password = told.read_text().splitlines()
    assert "db.example.com" in arguments
    assert "hu" not in arguments
    assert password == "hu sh"
