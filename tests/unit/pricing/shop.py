"""Small rulebooks and a small catalogue to price with, and the shortest way to write a rule."""

from collections.abc import Collection
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from attrs import fields

from repaircore.domain.catalog.catalogue import Catalogue, Category, Device, Service
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item
from repaircore.domain.pricing.quote import Priced, Quote
from repaircore.domain.pricing.quoting import QuoteRequest, make_quote
from repaircore.domain.pricing.rules import Action, Per, Rule, Rulebook, Scope, Stage

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def scope(**given: Any) -> Scope:
    """A scope; sets may be given as any collection."""
    fields: dict[str, Any] = {name: frozenset(one) if isinstance(one, set) else one for name, one in given.items()}
    return Scope(**fields)


def rule(id: str, does: str, value: int | str | Fraction, **given: Any) -> Rule:
    """A rule from `"stage action"`, a value in minor units (or a factor, or a percentage), rule fields and scope fields."""
    stage, action = does.split()
    of_rule = {name: given.pop(name) for name in tuple(given) if name in RULE_FIELDS}
    return Rule(
        id=id, stage=Stage(stage), action=Action(action), value=Fraction(value), scope=scope(**given), **of_rule
    )


RULE_FIELDS = frozenset(one.name for one in fields(Rule)) - {"id", "stage", "action", "value", "scope"}


def rulebook(*rules: Rule, currency: str = "GBP", **given: Any) -> Rulebook:
    """A rulebook in force since New Year."""
    return Rulebook(version="1", currency=currency, rules=rules, effective_from=NEW_YEAR, **given)


def device(id: str = "phone", *, brand: str = "Acme", category: str = "phone", year: int | None = 2022) -> DeviceFacts:
    """A device's facts."""
    return DeviceFacts(id=id, name=id.title(), brand=brand, category=category, year=year)


def facts(*services: str | tuple[str, int], **given: Any) -> Facts:
    """Facts of a quote for those services (one screen by default) at noon on a Wednesday."""
    pairs = [(one, 1) if isinstance(one, str) else one for one in services or ("screen",)]
    items = tuple(Item(service_id=service, name=service.title(), quantity=quantity) for service, quantity in pairs)
    return Facts(**{"device": device(), "items": items, "local_time": NOON, **given})


def priced(book: Rulebook, these: Facts | None = None) -> Priced:
    """Price the facts by the rulebook."""
    return price(compile_rulebook(book), these or facts())


def unit(book: Rulebook, these: Facts | None = None) -> int:
    """The price of one, of the first line, in minor units."""
    return priced(book, these).lines[0].unit.amount


def catalogue(devices: Collection[Device], *services: str | Service) -> Catalogue:
    """A catalogue of those devices and services."""
    offer = [Service(one, one.title()) if isinstance(one, str) else one for one in services]
    return Catalogue(
        categories={one.category: Category(one.category, one.category.title()) for one in devices},
        devices={one.id: one for one in devices},
        services={one.id: one for one in offer},
    )


REVIVA = rulebook(
    rule("screen", "base set", 15000, services={"screen"}),
    rule("battery", "base set", 8000, services={"battery"}),
    rule("new-iphone", "device_factor multiply", "1.3", category="iphone", year_from=2024),
    rule("iphone", "device_factor multiply", "1.1", category="iphone"),
    rule("low", "urgency multiply", "0.9", urgencies={"low"}),
    rule("high", "urgency multiply", "1.2", urgencies={"high"}),
    rule("urgent", "urgency multiply", "1.5", urgencies={"urgent"}),
    rule("emergency", "urgency multiply", 2, urgencies={"emergency"}),
    rule("pickup", "fees add", 2500, fulfilments={"pickup"}, per=Per.ORDER, label="Pickup and delivery"),
    rule("minimum", "floor_cap minimum", 3500),
    rule("maximum", "floor_cap maximum", 80000),
    rule("pounds", "rounding round_to", 100),
    rule("vat", "tax percent", 20, label="VAT", inclusive=True),
    rule("urgent-deposit", "deposit percent", 25, urgencies={"urgent", "emergency"}),
    timezone="Europe/London",
)
REVIVA_CATALOGUE = catalogue(
    [
        Device("iphone-13-pro", "Apple", "iPhone 13 Pro", "iphone", 2021),
        Device("iphone-16-pro", "Apple", "iPhone 16 Pro", "iphone", 2024),
        Device("macbook-air-13-m3", "Apple", 'MacBook Air 13" M3', "macbook", 2024),
    ],
    "screen",
    "battery",
)

FIXBULANCE = rulebook(
    rule("s22-screen", "base set", 22000, models={"galaxy-s22"}, services={"original-screen"}),
    rule("16pm-screen", "base set", 34000, models={"iphone-16-pro-max"}, services={"aftermarket-screen"}),
    rule("16pm-battery", "base set", 12000, models={"iphone-16-pro-max"}, services={"original-battery"}),
    rule("cook", "tax percent", "10.25", label="Sales tax", postcode_prefixes={"606", "607", "608", "609"}),
    rule("will", "tax percent", "9.25", label="Sales tax", postcode_prefixes={"604"}),
    rule("lake", "tax percent", "8.25", label="Sales tax", postcode_prefixes={"600", "601"}),
    rule("state", "tax percent", "6.25", label="Sales tax"),
    rule("deposit", "deposit set", 1500),
    currency="USD",
    timezone="America/Chicago",
)
FIXBULANCE_CATALOGUE = catalogue(
    [
        Device("galaxy-s22", "Samsung", "Galaxy S22", "samsung"),
        Device("iphone-16-pro-max", "Apple", "iPhone 16 Pro Max", "iphone"),
        Device("galaxy-s25", "Samsung", "Galaxy S25", "samsung", refurbished_only=True),
    ],
    *(
        Service(one, one.replace("-", " ").title(), needs_price=True)
        for one in ("original-screen", "aftermarket-screen", "original-battery")
    ),
)


def reviva_quote(device_id: str, *services: str, **given: Any) -> Quote:
    """A quote of the repair shop."""
    return quote(REVIVA, REVIVA_CATALOGUE, device_id, *services, **given)


def fixbulance_quote(device_id: str, *services: str, **given: Any) -> Quote:
    """A quote of the repair van."""
    return quote(FIXBULANCE, FIXBULANCE_CATALOGUE, device_id, *services, **given)


def quote(book: Rulebook, offer: Catalogue, device_id: str, *services: str, at: datetime = NOON, **given: Any) -> Quote:
    """A quote for one of each service."""
    request = QuoteRequest(device_id=device_id, items=tuple((service, 1) for service in services), **given)
    return make_quote(request, catalogue=offer, rulebook=book, id=QuoteId("qt_1"), at=at)
