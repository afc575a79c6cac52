"""Mailers that break their promises, one each, so that every test of the contract is seen to fail."""

from attrs import define, evolve, field

from repaircore.adapters.notifications.memory import MemoryMailer
from repaircore.ports.errors import OutcomeUnknown, Rejected, Unavailable
from repaircore.ports.notifications import Message


@define
class Swallows(MemoryMailer):
    """Takes everything and sends nothing."""

    async def send(self, message: Message) -> None:
        """Do nothing."""


@define
class Confuses(MemoryMailer):
    """Sends the HTML as the text."""

    async def send(self, message: Message) -> None:
        """Swap the parts."""
        await MemoryMailer.send(self, evolve(message, text=message.html, html=message.text))


@define
class Cuts(MemoryMailer):
    """Cuts what is longer than an old server's line."""

    async def send(self, message: Message) -> None:
        """Keep 998 characters."""
        await MemoryMailer.send(self, evolve(message, text=message.text[:998]))


@define
class Unstuffs(MemoryMailer):
    """Takes leading dots for the protocol's own."""

    async def send(self, message: Message) -> None:
        """Lose a dot of each line."""
        await MemoryMailer.send(self, evolve(message, text=message.text.replace("\n.", "\n")))


@define
class Smuggles(MemoryMailer):
    """Lets a second line of the subject become a header, and so vanish from the subject."""

    async def send(self, message: Message) -> None:
        """Keep the first line."""
        await MemoryMailer.send(self, evolve(message, subject="".join(message.subject.splitlines()[:1])))


@define
class Redirects(MemoryMailer):
    """Sends to somebody else."""

    async def send(self, message: Message) -> None:
        """Change the recipient."""
        await MemoryMailer.send(self, evolve(message, to="somebody@example.com"))


@define
class Repeats(MemoryMailer):
    """Claims to know a key again, and does not."""

    async def send(self, message: Message) -> None:
        """Send every time."""
        self.sent.append(message)


@define
class Renames(MemoryMailer):
    """Says that it may repeat itself, and gives each copy another name."""

    @property
    def deduplicates(self) -> bool:
        """Deny it."""
        return False

    async def send(self, message: Message) -> None:
        """Number the copies."""
        self.sent.append(evolve(message, key=f"{message.key}/{len(self.sent)}"))


@define
class Denies(MemoryMailer):
    """Says that it may repeat itself, and drops the repeat: it knows more than it declares."""

    @property
    def deduplicates(self) -> bool:
        """Deny it."""
        return False

    async def send(self, message: Message) -> None:
        """Send once all the same."""
        if all(known.key != message.key for known in self.sent):
            self.sent.append(message)


@define
class Lumps(MemoryMailer):
    """Takes messages that read alike for the same."""

    async def send(self, message: Message) -> None:
        """Go by the subject, not by the key."""
        await MemoryMailer.send(self, evolve(message, key=message.subject))


@define
class Accepts(MemoryMailer):
    """Takes anything for an address."""

    async def send(self, message: Message) -> None:
        """Look at nothing."""
        self.sent.append(message)


@define
class Tells(MemoryMailer):
    """Repeats the address in the error, and so in the logs."""

    async def send(self, message: Message) -> None:
        """Refuse by name."""
        try:
            await MemoryMailer.send(self, message)
        except (Rejected, Unavailable) as refusal:
            raise type(refusal)(f"no such address: {message.to}") from refusal


@define
class Pretends(MemoryMailer):
    """Hides that the far side is out of reach, and that an answer was lost."""

    async def send(self, message: Message) -> None:
        """Say that all is well."""
        try:
            await MemoryMailer.send(self, message)
        except (Unavailable, OutcomeUnknown):
            return


@define
class Hoards(MemoryMailer):
    """Says that nothing was sent, and sends it later after all."""

    later: list[Message] = field(factory=list)

    async def send(self, message: Message) -> None:
        """Keep what fails, and send it with the next one."""
        self.sent += self.later
        try:
            await MemoryMailer.send(self, message)
        except Unavailable:
            self.later.append(evolve(message, key="later"))
            raise


@define
class Forgets(MemoryMailer):
    """Loses on closing what it had accepted."""

    async def aclose(self) -> None:
        """Drop everything."""
        self.sent.clear()


@define
class GivesUp(MemoryMailer):
    """Takes a passing no for a lasting one."""

    async def send(self, message: Message) -> None:
        """Reject what was only put off."""
        try:
            await MemoryMailer.send(self, message)
        except Unavailable as refusal:
            raise Rejected("no") from refusal


@define
class Insists(MemoryMailer):
    """Takes a lasting no for a passing one."""

    async def send(self, message: Message) -> None:
        """Ask to be tried again."""
        try:
            await MemoryMailer.send(self, message)
        except Rejected as refusal:
            raise Unavailable("later") from refusal


@define
class Guesses(MemoryMailer):
    """Takes silence for a failure, so that the caller sends it again."""

    async def send(self, message: Message) -> None:
        """Say that nothing was done."""
        try:
            await MemoryMailer.send(self, message)
        except OutcomeUnknown as silence:
            raise Unavailable("nothing was sent") from silence


@define
class Sulks(MemoryMailer):
    """Never works again once an answer was lost."""

    async def send(self, message: Message) -> None:
        """Refuse after the first lost answer."""
        try:
            await MemoryMailer.send(self, message)
        except OutcomeUnknown:
            self.is_down = True
            raise
