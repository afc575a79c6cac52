"""Rulebooks are written as TOML that is read again as the same rulebook, to the last condition."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.catalog.exports import Format, export
from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.adapters.pricing.writing import in_major_units, rulebook_lines
from repaircore.adapters.shopfiles import values
from repaircore.domain.money import Money
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rulebook
from tests.unit.catalog.shop import HEAD, load_catalogue, load_rulebook, write_shop

EXAMPLES = Path(__file__).parents[3] / "examples"
EVERYTHING = """
tax_rounding = "document"
supplier_costs = true
relief_rounding = "document"
self_declared = ["student"]

[validity]
default = "1d"
urgent = "90m"

[vocabulary]
customer_types = ["student", "senior"]
grades = ["oem", "premium"]
warranties = ["year"]
tiers = ["gold"]
tax_statuses = ["exempt"]
places = ["GB"]

[groups]
who = "best_of"
else = "sequential"
order = ["who", "else"]

[warranty]
days = { default = 90, screen = 0 }
times = { year = 4.5 }

[market]
at_most = 50
at_least = -30

[overrides]
staff = 12.5
admin = "any"
held = "2d"

[[loyalty]]
tier = "gold"
orders = 3
spent = 250.50

[margins]
target = 65
alert = 45.5
minimum = 40

[[promotions]]
code = "SPRING"
uses = 100
per_customer = 1
starts = 2026-03-01
ends = 2026-05-31
stackable = true

[[rules]]
id = "spring"
stage = "discounts"
percent = -10
when = { promo_code = "SPRING", quantity_from = 2, date_from = 2026-03-01, date_until = 2026-05-31, expression = "total_quantity >= 2 and urgency != 'low'" }
reason = "Spring: a tenth \\"off\\" \\\\ as promised"
limit = 12.50
group = "who"
valid_from = 2026-03-01

[[rules]]
id = "busy"
stage = "market"
percent = 15
when = { market = { queue_length = { at_least = 11 }, demand = { below = 40 } }, weekday = ["sat", "sun"], hours = "22-6", month = ["dec"] }
limit = 30

[[rules]]
id = "fee/far"
stage = "fees"
add = 25
per = "order"
kind = "delivery"
label = "Pickup"
when = { fulfilment = "pickup", postcode_prefix = ["SW1", "606"], brand = "Apple", year_from = 2020 }

[[rules]]
id = "tax"
stage = "tax"
percent = 20
inclusive = true
label = "VAT"
source = "public list"
as_of = 2026-01-01
when = { line_kind = ["delivery"], place = "GB" }

[[rules]]
id = "first"
stage = "discounts"
add = -5
when = { first_order = true, referred = false, tier = "gold", amount_from = 100.50 }

[[rules]]
id = "deposit"
stage = "deposit"
set = 15
refundable = false
"""  # noqa: E501


def written(rulebook: Rulebook, folder: Path) -> str:
    """Write the rulebook into the shop in place of its own."""
    text = "".join(rulebook_lines(rulebook, rules=rulebook.rules))
    (folder / "rulebook.toml").write_text(text)
    return text


def test_every_condition_survives(tmp_path: Path) -> None:
    """Reading what was written gives a rulebook with the same content, prices and policies included."""
    shop = write_shop(tmp_path, {"rulebook.toml": HEAD + EVERYTHING})
    rulebook = load_rulebook(shop)

    text = written(rulebook, shop)

    again = load_rulebook(shop)
    assert content_hash(again) == content_hash(rulebook)
    assert (again.promotions, again.overrides, again.margins) == (
        rulebook.promotions,
        rulebook.overrides,
        rulebook.margins,
    )
    assert (again.groups, again.market_most, again.market_least) == (
        rulebook.groups,
        rulebook.market_most,
        rulebook.market_least,
    )
    assert "".join(rulebook_lines(again, rules=again.rules)) == text


@pytest.mark.parametrize(("business", "currency"), [("revivatech", "GBP"), ("fixbulance", "USD")])
@pytest.mark.parametrize("format", Format)
def test_the_examples_survive(tmp_path: Path, business: str, currency: str, format: Format) -> None:
    """Rules in TOML, and prices in the sheet beside it or with them."""
    catalogue = CatalogueFiles(EXAMPLES / business, currency).load()
    rulebook = RulebookFiles(EXAMPLES / business).load(catalogue)

    export(catalogue, rulebook, tmp_path, format, lambda count: None)

    again = RulebookFiles(tmp_path).load(catalogue)
    if format is Format.TOML:
        assert content_hash(again) == content_hash(rulebook)
    assert {rule.id: (rule.stage, rule.action, rule.value, rule.scope) for rule in again.rules} == {
        rule.id: (rule.stage, rule.action, rule.value, rule.scope) for rule in rulebook.rules
    }


def test_forgetting_a_condition_is_noticed(tmp_path: Path) -> None:
    """A writer that leaves one condition out writes another rulebook."""
    shop = write_shop(tmp_path, {"rulebook.toml": HEAD + EVERYTHING})
    rulebook = load_rulebook(shop)
    text = written(rulebook, shop)

    (shop / "rulebook.toml").write_text(text.replace("quantity_from = 2, ", ""))

    assert content_hash(load_rulebook(shop)) != content_hash(rulebook)
    assert load_catalogue(shop).devices


@given(st.integers(-(10**9), 10**9), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_amounts_are_written_exactly(minor: int, currency: str) -> None:
    """In the currency's own digits, and read as what they were."""
    assert values.signed_money(currency)(str(in_major_units(Money(minor, currency)))) == minor
