"""The market moves prices by figures that somebody reported, within bounds, and never by chance."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from repaircore.adapters.pricing.expressions import expression as expression_of
from repaircore.domain.actors import SYSTEM
from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.explain import MARKET_CAP, explain
from repaircore.domain.pricing.expressions import MARKET_FIGURES
from repaircore.domain.pricing.facts import Facts, MarketSnapshot
from repaircore.domain.pricing.market import KNOWN, DatedSnapshot, Source, figures_asked, taken
from repaircore.domain.pricing.rules import MarketBound
from tests.unit.pricing.shop import NOON, facts, rule, rulebook, unit

LONDON = ZoneInfo("Europe/London")
BASE = rule("base", "base set", 10000)
BUSY = rule("busy", "market percent", 15, market=(MarketBound("queue_length", at_least=11),), limit=3000)
QUIET = rule("quiet", "market percent", -10, market=(MarketBound("demand", below=40),), limit=2500)


def reported(**figures: int) -> Facts:
    """Facts with a snapshot of these figures."""
    return facts(market=MarketSnapshot(id="ms_1", figures=figures))


@pytest.mark.parametrize(
    ("figures", "price"),
    [
        ({}, 10000),
        ({"queue_length": 10}, 10000),
        ({"queue_length": 11}, 11500),
        ({"demand": 40}, 10000),
        ({"demand": 39}, 9000),
        ({"queue_length": 10, "demand": 90}, 10000),
    ],
)
def test_a_figure_within_bounds(figures: dict[str, int], price: int) -> None:
    """At least is inclusive, below is not; what nobody reported is within no bounds."""
    assert unit(rulebook(BASE, BUSY, QUIET), reported(**figures)) == price


def test_surges_are_limited() -> None:
    """15 % of £300 is £45: capped at £30."""
    dear = evolve(BASE, value=BASE.value * 3)

    assert unit(rulebook(dear, BUSY), reported(queue_length=20)) == 33000
    assert unit(rulebook(dear, QUIET), reported(demand=1)) == 27500


def test_the_whole_market_is_bounded() -> None:
    """However many surges stack, the market raises a price by at most a half, and lowers it by at most 30 %; that is told."""
    surges = [rule(f"surge-{number}", "market percent", 20, stacks=True) for number in range(4)]
    sales = [rule(f"sale-{number}", "market percent", -20, stacks=True) for number in range(4)]
    bounds: dict[str, Any] = {"market_most": Fraction(50), "market_least": Fraction(-30)}

    assert unit(rulebook(BASE, *surges, **bounds)) == 15000
    assert unit(rulebook(BASE, *sales, **bounds)) == 7000
    [told] = [row for row in explain(rulebook(BASE, *sales, **bounds), facts()) if row.rule_id == MARKET_CAP]
    assert (told.before.money.amount, told.after.money.amount) == (4096, 7000)


@pytest.mark.parametrize(
    ("when", "price"),
    [
        (datetime(2026, 12, 23, 23, 59, tzinfo=LONDON), 10000),
        (datetime(2026, 12, 24, 0, 0, tzinfo=LONDON), 20000),
        (datetime(2026, 12, 26, 23, 59, tzinfo=LONDON), 20000),
        (datetime(2026, 12, 27, 0, 0, tzinfo=LONDON), 10000),
    ],
)
def test_an_event_has_dates(when: datetime, price: int) -> None:
    """From the first day to the last, both included, by the local calendar; a date is more specific than a month."""
    event = rule("christmas", "season multiply", 2, date_from=date(2026, 12, 24), date_until=date(2026, 12, 26))
    december = rule("december", "season multiply", 1, months={12}, weekdays=set(range(7)))

    assert unit(rulebook(BASE, december, event), facts(local_time=when)) == price


def test_a_rule_has_its_own_time() -> None:
    """Before and after it the rule is not there, and the explanation says so."""
    book = rulebook(
        BASE, rule("sale", "season percent", -10, valid_from=date(2026, 4, 1), valid_until=date(2026, 4, 30))
    )
    april, march = (facts(local_time=datetime(2026, month, 15, tzinfo=LONDON)) for month in (4, 3))

    assert (unit(book, april), unit(book, march)) == (9000, 10000)
    [row] = [row for row in explain(book, march) if row.rule_id == "sale"]
    assert row.why == "is valid from 2026-04-01; this is for 2026-03-15"


def measured(
    figures: dict[str, int], asked: frozenset[str] = frozenset(), source: Source = Source.API
) -> DatedSnapshot:
    """A snapshot taken just now."""
    return taken("ms_1", figures, at=NOON, now=NOON, source=source, by=SYSTEM, asked=asked)


def test_a_misspelt_figure() -> None:
    """It would turn a surge off without a word: the nearest known name is told."""
    with pytest.raises(InvalidValue, match="asks for 'queuelength'; did you mean 'queue_length'"):
        measured({"queuelength": 12})


def test_what_a_rulebook_asks_for() -> None:
    """By a bound or in an expression; its names are known beside the usual ones, and may be below zero."""
    frosty = rule("frosty", "market percent", 5, market=(MarketBound("degrees", below=0),))
    holiday = rule("holiday", "market percent", 5, expression=expression_of("market.guests > 3 and demand > 1"))
    asked = figures_asked([BASE, frosty, holiday])

    assert asked == {"degrees", "guests"}
    assert measured({"degrees": -12, "guests": 4}, asked).figures == {"degrees": -12, "guests": 4}
    with pytest.raises(InvalidValue, match="did you mean 'degrees'"):
        measured({"degree": -12}, asked)


@pytest.mark.parametrize(("name", "bounds"), KNOWN.items())
def test_figures_have_bounds(name: str, bounds: tuple[int, int]) -> None:
    """Both ends can be; what is beyond them cannot."""
    for figure in bounds:
        assert measured({name: figure}).figures == {name: figure}
    for figure in (bounds[0] - 1, bounds[1] + 1):
        with pytest.raises(InvalidValue, match="out of bounds"):
            measured({name: figure})


def test_every_figure_with_a_name_of_its_own_has_bounds() -> None:
    """A condition may name it without the market, so it is one that everybody knows."""
    assert set(MARKET_FIGURES) <= set(KNOWN)


def test_the_core_carries_on_what_was_reported() -> None:
    """Even under a name that the rulebook of today no longer asks for."""
    assert measured({"guests": 4}, source=Source.CORE).figures == {"guests": 4}
