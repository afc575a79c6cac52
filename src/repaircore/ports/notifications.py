"""Messages to people: the mailer, and the templates it is fed by."""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen


@frozen(kw_only=True)
class Message:
    """One e-mail with a text and an HTML part. `key` names it: the same key is the same message, sent once where that can be known.

    `to` is one bare address. `subject` is one line: control characters in it arrive as spaces. The parts arrive as written, but for the
    kind of line ends and one line end at the close.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str


@frozen(kw_only=True)
class Rendered:
    """A filled-in template."""

    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """One way of sending e-mail.

    `send` raises Rejected (this message will never be taken: a bad recipient, mostly), Unavailable (nothing was sent, try later),
    OutcomeUnknown (it was handed over and no answer came) or InvalidResponse.
    """

    @property
    def name(self) -> str:
        """The provider's name in configuration."""
        ...

    @property
    def deduplicates(self) -> bool:
        """Whether a key sent twice arrives once. Where it arrives twice, both carry the same Message-ID."""
        ...

    async def send(self, message: Message) -> None:
        """Hand the message over. Coming back means that it is accepted and will not be lost."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class TemplateError(Exception):
    """A template is missing, broken, refers to something it was not given, or grew too large. The text says which."""


class Templates(Protocol):
    """Turns a named template and its context into a message's parts."""

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Fill in a template. Raises TemplateError; a missing variable is an error, never an empty place."""
        ...
