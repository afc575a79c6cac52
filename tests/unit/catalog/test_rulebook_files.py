"""A rulebook as an owner writes it becomes exactly the rules that were meant."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from repaircore.domain.pricing.rules import Action, Per, Rule, Scope, Stage
from tests.unit.catalog.shop import HEAD, load_rulebook, write_shop


def rules_of(root: Path, text: str, **files: str) -> dict[str, Rule]:
    shop = write_shop(root, {"rulebook.toml": HEAD + text, **files})
    return {rule.id: rule for rule in load_rulebook(shop).rules}


def test_a_rule_with_everything(tmp_path: Path) -> None:
    """Every field has its place in the rule; amounts become minor units."""
    text = """
[[rules]]
id = "fee"
stage = "fees"
add = 12.50
per = "order"
stacks = true
label = "Collection"
reason = "We come to you"
source = "The partners, 2025"
when = { device = ["iphone-13-pro"], brand = "Apple", category = "iphone", year_from = 2020, year_until = 2025, service = "screen",
  customer_type = "business", urgency = ["high", "urgent"], fulfilment = "pickup", channel = "web", condition = "poor",
  complexity = "complex", postcode_prefix = ["sw1", 606], weekday = ["mon", "Saturday"], hours = "9-17", month = ["dec", 1],
  amount_from = 100, amount_until = 200.50 }
""".replace("\n  ", " ")  # fmt: skip

    rule = rules_of(tmp_path, text)["fee"]

    assert rule == Rule(
        id="fee",
        stage=Stage.FEES,
        action=Action.ADD,
        value=Fraction(1250),
        per=Per.ORDER,
        stacks=True,
        label="Collection",
        reason="We come to you",
        source="The partners, 2025",
        place="rulebook.toml:7",
        scope=Scope(
            models=frozenset({"iphone-13-pro"}),
            brand="Apple",
            category="iphone",
            year_from=2020,
            year_until=2025,
            services=frozenset({"screen"}),
            customer_types=frozenset({"business"}),
            urgencies=frozenset({"high", "urgent"}),
            fulfilments=frozenset({"pickup"}),
            channels=frozenset({"web"}),
            conditions=frozenset({"poor"}),
            complexities=frozenset({"complex"}),
            postcode_prefixes=frozenset({"SW1", "606"}),
            weekdays=frozenset({0, 5}),
            hour_from=9,
            hour_until=17,
            months=frozenset({1, 12}),
            amount_from=10000,
            amount_until=20050,
        ),
    )


@pytest.mark.parametrize(
    ("stage", "action", "written", "value"),
    [
        ("base", "set", "150", Fraction(15000)),
        ("base", "set", '"0.10"', Fraction(10)),
        ("urgency", "multiply", "1.1", Fraction(11, 10)),
        ("urgency", "percent", "-12.5", Fraction(-25, 2)),
        ("discounts", "add", "-5", Fraction(-500)),
        ("floor_cap", "minimum", "35", Fraction(3500)),
        ("floor_cap", "maximum", "800.00", Fraction(80000)),
        ("rounding", "round_to", "0.05", Fraction(5)),
        ("tax", "percent", "20", Fraction(20)),
    ],
)
def test_an_action_and_its_value(tmp_path: Path, stage: str, action: str, written: str, value: Fraction) -> None:
    """Factors and percentages stay as written; amounts are in major units in the file and in minor units in the rule."""
    rule = rules_of(tmp_path, f'[[rules]]\nid = "it"\nstage = "{stage}"\n{action} = {written}\n')["it"]

    assert (rule.stage, rule.action, rule.value) == (stage, action, value)


def test_a_table_is_a_rule_for_each_word(tmp_path: Path) -> None:
    """The word becomes a condition of its rule, its name a part of the id, and stands in the reason."""
    text = """
[[tables]]
id = "season"
stage = "season"
by = "month"
when = { service = "screen" }
reason = "Season: {key}"
multiply = { jan = 1.2, jun = 0.8 }
"""
    rules = rules_of(tmp_path, text)

    assert rules["season/jun"].value == Fraction(4, 5)
    assert rules["season/jun"].scope == Scope(services=frozenset({"screen"}), months=frozenset({6}))
    assert rules["season/jan"].reason == "Season: jan"


def test_a_list_of_categories_is_a_rule_for_each(tmp_path: Path) -> None:
    """A rule has one category; a list of them makes as many rules, told apart by their ids."""
    text = '[[rules]]\nid = "it"\nstage = "urgency"\nadd = 1\nwhen = { category = ["iphone", "macbook"] }\n'
    rules = rules_of(tmp_path, text)

    assert rules["it/iphone"].scope.category == "iphone"
    assert rules["it/macbook"].scope.category == "macbook"


def test_a_long_price_sheet(tmp_path: Path) -> None:
    """A row is one price, as narrow as its cells say."""
    sheet = (
        "service,device,brand,category,year_from,price,source\nscreen,,,,,150,\nscreen,,Apple,iphone,2020,99.50,list\n"
    )
    rules = rules_of(tmp_path, "", **{"prices.csv": sheet})

    assert rules["price/screen"].value == 15000
    assert rules["price/apple/iphone/2020/screen"] == Rule(
        id="price/apple/iphone/2020/screen",
        stage=Stage.BASE,
        action=Action.SET,
        value=Fraction(9950),
        scope=Scope(brand="Apple", category="iphone", year_from=2020, services=frozenset({"screen"})),
        reason="Price list",
        source="list",
        place="prices.csv:3",
    )


def test_a_wide_price_sheet(tmp_path: Path) -> None:
    """A blank cell is a service not offered for that device; a price of nothing is offered for nothing."""
    sheet = "device,screen,battery\niphone-13-pro,300,\nmacbook-air-13-m3,,0\n"
    rules = rules_of(tmp_path, "", **{"prices.csv": sheet})

    assert {id: rule.value for id, rule in rules.items()} == {
        "price/iphone-13-pro/screen": Fraction(30000),
        "price/macbook-air-13-m3/battery": Fraction(0),
    }


def test_the_head(tmp_path: Path) -> None:
    """A date begins at midnight in the rulebook's zone; time spans are read in minutes, hours and days."""
    text = "effective_until = 2026-01-01T12:00:00+02:00\n[validity]\ndefault = '1d'\nurgent = '90m'\n"
    shop = write_shop(tmp_path, {"rulebook.toml": HEAD.replace("2025-01-01", "2025-07-01") + text})

    rulebook = load_rulebook(shop)

    assert (rulebook.version, rulebook.currency, rulebook.timezone) == ("1", "GBP", "Europe/London")
    assert rulebook.effective_from == datetime(2025, 6, 30, 23, tzinfo=UTC)
    assert rulebook.effective_until == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert rulebook.validity == {"": 86400, "urgent": 5400}


def test_words_declared_are_the_vocabulary(tmp_path: Path) -> None:
    """What `[vocabulary]` names is what a request may say."""
    shop = write_shop(tmp_path, {"rulebook.toml": HEAD + "[vocabulary]\nconditions = ['good', 'poor']\n"})

    assert load_rulebook(shop).words("conditions") == {"good", "poor"}
