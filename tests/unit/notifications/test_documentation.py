"""The page about messages keeps up with the code."""

import re
from pathlib import Path

import pytest
from attrs import fields

from repaircore.adapters.notifications import file, smtp
from repaircore.adapters.notifications.templates.sandbox import FILTERS
from tests.unit.notifications.jobs import bench_job, told

PAGE = (Path(__file__).parents[3] / "docs" / "ports" / "notifications.md").read_text(encoding="utf-8")


def test_every_name_is_described() -> None:
    """The table of what a letter is told has each name of the context, and no other."""
    table = PAGE.split("### What a letter is told")[1].split("### What the shop")[0]
    described = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }

    assert described == {*told(bench_job()), "subject"}


@pytest.mark.parametrize("settings", [file.Settings, smtp.Settings])
def test_every_setting_is_described(settings: type) -> None:
    """So has the table of settings."""
    table = PAGE.split("### Settings")[1].split("## Templates")[0]

    assert {attribute.name for attribute in fields(settings)} <= set(re.findall(r"`(\w+)`", table))


def test_every_filter_is_described() -> None:
    """So has the list of filters."""
    assert f"`{' '.join(FILTERS)}`" in PAGE
