"""What a price is computed from: every input, resolved and frozen, so that a quote can be recomputed years later."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen


@frozen(kw_only=True)
class DeviceFacts:
    """The device as it was when the quote was made: a later catalogue must not change an old price."""

    id: str
    name: str
    brand: str
    category: str
    year: int | None = None


@frozen(kw_only=True)
class Item:
    """One service, that many times."""

    service_id: str
    name: str
    quantity: int = 1


@frozen(kw_only=True)
class MarketSnapshot:
    """Market figures at one moment, by name. `ms_none` is the empty one."""

    id: str = "ms_none"
    figures: Mapping[str, int] = field(factory=dict)


@frozen(kw_only=True)
class Facts:
    """The inputs of one quote. `local_time` is the slot's start, or else the moment of asking, in the business's zone."""

    device: DeviceFacts
    items: tuple[Item, ...]
    local_time: datetime
    urgency: str = "standard"
    condition: str = ""
    complexity: str = ""
    fulfilment: str = "in_store"
    channel: str = "web"
    customer_type: str = ""
    postcode: str = ""
    promo_codes: tuple[str, ...] = ()
    market: MarketSnapshot = MarketSnapshot()
