"""What happens to messages."""

from attrs import frozen

from repaircore.domain.events import Event


@frozen(kw_only=True)
class MessageSent(Event):
    """A message about this booking was handed over. `key` names it; whom it went to stays with the mailer."""

    template: str
    key: str
    channel: str = "email"

    @property
    def name(self) -> str:
        """`message.sent`."""
        return "message.sent"
