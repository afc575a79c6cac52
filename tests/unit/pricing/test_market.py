"""The market moves prices by figures that somebody reported, within bounds, and never by chance."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from repaircore.domain.pricing.explain import MARKET_CAP, explain
from repaircore.domain.pricing.facts import Facts, MarketSnapshot
from repaircore.domain.pricing.rules import MarketBound
from tests.unit.pricing.shop import facts, rule, rulebook, unit

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
