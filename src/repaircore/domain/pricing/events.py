"""What happens to quotes."""

from attrs import frozen

from repaircore.domain.events import Event
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money


@frozen(kw_only=True)
class QuoteAccepted(Event):
    """The customer approved exactly these terms."""

    receipt_hash: str

    @property
    def name(self) -> str:
        """`quote.accepted`."""
        return "quote.accepted"


@frozen(kw_only=True)
class QuoteOverridden(Event):
    """Staff agreed on another price; this quote stands in the place of the one it `replaces`."""

    replaces: QuoteId
    before: Money
    after: Money

    @property
    def name(self) -> str:
        """`quote.overridden`."""
        return "quote.overridden"


@frozen(kw_only=True)
class QuoteWithdrawn(Event):
    """Staff ended an agreed price early."""

    reason: str

    @property
    def name(self) -> str:
        """`quote.withdrawn`."""
        return "quote.withdrawn"


@frozen(kw_only=True)
class QuoteMarginAlert(Event):
    """The quote leaves the shop less than it wants to know of. `margin` is in percent of the net price."""

    margin: str
    verdict: str

    @property
    def name(self) -> str:
        """`quote.margin_alert`."""
        return "quote.margin_alert"


@frozen(kw_only=True)
class QuoteMarginApproved(Event):
    """An admin approved a margin below the minimum."""

    reason: str

    @property
    def name(self) -> str:
        """`quote.margin_approved`."""
        return "quote.margin_approved"


@frozen(kw_only=True)
class QuoteRefused(Event):
    """A customer asked for a price that leaves the shop too little, and got none; the quote of that id was never kept. `device`
    and `services` are ids of the catalogue, and `margin` is in percent of the net price."""

    margin: str
    total: Money
    device: str
    services: tuple[str, ...]

    @property
    def name(self) -> str:
        """`quote.refused`."""
        return "quote.refused"


@frozen(kw_only=True)
class QuoteCustomerStated(Event):
    """Staff said who the customer is, and why, whatever the customer's record says."""

    reason: str

    @property
    def name(self) -> str:
        """`quote.customer_stated`."""
        return "quote.customer_stated"
