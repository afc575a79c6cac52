"""From what a customer asks to a quote that is held: resolve the facts, refuse what cannot be, price, and write the receipt."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from repaircore.domain.catalog.catalogue import Catalogue, Device, Service
from repaircore.domain.errors import InvalidValue, NotOffered, nearest
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import ENGINE_VERSION, CompiledRulebook, answer, compile_rulebook
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot, devices, merged
from repaircore.domain.pricing.promotions import RefusedCode, Used, asked, usable
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.receipt import receipt_hash
from repaircore.domain.pricing.rules import Rulebook
from repaircore.domain.pricing.standing import NOBODY, Standing

_DAY = 24 * 3600
_UNREPORTED = MarketSnapshot()
_DEAREST = 10**12  # minor units: no repair is dearer
_USUAL_VALIDITY = {"urgent": 2 * 3600, "emergency": 2 * 3600}

# The request's field, the scope field whose words it must be one of.
_WORDS = (
    ("urgency", "urgencies"),
    ("fulfilment", "fulfilments"),
    ("condition", "conditions"),
    ("complexity", "complexities"),
    ("customer_type", "customer_types"),
    ("tier", "tiers"),
    ("tax_status", "tax_statuses"),
    ("place", "places"),
)
_REQUIRED = frozenset({"urgency", "fulfilment"})
_ITEM_WORDS = (("grade", "grades"), ("warranty", "warranties"))
_VOUCHED = ("tier", "tax_status", "first_order", "referred")  # never on a guest's word


@frozen(kw_only=True)
class Wanted:
    """One service, that many times: the grade of its parts, its warranty, what another shop asks for one."""

    service_id: str
    quantity: int = 1
    grade: str = ""
    warranty: str = ""
    competitor_price: Money | None = None


@frozen(kw_only=True)
class QuoteRequest:
    """What is asked. An item may be a pair of service id and quantity; `slot_start` is an aware time, where one was chosen.
    A device that is not in the catalogue is `other-<category>`, described, or both.

    `referral_code` is the reference of a booking that another customer passed on. `vouched` says that our staff stands for who
    the customer is and what another shop asks.
    """

    device_id: str
    items: tuple[tuple[str, int] | Wanted, ...]
    device_description: str = ""
    urgency: str = "standard"
    condition: str = ""
    complexity: str = ""
    fulfilment: str = "in_store"
    channel: str = "web"
    customer_type: str = ""
    postcode: str = ""
    slot_start: datetime | None = None
    promo_codes: tuple[str, ...] = ()
    tier: str = ""
    tax_status: str = ""
    place: str = ""
    first_order: bool | None = None
    referred: bool | None = None
    referral_code: str = ""
    vouched: bool = False


def make_quote(
    request: QuoteRequest,
    *,
    catalogue: Catalogue,
    rulebook: Rulebook | CompiledRulebook,
    id: QuoteId,
    at: datetime,
    market: MarketSnapshot | None = None,
    used: Mapping[str, Used] | None = None,
    device: Device | None = None,
    standing: Standing = NOBODY,
) -> Quote:
    """Price the request and hold the price. `at` is an aware time; `used` is what is known of the use of promotion codes;
    `device` stands for one that the catalogue does not have;
    `standing` is what the customer's record says, where it was looked at.

    Raises NotFound (device, service), NotOffered (not for this device, or refurbished only) and InvalidValue, each with
    a pointer into the request.
    """
    compiled = compiled_of(rulebook)
    facts = resolve(
        request,
        catalogue=catalogue,
        rulebook=compiled,
        at=at,
        market=market or _UNREPORTED,
        used=used or {},
        device=device or catalogue.device(request.device_id),
        standing=standing,
    )
    try:
        return hold(compiled, facts, id=id, at=at, until=at + validity(compiled.rulebook, request.urgency))
    except NotOffered as refused:
        pointer = _as_asked(refused.pointer, request.items)
        raise NotOffered(str(refused), pointer=pointer, code=refused.code) from None


def hold(compiled: CompiledRulebook, facts: Facts, *, id: QuoteId, at: datetime, until: datetime) -> Quote:
    """Price the facts, and hold the price until then. Raises NotOffered."""
    found = answer(compiled, facts)
    return Quote(
        id=id,
        facts=facts,
        priced=found.priced,
        rulebook_version=compiled.rulebook.version,
        engine_version=ENGINE_VERSION,
        receipt_hash=receipt_hash(
            facts=facts,
            rulebook_version=compiled.rulebook.version,
            rulebook_hash=compiled.content_hash,
            engine_version=ENGINE_VERSION,
            priced=found,
        ),
        created_at=at,
        valid_until=until,
    )


def compiled_of(rulebook: Rulebook | CompiledRulebook) -> CompiledRulebook:
    """Compile the rulebook unless it is already compiled; who prices often keeps the compiled one."""
    return rulebook if isinstance(rulebook, CompiledRulebook) else compile_rulebook(rulebook)


def validity(rulebook: Rulebook, urgency: str) -> timedelta:
    """Answer how long a price is held: as the rulebook says, else two hours when urgent or emergency, else a day."""
    held = rulebook.validity
    seconds = held.get(urgency) or held.get("") or _USUAL_VALIDITY.get(urgency, _DAY)
    return timedelta(seconds=seconds)


def resolve(
    request: QuoteRequest,
    *,
    catalogue: Catalogue,
    rulebook: CompiledRulebook,
    at: datetime,
    market: MarketSnapshot,
    used: Mapping[str, Used],
    device: Device,
    standing: Standing = NOBODY,
) -> Facts:
    """Turn the request into facts: names looked up, words and codes checked, the time put into the business's zone."""
    device_facts = facts_of(device)
    _check_words(request, rulebook)
    _check_claims(request, rulebook.rulebook)
    items = _items(request.items, device, device_facts, catalogue, rulebook)
    accepted, refused = _codes(request.promo_codes, rulebook.rulebook, used, at)
    return Facts(
        device=device_facts,
        items=items,
        devices=devices(items) if len(items) > 1 else 0,
        local_time=_local_time(request.slot_start, at, rulebook.rulebook.timezone),
        urgency=request.urgency,
        condition=request.condition,
        complexity=request.complexity,
        fulfilment=request.fulfilment,
        channel=request.channel,
        customer_type=request.customer_type,
        postcode=_postcode(request.postcode),
        market=market,
        promo_codes=accepted,
        refused_codes=refused,
        tier=request.tier or standing.tier,
        tax_status=request.tax_status,
        place=request.place,
        first_order=standing.first_order if request.first_order is None else request.first_order,
        referred=standing.referred if request.referred is None else request.referred,
        customer=standing.customer,
    )


