"""Pages that come from the code."""

from pathlib import Path

import pytest

from repaircore.entrypoints.generate import PAGES, generate

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_kept_in_step(tmp_path: Path, name: str) -> None:
    """What the documentation keeps is what the code says."""
    generate(tmp_path)

    kept = (DOCS / name).read_text(encoding="utf-8")
    assert kept == (tmp_path / name).read_text(encoding="utf-8"), "run `make docs`"
