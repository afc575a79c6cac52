"""Messages to people: the mailer, and the templates it is fed by."""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen


@frozen(kw_only=True)
class Message:
    """One e-mail with a text and an HTML part. `key` names it: the same key is the same message, sent once where that can be known."""

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
    """One way of sending e-mail. Raises Rejected (bad recipient), Unavailable (try later) or OutcomeUnknown."""

    @property
    def name(self) -> str:
        """The provider's name in configuration."""
        ...

    async def send(self, message: Message) -> None:
        """Hand the message over."""
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
