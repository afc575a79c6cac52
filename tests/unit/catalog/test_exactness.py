"""What is written is what is read: no figure changes on the way from a file to the engine."""

import csv
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repaircore.adapters.shopfiles import values
from repaircore.domain.catalog.catalogue import Device
from repaircore.domain.money import Money, digits
from tests.unit.catalog.shop import HEAD, load_catalogue, load_rulebook, write_shop

Reader = Callable[[str], int | Fraction]


def amounts_keep_their_worth(currency: str, read: Reader) -> None:
    """An amount written with all its decimals is read as exactly that many minor units."""
    places = digits(currency)

    @settings(database=None, deadline=None, report_multiple_bugs=False)
    @given(st.integers(0, 10 ** (15 + places) - 1))
    @example(10 ** (15 + places) - 1)
    def holds(minor: int) -> None:
        written = f"{Decimal(minor).scaleb(-places):f}"
        assert read(written) == minor

    holds()


def factors_keep_their_worth(read: Reader) -> None:
    """A factor is read as the decimal that is written, not as the nearest binary number."""

    @settings(database=None, deadline=None, report_multiple_bugs=False)
    @given(st.integers(0, 10**6), st.integers(0, 6))
    def holds(number: int, places: int) -> None:
        assert read(f"{Decimal(number).scaleb(-places):f}") == Fraction(number, 10**places)

    holds()


@pytest.mark.parametrize("currency", ["GBP", "JPY", "KWD"])
def test_amounts_are_exact(currency: str) -> None:
    """In every currency, up to a thousand million million."""
    amounts_keep_their_worth(currency, values.money(currency))


def test_factors_are_exact() -> None:
    """1.1 is eleven tenths."""
    factors_keep_their_worth(values.factor)


@pytest.mark.parametrize("broken", [lambda text: int(float(text) * 100), lambda text: round(float(text) * 100)])
def test_amounts_by_way_of_floats_are_caught(broken: Reader) -> None:
    """Cutting off and rounding binary numbers both lose pennies somewhere, and the law finds where."""
    with pytest.raises(AssertionError):
        amounts_keep_their_worth("GBP", broken)


def test_factors_by_way_of_floats_are_caught() -> None:
    """The nearest binary number to 1.1 is not 1.1."""
    with pytest.raises(AssertionError):
        factors_keep_their_worth(lambda text: Fraction(float(text)))


def cells() -> st.SearchStrategy[str]:
    """Anything that can be typed into a cell."""
    letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=";")
    return st.text(letters, min_size=1, max_size=12).map(str.strip).filter(bool)


def devices() -> st.SearchStrategy[list[Device]]:
    device = st.builds(
        Device,
        id=st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4})?", fullmatch=True),
        brand=st.sampled_from(["Apple", "O'Brien, & Söhne", '"Quoted"', "小米"]),
        model=cells(),
        category=st.sampled_from(["iphone", "macbook"]),
        year=st.none() | st.integers(1900, 2100),
        aliases=st.lists(cells(), max_size=3).map(tuple),
        popularity=st.integers(0, 10**6),
        refurbished_only=st.booleans(),
        average_repair_cost=st.none() | st.integers(0, 10**9).map(lambda minor: Money(minor, "GBP")),
    )
    return st.lists(
        device,
        min_size=1,
        max_size=6,
        unique_by=(lambda one: one.id, lambda one: (one.brand.casefold(), one.model.casefold())),
    )


def sheet_of(devices: list[Device]) -> str:
    """Write devices the way a spreadsheet does."""
    sheet = StringIO(newline="")
    writer = csv.writer(sheet)
    columns = ("id", "brand", "model", "category", "year", "aliases", "popularity")
    writer.writerow((*columns, "refurbished_only", "average_repair_cost"))
    for one in devices:
        cost = one.average_repair_cost
        writer.writerow(
            (
                *(one.id, one.brand, one.model, one.category, one.year or "", "; ".join(one.aliases), one.popularity),
                "yes" if one.refurbished_only else "no",
                "" if cost is None else f"{Decimal(cost.amount).scaleb(-2):f}",
            )
        )
    return sheet.getvalue()


@settings(deadline=None, max_examples=60)
@given(devices())
def test_devices_written_are_devices_read(written: list[Device]) -> None:
    """Commas, quotation marks and every script survive the way through the sheet."""
    with TemporaryDirectory() as folder:
        shop = write_shop(Path(folder), {"catalog/devices.csv": sheet_of(written)})
        catalogue = load_catalogue(shop)

    assert list(catalogue.devices.values()) == written


@settings(deadline=None, max_examples=60)
@given(st.lists(st.decimals(0, 99999, places=4), min_size=1, max_size=5))
def test_rules_written_are_rules_read(factors: list[Decimal]) -> None:
    """A factor in the rulebook reaches the rule exactly."""
    rules = (f'[[rules]]\nid = "r{n}"\nstage = "market"\nmultiply = {factor:f}\n' for n, factor in enumerate(factors))
    with TemporaryDirectory() as folder:
        shop = write_shop(
            Path(folder), {"prices.csv": "service,price\nscreen,1\n", "rulebook.toml": HEAD + "".join(rules)}
        )
        rulebook = load_rulebook(shop)

    assert [rule.value for rule in rulebook.rules[1:]] == [Fraction(factor) for factor in factors]
