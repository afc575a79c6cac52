"""Writes each message to a directory as one `.eml` file, which any mail program opens. The default: nothing leaves the machine."""

import asyncio
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from attrs import frozen

from repaircore.adapters.notifications.mime import Sender, compose, digest
from repaircore.domain.operations.business import Environment
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.notifications import Message


@frozen(kw_only=True)
class Settings:
    """Where the files go; the directory is made when it is missing."""

    directory: Path
    sender: Sender


@frozen
class FileMailer:
    """One file per key, named by the key's digest and so free of personal data. A key already there is left as it was first written."""

    settings: Settings
    clock: Clock

    @property
    def name(self) -> str:
        """`file`."""
        return "file"

    @property
    def deduplicates(self) -> bool:
        """The same key is the same file."""
        return True

    async def send(self, message: Message) -> None:
        """Write the file; it is whole and on disk when this comes back, or it is not there at all."""
        envelope = compose(message, self.settings.sender, self.clock.now())
        try:
            await asyncio.to_thread(_write_once, self.path(message.key), envelope.content)
        except OSError as problem:
            raise Unavailable(f"the mail directory cannot be written: {problem.strerror}") from problem

    def path(self, key: str) -> Path:
        """Say where the message with that key is, or would be."""
        return self.settings.directory / f"{digest(key)}.eml"

    async def aclose(self) -> None:
        """Nothing is held."""


def _write_once(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        return
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except BaseException:
            os.unlink(part.name)
            raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """Make the new name last; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def build(settings: Settings, *, clock: Clock, environment: Environment) -> FileMailer:
    """Make the mailer."""
    return FileMailer(settings, clock)
