"""The single changes that a customer or the shop's staff can make to what was asked for."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, islice, product
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from repaircore.domain.pricing.compiled import CompiledRulebook
from repaircore.domain.pricing.facts import Facts, Item, devices
from repaircore.domain.pricing.promotions import Used

USUALLY_AT_MOST = 10  # of one service in a quote, where the catalogue says nothing else
_TRIED_AT_LEAST, _TRIED_ON_LINES = 40, 160  # changes priced: on one line, on ten, it takes about as long
OPEN_HOURS = range(7, 21)  # slots are looked for when people are about
_MIDDAY = 12


class By(StrEnum):
    """Who can make the change: the customer by asking otherwise, or staff who see the device or know the customer."""

    CUSTOMER = "customer"
    STAFF = "staff"


@frozen(kw_only=True)
class Change:
    """One input of a request with another value. `line` is the service whose item it is in; `distance` is how far away."""

    input: str
    value: str
    by: By
    distance: int
    facts: Facts
    line: str = ""
    index: int | None = None  # of the item
    more: bool = False  # of the item than before

    @property
    def is_a_figure(self) -> bool:
        """Whether its values are more or less of the same: then the nearest ones say it all."""
        return self.input in ("quantity", "slot_start")


# The request's field, the rulebook's words for it, who can change it, and whether it can be left out.
_WORDS = (
    ("urgency", "urgencies", By.CUSTOMER, False),
    ("fulfilment", "fulfilments", By.CUSTOMER, False),
    ("condition", "conditions", By.STAFF, False),
    ("complexity", "complexities", By.STAFF, False),
    ("customer_type", "customer_types", By.STAFF, True),
    ("tier", "tiers", By.STAFF, True),
)
# The same of an item.
_ITEM_WORDS = (("grade", "grades"), ("warranty", "warranties"))

# Words that have an order: the next one is nearer than the one after it.
_SCALES = {
    "urgency": ("low", "standard", "high", "urgent", "emergency"),
    "condition": ("excellent", "good", "fair", "poor"),
    "complexity": ("simple", "standard", "complex", "extreme"),
}


def changes(
    compiled: CompiledRulebook,
    facts: Facts,
    most: Mapping[str, int],
    *,
    codes: bool = False,
    at: datetime | None = None,
) -> Iterator[Change]:
    """Answer the changes worth pricing: each word of the rulebook's vocabulary, later slots, and quantities.

    They are bounded, fewer of them for longer quotes. `codes` adds the promotion codes that may be used when asking
    at that moment, by default at the slot.
    """
    every = chain(
        _other_words(compiled, facts),
        _other_codes(compiled, facts, at or facts.local_time) if codes else (),
        _other_slots(facts, compiled.rulebook.timezone),
        _other_quantities(compiled, facts, most),
        _other_item_words(compiled, facts),
    )
    return islice(every, max(_TRIED_AT_LEAST, _TRIED_ON_LINES // len(facts.items)))


def _other_words(compiled: CompiledRulebook, facts: Facts) -> Iterator[Change]:
    for input, dimension, by, optional in _WORDS:
        given, known = getattr(facts, input), compiled.words(dimension)
        for word in sorted(known | {""} if optional and known else known):
            if word != given:
                other: dict[str, Any] = {input: word}
                distance = _steps(input, given, word)
                yield Change(input=input, value=word, by=by, distance=distance, facts=evolve(facts, **other))


def _other_codes(compiled: CompiledRulebook, facts: Facts, at: datetime) -> Iterator[Change]:
    """Each code alone, as if nobody had used it yet."""
    for promotion in compiled.rulebook.promotions:
        if promotion.code not in facts.promo_codes and not promotion.refusal(Used(), at):
            other = evolve(facts, promo_codes=(promotion.code,))
            yield Change(input="promo_codes", value=promotion.code, by=By.STAFF, distance=1, facts=other)


def _other_item_words(compiled: CompiledRulebook, facts: Facts) -> Iterator[Change]:
    for (input, dimension), (index, item) in product(_ITEM_WORDS, enumerate(facts.items)):
        for word in sorted(compiled.words(dimension)):
            if word != getattr(item, input):
                other: dict[str, Any] = {input: word}
                yield _of_item(input, word, 1, index, evolve(item, **other), facts)


def _of_item(input: str, value: str, distance: int, index: int, other: Item, facts: Facts) -> Change:
    items = (*facts.items[:index], other, *facts.items[index + 1 :])
    counted = facts.devices == devices(facts.items)  # else the quote is from before devices were counted
    return Change(
        input=input,
        value=value,
        by=By.CUSTOMER,
        distance=distance,
        facts=evolve(facts, items=items, devices=devices(items) if counted else 0),
        line=other.service_id,
        index=index,
        more=other.quantity > facts.items[index].quantity,
    )


def _steps(input: str, one: str, other: str) -> int:
    scale = _SCALES.get(input, ())
    return abs(scale.index(one) - scale.index(other)) if one in scale and other in scale else 1


def _other_quantities(compiled: CompiledRulebook, facts: Facts, most: Mapping[str, int]) -> Iterator[Change]:
    """One more, one fewer, and as many more as some rule begins with."""
    cuts = compiled.looks.cuts.get("quantity", [])
    for index, item in enumerate(facts.items):
        asked = sum(other.quantity for other in facts.items if other.service_id == item.service_id)
        highest = most.get(item.service_id, USUALLY_AT_MOST) - asked + item.quantity
        near = {item.quantity - 1, item.quantity + 1, *(cut for cut in cuts if cut > item.quantity)}
        for quantity in sorted(near):
            if 1 <= quantity <= highest:
                distance = abs(quantity - item.quantity)
                yield _of_item("quantity", str(quantity), distance, index, evolve(item, quantity=quantity), facts)


def _other_slots(facts: Facts, timezone: str) -> Iterator[Change]:
    start = facts.local_time.replace(tzinfo=ZoneInfo(timezone))
    by_day = start if start.hour in OPEN_HOURS else start.replace(hour=_MIDDAY, minute=0, second=0, microsecond=0)
    for slot, distance in (*_later_hours(start), *_later_days(by_day), *_later_months(by_day)):
        yield Change(
            input="slot_start",
            value=slot.isoformat(),
            by=By.CUSTOMER,
            distance=distance,
            facts=evolve(facts, local_time=slot),
        )


def _later_hours(start: datetime) -> Iterator[tuple[datetime, int]]:
    full = start.replace(minute=0, second=0, microsecond=0)
    for hour in range(1, 24):
        slot = full + timedelta(hours=hour)
        if slot.hour in OPEN_HOURS:
            yield slot, 1


def _later_days(start: datetime) -> Iterator[tuple[datetime, int]]:
    for days in range(1, 7):
        yield start + timedelta(days=days), days


def _later_months(start: datetime) -> Iterator[tuple[datetime, int]]:
    for months in range(1, 7):
        year, month = divmod(start.month - 1 + months, 12)
        yield start.replace(year=start.year + year, month=month + 1, day=min(start.day, 28)), 30 * months
