"""The two example businesses, read once from their files."""

from pathlib import Path

import pytest
from attrs import frozen

from repaircore.adapters.catalog.files import CatalogueFiles
from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook

EXAMPLES = Path(__file__).parents[3] / "examples"


@frozen(eq=False)
class Business:
    """What a business offers and how it prices."""

    folder: Path
    catalogue: Catalogue
    compiled: CompiledRulebook


def load(name: str, currency: str) -> Business:
    folder = EXAMPLES / name
    catalogue = CatalogueFiles(folder, currency).load()
    return Business(folder, catalogue, compile_rulebook(RulebookFiles(folder).load(catalogue)))


@pytest.fixture(scope="session")
def revivatech() -> Business:
    return load("revivatech", "GBP")


@pytest.fixture(scope="session")
def fixbulance() -> Business:
    return load("fixbulance", "USD")
