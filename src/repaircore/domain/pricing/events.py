"""What happens to quotes."""

from attrs import frozen

from repaircore.domain.events import Event


@frozen(kw_only=True)
class QuoteAccepted(Event):
    """The customer approved exactly these terms."""

    receipt_hash: str

    @property
    def name(self) -> str:
        """`quote.accepted`."""
        return "quote.accepted"
