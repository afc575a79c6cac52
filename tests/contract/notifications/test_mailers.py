"""Every mailer keeps the contract."""

from collections.abc import AsyncIterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from repaircore.adapters.notifications.file import FileMailer
from repaircore.adapters.notifications.file import Settings as FileSettings
from repaircore.adapters.notifications.memory import MemoryMailer
from repaircore.adapters.notifications.memory import Settings as MemorySettings
from repaircore.adapters.notifications.smtp import Security, SmtpMailer
from repaircore.adapters.notifications.smtp import Settings as SmtpSettings
from repaircore.testing.notifications import MailerContract, RemoteMailerContract
from tests.contract.notifications.harnesses import FileHarness, MemoryHarness, SmtpHarness
from tests.contract.notifications.mail_server import MailServer
from tests.unit.notifications.letters import SENDER, StandingClock


class TestFile(MailerContract):
    """Files in a directory."""

    provider = "file"

    @pytest.fixture
    def harness(self, tmp_path: Path) -> FileHarness:
        """A directory not made yet."""
        return FileHarness(FileMailer(FileSettings(directory=tmp_path / "mail", sender=SENDER), StandingClock()))


class TestSmtp(RemoteMailerContract):
    """A mail server."""

    provider = "smtp"

    @pytest.fixture
    async def harness(self) -> AsyncIterator[SmtpHarness]:
        """A server of its own for each test."""
        server = await MailServer().start()
        settings = SmtpSettings(
            host="127.0.0.1", port=server.port, security=Security.NONE, sender=SENDER, deadline=10.0
        )
        yield SmtpHarness(SmtpMailer(settings, StandingClock()), server)
        await server.stop()


class TestMemory(RemoteMailerContract):
    """The twin that claims to know a key again."""

    provider = "memory"
    deduplicates = True

    @pytest.fixture
    def harness(self) -> MemoryHarness:
        """An empty one."""
        return MemoryHarness(MemoryMailer(MemorySettings(deduplicates=self.deduplicates), StandingClock()))


class TestForgetfulMemory(TestMemory):
    """The twin that lacks it, as a mail server does."""

    deduplicates = False


def test_no_mailer_without_a_contract() -> None:
    """A mailer that is registered and not held to the contract fails here."""
    registered = {entry.name for entry in entry_points(group="repaircore.notifications")}
    held = {TestFile.provider, TestSmtp.provider, TestMemory.provider}

    assert registered == held
