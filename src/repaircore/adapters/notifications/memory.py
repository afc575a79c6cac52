"""Keeps messages in a list: the twin that tests and sandboxes read."""

from attrs import define, evolve, field, frozen

from repaircore.adapters.notifications.mime import Sender, compose
from repaircore.domain.notifications.wording import one_line
from repaircore.domain.operations.business import Environment
from repaircore.ports.clock import Clock
from repaircore.ports.errors import OutcomeUnknown, Rejected, Unavailable, Unsupported
from repaircore.ports.notifications import Message


@frozen(kw_only=True)
class Settings:
    """Who sends, and whether a key sent twice is kept once."""

    sender: Sender = field(factory=lambda: Sender(address="shop@example.com"))
    deduplicates: bool = True


@define
class MemoryMailer:
    """`sent` is what arrived, oldest first. It fails on request, as a mail server would.

    `refused` and `deferred` name recipients; `loses_reply` is for the next message.
    """

    settings: Settings
    clock: Clock
    sent: list[Message] = field(factory=list)
    refused: set[str] = field(factory=set)
    deferred: set[str] = field(factory=set)
    is_down: bool = False
    loses_reply: bool = False

    @property
    def name(self) -> str:
        """`memory`."""
        return "memory"

    @property
    def deduplicates(self) -> bool:
        """As the settings say."""
        return self.settings.deduplicates

    async def send(self, message: Message) -> None:
        """Keep the message."""
        compose(message, self.settings.sender, self.clock.now())
        if self.is_down or message.to in self.deferred:
            raise Unavailable("the memory mailer was told to be unavailable")
        if message.to in self.refused:
            raise Rejected("the memory mailer was told to refuse this recipient")
        if not (self.deduplicates and any(known.key == message.key for known in self.sent)):
            self.sent.append(evolve(message, subject=one_line(message.subject)))
        if self.loses_reply:
            self.loses_reply = False
            raise OutcomeUnknown("the memory mailer was told to lose its answer")

    async def aclose(self) -> None:
        """Nothing is held."""


def build(settings: Settings, *, clock: Clock, environment: Environment) -> MemoryMailer:
    """Make the mailer. Raises Unsupported in production, where its messages would reach nobody."""
    if environment is Environment.PRODUCTION:
        raise Unsupported("the memory mailer sends nothing: choose file or smtp in production")
    return MemoryMailer(settings, clock)
