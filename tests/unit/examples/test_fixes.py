"""Every correction of the shops' data is written down beside it, and is really made."""

import csv
import tomllib
from collections.abc import Mapping

import pytest

from tests.unit.examples.conftest import EXAMPLES

COLUMNS = ["file", "entry", "field", "verdict", "was", "now", "why", "source"]


def sheet(path: str) -> list[dict[str, str]]:
    with (EXAMPLES / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fixes(business: str) -> list[dict[str, str]]:
    return sheet(f"{business}/fixes.csv")


FIXES = [(business, fix) for business in ("revivatech", "fixbulance") for fix in fixes(business)]


def entries(business: str, file: str) -> dict[str, Mapping[str, str]]:
    """Answer the rows of a sheet by id, device or service, or the rules of a rulebook by id."""
    if file.endswith(".csv"):
        rows = sheet(f"{business}/{file}")
        key = next(iter(rows[0]))
        return {row[key]: row for row in reversed(rows)}
    rules = tomllib.loads((EXAMPLES / business / file).read_text(encoding="utf-8"))
    return {
        f"{rule['id']}/{key}" if key else rule["id"]: rule
        for rule in rules["rules"] + rules["tables"]
        for key in keys(rule)
    }


def keys(rule: Mapping[str, object]) -> list[str]:
    return ["", *(key for cells in rule.values() if isinstance(cells, dict) for key in cells)]


@pytest.mark.parametrize(("business", "fix"), FIXES)
def test_a_fix_says_what_why_and_by_which_source(business: str, fix: dict[str, str]) -> None:
    """A row without a reason is no record; what was kept though suspect is said as well."""
    assert list(fix) == COLUMNS
    assert fix["verdict"] in ("fixed", "kept")
    assert fix["why"]
    assert fix["source"]
    assert fix["was"] != fix["now"] if fix["verdict"] == "fixed" else True
    assert (EXAMPLES / business / fix["file"]).is_file()


@pytest.mark.parametrize(("business", "fix"), [(business, fix) for business, fix in FIXES if fix["entry"]])
def test_what_a_fix_is_about_is_there(business: str, fix: dict[str, str]) -> None:
    """The entry stands in the file that the row names."""
    assert fix["entry"] in entries(business, fix["file"])


@pytest.mark.parametrize(
    ("business", "fix"),
    [(business, fix) for business, fix in FIXES if fix["entry"] and fix["field"] and fix["file"].endswith(".csv")],
)
def test_what_a_fix_says_is_what_the_data_says(business: str, fix: dict[str, str]) -> None:
    """The figure or word under `now` is the one in the file."""
    assert entries(business, fix["file"])[fix["entry"]][fix["field"]] == fix["now"]
