"""The example that uses every kind of rule prices as its figures say."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.adapters.pricing.writing import rulebook_lines
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.checks import check
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import MarketSnapshot
from repaircore.domain.pricing.quote import LineKind, Quote
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted, make_quote
from repaircore.domain.pricing.receipt import content_hash
from tests.unit.examples.conftest import EXAMPLES

LONDON = ZoneInfo("Europe/London")
WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=LONDON)
FOLDER = EXAMPLES / "full-rulebook"


@cache
def business() -> tuple[Catalogue, CompiledRulebook]:
    """The catalogue and the rulebook, as they are loaded."""
    catalogue = CatalogueFiles(FOLDER, "GBP").load()
    return catalogue, compile_rulebook(RulebookFiles(FOLDER).load(catalogue))


def quoted(
    *items: Wanted,
    at: datetime = WEDNESDAY,
    figures: dict[str, int] | None = None,
    device: str = "iphone-15",
    **given: Any,
) -> Quote:
    """A quote of the workshop, on our staff's word."""
    catalogue, rulebook = business()
    return make_quote(
        QuoteRequest(device_id=device, items=items or (SCREEN,), vouched=True, **given),
        catalogue=catalogue,
        rulebook=rulebook,
        id=QuoteId("qt_1"),
        at=at,
        market=MarketSnapshot(id="ms_1", figures=figures or {}),
    )


def pence(*items: Wanted, **given: Any) -> int:
    """The total, in pence."""
    return quoted(*items, **given).priced.total.amount


SCREEN = Wanted(service_id="screen")
LABOUR, PART = 6750, 12600  # an hour and a half at £45; £90 and 40 %


def wanted(quantity: int = 1, **given: Any) -> Wanted:
    """Screens, that many."""
    return Wanted(service_id="screen", quantity=quantity, **given)


def test_nothing_in_it_keeps_it_from_being_used() -> None:
    """The check has neither an error nor a warning."""
    catalogue, compiled = business()

    assert check(compiled.rulebook, catalogue) == ()


def test_written_out_and_read_again(tmp_path: Path) -> None:
    """Every kind of rule survives being exported, but for the line it stood on."""
    catalogue, compiled = business()
    book = compiled.rulebook
    (tmp_path / "rulebook.toml").write_text("\n".join(rulebook_lines(book, rules=book.rules)), encoding="utf-8")

    again = RulebookFiles(tmp_path).load(catalogue)

    assert content_hash(again) == content_hash(book)


def test_labour_and_parts() -> None:
    """A line knows what of it is work, what is parts, and what the parts cost."""
    [line] = quoted().priced.lines

    assert line.amount == Money(LABOUR + PART, "GBP")
    assert (line.labour, line.parts, line.cost) == (Money(LABOUR, "GBP"), Money(PART, "GBP"), Money(9000, "GBP"))


