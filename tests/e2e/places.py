"""Businesses to run: the examples, and copies of them that a test may break; commands as a shell would run them."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

EXAMPLES = Path(__file__).parents[2] / "examples"
_LONGEST = 60  # seconds


@frozen
class Place:
    """A business file, and a folder of its own for the data."""

    config: Path
    data: Path

    @property
    def options(self) -> tuple[str, ...]:
        """How commands are told."""
        return "--config", str(self.config), "--data-dir", str(self.data)

    @property
    def log(self) -> Path:
        """Where a server's log goes."""
        return self.data / "server.log"

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        command = (sys.executable, "-m", "repaircore.entrypoints.cli", *words, *self.options)
        return subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, check=False)

    def copied(self, to: Path, *, file: str = "business.toml", change: Callable[[str], str] = str) -> "Place":
        """Copy the business, with one of its files changed."""
        shutil.copytree(self.config.parent, to)
        path = to / file
        text = path.read_text(encoding="utf-8")
        changed = change(text)
        path.write_text(changed, encoding="utf-8")
        return Place(to / "business.toml", self.data)


def example(name: str, data: Path) -> Place:
    """One of the example businesses."""
    return Place(EXAMPLES / name / "business.toml", data)
