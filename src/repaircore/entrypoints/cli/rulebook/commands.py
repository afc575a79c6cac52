"""The commands' group, and how they find the rulebooks that they are given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from pathlib import Path

from cyclopts import App

from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.rules import Rulebook
from repaircore.entrypoints.cli.options import Place
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core
from repaircore.wiring.rulebooks import read_rulebook
from repaircore.wiring.settings import load_settings

HELP = "Check, compare, simulate, publish and roll back rulebooks."

app = App(name="rulebook", help=HELP, help_format="plaintext")


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[Core]:
    """Open the core without publishing anything."""
    async with open_core(place.business_file, data_dir=place.data_dir, publish=False) as core:
        yield core


async def named(core: Core, place: Place, name: str) -> Rulebook:
    """Find a rulebook: a file, a published version, or a draft; without a name the business's own file.

    Raises FileProblems, InvalidValue or NotFound.
    """
    if not name or name.endswith(".toml"):
        path = Path(name) if name else own_file(place)
        return read_rulebook(path, core.rulebooks.prices.catalogue, currency=core.business.currency)
    return await core.rulebooks.find(name)


def own_file(place: Place) -> Path:
    """The file that the business file names."""
    return place.business_file.parent / load_settings(place.business_file).pricing.rulebook


def moment(core: Core, text: str) -> datetime | None:
    """Read a date, from whose midnight in the business's zone on, or a time with offset. Raises InvalidValue."""
    if not text:
        return None
    try:
        if len(text) == len("2026-05-01"):
            return datetime.combine(date.fromisoformat(text), time(), core.business.zone)
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise InvalidValue(f"{text!r} is not a date such as 2026-05-01, or a time with offset")
    return read
