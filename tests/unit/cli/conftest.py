"""A shell, and the repair shop with an empty data folder."""

from pathlib import Path

import pytest

from tests.unit.cli.running import Shell

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands."""
    return Shell(capsys)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The options that name the business and where its data is."""
    monkeypatch.delenv("REPAIRCORE_CONFIG", raising=False)
    return "--config", str(EXAMPLES / "revivatech" / "business.toml"), "--data-dir", str(tmp_path)