@pytest.mark.parametrize(
    ("grade", "price"),
    [
        ("oem", LABOUR + 9000 * 130 // 100 * 140 // 100),
        ("premium", LABOUR + 9000 * 120 // 100 * 140 // 100),
        ("refurbished", LABOUR + 9000 * 70 // 100 * 140 // 100),
        ("aftermarket", LABOUR + 5500 * 140 // 100),
    ],
)
def test_grades(grade: str, price: int) -> None:
    """A listed grade has its own cost, another a factor of the usual cost."""
    assert pence(wanted(grade=grade)) == price


def test_the_least_mark_up() -> None:
    """40 % of £18 is less than £10; with half an hour of basic work that is £45.50."""
    assert pence(Wanted(service_id="battery")) == 1750 + 1800 + 1000


@pytest.mark.parametrize(
    ("at", "labour"),
    [
        (datetime(2026, 3, 4, 19, tzinfo=LONDON), 10130),  # £101.25: the line is rounded to ten pence
        (datetime(2026, 3, 7, 19, tzinfo=LONDON), 8440),
        (datetime(2026, 12, 25, 12, tzinfo=LONDON), 10130),
    ],
)
def test_overtime_weekends_and_holidays(at: datetime, labour: int) -> None:
    """Work in the evening, at the weekend and on holidays is dearer; parts are not. December is dearer for both."""
    season = 120 if at.month == 12 else 100

    assert abs(pence(at=at) - (labour + PART) * season / 100) <= 10


@pytest.mark.parametrize(
    ("figures", "price"),
    [
        ({"demand": 85}, LABOUR + PART + 3870),
        ({"queue_length": 11}, LABOUR + PART + 2900),
        ({"queue_length": 10, "demand": 60}, LABOUR + PART),
        ({"demand": 20}, LABOUR + PART - 1930),
    ],
)
def test_surges(figures: dict[str, int], price: int) -> None:
    """Busy hours +20 %, a long queue +15 %, low demand -10 %, each within its limit; the line is rounded to ten pence."""
    assert abs(pence(figures=figures) - price) <= 5


def test_surges_have_limits() -> None:
    """On a board repair of £240: +£48, then +£30 at most, of which the snapshot's id is on the quote."""
    quote = quoted(Wanted(service_id="logic-board"), figures={"demand": 90, "queue_length": 40})

    assert quote.priced.total.amount == 24000 + 4800 + 3000
    assert quote.facts.market.id == "ms_1"


@pytest.mark.parametrize(
    ("given", "percent"),
    [
        ({"customer_type": "student"}, 15),
        ({"customer_type": "senior"}, 10),
        ({"customer_type": "business"}, 0),
        ({"tier": "bronze"}, 5),
        ({"tier": "silver"}, 10),
        ({"tier": "gold"}, 15),
        ({"tier": "platinum"}, 20),
        ({"first_order": True}, 5),
        ({"referred": True}, 10),
        ({"customer_type": "student", "tier": "platinum", "first_order": True, "referred": True}, 20),
    ],
)
def test_the_best_discount_of_a_customer(given: dict[str, Any], percent: int) -> None:
    """One discount for who the customer is: the best. Everybody else pays the full price."""
    assert abs(pence(**given) - (LABOUR + PART) * (100 - percent) / 100) <= 5


@pytest.mark.parametrize(("devices", "percent"), [(1, 0), (2, 5), (4, 5), (5, 10), (9, 10), (10, 15)])
def test_bulk(devices: int, percent: int) -> None:
    """From two, five and ten devices on."""
    afternoon = datetime(2026, 3, 5, 15, tzinfo=LONDON)
    each = pence(wanted(devices), at=afternoon) / devices

    assert abs(each - (LABOUR + PART) * (100 - percent) / 100) <= 5


def test_a_code_for_the_order() -> None:
    """15 % off all items as a line of its own, up to £60, and VAT on what is paid."""
    one, three = (quoted(wanted(count), promo_codes=("save15",)).priced for count in (1, 3))

    assert one.lines[-1].kind is LineKind.DISCOUNT
    assert one.total.amount == 19350 - 2902  # half a penny stays with the shop
    assert one.taxes[0].amount.amount == round((19350 - 2902) / 6)
    assert three.lines[-1].amount.amount == -6000


def test_the_trade_price_stands_alone() -> None:
    """Businesses with three devices or more get 12 %, and nothing else, with a promotion code neither."""
    quote = quoted(wanted(3), customer_type="business", tier="platinum", promo_codes=("save15",))

    fired = [
        row.rule_id for row in explain(business()[1].rulebook, quote.facts) if row.fired and row.stage == "discounts"
    ]
    assert fired == ["trade"]
    assert quote.priced.total == quoted(wanted(3), customer_type="business").priced.total


def test_early_on_a_quiet_day() -> None:
    """The free condition: two devices, Tuesday or Wednesday before eleven."""
    early = datetime(2026, 3, 4, 10, tzinfo=LONDON)

    assert pence(wanted(2), at=early) < pence(wanted(2), at=WEDNESDAY)
    assert pence(wanted(1), at=early) == pence(wanted(1), at=WEDNESDAY)


def test_price_match() -> None:
    """Five percent under what another shop asks."""
    assert pence(wanted(competitor_price=Money(18000, "GBP"))) == 17100


def test_warranties() -> None:
    """£30 and £60 more."""
    assert [pence(wanted(warranty=name)) - pence() for name in ("standard", "extended", "premium")] == [0, 3000, 6000]


def test_reverse_charge() -> None:
    """A business that accounts for the VAT itself pays the net price, the delivery's too."""
    usual, net = (quoted(fulfilment="pickup", tax_status=status).priced for status in ("", "reverse_charge"))

    assert net.total.amount == usual.total.amount - usual.taxes[0].amount.amount
    assert [(tax.name, tax.amount.amount, tax.reason) for tax in net.taxes] == [
        ("VAT, reverse charge", 0, "The customer accounts for the VAT")
    ]


def test_any_grade_of_a_part_without_grades() -> None:
    """A part that is listed once is what every grade is made from."""
    assert pence(device="thinkpad-t14") == pence(wanted(grade="aftermarket"), device="thinkpad-t14") == 9000 + 15400


def test_a_service_without_parts_for_a_device() -> None:
    """Labour alone is a price where the parts list says nothing: the board is repaired, not replaced."""
    assert pence(Wanted(service_id="logic-board")) == 24000
