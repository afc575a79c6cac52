"""The mailer that writes files."""

import asyncio
from pathlib import Path

import pytest
from attrs import evolve

from repaircore.adapters.notifications.file import FileMailer, Settings
from repaircore.ports.errors import Unavailable
from tests.unit.notifications.letters import LETTER, NOON, SENDER, StandingClock, letter, part, read


@pytest.fixture
def mailer(tmp_path: Path) -> FileMailer:
    """One that writes to a directory not made yet."""
    return FileMailer(Settings(directory=tmp_path / "outbox" / "mail", sender=SENDER), StandingClock())


async def test_one_message_one_file(mailer: FileMailer) -> None:
    """A mail program can open it; its name says nothing about the customer; nobody else on the machine may read it."""
    await mailer.send(LETTER)

    (path,) = mailer.settings.directory.iterdir()
    assert path == mailer.path(LETTER.key)
    assert path.suffix == ".eml"
    assert "customer" not in path.name
    assert "bk_1" not in path.name
    assert path.stat().st_mode & 0o077 == 0
    assert part(read(path.read_bytes()), "plain") == "Hello\n"


async def test_a_repeat_changes_nothing(mailer: FileMailer) -> None:
    """What was sent stays sent, even when the repeat is worded differently and comes later."""
    await mailer.send(LETTER)
    before = mailer.path(LETTER.key).read_bytes()

    await evolve(mailer, clock=StandingClock(NOON.replace(year=2027))).send(letter(text="Hello again\n"))

    assert [path.read_bytes() for path in mailer.settings.directory.iterdir()] == [before]


async def test_many_at_once(mailer: FileMailer) -> None:
    """Several workers with the same message leave one whole file and nothing else."""
    await asyncio.gather(*(mailer.send(LETTER) for _ in range(20)))

    (path,) = mailer.settings.directory.iterdir()
    assert part(read(path.read_bytes()), "html") == "<p>Hello</p>\n"


async def test_a_directory_that_cannot_be_written(mailer: FileMailer) -> None:
    """Nothing was done, so the caller may try again; and then it works."""
    in_the_way = mailer.settings.directory.parent
    in_the_way.write_text("a file where the directory should be")
    with pytest.raises(Unavailable):
        await mailer.send(LETTER)
    in_the_way.unlink()

    await mailer.send(LETTER)

    assert mailer.path(LETTER.key).exists()


async def test_a_write_that_fails_leaves_nothing(mailer: FileMailer) -> None:
    """A message that cannot be put in its place is an error, and no half of it stays behind."""
    taken = mailer.path(LETTER.key)
    taken.mkdir(parents=True)

    with pytest.raises(Unavailable):
        await mailer.send(LETTER)

    assert list(taken.parent.iterdir()) == [taken]
