"""Backing up, restoring and moving a shop, from the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from repaircore.entrypoints.demo.client import asking
from repaircore.entrypoints.demo.process import serving
from tests.contract.keeping.conftest import programs
from tests.e2e.customers import book
from tests.e2e.places import Place
from tests.e2e.test_postgresql import on
from tests.e2e.test_refusing import refused

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


def drill() -> str:
    """The lines of the restore drill, as the document has them."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("## The restore drill\n")[2].partition("\n## ")[0]
    return "\n".join(line.strip() for line in section.splitlines() if line.startswith(" " * 7))


def shell(script: str, folder: Path, variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run lines as somebody would type them, up to the first that fails."""
    path = f"{Path(sys.executable).parent}:{programs()}:{os.environ['PATH']}"
    return subprocess.run(
        ("sh", "-e", "-c", script),
        cwd=folder,
        env={**os.environ, **variables, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def shop_with_bookings(place: Place) -> None:
    """Take two bookings, then stop."""
    async with serving(place.config, place.data, 0, log=place.log) as server, asking(server.url) as client:
        for _ in range(2):
            await book(client)


async def test_the_drill_on_sqlite(bench: Place) -> None:
    """Every line of the document works, and leaves nothing."""
    await shop_with_bookings(bench)
    before = set(bench.data.iterdir())

    done = shell(drill(), bench.data, {"REPAIRCORE_CONFIG": str(bench.config)})

    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout[done.stdout.index("{\n") :])
    assert again["rows"]["bookings"] == 2
    assert again["rows"]["quotes"] == 3
    assert set(bench.data.iterdir()) == before


async def test_the_drill_on_postgresql(bench: Place, postgres_url: str, tmp_path: Path) -> None:
    """With the line that the document adds for it."""
    shop = on(bench, postgres_url, tmp_path)
    await shop_with_bookings(shop)
    new = f"{postgres_url}-drill"
    first, rest = drill().split("\n", 1)

    done = shell(
        f"{first}\nexport REPAIRCORE_DATABASE_URL={new}\n{rest}", shop.data, {"REPAIRCORE_CONFIG": str(shop.config)}
    )

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{urlsplit(new).path.strip("/")}" WITH (FORCE)'.encode())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout[done.stdout.index("{\n") :])["rows"]["quotes"] == 3


async def test_a_backup_of_a_running_server(bench: Place, tmp_path: Path) -> None:
    """The server does not notice; a restore beside it is refused until it stops."""
    backup = str(tmp_path / "a.backup")
    async with serving(bench.config, bench.data, 0, log=bench.log) as server, asking(server.url) as client:
        await book(client)
        told = json.loads(bench.run("backup", backup, "--json").stdout)
        await book(client)
        assert "stop the servers" in refused(bench.run("restore", backup, "--replace"))
        await book(client)

    restored = json.loads(bench.run("restore", backup, "--replace", "--json").stdout)

    assert restored == told
    assert told["rows"]["bookings"] == 1
    assert told["ledger"]["sums"] == {"GBP": 0}
    assert told["faults"] == []


async def test_a_damaged_backup(bench: Place, tmp_path: Path) -> None:
    """One line, and the database is as it was."""
    await shop_with_bookings(bench)
    backup = tmp_path / "a.backup"
    bench.run("backup", str(backup))
    content = bytearray(backup.read_bytes())
    content[-1000] ^= 1
    backup.write_bytes(content)

    line = refused(bench.run("restore", str(backup), "--replace"))

    assert "checksum" in line
    assert json.loads(bench.run("backup", str(tmp_path / "b.backup"), "--json").stdout)["rows"]["bookings"] == 2


def copying(source: str, target: str) -> "subprocess.CompletedProcess[str]":
    """Copy one database into another."""
    command = (
        sys.executable,
        "-m",
        "repaircore.entrypoints.cli",
        "db",
        "copy",
        "--from",
        source,
        "--to",
        target,
        "--json",
    )
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def copied(source: str, target: str) -> Any:
    """What is told of a copy that went well."""
    done = copying(source, target)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_moving_to_postgresql_and_back(bench: Place, empty_postgres_url: str, tmp_path: Path) -> None:
    """The shop goes on over there, and comes back."""
    await shop_with_bookings(bench)
    (file,) = bench.data.rglob("*.db")
    moved = on(bench, empty_postgres_url, tmp_path)

    there = copied(f"sqlite:///{file}", empty_postgres_url)
    await shop_with_bookings(moved)
    back = copied(empty_postgres_url, f"sqlite:///{tmp_path / 'back.db'}")

    assert there["rows"]["bookings"] == 2
    assert back["rows"]["bookings"] == 4
    assert back["ledger"]["sums"] == {"GBP": 0}
    assert "is not empty" in refused(copying(f"sqlite:///{file}", empty_postgres_url))
