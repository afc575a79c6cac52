"""A harness for each mailer that comes with the core."""

from collections.abc import Sequence

from attrs import define

from repaircore.adapters.notifications.file import FileMailer
from repaircore.adapters.notifications.memory import MemoryMailer
from repaircore.adapters.notifications.smtp import SmtpMailer
from repaircore.testing.notifications import Arrived
from tests.contract.notifications.mail_server import MailServer
from tests.contract.notifications.mailbox import addressed, opened


@define
class FileHarness:
    """The far side is a directory; a file in its place is what breaks it down."""

    mailer: FileMailer

    async def arrived(self) -> Sequence[Arrived]:
        """Open every file, oldest first."""
        directory = self.mailer.settings.directory
        files = sorted(directory.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [opened(content, addressed(content)) for content in (path.read_bytes() for path in files)]

    async def break_down(self) -> None:
        """Put a file where the directory would be."""
        self.mailer.settings.directory.write_text("in the way")

    async def recover(self) -> None:
        """Take it away."""
        self.mailer.settings.directory.unlink()


@define
class MemoryHarness:
    """The far side is the twin's own list."""

    mailer: MemoryMailer

    async def arrived(self) -> Sequence[Arrived]:
        """Show the list; a key is a message's identity."""
        return [
            Arrived(identity=each.key, recipients=(each.to,), subject=each.subject, text=each.text, html=each.html)
            for each in self.mailer.sent
        ]

    async def break_down(self) -> None:
        """Tell it to be down."""
        self.mailer.is_down = True

    async def recover(self) -> None:
        """Tell it to work again."""
        self.mailer.is_down = False

    async def refuse(self, recipient: str) -> None:
        """Tell it to refuse."""
        self.mailer.refused.add(recipient)

    async def defer(self, recipient: str) -> None:
        """Tell it to put off."""
        self.mailer.deferred.add(recipient)

    async def lose_reply(self) -> None:
        """Tell it to lose its next answer."""
        self.mailer.loses_reply = True


@define
class SmtpHarness:
    """The far side is a real mail server."""

    mailer: SmtpMailer
    server: MailServer

    async def arrived(self) -> Sequence[Arrived]:
        """Open what the server kept."""
        return [opened(each.content, each.recipients) for each in self.server.received]

    async def break_down(self) -> None:
        """Stop the server."""
        await self.server.stop()

    async def recover(self) -> None:
        """Start it again where it was."""
        await self.server.start()

    async def refuse(self, recipient: str) -> None:
        """Answer 550."""
        self.server.replies[recipient] = "550 No such mailbox"

    async def defer(self, recipient: str) -> None:
        """Answer 450."""
        self.server.replies[recipient] = "450 Mailbox busy"

    async def lose_reply(self) -> None:
        """Hang up after the next text."""
        self.server.hangs_up = True
