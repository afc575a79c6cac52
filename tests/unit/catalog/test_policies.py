"""Who may change prices, margins and promotions, as an owner writes them into the rulebook."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from repaircore.domain.pricing.loyalty import Threshold
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.overrides import OverrideLimits
from repaircore.domain.pricing.promotions import Promotion
from repaircore.ports.catalog import FileProblems
from tests.unit.catalog.shop import HEAD, RULE, load_rulebook, write_shop

WHOLE = (
    HEAD
    + """
[overrides]
technician = 5
staff = 12.5
admin = "any"
held = "7d"

[margins]
target = 60

[[promotions]]
code = "save15"

[[promotions]]
code = "SUMMER-25"
uses = 1000
per_customer = 2
starts = 2025-06-01
ends = 2025-08-31
stackable = true
"""
)


RULES = """[[promotions]]
code = "SAVE15"
[[rules]]
id = "off"
stage = "discounts"
percent = -15
when = {{ promo_code = "{}" }}"""


def test_policies_are_read(tmp_path: Path) -> None:
    """Percentages exactly; codes in capitals; the last day of a promotion counts, in the business's zone."""
    book = load_rulebook(write_shop(tmp_path, {"rulebook.toml": WHOLE}))

    assert book.overrides == OverrideLimits(
        technician=Fraction(5), staff=Fraction(25, 2), admin=None, held=7 * 24 * 3600
    )
    assert book.margins == Margins(target=Fraction(60), alert=Fraction(45), minimum=Fraction(40))
    save, summer = book.promotions
    assert save == Promotion(code="SAVE15")
    assert (summer.code, summer.uses, summer.each, summer.stackable) == ("SUMMER-25", 1000, 2, True)
    assert (summer.starts, summer.ends) == (
        datetime(2025, 5, 31, 23, tzinfo=UTC),
        datetime(2025, 8, 31, 23, tzinfo=UTC),
    )


def test_without_policies(tmp_path: Path) -> None:
    """Ten per cent for technicians, twenty for staff, any for admins; no margin is guarded; there are no codes."""
    book = load_rulebook(write_shop(tmp_path, {}))

    assert book.overrides == OverrideLimits(technician=Fraction(10), staff=Fraction(20), admin=None)
    assert (book.margins, book.promotions) == (None, ())


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (RULES.format("SAVE16"), "9: when.promo_code: no promotion 'SAVE16'; did you mean 'SAVE15'?"),
        (RULES.format("MORE"), "9: when.promo_code: no promotion 'MORE'; give it a table [[promotions]]"),
        ("[overrides]\ntechnican = 5", "8: technican: is not a known field; did you mean 'technician'?"),
        ("[overrides]\nstaff = 120", "8: staff: 120 is not a share: write 0 to 100"),
        ('[overrides]\nadmin = "all"', "8: admin: 'all' is not a number: write it like 150 or 12.50"),
        ('[overrides]\nheld = "soon"', "8: held: 'soon' is not a time span: write it like '30m', '2h' or '1d'"),
        ("[margins]\nminimum = 50", "7: must fall from target to alert to minimum"),
        ("[margins]\nfloor = 40", "8: floor: is not a known field"),
        ("[[promotions]]\nuses = 5", "7: code: is missing"),
        ('[[promotions]]\ncode = "15 % off"', "8: code: '15 % off' is not a code: use 2 to 40 letters"),
        ('[[promotions]]\ncode = "A1"\nuses = 0', "9: uses: must be at least 1"),
        ('[[promotions]]\ncode = "A1"\nstarts = 2025-02-01\nends = 2025-01-01', "10: ends: is before it starts"),
        (
            '[[promotions]]\ncode = "A1"\n[[promotions]]\ncode = "a1"',
            "10: code: 'A1' stands already at rulebook.toml:7",
        ),
    ],
)
def test_policies_that_are_wrong(tmp_path: Path, written: str, told: str) -> None:
    """The owner is told where, and what would be right."""
    with pytest.raises(FileProblems) as refused:
        load_rulebook(write_shop(tmp_path, {"rulebook.toml": HEAD + "\n" + written + "\n" + RULE}))

    assert any(str(finding).startswith(f"rulebook.toml:{told}") for finding in refused.value.findings), refused.value


def test_tiers_are_earned(tmp_path: Path) -> None:
    """By orders, by what was spent, or by either; a tier that nothing earns, or that stands twice, is told."""
    tiers = '[vocabulary]\ntiers = ["silver", "gold"]\n[[loyalty]]\ntier = "silver"\norders = 3\n[[loyalty]]\ntier = "gold"\n'
    (tmp_path / "wrong").mkdir()

    book = load_rulebook(write_shop(tmp_path, {"rulebook.toml": f"{HEAD}{tiers}orders = 9\nspent = 500.50\n"}))

    assert book.loyalty == (Threshold(tier="silver", orders=3), Threshold(tier="gold", orders=9, spent=50050))
    twice = f'{HEAD}{tiers}[[loyalty]]\ntier = "silver"\nspent = 9\n'
    with pytest.raises(FileProblems) as refused:
        load_rulebook(write_shop(tmp_path / "wrong", {"rulebook.toml": twice}))
    assert [finding.field for finding in refused.value.findings] == ["", "tier"]
