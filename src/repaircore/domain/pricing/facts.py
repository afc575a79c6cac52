"""What a price is computed from: every input, resolved and frozen, so that a quote can be recomputed years later."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, field, frozen

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


def merged(items: Iterable[Item]) -> tuple[Item, ...]:
    """Put items together that differ in nothing but how many there are: one and one are two."""
    found: dict[Item, int] = {}
    for item in items:
        kind = evolve(item, quantity=0)
        found[kind] = found.get(kind, 0) + item.quantity
    return tuple([evolve(kind, quantity=quantity) for kind, quantity in found.items()])


def devices(items: Sequence[Item]) -> int:
    """Count the devices that need the same service, with parts of whatever grade; nothing where one item says so already."""
    needing: dict[str, int] = {}
    for item in items:
        needing[item.service_id] = needing.get(item.service_id, 0) + item.quantity
    most = max(needing.values())
    return most if len(needing) < len(items) and most > max([item.quantity for item in items]) else 0


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
    devices: int = 0  # how many there are, where no item alone says so

    @property
    def quantity(self) -> int:
        """For how many devices the quote is: as many as need the same service. Screen and battery may be of one device."""
        return max([self.devices, *[item.quantity for item in self.items]])