def _codes(
    typed: Sequence[str], rulebook: Rulebook, used: Mapping[str, Used], at: datetime
) -> tuple[tuple[str, ...], tuple[RefusedCode, ...]]:
    if not typed:
        return (), ()
    known = {promotion.code: promotion for promotion in rulebook.promotions}
    return usable(asked(typed, known), used, at)


@lru_cache(maxsize=4096)
def facts_of(device: Device) -> DeviceFacts:
    """Freeze what pricing needs of a device."""
    return DeviceFacts(id=device.id, name=device.name, brand=device.brand, category=device.category, year=device.year)


def is_offered(service: Service, device: Device, rulebook: CompiledRulebook) -> bool:
    """Whether the service can be quoted for the device: it has a base price (of its own, where it needs one)."""
    return _has_price(service, facts_of(device), rulebook)


def _has_price(service: Service, device: DeviceFacts, rulebook: CompiledRulebook) -> bool:
    if not service.is_for(device.category):
        return False
    rules = rulebook.base_rules(device, service.id)
    return any(rule.scope.models for rule in rules) if service.needs_price else bool(rules)


def _items(
    wanted: Sequence[tuple[str, int] | Wanted],
    device: Device,
    facts: DeviceFacts,
    catalogue: Catalogue,
    rulebook: CompiledRulebook,
) -> tuple[Item, ...]:
    if not wanted:
        raise InvalidValue("ask for at least one service", pointer="/items")
    quantities: dict[str, int] = {}
    items = []
    for index, one in enumerate(wanted):
        service_id, quantity = (one.service_id, one.quantity) if isinstance(one, Wanted) else one
        service = catalogue.services.get(service_id) or catalogue.service(
            service_id, pointer=f"/items/{index}/service_id"
        )
        if not _has_price(service, facts, rulebook):
            raise _not_offered(service, device, f"/items/{index}/service_id")
        asked = quantities[service_id] = quantities.get(service_id, 0) + quantity
        if quantity < 1 or asked > service.max_quantity:
            raise InvalidValue(
                f"{service.name} can be booked 1 to {service.max_quantity} times in one quote",
                pointer=f"/items/{index}/quantity",
            )
        if isinstance(one, Wanted):
            items.append(_item(one, service, rulebook, f"/items/{index}"))
        else:
            items.append(Item(service_id=service_id, name=service.name, quantity=quantity))
    return merged(items) if len(quantities) < len(items) else tuple(items)


