"""Rules in a sheet: written and read again as the same rules, and told off by file, line and column."""

import csv
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.catalog.exports import Format, export
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.adapters.pricing.sheets import OPTIONAL, REQUIRED, fits, read_rules
from repaircore.adapters.pricing.vocabulary import Names
from repaircore.adapters.shopfiles.records import Report
from repaircore.adapters.shopfiles.sheets import harmless, plain
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rule, Rulebook, Scope
from repaircore.ports.catalog import FileProblems
from tests.unit.catalog.shop import HEAD, RULE, load_catalogue, load_rulebook, write_shop
from tests.unit.pricing.shop import NEW_YEAR
from tests.unit.pricing.strategies import rules

EXAMPLES = Path(__file__).parents[3] / "examples"
ANY_WORD = Names(currency="GBP", devices=(), services=(), categories=(), brands=(), words={})
SAYINGS = ("", "Half off", "=1+1", "'=1", "-10 %", "a; b, c", 'say "no"', "two\nlines", "ä … 日本", "@home", "'quoted'")


@st.composite
def written(draw: st.DrawFn, number: int) -> Rule:
    """A rule as a shop could have written it: decimals, windows in order, and sayings that a spreadsheet may stumble over."""
    rule, scope = draw(rules(number)), draw(rules(number)).scope
    for name in ("year", "amount", "quantity", "date"):
        first, last = (getattr(scope, f"{name}_{end}") for end in ("from", "until"))
        fitting: dict[str, Any] = {f"{name}_until": last if first is None or last is None or first <= last else None}
        scope = evolve(scope, **fitting)
    if None in (scope.hour_from, scope.hour_until):
        scope = evolve(scope, hour_from=None, hour_until=None)
    return evolve(
        rule,
        value=Fraction(round(rule.value * 100), 1 if rule.value.denominator == 1 else 100),
        scope=evolve(scope, brand=draw(st.sampled_from(["", "Acme"]))),
        reason=draw(st.sampled_from(SAYINGS)),
        source=draw(st.sampled_from(SAYINGS)),
        valid_until=None if rule.valid_from else rule.valid_until,
    )


def bare(found: Sequence[Rule]) -> list[Rule]:
    return [evolve(rule, place="") for rule in found]


@given(st.integers(0, 4).flatmap(lambda count: st.tuples(*(written(number) for number in range(count)))))
def test_the_round_trip_is_the_identity(tmp_path_factory: pytest.TempPathFactory, given: tuple[Rule, ...]) -> None:
    """Every rule that fits into a sheet is read from it as it was."""
    folder, report = tmp_path_factory.mktemp("out"), Report()
    book = Rulebook(version="1", currency="GBP", rules=given, effective_from=NEW_YEAR)
    fitting = [rule for rule in given if fits(rule)]

    export(Catalogue({}, {}, {}), book, folder, Format.CSV, lambda count: None)

    again = bare(tuple(read_rules(folder, "rules.csv", ANY_WORD, report))) if fitting else []
    assert (again, report.findings) == (fitting, [])


def test_a_column_that_is_forgotten_is_noticed(tmp_path: Path) -> None:
    """Without one of its columns a sheet says something else."""
    book = load_rulebook(write_shop(tmp_path, {}))
    export(load_catalogue(tmp_path), book, tmp_path / "out", Format.CSV, lambda count: None)
    sheet = tmp_path / "out" / "rules.csv"
    with sheet.open(newline="") as file:
        rows = [{name: cell for name, cell in row.items() if name != "urgency"} for row in csv.DictReader(file)]

    with sheet.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    (urgent,) = read_rules(tmp_path / "out", "rules.csv", ANY_WORD, Report())
    assert urgent.scope == Scope()
    assert bare([urgent]) != bare([rule for rule in book.rules if rule.id == "urgent"])


@pytest.mark.parametrize("text", SAYINGS)
def test_no_cell_is_a_formula(text: str) -> None:
    """What a spreadsheet would compute is marked, and the mark is taken off again."""
    assert not harmless(text).startswith(("=", "+", "-", "@"))
    assert plain(harmless(text)) == text


