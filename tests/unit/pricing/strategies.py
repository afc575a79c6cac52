"""Random rulebooks and facts from few words, so that scopes often meet."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from repaircore.domain.pricing.expressions import Expression
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot
from repaircore.domain.pricing.rules import (
    COMPONENTS,
    LEGAL_ACTIONS,
    LINE_KINDS,
    Action,
    GroupMode,
    MarketBound,
    Per,
    Reach,
    Rule,
    Rulebook,
    Scope,
    Stage,
    TaxRounding,
)
from tests.unit.pricing.shop import NEW_YEAR

CURRENCIES = ("GBP", "USD", "JPY", "KWD", "INR")
SERVICES = ("screen", "battery")

WORDS: dict[str, tuple[Any, ...]] = {
    "models": ("a", "b"),
    "services": SERVICES,
    "customer_types": ("", "student"),
    "urgencies": ("standard", "urgent"),
    "fulfilments": ("in_store", "pickup"),
    "channels": ("web", "phone"),
    "conditions": ("", "poor"),
    "complexities": ("", "hard"),
    "postcode_prefixes": ("6", "60", "604"),
    "weekdays": (0, 6),
    "months": (1, 12),
    "tiers": ("", "gold"),
    "tax_statuses": ("exempt", "reverse_charge"),
    "places": ("GB", "US-IL"),
    "grades": ("", "oem"),
    "warranties": ("", "extended"),
    "promo_codes": ("SAVE15", "WELCOME20"),
}
SPRING = date(2026, 4, 1)
BUSY = Expression(
    "quantity > 2 and not first_order",
    (
        "and",
        ("gt", ("fact", "quantity"), ("value", 2)),
        ("not", ("fact", "first_order")),
    ),
)
ONE = {
    "brand": ("Acme", "Zeta"),
    "category": ("phone", "tablet"),
    "year_from": (2020, 2023),
    "year_until": (2021, 2024),
    "hour_from": (9, 22),
    "hour_until": (6, 17),
    "amount_from": (0, 5000),
    "amount_until": (4000, 10000),
    "first_order": (True, False),
    "referred": (True, False),
    "quantity_from": (2, 5),
    "quantity_until": (4, 9),
    "date_from": (SPRING, date(2026, 12, 24)),
    "date_until": (date(2026, 12, 26), SPRING),
    "market": ((MarketBound("queue_length", at_least=5),), (MarketBound("demand", below=40),)),
    "expression": (BUSY,),
}


CONDITIONS = (*WORDS, *ONE)


@st.composite
def scopes(draw: st.DrawFn, *, most: int = 3, among: Sequence[str] = CONDITIONS) -> Scope:
    """A scope with up to that many conditions of those."""
    given: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(among), max_size=most, unique=True)):
        if name in WORDS:
            given[name] = draw(st.frozensets(st.sampled_from(WORDS[name]), min_size=1, max_size=2))
        else:
            given[name] = draw(st.sampled_from(ONE[name]))
    return Scope(**given)


FACTORS = st.fractions(min_value=0, max_value=3, max_denominator=20)
PERCENTAGES = st.fractions(min_value=0, max_value=40, max_denominator=8)
AMOUNTS = st.integers(min_value=0, max_value=20000).map(Fraction)


def _values(stage: Stage, action: Action) -> st.SearchStrategy[Fraction]:
    sign = -1 if stage is Stage.DISCOUNTS else 1
    match action:
        case Action.MULTIPLY:
            return st.fractions(min_value=0, max_value=1, max_denominator=20) if sign < 0 else FACTORS
        case Action.PERCENT | Action.MATCH:
            return PERCENTAGES.map(lambda value: sign * value)
        case Action.ROUND_TO:
            return st.sampled_from([Fraction(1), Fraction(5), Fraction(100)])
        case _:
            return AMOUNTS.map(lambda value: sign * value)


@st.composite
def rules(draw: st.DrawFn, number: int, *, stacking: bool = True) -> Rule:
    """A legal rule of any stage. Half of the discounts are in groups."""
    stage = draw(st.sampled_from([stage for stage in Stage if stage is not Stage.BASE]))
    action = draw(st.sampled_from(sorted(LEGAL_ACTIONS[stage])))
    may_stack = stacking and stage not in (Stage.ROUNDING, Stage.DEPOSIT)
    per_order = (stage, action) == (Stage.FEES, Action.ADD) or (stage is Stage.DISCOUNTS and action is not Action.MATCH)
    scope = draw(scopes())
    if stage in COMPONENTS:
        scope = evolve(scope, amount_from=None, amount_until=None)
    if action is Action.SET:
        scope = evolve(scope, grades=frozenset())  # else most quotes would be for grades that are not to be had
    if stage is Stage.TAX and draw(st.booleans()):
        scope = evolve(scope, line_kinds=draw(st.frozensets(st.sampled_from(LINE_KINDS), min_size=1, max_size=2)))
    group = draw(st.sampled_from(["", *GROUPS])) if stage is Stage.DISCOUNTS else ""
    bounds = BOUNDS if stage in BOUNDED else st.none()
    return Rule(
        id=f"r{number}",
        stage=stage,
        action=action,
        value=draw(_values(stage, action)),
        scope=scope,
        label=draw(st.sampled_from(["", "VAT", "Levy"])),
        stacks=may_stack and not group and draw(st.booleans()),
        per=draw(st.sampled_from(Per)) if per_order else Per.LINE,
        inclusive=stage is Stage.TAX and draw(st.booleans()),
        refundable=draw(st.booleans()),
        limit=draw(bounds),
        least=draw(bounds) if stage is not Stage.DISCOUNTS else None,
        group=group,
        kind=draw(st.sampled_from(["", "delivery"])) if stage is Stage.FEES and per_order else "",
        valid_from=draw(st.sampled_from([None, None, None, SPRING])),
        valid_until=draw(st.sampled_from([None, None, None, SPRING])),
    )


GROUPS = {"loyal": GroupMode.BEST_OF, "many": GroupMode.SEQUENTIAL, "alone": GroupMode.EXCLUSIVE}
BOUNDED = (*COMPONENTS, Stage.DEVICE_FACTOR, Stage.MARKET, Stage.SEASON, Stage.DISCOUNTS)
BOUNDS = st.none() | st.integers(min_value=1, max_value=3000)
CAPS = st.none() | st.integers(min_value=0, max_value=50).map(Fraction)


@st.composite
def rulebooks(draw: st.DrawFn, *, stacking: bool = True, most: int = 10) -> Rulebook:
    """A rulebook with a base price for everything, and up to that many other rules."""
    base = Rule(id="base", stage=Stage.BASE, action=Action.SET, value=draw(AMOUNTS))
    own = Rule(id="own", stage=Stage.BASE, action=Action.SET, value=draw(AMOUNTS), scope=Scope(models=frozenset({"a"})))
    count = draw(st.integers(min_value=0, max_value=most))
    more = [draw(rules(number, stacking=stacking)) for number in range(count)]
    return Rulebook(
        version=draw(st.sampled_from(["1", "2"])),
        currency=draw(st.sampled_from(CURRENCIES)),
        rules=(base, own, *more),
        effective_from=NEW_YEAR,
        groups=GROUPS,
        market_most=draw(CAPS),
        market_least=draw(CAPS.map(lambda cap: None if cap is None else -cap)),
        tax_rounding=draw(st.sampled_from(TaxRounding)),
        relief_rounding=draw(st.sampled_from(TaxRounding)),
        exclusive_reach=draw(st.sampled_from(Reach)),
        group_order=tuple(draw(st.permutations(sorted(GROUPS)))[: draw(st.sampled_from([0, 3]))]),
    )


@st.composite
def seasonal_rulebooks(draw: st.DrawFn) -> Rulebook:
    """A few rules in one contest, most of them with one condition, so that they often meet and seldom are the same."""
    among = draw(st.lists(st.sampled_from(CONDITIONS), min_size=2, max_size=4, unique=True))
    rules = [
        Rule(id=f"r{number}", stage=Stage.SEASON, action=Action.MULTIPLY, value=Fraction(2), scope=scope)
        for number, scope in enumerate(draw(st.lists(scopes(most=2, among=among), min_size=2, max_size=4)))
    ]
    return Rulebook(version="1", currency="GBP", rules=tuple(rules), effective_from=NEW_YEAR)


OFFSETS = st.integers(min_value=-12, max_value=14).map(lambda hours: timezone(timedelta(hours=hours)))
TIMES = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=OFFSETS)


FIGURES = st.dictionaries(st.sampled_from(["queue_length", "demand"]), st.integers(min_value=0, max_value=60))


SEEDS = st.integers(min_value=0, max_value=2**32)
"""What to shuffle by: `random.Random(seed)`."""


@st.composite
def every_facts(draw: st.DrawFn) -> Facts:
    """Facts of any quote."""
    device = DeviceFacts(
        id=draw(st.sampled_from(["a", "b", "c"])),
        name="Device",
        brand=draw(st.sampled_from(["Acme", "Zeta"])),
        category=draw(st.sampled_from(["phone", "tablet"])),
        year=draw(st.sampled_from([None, 2019, 2020, 2022, 2024])),
    )
    services = draw(st.lists(st.sampled_from(SERVICES), min_size=1, max_size=3))
    quantities = st.integers(min_value=1, max_value=9)
    prices = st.none() | st.integers(min_value=0, max_value=20000)
    of_service = {
        service: Item(
            service_id=service,
            name=service.title(),
            grade=draw(st.sampled_from(["", "oem"])),
            warranty=draw(st.sampled_from(["", "extended"])),
            competitor_price=draw(prices),
        )
        for service in SERVICES
    }
    return Facts(
        device=device,
        items=tuple(evolve(of_service[service], quantity=draw(quantities)) for service in services),
        local_time=draw(TIMES),
        urgency=draw(st.sampled_from(["standard", "urgent"])),
        condition=draw(st.sampled_from(["", "poor"])),
        complexity=draw(st.sampled_from(["", "hard"])),
        fulfilment=draw(st.sampled_from(["in_store", "pickup"])),
        channel=draw(st.sampled_from(["web", "phone"])),
        customer_type=draw(st.sampled_from(["", "student"])),
        postcode=draw(st.sampled_from(["", "60462", "60601", "7"])),
        promo_codes=draw(st.sampled_from([(), ("SAVE15",), ("WELCOME20", "SAVE15")])),
        market=MarketSnapshot(id="ms_1", figures=draw(FIGURES)),
        tier=draw(st.sampled_from(["", "gold"])),
        tax_status=draw(st.sampled_from(["", "exempt"])),
        place=draw(st.sampled_from(["", "GB"])),
        first_order=draw(st.booleans()),
        referred=draw(st.booleans()),
    )
