"""A business for each test, with an empty data folder."""

from pathlib import Path

import pytest

from tests.e2e.places import Place, example


@pytest.fixture
def bench(tmp_path: Path) -> Place:
    """The repair shop."""
    return example("revivatech", tmp_path / "data")


@pytest.fixture
def van(tmp_path: Path) -> Place:
    """The van."""
    return example("fixbulance", tmp_path / "data")
