"""What differs between two rulebooks, in the words of the shop's own file."""

from fractions import Fraction

from attrs import evolve

from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.overrides import OverrideLimits
from repaircore.domain.pricing.review.changes import FieldChange, changes
from tests.unit.pricing.shop import rule, rulebook

BOOK = rulebook(rule("base", "base set", 100))


def test_a_setting_that_is_now_given() -> None:
    """Given with its usual figures, it is told with all of them: nothing is not what it says."""
    guarded = evolve(BOOK, margins=Margins())

    assert changes(BOOK, guarded).settings == (FieldChange("margins", "", "target 65, alert 45, minimum 40"),)


def test_a_setting_that_changed() -> None:
    """Otherwise what is as usual is left out."""
    strict = evolve(BOOK, overrides=OverrideLimits(staff=Fraction(25, 2)))

    [change] = changes(BOOK, strict).settings
    assert (change.field, change.after) == ("overrides", "staff 12.5")