@pytest.mark.parametrize("business", ["revivatech", "fixbulance"])
def test_exported_rules_are_the_same_rulebook(tmp_path: Path, business: str) -> None:
    """The sheets and what is left in the TOML file together say all of it; only the order of rules, which says nothing, differs."""
    from repaircore.adapters.catalog.files import CatalogueFiles

    catalogue = CatalogueFiles(EXAMPLES / business, {"revivatech": "GBP", "fixbulance": "USD"}[business]).load()
    book = RulebookFiles(EXAMPLES / business).load(catalogue)

    export(catalogue, book, tmp_path, Format.CSV, lambda count: None)
    again = RulebookFiles(tmp_path).load(catalogue)

    def sorted_(one: Rulebook) -> Rulebook:
        return evolve(one, rules=tuple(sorted(one.rules, key=lambda rule: rule.id)))

    assert content_hash(sorted_(again)) == content_hash(sorted_(book))
    assert "[[rules]]" not in (tmp_path / "rulebook.toml").read_text()


COLUMNS = "id,stage,action,value,urgency,weekday,market,valid_from,valid_until,limit\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("a,urgency,multply,2,,,,,,", "2: action: no action 'multply'; did you mean 'multiply'?"),
        ("a,urgency,multiply,,,,,,,", "2: value: is missing"),
        ("a,urgency,multiply,much,,,,,,", "2: value: 'much' is not a number: write it like 150 or 12.50"),
        ("a,urgncy,multiply,2,,,,,,", "2: stage: no stage 'urgncy'; did you mean 'urgency'?"),
        ("a,urgency,set,2,,,,,,", "2: action: is nothing that stage urgency can do: it takes multiply or add or percent"),
        ("a,urgency,multiply,2,urgant,,,,,", "2: urgency: no urgency 'urgant'; did you mean 'urgent'?"),
        ("a,urgency,multiply,2,,sunnyday,,,,", "2: weekday: no weekday 'sunnyday'; did you mean 'sunday'?"),
        ("a,urgency,multiply,2,,,demand = 3,,,", "2: market: 'demand = 3' is not a bound: write it like queue_length >= 11; demand < 40"),
        ("a,urgency,multiply,2,,,demand >= x,,,", "2: market.demand.at_least: 'x' is not a number: write it like 150 or 12.50"),
        ("a,urgency,multiply,2,,,,1 May,,", "2: valid_from: '1 May' is not a day: write it like 2026-05-01"),
        ("a,urgency,multiply,2,,,,2026-05-02,2026-05-01,", "2: valid_until: ends before it begins"),
        ("x,urgency,multiply,-2,,,,,,", "2: value: '-2' is negative: a factor is 0 or more"),
        ("a,urgency,multiply,2,,,,,,\na,urgency,multiply,2,,,,,,", "3: id: 'a' stands already at rules.csv:2"),
    ],
)  # fmt: skip
def test_a_fault_is_told_by_line_and_column(tmp_path: Path, row: str, expected: str) -> None:
    """With the nearest known word; nothing of the rulebook is used."""
    head = HEAD.replace("prices =", 'rule_sheets = ["rules.csv"]\nprices =')
    shop = write_shop(tmp_path, {"rulebook.toml": head, "rules.csv": f"{COLUMNS}{row}\n"})

    with pytest.raises(FileProblems) as refused:
        load_rulebook(shop)

    assert str(refused.value) == f"rules.csv:{expected}"


def test_one_row_may_be_for_several(tmp_path: Path) -> None:
    """Semicolons part words; a list of categories is a rule for each, as in TOML."""
    head = HEAD.replace("prices =", 'rule_sheets = ["rules.csv"]\nprices =')
    sheet = "id,stage,action,value,category,urgency,market\nx,season,percent,5,iphone;macbook,urgent; emergency,demand >= 2; demand < 9\n"
    shop = write_shop(tmp_path, {"rulebook.toml": head + RULE, "rules.csv": sheet})

    found = {rule.id: rule.scope for rule in load_rulebook(shop).rules if rule.id.startswith("x/")}

    assert found.keys() == {"x/iphone", "x/macbook"}
    assert found["x/iphone"].urgencies == {"urgent", "emergency"}
    assert [(each.figure, each.at_least, each.below) for each in found["x/iphone"].market] == [("demand", 2, 9)]


def test_every_column_is_documented() -> None:
    """The page names each of them."""
    page = (EXAMPLES.parent / "docs" / "shop-files.md").read_text(encoding="utf-8")

    assert [name for name in (*REQUIRED, *OPTIONAL) if f"`{name}" not in page] == []
