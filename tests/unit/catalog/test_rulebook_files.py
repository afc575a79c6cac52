"""A rulebook as an owner writes it becomes exactly the rules that were meant."""

from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from repaircore.adapters.pricing.writing import rulebook_lines
from repaircore.domain.pricing.expressions import Expression
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Action, GroupMode, MarketBound, Per, Reach, Rule, Scope, Stage, TaxRounding
from repaircore.ports.catalog import FileProblems
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


def test_a_discount_with_every_newer_condition(tmp_path: Path) -> None:
    """Dates are written plainly, codes in any case, market figures with their bounds, free conditions as text."""
    text = """
[groups]
loyal = "best_of"
[[promotions]]
code = "SAVE15"
[[rules]]
id = "deal"
stage = "discounts"
percent = -10
group = "loyal"
limit = 25
valid_from = 2026-01-01
valid_until = 2026-12-31
as_of = 2025-11-01
when = { tier = "gold", tax_status = "exempt", place = "GB", promo_code = "save15", first_order = true, referred = false,
  quantity_from = 2, quantity_until = 4, date_from = 2026-12-24, date_until = 2026-12-26, grade = "oem", warranty = "extended",
  market = { queue_length = { at_least = 11 }, demand = { below = 40 } }, expression = "total_quantity >= 2 and urgency != 'low'" }
""".replace("\n  ", " ")  # fmt: skip

    rule = rules_of(tmp_path, text)["deal"]

    assert (rule.group, rule.limit, rule.as_of) == ("loyal", 2500, date(2025, 11, 1))
    assert (rule.valid_from, rule.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert rule.scope == Scope(
        tiers=frozenset({"gold"}),
        tax_statuses=frozenset({"exempt"}),
        places=frozenset({"GB"}),
        promo_codes=frozenset({"SAVE15"}),
        first_order=True,
        referred=False,
        quantity_from=2,
        quantity_until=4,
        date_from=date(2026, 12, 24),
        date_until=date(2026, 12, 26),
        grades=frozenset({"oem"}),
        warranties=frozenset({"extended"}),
        market=(MarketBound("queue_length", at_least=11), MarketBound("demand", below=40)),
        expression=Expression(
            "total_quantity >= 2 and urgency != 'low'",
            (
                "and",
                ("ge", ("fact", "total_quantity"), ("value", 2)),
                ("ne", ("fact", "urgency"), ("value", "low")),
            ),
        ),
    )


def test_what_holds_for_the_whole_rulebook(tmp_path: Path) -> None:
    """Groups, the market's bounds, how taxes are rounded and who may say who they are."""
    text = """
tax_rounding = "document"
self_declared = ["student"]
[vocabulary]
customer_types = ["student", "business"]
[groups]
loyal = "best_of"
vip = "exclusive"
[market]
at_most = 50
at_least = -30
"""
    book = load_rulebook(write_shop(tmp_path, {"rulebook.toml": HEAD + text}))

    assert book.groups == {"loyal": GroupMode.BEST_OF, "vip": GroupMode.EXCLUSIVE}
    assert (book.market_most, book.market_least) == (Fraction(50), Fraction(-30))
    assert (book.tax_rounding, book.self_declared) == (TaxRounding.DOCUMENT, frozenset({"student"}))


@pytest.mark.parametrize(
    ("mode", "said", "reach"),
    [("exclusive", "", Reach.QUOTE), ("exclusive", "each", Reach.EACH), ("best_of", "quote", Reach.EACH)],
)
def test_how_far_exclusive_discounts_reach(tmp_path: Path, mode: str, said: str, reach: Reach) -> None:
    """The whole quote, unless the file says otherwise; a rulebook without any says nothing of it. It is written as it was read."""
    text = (f'exclusive_reach = "{said}"\n' if said else "") + f'[groups]\nvip = "{mode}"\n'
    shop = write_shop(tmp_path, {"rulebook.toml": HEAD + text})
    book = load_rulebook(shop)

    assert book.exclusive_reach is reach
    (shop / "rulebook.toml").write_text("".join(rulebook_lines(book, rules=book.rules)))
    assert content_hash(load_rulebook(shop)) == content_hash(book)


def test_labour_and_parts(tmp_path: Path) -> None:
    """Hours times the rate of the skill, and what the parts cost: each row is a rule of its own."""
    text = """
labour = ["labour.csv"]
parts = ["parts.csv"]
[vocabulary]
grades = ["oem", "refurbished"]
[rates]
basic = 35
intermediate = 45
[labour_costs]
intermediate = 15.10
"""
    sheets = {
        "labour.csv": "service,skill,hours\nscreen,intermediate,1.5\nbattery,basic,1\n",
        "parts.csv": "device,service,grade,cost\n,screen,,40\niphone-13-pro,screen,oem,92.50\n",
    }
    rules = rules_of(tmp_path, text, **sheets)

    assert rules["labour/screen"] == Rule(
        id="labour/screen",
        stage=Stage.LABOUR,
        action=Action.SET,
        value=Fraction(6750),
        scope=Scope(services=frozenset({"screen"})),
        reason="1.5 h of intermediate work",
        cost=2265,
        place="labour.csv:2",
    )
    assert rules["labour/battery"].cost is None
    assert (rules["parts/screen"].stage, rules["parts/screen"].value) == (Stage.PARTS, Fraction(4000))
    assert rules["parts/iphone-13-pro/oem/screen"].scope == Scope(
        models=frozenset({"iphone-13-pro"}), services=frozenset({"screen"}), grades=frozenset({"oem"})
    )
    assert rules["parts/iphone-13-pro/oem/screen"].value == 9250


def test_what_work_costs_is_said_of_labour_alone(tmp_path: Path) -> None:
    """A rule for labour may say it too; of any other it would mean nothing."""
    said = '[[rules]]\nid = "work"\nstage = "labour"\nset = 45\ncost = 15.5\n'

    assert rules_of(tmp_path, said)["work"].cost == 1550
    (tmp_path / "parts").mkdir()
    with pytest.raises(FileProblems, match="is for labour that is set"):
        rules_of(tmp_path / "parts", said.replace('"labour"', '"parts"'))


def test_a_skill_without_a_rate(tmp_path: Path) -> None:
    """The sheet says where, and which skills there are."""
    text = 'labour = ["labour.csv"]\n[rates]\nbasic = 35\n'
    sheet = "service,skill,hours\nscreen,basik,1\nscreen,basic,0\n"

    with pytest.raises(FileProblems) as refused:
        rules_of(tmp_path, text, **{"labour.csv": sheet})

    assert str(refused.value).splitlines()[:2] == [
        "labour.csv:2: skill: no skill 'basik'; did you mean 'basic'?",
        "labour.csv:3: hours: must be more than 0 hours",
    ]


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
