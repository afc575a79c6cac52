"""What a price is computed from: every input, resolved and frozen, so that a quote can be recomputed years later."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from repaircore.domain.pricing.overrides import Override
from repaircore.domain.pricing.promotions import RefusedCode


@frozen(kw_only=True, cache_hash=True)
class DeviceFacts:
    """The device as it was when the quote was made: a later catalogue must not change an old price."""

    id: str
    name: str
    brand: str
    category: str
    year: int | None = None

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_attrs_cached_hash", None)  # also where a decoder makes it without __init__


@frozen(kw_only=True)
class Item:
    """One service, that many times: with parts of that grade, under that warranty. `competitor_price` is what another shop
    asks for one, in minor units, on our staff's word."""

    service_id: str
    name: str
    quantity: int = 1
    grade: str = ""
    warranty: str = ""
    competitor_price: int | None = None


@frozen(kw_only=True)
class MarketSnapshot:
    """Market figures at one moment, by name: `queue_length`, `free_technicians`, `demand`, `parts_availability`,
    `competitor_index`. `ms_none` is the empty one."""

    id: str = "ms_none"
    figures: Mapping[str, int] = field(factory=dict)


@frozen(kw_only=True)
class Facts:
    """The inputs of one quote. `local_time` is the slot's start, or else the moment of asking, in the business's zone.
    `promo_codes` are those that were accepted."""

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
    tier: str = ""
    tax_status: str = ""
    place: str = ""
    first_order: bool = False
    referred: bool = False
    override: Override | None = None
    refused_codes: tuple[RefusedCode, ...] = ()
    customer: str = ""  # a mark of the one whose record was looked at, where it was; not who it is