def _as_asked(pointer: str, wanted: Sequence[tuple[str, int] | Wanted]) -> str:
    """Answer the place in the request, where items may repeat, for one among the facts, where they are merged."""
    _, items, place, name = pointer.split("/")
    kinds = [_kind(one) for one in wanted]
    merged_kind = tuple(dict.fromkeys(kinds))[int(place)]
    return f"/{items}/{kinds.index(merged_kind)}/{name}"


def _kind(wanted: tuple[str, int] | Wanted) -> Wanted:
    return evolve(wanted, quantity=0) if isinstance(wanted, Wanted) else Wanted(service_id=wanted[0], quantity=0)


def _item(wanted: Wanted, service: Service, rulebook: CompiledRulebook, pointer: str) -> Item:
    if wanted.grade or wanted.warranty:
        _check_item_words(wanted, rulebook, pointer)
    seen, currency = wanted.competitor_price, rulebook.rulebook.currency
    if seen is not None and (seen.currency != currency or not 0 <= seen.amount <= _DEAREST):
        raise InvalidValue(f"a competitor's price is an amount in {currency}", pointer=f"{pointer}/competitor_price")
    return Item(
        service_id=service.id,
        name=service.name,
        quantity=wanted.quantity,
        grade=wanted.grade,
        warranty=wanted.warranty,
        competitor_price=None if seen is None else seen.amount,
    )


def _not_offered(service: Service, device: Device, pointer: str) -> NotOffered:
    if device.refurbished_only:
        return NotOffered(
            f"{service.name} is not offered for {device.name}: original parts are not to be had for this model; "
            "ask the shop for a repair with refurbished parts",
            pointer=pointer,
            code="refurbished_only",
        )
    return NotOffered(f"{service.name} is not offered for {device.name}", pointer=pointer)


def _check_words(request: QuoteRequest, rulebook: CompiledRulebook) -> None:
    for name, dimension in _WORDS:
        word = getattr(request, name)
        if word or name in _REQUIRED:
            _check_word(name, word, rulebook.words(dimension), f"/{name}")


def _check_item_words(item: Wanted, rulebook: CompiledRulebook, pointer: str) -> None:
    for name, dimension in _ITEM_WORDS:
        if word := getattr(item, name):
            _check_word(name, word, rulebook.words(dimension), f"{pointer}/{name}")


def _check_word(name: str, word: str, known: frozenset[str], pointer: str) -> None:
    if word not in known:
        raise InvalidValue(_unknown_word(name, word, sorted(known - {""})), pointer=pointer)


def _check_claims(request: QuoteRequest, rulebook: Rulebook) -> None:
    """Refuse what a guest may not say of themselves: it is for our staff, or the customer's record."""
    if request.vouched:
        return
    if request.customer_type and request.customer_type not in rulebook.self_declared:
        raise InvalidValue(
            f"a {request.customer_type} price needs the shop's word: ask there", pointer="/customer_type"
        )
    for name in _VOUCHED if any((request.tier, request.tax_status, request.first_order, request.referred)) else ():
        if getattr(request, name):
            raise InvalidValue(f"the {name.replace('_', ' ')} is for the shop to say: leave it out", pointer=f"/{name}")
    for index, item in enumerate(request.items):
        if isinstance(item, Wanted) and item.competitor_price is not None:
            raise InvalidValue(
                "a competitor's price is for the shop to confirm: leave it out",
                pointer=f"/items/{index}/competitor_price",
            )


def _unknown_word(name: str, word: str, known: Sequence[str]) -> str:
    shown = name.replace("_", " ")
    if not known:
        return f"this business does not price by {shown}: leave it out"
    closest = nearest(word, known)
    hint = f"did you mean {closest!r}? " if closest else ""
    return f"there is no {shown} {word!r}; {hint}Known: {', '.join(known)}"


def _local_time(slot_start: datetime | None, at: datetime, timezone: str) -> datetime:
    if at.tzinfo is None:
        raise InvalidValue("the time of asking must have an offset")
    if slot_start is None:
        return at.astimezone(ZoneInfo(timezone))
    if slot_start.tzinfo is None:
        raise InvalidValue(
            "a slot's start must have an offset, such as 2026-05-01T10:00:00+01:00", pointer="/slot_start"
        )
    if slot_start < at:
        raise InvalidValue("a slot's start must not be in the past", pointer="/slot_start")
    return slot_start.astimezone(ZoneInfo(timezone))


def _postcode(text: str) -> str:
    postcode = "".join(text.split()).upper()
    if postcode and not (len(postcode) <= 12 and postcode.replace("-", "").isalnum()):
        raise InvalidValue(f"{text!r} is not a postcode", pointer="/postcode")
    return postcode
