"""Market snapshots and promotions from the command line."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.running import Shell

Place = tuple[str, ...]

SHEET = """at,queue_length,demand
2025-06-01T09:30,4,
2025-06-01T10:30+00:00,7,85
"""


def test_a_sheet_of_snapshots(shell: Shell, place: Place, tmp_path: Path) -> None:
    """Each row is kept; a time without offset is the business's own; a blank cell was not measured."""
    sheet = tmp_path / "market.csv"
    sheet.write_text(SHEET)

    assert shell("market", "import", str(sheet), *place).code == 0

    listed = json.loads(shell("market", "list", "--json", *place).out)
    assert [(each["at"], each["figures"], each["source"], each["note"]) for each in listed] == [
        ("2025-06-01T10:30:00+00:00", {"queue_length": 7, "demand": 85}, "file", "market.csv"),
        ("2025-06-01T08:30:00+00:00", {"queue_length": 4}, "file", "market.csv"),
    ]
    assert "2025-06-01T10:30:00+00:00  file    queue_length 7, demand 85" in shell("market", "list", *place).out
    assert shell("market", "show", *place).out == "There is no such snapshot.\n"


def test_a_table_measured_now(shell: Shell, place: Place, tmp_path: Path) -> None:
    """A TOML file without a time is what is measured now, and what a quote uses then."""
    document = tmp_path / "market.toml"
    document.write_text("[figures]\nqueue_length = 12\n")

    shell("market", "import", str(document), "--note", "at opening", *place)

    (current,) = json.loads(shell("market", "show", "--json", *place).out)
    assert (current["figures"], current["note"]) == ({"queue_length": 12}, "at opening")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "at,queue\nyesterday,4\n", "a.csv:2: at: 'yesterday' is not a time: write it like 2025-06-01T09:30"),
        ("a.csv", "at,queue\n,4.5\n", "a.csv:2: queue: '4.5' is not a whole number"),
        ("a.csv", "at,queue\n2025-06-01T09:30,\n", "a.csv:2: has no figures"),
        ("a.csv", "at,queue\n2199-06-01T09:30,1\n2025-06-01,1\n", "is still to come"),
        ("a.csv", "at,Queue\n,1\n", "'Queue' is not a figure's name"),
        ("a.csv", "at,demand\n,90\n,-1\n", "-1 is out of bounds: demand is 0 to 1,000"),
        ("a.toml", "[figures]\nqueuelength = 1\n", "asks for 'queuelength'; did you mean 'queue_length'?"),
        (
            "a.toml",
            "att = 2025-06-01\n[figures]\nqueue = 1\n",
            "a.toml:1: att: is not a known field; did you mean 'at'?",
        ),
        ("a.toml", "[figures]\nqueue = true\n", "a.toml:2: queue: True is not a whole number"),
    ],
)
def test_files_that_are_wrong(shell: Shell, place: Place, tmp_path: Path, name: str, content: str, told: str) -> None:
    """One line with file, line and field; nothing is kept."""
    (tmp_path / name).write_text(content)

    done = shell("market", "import", str(tmp_path / name), *place)

    assert (done.code, done.out) == (1, "")
    assert told in done.err
    assert json.loads(shell("market", "list", "--json", *place).out) == []


def test_a_quote_with_codes(shell: Shell, place: Place) -> None:
    """One is taken off the price; the other is left out, and why."""
    asked = ("quote", "--device", "iphone-13-pro", "--item", "screen-repair")

    said = shell(*asked, "--promo-code", "save15", "--promo-code", "summer2024", *place).out

    assert "GBP 140.00" in said
    assert "Without SUMMER2024, which is no longer valid." in said


def test_promotions(shell: Shell, place: Place) -> None:
    """Each code with its limits and what is left, for people and scripts."""
    listed = json.loads(shell("promotions", "list", "--json", *place).out)

    assert {each["code"]: (each["used"], each["uses"], each["per_customer"]) for each in listed} == {
        "SAVE15": (0, None, None),
        "SUMMER2024": (0, 1000, None),
        "WELCOME20": (0, None, 1),
    }
    assert "is no longer valid" in shell("promotions", "list", *place).out
